"""Google Gemini: generateContent of the Generative Language API.

Source: Gemini API reference and `google-genai` 3.4 (types), read 2026-11-21.
"""

import re
from urllib.parse import quote

from dragoman.account import Account
from dragoman.catalog import ModelCard
from dragoman.errors import InputError
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.service import Service
from dragoman.providers.call import Call, Steps
from dragoman.sessions.store import Facts

__all__ = ["Gemini"]

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
        """The model stands in the path; `alt=sse` asks for server-sent events."""
        model = call.chat.model
        owner = "" if "/" in model else "models/"
        return f"{call.base_url}/v1beta/{owner}{quote(model)}:streamGenerateContent?alt=sse"

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
