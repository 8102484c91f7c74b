"""What an API emulator is going to say: the scenario's `answer`, narrowed to items in order.

A text or an echo is one item a word. Tool calls get ids that count up (`call_1`, `call_2`), so a
test can name them before they are made. A usage that the scenario does not state is counted in
words, which is what the model here reads and writes.
"""

from typing import TypeAlias

import msgspec
from msgspec import Struct

from dragoman.emulators.knob import AnswerItem, ApiKnobs, Usage
from dragoman.emulators.service import pieces, words

__all__ = [
    "Answer",
    "Call",
    "Item",
    "Reasoning",
    "Refusal",
    "Text",
    "after_results",
    "cut_json",
    "decode_answer",
]


class Text(Struct, frozen=True):
    """A piece of the answer: one event of a stream."""

    text: str


class Reasoning(Struct, frozen=True):
    """A piece of what the model thinks aloud: one event of a stream."""

    text: str


class Refusal(Struct, frozen=True):
    """The model declines; a service without a field for it says it as text."""

    text: str


class Call(Struct, frozen=True):
    """A tool call, whole; `arguments` is compact JSON."""

    id: str
    name: str
    arguments: str


Item: TypeAlias = Text | Reasoning | Refusal | Call


class Answer(Struct, frozen=True):
    """One answer: what is said in order, and how it ends.

    `finish_reason` is the scenario's own word, None if it has none: the dialect's usual one then.
    """

    items: tuple[Item, ...]
    usage: Usage
    finish_reason: str | None = None

    @property
    def text(self) -> str:
        """The text alone."""
        return "".join(item.text for item in self.items if isinstance(item, Text))

    @property
    def reasoning(self) -> str:
        """The reasoning alone."""
        return "".join(item.text for item in self.items if isinstance(item, Reasoning))

    @property
    def refusal(self) -> str:
        """The refusal alone."""
        return "".join(item.text for item in self.items if isinstance(item, Refusal))

    @property
    def calls(self) -> tuple[Call, ...]:
        """The tool calls alone."""
        return tuple(item for item in self.items if isinstance(item, Call))


def decode_answer(knobs: ApiKnobs, prompt: str) -> Answer:
    """The answer under these knobs; `prompt` is the text of the last user message."""
    listed = () if isinstance(knobs.answer, str) else knobs.answer
    if isinstance(knobs.answer, str):
        items: tuple[Item, ...] = tuple(Text(piece) for piece in pieces(knobs, prompt))
    else:
        items = tuple(_items(listed))
        if knobs.unicode or knobs.long_line:
            items += tuple(Text(piece) for piece in pieces(knobs, ""))
    usage = next((item.usage for item in reversed(listed) if item.usage), None)
    reason = next((item.finish_reason for item in reversed(listed) if item.finish_reason), None)
    return Answer(items, usage or _counted(prompt, items), reason)


def after_results(knobs: ApiKnobs) -> ApiKnobs:
    """The knobs for one who brings tools' results: those are echoed where calls are listed.

    The model has what it called for; calling again would go on for ever.
    """
    if isinstance(knobs.answer, str) or not any(item.tool_call for item in knobs.answer):
        return knobs
    return msgspec.structs.replace(knobs, answer="echo")


def cut_json(arguments: str, size: int = 8) -> list[str]:
    """The arguments of a call as a stream brings them: cut at places that mean nothing."""
    return [arguments[at : at + size] for at in range(0, len(arguments), size)]


def _items(listed: tuple[AnswerItem, ...]) -> list[Item]:
    items: list[Item] = []
    calls = 0
    for item in listed:
        if item.text is not None:
            items.append(Text(item.text))
        elif item.reasoning is not None:
            items.append(Reasoning(item.reasoning))
        elif item.refusal is not None:
            items.append(Refusal(item.refusal))
        elif item.tool_call is not None:
            calls += 1
            arguments = msgspec.json.encode(item.tool_call.arguments).decode()
            items.append(Call(f"call_{calls}", item.tool_call.name, arguments))
    return items


def _counted(prompt: str, items: tuple[Item, ...]) -> Usage:
    said = [item.arguments if isinstance(item, Call) else item.text for item in items]
    thought = sum(len(words(item.text)) for item in items if isinstance(item, Reasoning))
    return Usage(
        input_tokens=len(words(prompt)),
        output_tokens=sum(len(words(text)) for text in said),
        reasoning_tokens=thought,
    )
