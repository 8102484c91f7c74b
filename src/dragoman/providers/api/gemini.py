"""Google Gemini: generateContent of the Generative Language API.

Source: Gemini API reference and `google-genai` 3.4 (types), read 2026-11-21.
"""

import re
from urllib.parse import quote

from dragoman.account import Account
from dragoman.catalog import ModelCard
from dragoman.dialects.gemini.embeddings import MAX_BATCH, decode_embeddings, encode_embeddings
from dragoman.embeddings import MAX_EMBEDDINGS_BYTES, EmbeddingReply, EmbeddingRequest
from dragoman.errors import InputError
from dragoman.providers.api.counts import decode_count
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.quirks import shaped
from dragoman.providers.api.service import Service
from dragoman.providers.call import Call, Step, Steps
from dragoman.sessions.store import Facts
from dragoman.wire.http import HttpRequest, json_request

__all__ = ["Gemini", "address", "resource"]

MAX_PAGES = 20
_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*", re.ASCII)

_SERVICE = Service(
    name="gemini",
    title="Gemini",
    base_url="https://generativelanguage.googleapis.com",
    docs="https://ai.google.dev/api/generate-content",
    key_variable="GEMINI_API_KEY",
    key_place="x-goog-api-key",
    dialect="gemini",
    models_path="/v1beta/models?pageSize=1000",
    prices="google",
)


class Gemini(DialectProvider):
    """Google's generateContent."""

    SERVICE = _SERVICE
    name = _SERVICE.name
    url = _SERVICE.base_url
    needs_auth = True
    DIALECT = _SERVICE.dialect
    KEY_VARIABLE = _SERVICE.key_variable
    SPEAKS = "Gemini generateContent"

    def resolve_model(self, model: str | None, account: Account) -> str:
        """As it is, without the `models/` before it; it stands in the address, so it is checked."""
        name = super().resolve_model(model, account).removeprefix("models/")
        if name and (not _NAME.fullmatch(name) or ".." in name):
            raise InputError(f"{name!r} is no name of a Gemini model: letters, digits, - . _ only")
        return name

    def chat_url(self, call: Call) -> str:
        """The model and the wish for a stream stand in the path; `alt=sse` asks for events."""
        verb = "streamGenerateContent?alt=sse" if call.chat.stream else "generateContent"
        return f"{call.base_url}{address(call, verb)}"

    def card_steps(self, call: Call, facts: Facts) -> Steps[list[ModelCard]]:
        """The list, page by page."""
        cards: list[ModelCard] = []
        url = f"{call.base_url}{_SERVICE.models_path}"
        for _ in range(MAX_PAGES):
            reply = yield self.ask(call, url)
            cards += self.cards(call, reply)
            page = reply.json()
            token = page.get("nextPageToken") if isinstance(page, dict) else None
            if not isinstance(token, str) or not token:
                break
            url = f"{call.base_url}{_SERVICE.models_path}&pageToken={quote(token, safe='')}"
        return cards

    def embed_steps(self, call: Call, asked: EmbeddingRequest) -> Steps[EmbeddingReply]:
        """As many requests as it takes."""
        return self._embedded(call, asked, asked.texts(self.name))

    def _embedded(
        self, call: Call, asked: EmbeddingRequest, texts: list[str]
    ) -> Steps[EmbeddingReply]:
        vectors: list[tuple[float, ...]] = []
        tokens: int | None = 0
        for start in range(0, len(texts), MAX_BATCH):
            batch = texts[start : start + MAX_BATCH]
            body = encode_embeddings(asked, resource(call), batch)
            request = self._request(call, "batchEmbedContents", body)
            step = Step("embeddings", request, MAX_EMBEDDINGS_BYTES)
            reply = decode_embeddings((yield from self.post_steps(call, step)).body, batch)
            vectors += [vector.values for vector in reply.embeddings]
            tokens = None if tokens is None or reply.tokens is None else tokens + reply.tokens
        return EmbeddingReply(
            model=asked.model,
            vectors=tuple(vectors),
            input_tokens=tokens,
            dropped=asked.left_out(),
        )

    def count_steps(self, call: Call) -> Steps[int]:
        """One request with the chat's own in it."""
        chat = shaped(self.SERVICE, call.chat, self.dialect.encode_request)
        body = {"generateContentRequest": {"model": resource(call), **chat}}
        step = Step("count_tokens", self._request(call, "countTokens", body))
        return decode_count((yield from self.post_steps(call, step)).body)

    def _request(self, call: Call, verb: str, body: object) -> HttpRequest:
        return json_request(f"{call.base_url}{address(call, verb)}", body, self.headers(call))


def address(call: Call, verb: str) -> str:
    """Where a model is asked to do something."""
    return f"/v1beta/{quote(resource(call))}:{verb}"


def resource(call: Call) -> str:
    """The model as addresses and bodies name it."""
    model = call.chat.model
    return model if "/" in model else f"models/{model}"
