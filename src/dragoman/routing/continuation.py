"""Going on with an answer that broke off, by asking for the rest of it.

Where a model accepts the beginning of its answer, the text so far is sent as the assistant's last
message, and what it says then goes on from there.
Pure: no I/O, no clock.
"""

import msgspec

from dragoman.chat import ChatRequest
from dragoman.events import Event, ReasoningDelta, ReasoningSigned, Started, TextDelta
from dragoman.messages import Message, Part, Text

__all__ = ["Continuation", "prefilled"]


class Continuation:
    """Reads an answer that goes on from `prefilled`: its text and tool calls are handed out.

    Its reasoning is not: it would stand in the midst of the text. White space at its begin is left
    out as far as it repeats the white space at the end of `text`, which no prefill can have.
    """

    __slots__ = ("_blank", "started")

    def __init__(self, text: str) -> None:
        self.started: Started | None = None
        self._blank = text[len(text.rstrip()) :]

    def feed(self, events: list[Event]) -> list[Event]:
        """What goes on."""
        given: list[Event] = []
        for event in events:
            match event:
                case Started():
                    self.started = event
                case ReasoningDelta() | ReasoningSigned():
                    pass
                case TextDelta(text):
                    if new := self._unrepeated(text):
                        given.append(TextDelta(new))
                case _:
                    given.append(event)
        return given

    def _unrepeated(self, text: str) -> str:
        if not self._blank:
            return text
        blank, self._blank = self._blank, ""
        for at, character in enumerate(text):
            if not blank.startswith(character, at):
                return text[at:]
        self._blank = blank[len(text) :]
        return ""


def prefilled(chat: ChatRequest, text: str) -> ChatRequest:
    """The chat with the beginning of its answer as the assistant's last message.

    It goes on with one that is there. The white space at the end is left out: services refuse it.
    """
    begun = text.rstrip()
    if not begun:
        return chat
    *before, last = chat.messages
    if last.role != "assistant":
        messages = (*chat.messages, Message("assistant", (Text(begun),)))
    else:
        messages = (*before, msgspec.structs.replace(last, parts=_joined(last.parts, begun)))
    return msgspec.structs.replace(chat, messages=messages)


def _joined(parts: tuple[Part, ...], text: str) -> tuple[Part, ...]:
    match parts:
        case (*before, Text(begun, native)):
            return (*before, Text(begun + text, native))
        case _:
            return (*parts, Text(text))
