"""Anthropic: the Messages API.

Source: Anthropic API reference and `anthropic` 2.12 (types), read 2026-11-21.
"""

from urllib.parse import quote

import msgspec

from dragoman.catalog import ModelCard
from dragoman.dialects.failures import FOREIGN
from dragoman.errors import ResponseError
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.quirks import shaped
from dragoman.providers.api.service import Service
from dragoman.providers.call import Call, Step, Steps
from dragoman.sessions.store import Facts
from dragoman.wire.http import json_request

__all__ = ["Anthropic", "decode_count"]

VERSION = "2023-06-01"
MAX_PAGES = 20

_SERVICE = Service(
    name="anthropic",
    title="Anthropic",
    base_url="https://api.anthropic.com",
    docs="https://docs.anthropic.com/en/api/messages",
    key_variable="ANTHROPIC_API_KEY",
    key_place="x-api-key",
    dialect="anthropic_messages",
    headers={"anthropic-version": VERSION},
    models_path="/v1/models?limit=1000",
    prices="anthropic",
)
_COUNTED = frozenset(
    {"cache_control", "context_management", "mcp_servers", "messages", "model"}
    | {"output_config", "speed", "system", "thinking", "tool_choice", "tools"}
)
"""The fields of a chat that the endpoint for counting takes."""


class _Counted(msgspec.Struct):
    input_tokens: int


_COUNT = msgspec.json.Decoder(_Counted)


class Anthropic(DialectProvider):
    """Anthropic's Messages."""

    SERVICE = _SERVICE
    name = _SERVICE.name
    url = _SERVICE.base_url
    needs_auth = True
    DIALECT = _SERVICE.dialect
    KEY_VARIABLE = _SERVICE.key_variable
    SPEAKS = "Anthropic Messages"
    CHAT_PATH = "/v1/messages"
    COUNT_PATH = "/v1/messages/count_tokens"

    def card_steps(self, call: Call, facts: Facts) -> Steps[list[ModelCard]]:
        """The list, page by page."""
        cards: list[ModelCard] = []
        url = f"{call.base_url}{_SERVICE.models_path}"
        for _ in range(MAX_PAGES):
            reply = yield self.ask(call, url)
            cards += self.cards(call, reply)
            page = reply.json()
            last = page.get("last_id") if isinstance(page, dict) and page.get("has_more") else None
            if not isinstance(last, str):
                break
            url = f"{call.base_url}{_SERVICE.models_path}&after_id={quote(last, safe='')}"
        return cards

    def count_steps(self, call: Call) -> Steps[int]:
        """One request: the chat's own, without what has no part in the count."""
        body = shaped(self.SERVICE, call.chat, self.dialect.encode_request)
        counted = {name: value for name, value in body.items() if name in _COUNTED}
        request = json_request(f"{call.base_url}{self.COUNT_PATH}", counted, self.headers(call))
        reply = yield from self.post_steps(call, Step("count_tokens", request))
        return decode_count(reply.body)


def decode_count(body: bytes) -> int:
    """The number of tokens that a reply tells; `ResponseError` if it tells none."""
    try:
        return _COUNT.decode(body).input_tokens
    except FOREIGN as exc:
        raise ResponseError("a number of tokens was due, and none came") from exc
