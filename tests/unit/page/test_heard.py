"""What events say, as pieces."""

from dragoman.events import (
    Event,
    Finished,
    NativeReported,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.native import Native
from dragoman.page.heard import pieces_of
from dragoman.store.parts import parts_of
from dragoman.store.rows import Piece

EVENTS: list[Event] = [
    Started("mock-model"),
    ReasoningDelta("Let me "),
    ReasoningDelta("see."),
    ReasoningSigned("proof"),
    TextDelta("I"),
    TextDelta(" look."),
    NativeReported(Native("openai_chat", {"odd": 1})),
    ToolCallStarted(0, "c1", "weather"),
    ToolCallDelta(0, '{"city": '),
    ToolCallDelta(0, '"Oslo"}'),
    RefusalDelta("No."),
    UsageReported(Usage(1, 2)),
    Finished(),
]


def test_all_that_can_be_read_is_in_the_pieces_and_nothing_else() -> None:
    assert parts_of(pieces_of(EVENTS)) == [
        {"type": "reasoning", "text": "Let me see."},
        {"type": "text", "text": "I look."},
        {"type": "tool_call", "id": "c1", "name": "weather", "arguments": '{"city": "Oslo"}'},
        {"type": "refusal", "text": "No."},
    ]


def test_it_makes_no_difference_how_events_are_cut() -> None:
    one_by_one = [piece for event in EVENTS for piece in pieces_of([event])]

    assert parts_of(one_by_one) == parts_of(pieces_of(EVENTS))


def test_what_goes_on_is_one_piece() -> None:
    assert pieces_of([TextDelta("a"), TextDelta("b")]) == [Piece("text", "ab")]
    assert pieces_of([Finished()]) == []
