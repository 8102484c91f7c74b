"""An answer that broke off, said again: never text of two answers."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.routing.answers import Script, kept, read, scripts, told

from dragoman.errors import ResponseError
from dragoman.events import (
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
from dragoman.routing.replay import Parted, Replay

STARTED, AGAIN, END = Started("m", "first"), Started("m", "second"), Finished()
CALL, OTHER_ID = ToolCallStarted(0, "id1", "f"), ToolCallStarted(0, "id2", "f")
SECOND = ToolCallStarted(1, "id9", "g")
THOUGHT, PROOF, OTHER_PROOF = ReasoningDelta("hm"), ReasoningSigned("p1"), ReasoningSigned("p2")
USED = UsageReported(Usage(1, 2))


def arguments(text: str, index: int = 0) -> ToolCallDelta:
    return ToolCallDelta(index, text)


class Case(msgspec.Struct, frozen=True):
    name: str
    said: list[Event]
    again: list[Event]
    given: list[Event]
    """What goes beyond; none at all where the answers part."""


REPEATED = [
    Case("nothing was said", [], [TextDelta("ab"), END], [TextDelta("ab"), END]),
    Case(
        "the same deltas",
        [TextDelta("a")],
        [TextDelta("a"), TextDelta("b"), END],
        [TextDelta("b"), END],
    ),
    Case(
        "one delta for two",
        [TextDelta("a"), TextDelta("b")],
        [TextDelta("abc"), END],
        [TextDelta("c"), END],
    ),
    Case(
        "two for one",
        [TextDelta("ab")],
        [TextDelta("a"), TextDelta("bc"), END],
        [TextDelta("c"), END],
    ),
    Case("all was said but its end", [TextDelta("ab")], [TextDelta("ab"), END], [END]),
    Case(
        "empty deltas say nothing",
        [TextDelta(""), TextDelta("a")],
        [TextDelta(""), TextDelta("a"), END],
        [END],
    ),
    Case("a refusal", [RefusalDelta("n")], [RefusalDelta("no"), END], [RefusalDelta("o"), END]),
    Case(
        "usage waits until all is repeated",
        [TextDelta("ab")],
        [USED, TextDelta("a"), TextDelta("b"), END],
        [USED, END],
    ),
    Case(
        "a thought, then text",
        [THOUGHT, TextDelta("a")],
        [THOUGHT, TextDelta("ab"), END],
        [TextDelta("b"), END],
    ),
    Case(
        "a thought whose text has not begun",
        [THOUGHT],
        [THOUGHT, TextDelta("a"), END],
        [TextDelta("a"), END],
    ),
    Case(
        "a thought's proof is new each time",
        [THOUGHT, PROOF],
        [THOUGHT, OTHER_PROOF, TextDelta("a"), END],
        [TextDelta("a"), END],
    ),
    Case(
        "a thought's proof that was not said yet",
        [THOUGHT],
        [THOUGHT, OTHER_PROOF, END],
        [OTHER_PROOF, END],
    ),
    Case(
        "a hidden thought with the same proof",
        [PROOF],
        [PROOF, TextDelta("a"), END],
        [TextDelta("a"), END],
    ),
    Case(
        "a call's id is new each time",
        [CALL, arguments("{")],
        [OTHER_ID, arguments("{}"), END],
        [arguments("}"), END],
    ),
    Case(
        "a second call",
        [CALL, arguments("{}")],
        [OTHER_ID, arguments("{}"), SECOND, arguments("1", 1), END],
        [SECOND, arguments("1", 1), END],
    ),
    Case(
        "calls side by side end in any order",
        [CALL, SECOND, arguments("a"), arguments("b", 1)],
        [CALL, SECOND, arguments("aA"), arguments("bB", 1), END],
        [arguments("A"), arguments("B", 1), END],
    ),
    Case(
        "a later call waits for an earlier one",
        [CALL, arguments("ab")],
        [CALL, arguments("a"), SECOND, arguments("1", 1), arguments("b"), END],
        [SECOND, arguments("1", 1), END],
    ),
    Case(
        "text waits for an earlier call too",
        [CALL, arguments("ab")],
        [CALL, arguments("a"), TextDelta("x"), TextDelta("y"), SECOND, arguments("b"), END],
        [TextDelta("x"), TextDelta("y"), SECOND, END],
    ),
    Case(
        "what only a dialect knows, later",
        [TextDelta("a")],
        [TextDelta("a"), NativeReported(Native("x", {})), END],
        [NativeReported(Native("x", {})), END],
    ),
]

PARTED = [
    Case("another text", [TextDelta("ab")], [TextDelta("ac")], []),
    Case("another beginning", [TextDelta("ab")], [TextDelta("x"), TextDelta("ab")], []),
    Case("it ends early", [TextDelta("ab")], [TextDelta("a"), END], []),
    Case("it says nothing", [TextDelta("ab")], [END], []),
    Case("a refusal instead", [TextDelta("ab")], [RefusalDelta("ab")], []),
    Case("a thought before it", [TextDelta("ab")], [THOUGHT, TextDelta("ab")], []),
    Case("no thought before it", [THOUGHT, TextDelta("a")], [TextDelta("a")], []),
    Case(
        "a longer thought",
        [THOUGHT, TextDelta("a")],
        [ReasoningDelta("hm, well"), TextDelta("a")],
        [],
    ),
    Case("a shorter thought", [THOUGHT, TextDelta("a")], [ReasoningDelta("h"), TextDelta("a")], []),
    Case("a thought without its proof", [THOUGHT, PROOF], [THOUGHT, TextDelta("a")], []),
    Case("a hidden thought", [PROOF, TextDelta("a")], [OTHER_PROOF, TextDelta("ab")], []),
    Case("a hidden thought for one in words", [THOUGHT, PROOF], [OTHER_PROOF], []),
    Case("another function", [CALL], [ToolCallStarted(0, "id1", "g")], []),
    Case("other arguments", [CALL, arguments("{1")], [CALL, arguments("{2")], []),
    Case("a call instead", [TextDelta("a")], [CALL], []),
    Case("a call in the midst of a text", [TextDelta("ab")], [TextDelta("a"), CALL], []),
    Case(
        "more arguments before a text",
        [CALL, arguments("1"), TextDelta("a")],
        [CALL, arguments("12"), TextDelta("a")],
        [],
    ),
    Case(
        "fewer arguments before a text",
        [CALL, arguments("12"), TextDelta("a")],
        [CALL, arguments("1"), TextDelta("ab"), END],
        [],
    ),
    Case(
        "logprobs where there were none",
        [TextDelta("ab")],
        [TextDelta("a"), LogprobsReported((TokenLogprob("a", -1.0),))],
        [],
    ),
    Case(
        "a native part in the midst",
        [TextDelta("ab")],
        [TextDelta("a"), NativeReported(Native("x", {}))],
        [],
    ),
    Case("another choice", [TextDelta("ab")], [OtherChoice(1, TextDelta("x"))], []),
]


@pytest.mark.parametrize("case", REPEATED, ids=lambda case: case.name)
def test_what_goes_beyond_what_was_said_is_handed_out(case: Case) -> None:
    replay = Replay(kept([STARTED, *case.said]))

    given = replay.feed([AGAIN, *case.again])

    assert given == case.given
    assert replay.is_complete
    assert replay.started == AGAIN


@pytest.mark.parametrize("case", REPEATED, ids=lambda case: case.name)
def test_it_does_not_matter_how_the_events_are_batched(case: Case) -> None:
    replay = Replay(kept([STARTED, *case.said]))

    given = [event for told in (AGAIN, *case.again) for event in replay.feed([told])]

    assert given == case.given


@pytest.mark.parametrize("case", PARTED, ids=lambda case: case.name)
def test_an_answer_that_parts_gives_nothing(case: Case) -> None:
    replay = Replay(kept([STARTED, *case.said]))

    with pytest.raises(Parted, match="parts from the one that broke off") as caught:
        replay.feed([AGAIN, USED, *case.again])

    assert isinstance(caught.value, ResponseError)
    assert not caught.value.retryable
    assert not replay.is_complete


def test_what_is_said_later_changes_nothing() -> None:
    """Its reader adds what it hands out to what was said."""
    said = kept([STARTED, TextDelta("a")])
    replay = Replay(said)
    said.add(replay.feed([AGAIN, TextDelta("ab")]))

    given = replay.feed([TextDelta("c"), END])

    assert given == [TextDelta("c"), END]
    assert said.text == "ab"


@given(st.data(), scripts)
def test_handed_out_and_replayed_are_the_whole_answer(data: st.DataObject, script: Script) -> None:
    first = data.draw(told(script, "first"))
    again = data.draw(told(script, "again"))
    broken = first[: data.draw(st.integers(1, len(first) - 1))]

    given = _replayed(data, broken, again)

    assert read([*broken, *given]) == read(first)
    Grammar().check([*broken, *given])
    assert given[-1] == END
    assert [event for event in given if type(event) is Started] == []


@given(st.data(), scripts, scripts)
def test_two_answers_are_never_spliced(data: st.DataObject, script: Script, other: Script) -> None:
    first = data.draw(told(script, "first"))
    again = data.draw(told(other, "again"))
    broken = first[: data.draw(st.integers(1, len(first) - 1))]

    try:
        given = _replayed(data, broken, again)
    except Parted:
        return

    assert read([*broken, *given]) == read(again)
    Grammar().check([*broken, *given])


def _replayed(data: st.DataObject, broken: list[Event], again: list[Event]) -> list[Event]:
    """What is handed out of the other answer, in any batches; none of it if they part."""
    replay = Replay(kept(broken))
    given: list[Event] = []
    while again:
        size = data.draw(st.integers(1, len(again)))
        try:
            given += replay.feed(again[:size])
        except Parted:
            assert given == []
            raise
        again = again[size:]
    return given
