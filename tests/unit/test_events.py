"""The grammar of a stream, walked both ways."""

from itertools import product
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import ResponseError
from dragoman.events import (
    LEGAL_NEXT,
    Event,
    Finished,
    Grammar,
    LogprobsReported,
    NativeReported,
    OtherChoice,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.native import Native

STARTED, TEXT, REASONING = Started("m"), TextDelta("a"), ReasoningDelta("b")
CALL, ARGUMENTS = ToolCallStarted(0, "c1", "f"), ToolCallDelta(0, "{}")
USED, FINISHED = UsageReported(Usage(1, 2)), Finished()
ONE_OF_EACH: dict[type, Event] = {
    type(event): event
    for event in (
        *(STARTED, TEXT, REASONING, CALL, ARGUMENTS, USED, FINISHED),
        ReasoningSigned("openai_chat:proof"),
        RefusalDelta("no"),
        LogprobsReported((TokenLogprob("a", -0.5, (TokenLogprob("b", -1.0),)),)),
        NativeReported(Native("openai_chat", {"type": "x"})),
        OtherChoice(1, TextDelta("c")),
    )
}


def test_the_table_is_about_every_event() -> None:
    kinds = set(get_args(Event))

    assert set(ONE_OF_EACH) == kinds
    assert set(LEGAL_NEXT) == kinds | {None}
    assert set().union(*LEGAL_NEXT.values()) == kinds


@pytest.mark.parametrize(
    ("before", "after"), list(product(get_args(Event), repeat=2)), ids=lambda kind: kind.__name__
)
def test_the_grammar_is_the_table(before: type, after: type) -> None:
    """A first call has come and gone, so that only the table decides."""
    grammar = Grammar()
    if before is not Started:
        grammar.check([STARTED, CALL])
    step: dict[type, Event] = {ToolCallStarted: ToolCallStarted(1, "c2", "f")}
    if before is not ToolCallStarted:
        grammar.check([ONE_OF_EACH[before]])
        step = {} if before is Started else step
    following = step.get(after, ONE_OF_EACH[after])
    legal = after in LEGAL_NEXT[before]

    if legal:
        grammar.check([following])
        assert grammar.finished is (after is Finished)
    else:
        with pytest.raises(ResponseError, match=f"{after.__name__} may not come after"):
            grammar.check([following])


@pytest.mark.parametrize("kind", [kind for kind in get_args(Event) if kind is not Started])
def test_a_stream_begins_with_started(kind: type) -> None:
    with pytest.raises(ResponseError, match="may not come after the beginning"):
        Grammar().check([ONE_OF_EACH[kind]])


@pytest.mark.parametrize(
    "calls",
    [
        [ToolCallStarted(1, "c", "f")],
        [ToolCallStarted(-1, "c", "f")],
        [CALL, CALL],
        [CALL, ToolCallStarted(2, "c", "f")],
        [CALL, ToolCallDelta(1, "{}")],
        [CALL, ToolCallDelta(-1, "{}")],
        [USED, ARGUMENTS],
    ],
)
def test_calls_are_numbered_and_arguments_belong_to_one(calls: list[Event]) -> None:
    with pytest.raises(ResponseError):
        Grammar().check([STARTED, *calls])


def test_arguments_of_two_calls_may_alternate() -> None:
    second = ToolCallStarted(1, "c2", "g")

    Grammar().check([STARTED, CALL, second, ARGUMENTS, ToolCallDelta(1, "{}"), ARGUMENTS, FINISHED])


@pytest.mark.parametrize(
    "events",
    [
        [OtherChoice(0, TextDelta("a"))],
        [OtherChoice(-1, TextDelta("a"))],
        [OtherChoice(10**9, TextDelta("a"))],
        [OtherChoice(1, ARGUMENTS)],
        [OtherChoice(1, ToolCallStarted(1, "c", "f"))],
        [OtherChoice(1, FINISHED), OtherChoice(1, TextDelta("a"))],
    ],
)
def test_another_choice_keeps_the_same_rules(events: list[Event]) -> None:
    with pytest.raises(ResponseError):
        Grammar().check([STARTED, *events])


def test_choices_may_alternate() -> None:
    other = [OtherChoice(2, event) for event in (TEXT, CALL, ARGUMENTS, FINISHED)]

    Grammar().check([STARTED, TEXT, other[0], CALL, other[1], ARGUMENTS, *other[2:], FINISHED])


@given(st.lists(st.sampled_from(list(ONE_OF_EACH.values())), max_size=6), st.integers(0, 6))
def test_a_sequence_is_as_legal_in_one_piece_as_in_two(events: list[Event], cut: int) -> None:
    def verdict(*pieces: list[Event]) -> str:
        grammar = Grammar()
        try:
            for piece in pieces:
                grammar.check(piece)
        except ResponseError as error:
            return str(error)
        return f"finished: {grammar.finished}"

    assert verdict(events[:cut], events[cut:]) == verdict(events)


@pytest.mark.parametrize("event", ONE_OF_EACH.values(), ids=lambda event: type(event).__name__)
def test_an_event_survives_json(event: Event) -> None:
    again = msgspec.json.decode(msgspec.json.encode(event), type=Event)

    assert again == event
