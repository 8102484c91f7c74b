"""What of an answer is kept, and what of it can be said again."""

import msgspec
import pytest
from tests.unit.routing.answers import kept

from dragoman.events import (
    Event,
    Finished,
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
from dragoman.routing.said import MAX_KEPT_CHARS, Piece, Said

STARTED = Started("m")
CALL = ToolCallStarted(0, "id", "f")


class Case(msgspec.Struct, frozen=True):
    name: str
    events: list[Event]
    text: str = ""
    said: bool = True
    can_replay: bool = True
    is_plain: bool = False


CASES = [
    Case("nothing", [STARTED, UsageReported(Usage(1))], said=False),
    Case("an empty delta", [STARTED, TextDelta("")], said=False),
    Case("text", [STARTED, TextDelta("a"), TextDelta("b")], "ab", is_plain=True),
    Case(
        "text to its end", [TextDelta("a"), UsageReported(Usage(1)), Finished()], "a", is_plain=True
    ),
    Case("a refusal", [RefusalDelta("no")], "no"),
    Case("a thought", [ReasoningDelta("hm")]),
    Case("text after a thought", [ReasoningDelta("hm"), TextDelta("a")], "a"),
    Case("a hidden thought", [ReasoningSigned("x"), TextDelta("a")], "a"),
    Case("a call", [TextDelta("a"), CALL, ToolCallDelta(0, "{}")], "a"),
    Case(
        "logprobs",
        [TextDelta("a"), LogprobsReported((TokenLogprob("a", -1.0),))],
        "a",
        can_replay=False,
    ),
    Case("what only a dialect knows", [NativeReported(Native("x", {}))], can_replay=False),
    Case(
        "several answers", [TextDelta("a"), OtherChoice(1, TextDelta("b"))], "a", can_replay=False
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_was_said_says_how_it_can_go_on(case: Case) -> None:
    said = kept(case.events)

    assert said.text == case.text
    assert bool(said) is case.said
    assert said.can_replay is case.can_replay
    assert said.is_plain is case.is_plain


def test_neighbouring_deltas_are_one_piece() -> None:
    """But for a thought that is signed: what follows is another."""
    said = Said()
    for event in (
        *(ReasoningDelta("h"), ReasoningDelta("m"), ReasoningSigned("p"), ReasoningSigned("q")),
        *(CALL, ToolCallStarted(1, "id2", "g"), ToolCallDelta(1, "2"), ToolCallDelta(0, "1")),
    ):
        said.add([event])

    assert said.pieces() == (
        Piece(ReasoningDelta, "", "hm"),
        Piece(ReasoningSigned, "", ""),
        Piece(ReasoningSigned, "q", ""),
        Piece(ToolCallStarted, "f", "1"),
        Piece(ToolCallStarted, "g", "2"),
    )


def test_an_answer_that_is_too_long_is_kept_no_longer() -> None:
    said = Said()
    batch: list[Event] = [TextDelta("x" * 65536)]
    for _ in range(64):
        said.add(batch)
    assert not said.is_bounded

    said.add([TextDelta("y")])

    assert not said.can_replay
    assert not said.is_plain
    assert len(said.text) == MAX_KEPT_CHARS


def test_an_answer_of_many_small_pieces_is_bounded_too() -> None:
    said = Said()
    batch: list[Event] = [TextDelta("x"), ReasoningDelta("y")] * 512
    for _ in range(64):
        said.add(batch)

    assert not said.can_replay
