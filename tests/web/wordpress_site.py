"""A question to an emulated WordPress site, and all that came of it."""

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import msgspec

from dragoman import emulators
from dragoman.emulators.emulator import Emulator, JournalEntry
from dragoman.errors import ChatError
from dragoman.messages import Messages
from dragoman.providers.web.ai_power import AiPower
from dragoman.providers.web.chat_gptt import ChatGptt
from dragoman.providers.web.chatgpt_free import ChatgptFree

QUESTION: Messages = [{"role": "user", "content": "Why is the sky blue today?"}]
ANSWER = "Why is the sky blue today?"

PROVIDERS: Mapping[str, type[AiPower]] = {"chatgptfree": ChatgptFree, "chatgptt": ChatGptt}


class Outcome(msgspec.Struct):
    """What a caller of one chat saw."""

    deltas: list[str] = []
    error: Exception | None = None

    @property
    def text(self) -> str:
        return "".join(self.deltas)


async def ask(site: Emulator[Any], messages: Messages = QUESTION, **keywords: Any) -> Outcome:
    """One chat over a line of its own; `ChatError` is part of the outcome, others are raised."""
    provider = PROVIDERS[site.name]
    outcome = Outcome(deltas=[])
    texts = provider.create_async_generator("", messages, base_url=site.url, **keywords)
    try:
        async with aclosing(texts) as open_texts:
            async for text in open_texts:
                outcome.deltas.append(text)
    except ChatError as error:
        outcome.error = error
    return outcome


async def ask_once(name: str, scenario: Mapping[str, Any], **keywords: Any) -> Outcome:
    """One chat with a site that has this scenario; it has nothing to complain of."""
    async with emulators.run(name, scenario=scenario) as site:
        outcome = await ask(site, **keywords)
        assert complaints(site.journal) == []
    return outcome


def steps(journal: list[JournalEntry]) -> list[str]:
    """The requests: `page`, `page past caches`, or the action of a form."""
    return [_step(entry) for entry in journal]


def complaints(journal: list[JournalEntry]) -> list[str]:
    return [complaint for entry in journal for complaint in entry["complaints"]]


def _step(entry: JournalEntry) -> str:
    fields = {**entry["query"], **(entry["body"] if isinstance(entry["body"], dict) else {})}
    action = fields.get("action")
    if action is None:
        return "page past caches" if "_" in fields else "page"
    return "chat" if action.startswith("wpaicg_chat") else str(action)
