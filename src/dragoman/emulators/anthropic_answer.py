"""What the assistant says: the scenario's answer as content blocks, and why it stopped.

Items of one kind in a row are one block. The answer stops at a stop sequence; a text or an echo
stops after `max_tokens` words. Source: Claude API docs "Messages", "Handling stop reasons",
"Streaming refusals", "Extended thinking", read 2026-11-21.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import assert_never

import msgspec

from dragoman.emulators.anthropic_knobs import AnthropicKnobs
from dragoman.emulators.anthropic_message import (
    Message,
    RedactedBlock,
    SaidBlock,
    TextBlock,
    ThinkingBlock,
    ToolUseBlock,
)
from dragoman.emulators.anthropic_request import Asked
from dragoman.emulators.anthropic_thinking import redacted, signature
from dragoman.emulators.api_answer import (
    Answer,
    Call,
    Item,
    Reasoning,
    Refusal,
    Text,
    after_results,
    decode_answer,
)
from dragoman.emulators.api_schema import example_json
from dragoman.emulators.service import Json, words

__all__ = ["compose"]

_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


def compose(asked: Asked, knobs: AnthropicKnobs, number: int) -> Message:
    """The answer to the chat request with this number."""
    answer = _answer(asked, knobs)
    items, cut = _limited(_continued(answer.items, asked.prefill), asked, knobs)
    blocks, stop = _stopped(tuple(_blocks(items, asked, knobs)), asked.stops)
    refusal = next((item.text for item in items if isinstance(item, Refusal)), None)
    reason = _reason(answer, blocks, cut=cut, refused=refusal is not None)
    return Message(
        id=f"msg_{number:024}",
        model=asked.model,
        blocks=blocks,
        stop_reason="stop_sequence" if stop else reason,
        stop_sequence=stop,
        stop_details=_details(refusal) if reason == "refusal" and not stop else None,
        usage=_usage(answer, asked, knobs, blocks=blocks),
    )


def _answer(asked: Asked, knobs: AnthropicKnobs) -> Answer:
    """The scenario's answer; an echo becomes what the request forces it to be."""
    answer = decode_answer(knobs, asked.prompt)
    if asked.results and answer.calls:
        echo = decode_answer(after_results(knobs), asked.prompt)
        return msgspec.structs.replace(answer, items=echo.items, finish_reason=None)
    if knobs.answer != "echo":
        return answer
    if asked.forced and not asked.results:
        arguments = example_json(asked.tools.get(asked.forced, {}))
        return msgspec.structs.replace(answer, items=(Call("call_1", asked.forced, arguments),))
    if asked.schema is not None:
        return msgspec.structs.replace(answer, items=(Text(example_json(asked.schema)),))
    return answer


def _continued(items: tuple[Item, ...], prefill: str) -> tuple[Item, ...]:
    """The items without the text that the request has put into the model's mouth."""
    said = "".join(item.text for item in items if isinstance(item, Text))
    if not prefill or not said.startswith(prefill):
        return items
    left = len(prefill)
    kept: list[Item] = []
    for item in items:
        if isinstance(item, Text) and left:
            rest = item.text[left:]
            left = max(left - len(item.text), 0)
            kept += [Text(rest)] if rest else []
        else:
            kept.append(item)
    return tuple(kept)


def _limited(
    items: tuple[Item, ...], asked: Asked, knobs: AnthropicKnobs
) -> tuple[tuple[Item, ...], bool]:
    """As many words as may be said, and whether that is not all; a list is not counted."""
    counted = isinstance(knobs.answer, str) or not asked.max_tokens
    if not counted or len(items) <= asked.max_tokens:
        return items, False
    return items[: asked.max_tokens], True


def _blocks(items: Iterable[Item], asked: Asked, knobs: AnthropicKnobs) -> Iterator[SaidBlock]:
    calls = asked.calls
    for _, group in groupby(items, key=type):
        run = list(group)
        match run[0]:
            case Text():
                yield TextBlock(tuple(item.text for item in run if isinstance(item, Text)))
            case Reasoning():
                thoughts = tuple(item.text for item in run if isinstance(item, Reasoning))
                yield from _thinking(thoughts, asked, knobs)
            case Call():
                for item in run:
                    calls += 1
                    if isinstance(item, Call):
                        yield ToolUseBlock(f"toolu_{calls}", item.name, item.arguments)
            case Refusal():
                # It has a place of its own: `stop_details`.
                pass


def _thinking(
    thoughts: tuple[str, ...], asked: Asked, knobs: AnthropicKnobs
) -> Iterator[ThinkingBlock | RedactedBlock]:
    text = "".join(thoughts)
    if asked.thinking == "disabled":
        return
    if knobs.redacted_thinking:
        yield RedactedBlock(redacted(text))
    else:
        yield ThinkingBlock(thoughts if asked.shown else (), signature(text, shown=asked.shown))


def _stopped(
    blocks: tuple[SaidBlock, ...], stops: tuple[str, ...]
) -> tuple[tuple[SaidBlock, ...], str | None]:
    """The blocks up to the first stop sequence, and that one."""
    for index, block in enumerate(blocks):
        if not isinstance(block, TextBlock):
            continue
        text = "".join(block.pieces)
        found = [(text.index(stop), stop) for stop in stops if stop in text]
        if found:
            at, stop = min(found)
            kept = (TextBlock(tuple(_first(block.pieces, at))),) if at else ()
            return (*blocks[:index], *kept), stop
    return blocks, None


def _first(pieces: tuple[str, ...], length: int) -> Iterator[str]:
    for piece in pieces:
        if length > 0:
            yield piece[:length]
        length -= len(piece)


def _reason(answer: Answer, blocks: tuple[SaidBlock, ...], *, cut: bool, refused: bool) -> str:
    if cut:
        return "max_tokens"
    if answer.finish_reason is not None:
        return _REASONS.get(answer.finish_reason, answer.finish_reason)
    if refused:
        return "refusal"
    return "tool_use" if any(isinstance(block, ToolUseBlock) for block in blocks) else "end_turn"


def _details(refusal: str | None) -> Json:
    return {"type": "refusal", "category": None, "explanation": refusal}


def _usage(
    answer: Answer, asked: Asked, knobs: AnthropicKnobs, *, blocks: tuple[SaidBlock, ...]
) -> dict[str, Json]:
    """The scenario's usage, else words counted; cached tokens are not in `input_tokens` here."""
    stated = not isinstance(knobs.answer, str) and any(item.usage for item in knobs.answer)
    usage = answer.usage
    created = knobs.cache_creation_tokens
    read = usage.cached_tokens
    total = usage.input_tokens if stated else asked.input_tokens
    spent = [(block, len(words(_spoken(block)))) for block in blocks]
    thought = sum(count for block, count in spent if isinstance(block, ThinkingBlock))
    return {
        "input_tokens": max(total - read - created, 0),
        "cache_creation_input_tokens": created,
        "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_5m_input_tokens": created, "ephemeral_1h_input_tokens": 0},
        "output_tokens": usage.output_tokens if stated else sum(count for _, count in spent),
        "output_tokens_details": {"thinking_tokens": usage.reasoning_tokens if stated else thought},
        "server_tool_use": None,
        "service_tier": "standard",
    }


def _spoken(block: SaidBlock) -> str:
    match block:
        case TextBlock() | ThinkingBlock():
            return "".join(block.pieces)
        case RedactedBlock():
            return ""
        case ToolUseBlock():
            return block.arguments
        case _:
            assert_never(block)
