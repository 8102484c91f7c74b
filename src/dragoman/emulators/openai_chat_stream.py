"""OpenAI's Chat Completions as a stream of chunks.

The role comes first, alone or with a tool call that opens the answer; each piece of text is a
chunk; a call comes as its name and then its arguments in pieces; the reason of the end has a chunk
of its own, and usage, if it was asked for, one without choices before `[DONE]`.
Source: OpenAI API reference, "Chat streaming", and the types of the official SDK (openai 3.54),
read 2026-11-21.
"""

from collections.abc import Iterator
from itertools import count

from msgspec import Struct

from dragoman.emulators.api_answer import Answer, Call, Reasoning, Refusal, Text, cut_json
from dragoman.emulators.openai_chat import Completion, finish_reason, logprobs, usage
from dragoman.emulators.service import Json, sse

__all__ = ["chunks", "obfuscation"]

_OBFUSCATED_TO = 16


class _Delta(Struct, frozen=True):
    """What a chunk adds, and the text of it that has probabilities."""

    fields: dict[str, Json]
    text: str = ""


def chunks(made: Completion) -> Iterator[bytes]:
    """The events of one answer; choices take turns."""
    options = made.body.stream_options
    head = made.head("chat.completion.chunk")
    if options and options.include_usage:
        head |= {"usage": None}
    indices = range(made.body.n or 1)
    for delta in _deltas(made.answer):
        probable = logprobs(delta.text, made.body.top_logprobs or 0) if delta.text else None
        padding = (
            {"obfuscation": obfuscation(delta.text)}
            if options is None or options.include_obfuscation
            else {}
        )
        for index in indices:
            choice = _choice(index, delta.fields, probable if made.body.logprobs else None)
            yield sse({**head, "choices": [choice], **padding})
    for index in indices:
        choice = {**_choice(index, {}, None), "finish_reason": finish_reason(made.answer)}
        yield sse({**head, "choices": [choice]})
    if options and options.include_usage:
        yield sse({**head, "choices": [], "usage": usage(made)})
    yield sse("[DONE]")


def obfuscation(text: str) -> str:
    """Padding that makes deltas as long as each other, so that their sizes tell nothing."""
    return "x" * (_OBFUSCATED_TO - len(text) % _OBFUSCATED_TO)


def _choice(index: int, delta: dict[str, Json], probable: Json) -> dict[str, Json]:
    return {"index": index, "delta": delta, "logprobs": probable, "finish_reason": None}


def _deltas(answer: Answer) -> Iterator[_Delta]:
    """What the chunks add, in order; the role is on the first one."""
    said = _said(answer)
    first = next(said, None)
    role: dict[str, Json] = {"role": "assistant", "content": "", "refusal": None}
    if first is not None and "tool_calls" in first.fields:
        yield _Delta({**role, "content": None, **first.fields})
    else:
        yield _Delta(role)
        yield from () if first is None else (first,)
    yield from said


def _said(answer: Answer) -> Iterator[_Delta]:
    numbers = count()
    for item in answer.items:
        match item:
            case Text(text):
                yield _Delta({"content": text}, text)
            case Reasoning(text):
                yield _Delta({"reasoning_content": text})
            case Refusal(text):
                yield _Delta({"refusal": text})
            case Call():
                yield from _call(item, next(numbers))


def _call(call: Call, index: int) -> Iterator[_Delta]:
    opening = {
        "index": index,
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": ""},
    }
    yield _Delta({"tool_calls": [opening]})
    for piece in cut_json(call.arguments):
        yield _Delta({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
