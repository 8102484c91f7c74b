"""A provider that needs nothing: it answers with the last user message.

For first steps, tests and examples: no key, no network, no model. The answer comes a word an
event, joined it is the message to the letter.
"""

import asyncio
import re
from collections.abc import AsyncGenerator

from dragoman.chat import ChatRequest
from dragoman.errors import InputError
from dragoman.events import Event, Finished, Started, TextDelta, Usage, UsageReported
from dragoman.messages import Message
from dragoman.providers.base import Provider, ProviderModelMixin
from dragoman.providers.call import Call
from dragoman.providers.handshake import StepOutcome
from dragoman.transport.line import Line

__all__ = ["Echo"]

_WORD = re.compile(r"\s*\S+(?:\s+\Z)?|\s+\Z")


class Echo(ProviderModelMixin, Provider):
    """Says back what it is told; a token of its usage is a word."""

    name = "echo"
    working = True
    supports_stream = True
    supports_message_history = True
    supports_system_message = True
    SPEAKS = "nothing: no wire"
    default_model = "echo"
    models = ["echo"]  # noqa: RUF012 - declared as a class variable by ProviderModelMixin

    async def events(self, call: Call, line: Line) -> AsyncGenerator[list[Event], None]:
        """The last user message, a word an event; `InputError` if it has no text."""
        text = _last_said(call.chat)
        yield [Started(call.chat.model, dropped=call.dropped)]
        words = _WORD.findall(text)
        for word in words:
            # Nothing here waits: without this a reader could not be cancelled between two words.
            await asyncio.sleep(0)
            yield [TextDelta(word)]
        asked = sum(len(_WORD.findall(message.text)) for message in call.chat.messages)
        yield [UsageReported(Usage(asked, len(words))), Finished()]

    async def probe(self, call: Call, line: Line) -> list[StepOutcome]:
        """Nothing can fail: no steps."""
        return []


def _last_said(chat: ChatRequest) -> str:
    said: Message | None = None
    for message in chat.messages:
        if message.role == "user":
            said = message
    if said is None or not said.text.strip():
        raise InputError("nothing to echo: the last user message has no text")
    return said.text
