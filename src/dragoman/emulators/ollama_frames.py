"""An answer in Ollama's two forms: JSON objects one a line, and one object that has it all.

Chat answers stand in `message`, generate answers in `response`. The last line has `done: true`,
why it ended, counts, and durations in nanoseconds; a nought is left out. Tool calls are whole. Go
writes `<`, `>`, `&` and the two line separators of Unicode as escapes, and so is done here.
Source: docs.ollama.com ("Chat", "Generate", "Streaming", openapi.yaml), read 2026-11-21.
"""

from collections.abc import Iterator
from typing import assert_never

import msgspec
from msgspec import Struct

from dragoman.emulators.api_answer import Answer, Call, Item, Reasoning, Refusal, Text
from dragoman.emulators.ollama_models import stamp
from dragoman.emulators.service import Json, dump, words

__all__ = ["Turn", "go_json", "loaded", "stream", "whole"]

# Words of other dialects for an end that Ollama has no own word for.
_REASONS = {"tool_calls": "stop", "content_filter": "stop"}
_ESCAPES = tuple((sign.encode(), f"\\u{ord(sign):04x}".encode()) for sign in "<>&\u2028\u2029")
_MILLISECOND_NS = 1_000_000


class Turn(Struct, frozen=True, kw_only=True):
    """One answer on its way out.

    `top_logprobs` is None where none were asked for; `context` is None for a chat or in raw mode.
    """

    model: str
    number: int
    generate: bool
    answer: Answer
    top_logprobs: int | None = None
    context: list[int] | None = None


def go_json(value: Json) -> bytes:
    """JSON as Go writes it."""
    text = dump(value)
    for sign, escape in _ESCAPES:
        text = text.replace(sign, escape)
    return text


def stream(turn: Turn) -> Iterator[bytes]:
    """Each line's JSON; the last one ends the answer."""
    calls = 0
    for at, item in enumerate(turn.answer.items):
        said = {**_said(turn, (item,), first_call=calls), "done": False}
        calls += isinstance(item, Call)
        yield go_json({**_head(turn, at), **said, **_logprobs(turn, (item,))})
    yield go_json({**_head(turn, len(turn.answer.items)), **_said(turn, ()), **_end(turn)})


def whole(turn: Turn) -> bytes:
    """The answer as one object."""
    items = turn.answer.items
    end = {**_end(turn), **_logprobs(turn, items)}
    return go_json({**_head(turn, len(items)), **_said(turn, items), **end})


def loaded(turn: Turn, reason: str) -> bytes:
    """The answer to a request that only loads or unloads a model."""
    return go_json({**_head(turn, 0), **_said(turn, ()), "done": True, "done_reason": reason})


def _head(turn: Turn, at: int) -> dict[str, Json]:
    return {"model": turn.model, "created_at": stamp(turn.number + at / 1000)}


def _said(turn: Turn, items: tuple[Item, ...], *, first_call: int = 0) -> dict[str, Json]:
    content = thinking = ""
    calls: list[Json] = []
    for item in items:
        match item:
            case Text(text) | Refusal(text):
                content += text
            case Reasoning(text):
                thinking += text
            case Call():
                calls.append(_call(item, first_call + len(calls)))
            case _:
                assert_never(item)
    extras = {"thinking": thinking, "tool_calls": calls}
    extras = {name: value for name, value in extras.items() if value}
    if turn.generate:
        return {"response": content, **extras}
    return {"message": {"role": "assistant", "content": content, **extras}}


def _call(call: Call, index: int) -> Json:
    arguments = msgspec.Raw(call.arguments.encode())
    return {"id": call.id, "function": {"index": index, "name": call.name, "arguments": arguments}}


def _end(turn: Turn) -> dict[str, Json]:
    usage = turn.answer.usage
    reason = turn.answer.finish_reason or "stop"
    times = {
        "load_duration": 5 * _MILLISECOND_NS,
        "prompt_eval_count": usage.input_tokens,
        "prompt_eval_duration": usage.input_tokens * _MILLISECOND_NS,
        "eval_count": usage.output_tokens,
        "eval_duration": usage.output_tokens * 10 * _MILLISECOND_NS,
    }
    total = sum(value for name, value in times.items() if name.endswith("_duration"))
    counted = {name: value for name, value in {"total_duration": total, **times}.items() if value}
    context = {} if turn.context is None else {"context": turn.context}
    return {"done": True, "done_reason": _REASONS.get(reason, reason), **context, **counted}


def _logprobs(turn: Turn, items: tuple[Item, ...]) -> dict[str, Json]:
    """A row a word of the text; absent where there is no text, or nobody asked."""
    top = turn.top_logprobs
    tokens = [token for item in items if isinstance(item, Text) for token in words(item.text)]
    if top is None or not tokens:
        return {}
    rows = []
    for token in tokens:
        others = [_probable(f"{token}{rank}", -1.5 - rank) for rank in range(1, top)]
        mine = _probable(token, -0.05 * (1 + len(token) % 7))
        rows.append({**mine, **({"top_logprobs": [mine, *others]} if top else {})})
    return {"logprobs": rows}


def _probable(token: str, logprob: float) -> dict[str, Json]:
    return {"token": token, "logprob": round(logprob, 4), "bytes": list(token.encode())}
