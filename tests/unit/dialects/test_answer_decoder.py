"""How any stream ends, by a format of one letter a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.dialects.kit import cut, heard, heard_or_refused

from dragoman.dialects.answer_decoder import SAYS_NOTHING, AnswerDecoder, SseAnswerDecoder
from dragoman.dialects.failures import cut_off
from dragoman.errors import ResponseError, StreamTruncatedError
from dragoman.events import Event, Finished, TextDelta
from dragoman.wire.sse import SseMessage


class Letters(SseAnswerDecoder):
    """A `.` ends an answer, a `!` is an error, every other message is a text."""

    __slots__ = ()

    def _take(self, message: SseMessage, events: list[Event]) -> None:
        if self._over:
            return
        self._over = message.data == b"."
        if message.data == b"!":
            raise ResponseError("broken")
        events.append(Finished() if self._over else TextDelta(message.data.decode()))

    def _read_rest(self, rest: bytes, events: list[Event]) -> None:
        if rest != b"whole":
            raise cut_off(rest)
        events.append(Finished())


def wire(letters: str) -> bytes:
    return b"".join(b"data: %c\n\n" % ord(letter) for letter in letters)


def test_what_came_before_an_error_is_handed_out_first() -> None:
    decoder = Letters("m")

    assert decoder.feed(wire("a!b")) == [TextDelta("a")]

    with pytest.raises(ResponseError, match="broken"):
        decoder.feed(wire("c."))
    with pytest.raises(ResponseError, match="broken"):
        decoder.close()


def test_an_error_with_nothing_before_it_is_raised_at_once() -> None:
    with pytest.raises(ResponseError, match="broken"):
        Letters("m").feed(wire("!"))


def test_bytes_behind_the_end_are_ignored() -> None:
    decoder = Letters("m")

    assert decoder.feed(wire("a.b!")) == [TextDelta("a"), Finished()]
    assert decoder.feed(wire("!")) == decoder.close() == []


def test_a_last_message_without_its_empty_line_counts() -> None:
    assert heard(Letters("m"), b"data: a\n\ndata: .") == [TextDelta("a"), Finished()]


def test_what_no_event_holds_may_be_an_answer() -> None:
    assert heard(Letters("m"), b"whole") == [Finished()]


def test_an_end_without_its_sign_is_a_cut() -> None:
    with pytest.raises(StreamTruncatedError):
        heard(Letters("m"), wire("ab"))


@given(st.text("ab.!", max_size=8), st.lists(st.integers(0, 99), max_size=5))
def test_the_events_and_the_error_are_the_same_however_the_bytes_are_cut(
    letters: str, places: list[int]
) -> None:
    events, error = heard_or_refused(Letters("m"), [wire(letters)])

    found, again = heard_or_refused(Letters("m"), cut(wire(letters), places))

    assert (found, str(again)) == (events, str(error))


@pytest.mark.parametrize("name", sorted(SAYS_NOTHING))
@pytest.mark.parametrize("data", [b"!", b"[]", b"{\xff}"])
def test_a_broken_event_whose_name_says_nothing_is_passed_over(name: str, data: bytes) -> None:
    decoder = Letters("m")
    broken = b"event: %s\ndata: %s\n\n" % (name.encode(), data)

    assert heard(decoder, wire("a") + broken + wire("b.") + broken) == [
        *(TextDelta("a"), TextDelta("b"), Finished())
    ]
    assert decoder.skipped == 1


def test_one_that_is_sound_is_read() -> None:
    assert heard(Letters("m"), b"event: ping\ndata: {}\n\n", wire("."))[0] == TextDelta("{}")


def test_a_format_says_how_it_is_read() -> None:
    assert AnswerDecoder.__abstractmethods__ == {"_read", "_read_end"}
