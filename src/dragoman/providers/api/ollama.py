"""Ollama: models on a machine of one's own, over its own chat API.

Source: Ollama's API documentation and `ollama` 0.6.3 (types), read 2026-11-21.
"""

import msgspec

from dragoman.catalog import ModelCard, joined
from dragoman.dialects.ollama.embeddings import decode_embeddings, encode_embeddings
from dragoman.embeddings import MAX_EMBEDDINGS_BYTES, EmbeddingReply, EmbeddingRequest
from dragoman.errors import ResponseError
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.service import Service
from dragoman.providers.call import Call, Step, Steps
from dragoman.sessions.store import Facts
from dragoman.wire.http import HttpReply, HttpRequest, json_request

__all__ = ["Ollama"]

MAX_SHOWN = 64
"""Models that are asked about one by one; the rest are listed by name."""

_SERVICE = Service(
    name="ollama",
    title="Ollama",
    base_url="http://localhost:11434",
    docs="https://github.com/ollama/ollama/blob/main/docs/api.md",
    dialect="ollama",
    models_path="/api/tags",
    note="No key; `DRAGOMAN_OLLAMA_BASE_URL` or `base_url` for another machine.",
)


class Ollama(DialectProvider):
    """Ollama's chat."""

    SERVICE = _SERVICE
    name = _SERVICE.name
    url = _SERVICE.base_url
    DIALECT = _SERVICE.dialect
    SPEAKS = "Ollama chat"
    CHAT_PATH = "/api/chat"

    def card_steps(self, call: Call, facts: Facts) -> Steps[list[ModelCard]]:
        """The models that are there; each is asked how much it takes and what it can do."""
        reply = yield self.ask(call, f"{call.base_url}{_SERVICE.models_path}")
        cards = self.cards(call, reply)
        for number, card in enumerate(cards[:MAX_SHOWN]):
            body = {"model": card.name}
            request = json_request(f"{call.base_url}/api/show", body, self.headers(call))
            shown = yield Step("show", request)
            cards[number] = joined(card, _shown(card.name, shown))
        return cards

    def embed_steps(self, call: Call, asked: EmbeddingRequest) -> Steps[EmbeddingReply]:
        """One request."""
        body = encode_embeddings(asked, asked.texts(self.name))
        request = json_request(f"{call.base_url}/api/embed", body, self.headers(call))
        return self._embedded(call, request, asked)

    def _embedded(
        self, call: Call, request: HttpRequest, asked: EmbeddingRequest
    ) -> Steps[EmbeddingReply]:
        reply = yield from self.post_steps(call, Step("embeddings", request, MAX_EMBEDDINGS_BYTES))
        return decode_embeddings(reply.body, asked)


def _shown(name: str, reply: HttpReply) -> ModelCard:
    """What the server tells of a model; nothing if it does not."""
    card = ModelCard(name=name)
    try:
        value = reply.json() if reply.head.status == 200 else {}
    except ResponseError:
        return card
    if not isinstance(value, dict):
        return card
    sizes = value.get("model_info")
    for key, size in sizes.items() if isinstance(sizes, dict) else ():
        if key.endswith(".context_length") and isinstance(size, int) and size > 0:
            card = msgspec.structs.replace(card, context=size)
    abilities = value.get("capabilities")
    if isinstance(abilities, list):
        card = msgspec.structs.replace(
            card,
            tools="tools" in abilities,
            images="vision" in abilities,
            reasoning="thinking" in abilities,
        )
    return card
