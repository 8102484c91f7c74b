"""OpenAI's Responses as a stream of named events, numbered from 0.

Each item is announced, filled piece by piece and told once more when it is done; the whole
response stands in the first two events and the last one.
Source: OpenAI API reference, "Streaming events" of Responses, and the types of the official SDK
(openai 3.54), read 2026-11-21.
"""

from collections.abc import Iterator
from itertools import count
from typing import TypeAlias

from dragoman.emulators.api_answer import Call, Reasoning, Refusal, Text, cut_json
from dragoman.emulators.openai_chat_stream import obfuscation
from dragoman.emulators.openai_responses_output import (
    Made,
    Output,
    Status,
    content_part,
    output_item,
    outputs,
    response,
    token_probabilities,
)
from dragoman.emulators.service import Json, sse

__all__ = ["events"]

# A name without `response.` before it, and the fields besides the number.
_Event: TypeAlias = tuple[str, dict[str, Json]]


def events(made: Made) -> Iterator[bytes]:
    """The events of one answer, in order."""
    options = made.body.stream_options
    padded = options is None or options.include_obfuscation
    numbers = count()
    for name, fields in _events(made):
        event = {"type": f"response.{name}", "sequence_number": next(numbers), **fields}
        if padded and "delta" in fields:
            event["obfuscation"] = obfuscation(fields["delta"])
        yield sse(event, event["type"])


def _events(made: Made) -> Iterator[_Event]:
    status, _ = made.ending
    yield "created", {"response": response(made, "in_progress")}
    yield "in_progress", {"response": response(made, "in_progress")}
    listed = outputs(made)
    for at, output in enumerate(listed):
        cut = status == "incomplete" and output is listed[-1]
        yield from _item(made, output, at, "incomplete" if cut else "completed")
    yield status, {"response": response(made, status)}


def _item(made: Made, output: Output, at: int, status: Status) -> Iterator[_Event]:
    begun = output_item(made, output, "in_progress")
    yield "output_item.added", {"output_index": at, "item": begun}
    place = {"item_id": output.id, "output_index": at}
    match output.items[0]:
        case Text():
            yield from _text(made, output, {**place, "content_index": 0})
        case Refusal():
            yield from _refusal(made, output, {**place, "content_index": 0})
        case Reasoning():
            if made.body.summary:
                yield from _summary(output, {**place, "summary_index": 0})
        case Call(arguments=arguments):
            for piece in cut_json(arguments):
                yield "function_call_arguments.delta", {**place, "delta": piece}
            yield "function_call_arguments.done", {**place, "arguments": arguments}
    done = output_item(made, output, status)
    yield "output_item.done", {"output_index": at, "item": done}


def _text(made: Made, output: Output, place: dict[str, Json]) -> Iterator[_Event]:
    probable = token_probabilities(made, output)
    yield "content_part.added", {**place, "part": content_part(made, output, begun=True)}
    for at, piece in enumerate(_pieces(output)):
        yield "output_text.delta", {**place, "delta": piece, "logprobs": probable[at : at + 1]}
    yield "output_text.done", {**place, "text": output.text, "logprobs": probable}
    yield "content_part.done", {**place, "part": content_part(made, output)}


def _refusal(made: Made, output: Output, place: dict[str, Json]) -> Iterator[_Event]:
    yield "content_part.added", {**place, "part": content_part(made, output, begun=True)}
    for piece in _pieces(output):
        yield "refusal.delta", {**place, "delta": piece}
    yield "refusal.done", {**place, "refusal": output.text}
    yield "content_part.done", {**place, "part": content_part(made, output)}


def _summary(output: Output, place: dict[str, Json]) -> Iterator[_Event]:
    part = {"type": "summary_text", "text": output.text}
    yield "reasoning_summary_part.added", {**place, "part": {**part, "text": ""}}
    for piece in _pieces(output):
        yield "reasoning_summary_text.delta", {**place, "delta": piece}
    yield "reasoning_summary_text.done", {**place, "text": output.text}
    yield "reasoning_summary_part.done", {**place, "part": part}


def _pieces(output: Output) -> list[str]:
    return [item.text for item in output.items if not isinstance(item, Call)]
