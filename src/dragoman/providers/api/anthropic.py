"""Anthropic: the Messages API.

Source: Anthropic API reference and `anthropic` 2.12 (types), read 2026-11-21.
"""

from urllib.parse import quote

from dragoman.catalog import ModelCard
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.service import Service
from dragoman.providers.call import Call, Steps
from dragoman.sessions.store import Facts

__all__ = ["Anthropic"]

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
    COUNTED = frozenset(
        {"cache_control", "context_management", "mcp_servers", "messages", "model"}
        | {"output_config", "speed", "system", "thinking", "tool_choice", "tools"}
    )

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
