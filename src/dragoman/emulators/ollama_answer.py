"""What the emulated Ollama says to one request: the scenario's answer within the request's limits.

`stop` cuts the text, `num_predict` counts words, `think: false` silences the reasoning, and an
echo to a request with a `format` is the least JSON that fits it.
Source: docs.ollama.com ("Chat", "Thinking", "Structured outputs"), read 2026-11-21.
"""

import msgspec

from dragoman.emulators.api_answer import (
    Answer,
    Call,
    Item,
    Reasoning,
    Text,
    after_results,
    cut_json,
    decode_answer,
)
from dragoman.emulators.api_schema import example_json
from dragoman.emulators.knob import ApiKnobs
from dragoman.emulators.service import Json, words

__all__ = ["answer_to", "prompt_of"]


def prompt_of(messages: list[dict[str, Json]]) -> str:
    """The text that an echo repeats: of the last user message, or of the tool results behind it."""
    results: list[str] = []
    for message in reversed(messages):
        if message["role"] == "tool":
            results.insert(0, message.get("content") or "")
        elif results:
            return "\n".join(results)
        elif message["role"] == "user":
            return message.get("content") or ""
    return "\n".join(results)


def answer_to(body: dict[str, Json], prompt: str, knobs: ApiKnobs) -> Answer:
    """The answer as it goes out; a finish reason is in it only if the scenario or a limit says."""
    if _brings_results(body.get("messages") or []):
        knobs = after_results(knobs)
    answer = decode_answer(knobs, prompt)
    listed = () if isinstance(knobs.answer, str) else knobs.answer
    items, reason = answer.items, answer.finish_reason
    if knobs.answer == "echo" and body.get("format"):
        items = _structured(body["format"])
    if body.get("think") is False:
        items = tuple(item for item in items if not isinstance(item, Reasoning))
    options = body.get("options") or {}
    stops = [stop for stop in options.get("stop") or [] if stop]
    items, stopped = _stopped(items, stops)
    most = int(options.get("num_predict") or 0)
    if not listed and 0 < most < len(items):
        items, reason = items[:most], "length"
    elif stopped:
        reason = "stop"
    usage = answer.usage
    if not any(item.usage for item in listed):
        usage = msgspec.structs.replace(usage, output_tokens=_count(items))
    return Answer(items, usage, reason)


def _brings_results(messages: list[dict[str, Json]]) -> bool:
    return bool(messages) and messages[-1]["role"] == "tool"


def _structured(wanted: Json) -> tuple[Item, ...]:
    schema = {"type": "object"} if wanted == "json" else wanted
    return tuple(Text(piece) for piece in cut_json(example_json(schema)))


def _stopped(items: tuple[Item, ...], stops: list[str]) -> tuple[tuple[Item, ...], bool]:
    """The items up to the first stop sequence, and whether there was one."""
    text = "".join(item.text for item in items if isinstance(item, Text))
    places = [text.find(stop) for stop in stops if stop in text]
    if not places:
        return items, False
    left, kept = min(places), list[Item]()
    for item in items:
        if not isinstance(item, Text):
            kept.append(item)
            continue
        part = item.text[:left]
        left -= len(part)
        if part:
            kept.append(Text(part))
        if len(part) < len(item.text):
            break
    return tuple(kept), True


def _count(items: tuple[Item, ...]) -> int:
    return sum(
        len(words(item.arguments if isinstance(item, Call) else item.text)) for item in items
    )
