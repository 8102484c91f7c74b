"""Any stream of any dialect, cut or spoilt anywhere: an error, or all that was said."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.dialects.kit import heard_or_refused

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Dialect, Stamp
from dragoman.dialects.table import DIALECTS, load_dialect
from dragoman.errors import ResponseError
from dragoman.events import (
    Event,
    Finished,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.gathered import Gathered
from dragoman.messages import Message, Text

CHAT = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),))
STAMP = Stamp("1", 1.0)
WORDS = [TextDelta("Once "), TextDelta("upon "), TextDelta("a tíme")]
CALLS: list[Event] = [
    ToolCallStarted(0, "call_1", "f"),
    ToolCallDelta(0, '{"a":'),
    ToolCallDelta(0, "1}"),
    ToolCallStarted(1, "call_2", "g"),
    ToolCallDelta(1, '{"b":2}'),
]
USED = UsageReported(Usage(3, 4))
ANSWERS: dict[str, list[Event]] = {
    "text": [Started("m"), *WORDS, USED, Finished()],
    "thoughts": [Started("m"), ReasoningDelta("h"), ReasoningDelta("m"), *WORDS, USED, Finished()],
    "calls": [Started("m"), WORDS[0], *CALLS, USED, Finished("tool_calls")],
}
SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "broken JSON": lambda event: b"]".join(event.rsplit(b"}", 1)),
    "no UTF-8": lambda event: event.replace(b"{", b"{\xff", 1),
    "no object": lambda event: re.sub(rb"\{.*\}", b"[1]", event, flags=re.DOTALL),
}

LOADED = [load_dialect(name) for name in DIALECTS]
each_dialect = pytest.mark.parametrize("dialect", LOADED, ids=lambda one: one.name)
each_answer = pytest.mark.parametrize(
    ("dialect", "answer"),
    [
        (dialect, answer)
        for dialect in LOADED
        for answer in ANSWERS
        # Ollama's older half has no tools.
        if (dialect.name, answer) != ("ollama_generate", "calls")
    ],
    ids=lambda one: one.name if isinstance(one, Dialect) else one,
)
_EVENT = re.compile(rb"(?<=\r\n\r\n)|(?<=\n\n)|(?<=\n)(?=\{)")


def wire(dialect: Dialect, answer: str) -> bytes:
    return dialect.encoder(CHAT, STAMP).feed(ANSWERS[answer])


def content(events: list[Event]) -> tuple[str, str, list[tuple[str, str]]]:
    gathered = Gathered()
    gathered.add([*events, Finished()])
    reply = gathered.reply()
    return reply.text, reply.reasoning, [(call.name, call.arguments) for call in reply.tool_calls]


def assert_honest(dialect: Dialect, answer: str, body: bytes) -> None:
    """Either all was said, or there is an error that another try may mend."""
    events, error = heard_or_refused(dialect.decoder("m"), [body])
    whole = content(ANSWERS[answer])

    if error is None:
        assert isinstance(events[-1], Finished)
        assert content(events) == whole
    else:
        assert isinstance(error, ResponseError)
        assert error.retryable
        assert whole[0].startswith(content(events)[0])


@each_answer
@given(data=st.data())
def test_a_stream_that_is_cut_is_never_a_short_success(
    dialect: Dialect, answer: str, data: st.DataObject
) -> None:
    body = wire(dialect, answer)

    assert_honest(dialect, answer, body[: data.draw(st.integers(0, len(body) - 1))])


@each_answer
@pytest.mark.parametrize("how", SPOILT)
def test_an_event_that_is_spoilt_is_never_missing(dialect: Dialect, answer: str, how: str) -> None:
    body = wire(dialect, answer)
    events = [event for event in _EVENT.split(body) if event]
    assert len(events) > 2

    for at, event in enumerate(events):
        spoilt = SPOILT[how](event)
        assert_honest(dialect, answer, b"".join([*events[:at], spoilt, *events[at + 1 :]]))


@each_dialect
@pytest.mark.parametrize(
    "body", [b"", b"\n", b"<html><body>Bad Gateway</body></html>\n", b"{", b'{"choices":[', b"null"]
)
def test_what_is_no_stream_at_all_is_an_error(dialect: Dialect, body: bytes) -> None:
    events, error = heard_or_refused(dialect.decoder("m"), [body])

    assert events == []
    assert isinstance(error, ResponseError)
    assert error.retryable
