"""What OpenAI's emulator answers to a request, whichever of the two APIs asked.

A scenario's list is answered as it is, but its calls are not made again to who brings results. A
text or an echo obeys the request as a model would: a tool that has to be called is called with
example arguments, JSON that was asked for is an example of its schema, a stop sequence ends the
text and the limit of tokens cuts it, a word a token.
"""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from dragoman.emulators.api_answer import (
    Answer,
    Call,
    Item,
    Reasoning,
    Refusal,
    Text,
    after_results,
    cut_json,
    decode_answer,
)
from dragoman.emulators.api_schema import example_json
from dragoman.emulators.knob import ApiKnobs, Usage
from dragoman.emulators.service import Json

__all__ = ["Ask", "decide"]


class Ask(Struct, frozen=True, kw_only=True):
    """What a request wants: the text to echo, and what its answer has to obey.

    `results` tells that the last thing said was a tool's result. `forced` is the function that has
    to be called, "" for none; `limit` is in words. `schema` is None if any text will do.
    """

    prompt: str
    results: bool = False
    tools: Mapping[str, Json] = {}
    forced: str = ""
    schema: Json = None
    stops: tuple[str, ...] = ()
    limit: int | None = None
    one_call: bool = False


def decide(ask: Ask, knobs: ApiKnobs) -> Answer:
    """The answer; its `finish_reason` is the scenario's word, `length` if cut, else None."""
    if ask.results:
        knobs = after_results(knobs)
    answer = decode_answer(knobs, ask.prompt)
    listed = not isinstance(knobs.answer, str)
    if knobs.answer == "echo":
        answer = _obedient(ask, answer)
    items = tuple(_stopped(answer.items, ask.stops))
    if ask.one_call:
        items = tuple(_one_call(items))
    cut = not listed and ask.limit is not None and len(items) > ask.limit
    kept = items[: ask.limit] if cut else items
    return _answered(answer, kept, "length" if cut else answer.finish_reason)


def _obedient(ask: Ask, echo: Answer) -> Answer:
    """What a model says that does as it is told; an echo if it was told nothing.

    A tool's result ends the round trip, even where the request still forces a tool.
    """
    if ask.forced and not ask.results:
        arguments = example_json(ask.tools.get(ask.forced) or {"type": "object"})
        return _answered(echo, (Call("call_1", ask.forced, arguments),), None)
    if ask.schema is None:
        return echo
    # Asked for any object, an echo is still an echo.
    any_object = ask.schema == {"type": "object"}
    said = msgspec.json.encode({"echo": ask.prompt}).decode() if any_object else ""
    pieces = cut_json(said or example_json(ask.schema))
    return _answered(echo, tuple(Text(piece) for piece in pieces), None)


def _answered(answer: Answer, items: tuple[Item, ...], finish_reason: str | None) -> Answer:
    """The answer with other items, each one a token out, unless nothing has changed."""
    if items == answer.items:
        return msgspec.structs.replace(answer, finish_reason=finish_reason)
    usage = Usage(
        input_tokens=answer.usage.input_tokens,
        output_tokens=len(items),
        cached_tokens=answer.usage.cached_tokens,
        reasoning_tokens=sum(isinstance(item, Reasoning) for item in items),
    )
    return Answer(items, usage, finish_reason)


def _stopped(items: tuple[Item, ...], stops: tuple[str, ...]) -> Iterator[Item]:
    """The items up to the first stop sequence in the text, which is not said."""
    whole = "".join(item.text for item in items if isinstance(item, Text))
    places = [place for stop in stops if stop and (place := whole.find(stop)) >= 0]
    left = min(places, default=None)
    for item in items:
        match item:
            case Text(text) if left is not None:
                if text[:left]:
                    yield Text(text[:left])
                left -= len(text)
                if left <= 0:
                    return
            case Text() | Reasoning() | Refusal() | Call():
                yield item


def _one_call(items: tuple[Item, ...]) -> Iterator[Item]:
    called = False
    for item in items:
        if not (called and isinstance(item, Call)):
            yield item
        called = called or isinstance(item, Call)
