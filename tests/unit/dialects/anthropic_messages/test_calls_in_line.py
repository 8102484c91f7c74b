from dragoman.dialects.anthropic_messages.calls_in_line import CallsInLine
from dragoman.events import ToolCallStarted

FIRST = ToolCallStarted(0, "a", "f")
SECOND = ToolCallStarted(1, "b", "g")
THIRD = ToolCallStarted(2, "c", "h")


def test_a_call_alone_goes_on_as_it_comes() -> None:
    calls = CallsInLine()

    assert calls.start(FIRST) == [(FIRST, "")]
    assert calls.more(0, '{"x"') == [(None, '{"x"')]
    assert calls.more(0, ":1}") == [(None, ":1}")]
    assert calls.end() == []


def test_the_next_call_begins_at_once_when_the_last_is_whole() -> None:
    calls = CallsInLine()
    calls.start(FIRST)
    calls.more(0, "{}")

    assert calls.start(SECOND) == [(SECOND, "")]
    assert calls.more(0, "late") == []


def test_calls_that_are_made_at_once_come_one_after_another() -> None:
    calls = CallsInLine()
    calls.start(FIRST)

    assert calls.start(SECOND) == []
    assert calls.more(1, '{"y":2}') == []
    assert calls.start(THIRD) == []
    assert calls.more(0, '{"x":1}') == [(None, '{"x":1}'), (SECOND, '{"y":2}'), (THIRD, "")]


def test_calls_that_wait_are_said_when_the_answer_goes_on() -> None:
    calls = CallsInLine()
    calls.start(FIRST)
    calls.start(SECOND)
    calls.more(1, '{"y":2}')

    assert calls.end() == [(SECOND, '{"y":2}')]
    assert calls.start(THIRD) == [(THIRD, "")]
