"""The scanner agrees with the decoder that reads every event, whatever the bytes and the cuts."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.dialects.kit import cut, heard_or_refused
from tests.unit.wire.watch.streams import FORMS, damaged, hear, merged, streams, units

from dragoman.dialects.table import load_dialect
from dragoman.errors import ChatError
from dragoman.events import Event, Finished, Started, TextDelta, Usage, UsageReported
from dragoman.providers.unasked_usage import without_usage
from dragoman.wire.watch.learner import Lesson
from dragoman.wire.watch.scanner import Scanner
from dragoman.wire.watch.shapes import SHAPES


def scanner(dialect: str, **options: object) -> Scanner:
    make = partial(load_dialect(dialect).decoder, "m")
    return Scanner(SHAPES[dialect], make, **options)  # type: ignore[arg-type]  # as the test has it


def taught(data: st.DataObject, dialect: str) -> Lesson:
    """What other streams of the dialect, of any forms, have taught."""
    lesson = Lesson()
    forms = [name for name, said in FORMS.items() if said.dialect == dialect]
    for name in data.draw(st.lists(st.sampled_from(forms), max_size=2)):
        others = data.draw(streams(name))
        body = data.draw(damaged(others)) if data.draw(st.booleans()) else b"".join(others)
        edit = data.draw(st.sampled_from([None, without_usage]))
        scanner(dialect, lesson=lesson, edit=edit).feed(body)
    return lesson


def last(events: list[Event], kind: type) -> Event | None:
    return next((event for event in reversed(events) if isinstance(event, kind)), None)


def events_of(passed: bytes, *, is_sse: bool) -> list[bytes]:
    text = re.sub(rb"\r\n|\r", b"\n", passed)
    found = re.split(rb"\n\n+" if is_sse else rb"\n", text)
    return [event.strip(b"\n") for event in found if event.strip(b"\n")]


@pytest.mark.parametrize("name", FORMS)
@given(data=st.data(), places=st.lists(st.integers(0, 10_000), max_size=12))
def test_it_agrees_with_the_decoder(name: str, data: st.DataObject, places: list[int]) -> None:
    """Whatever streams before it have taught."""
    dialect = FORMS[name].dialect
    body = data.draw(damaged(data.draw(streams(name))))

    watched = scanner(dialect, lesson=taught(data, dialect))
    passed = b"".join(map(watched.feed, cut(body, places))) + watched.close()

    expect = hear(dialect, body)
    finished = last(expect.events, Finished) if expect.error is None else None
    usage = last(expect.events, UsageReported)
    assert watched.over
    assert watched.finished == finished
    assert watched.started == last(expect.events, Started)
    assert watched.usage == (usage.usage if isinstance(usage, UsageReported) else None)
    assert type(watched.error) is type(expect.error) or expect.is_foreign
    if expect.error is not None and not expect.is_foreign:
        assert str(watched.error) == str(expect.error)
    if expect.is_foreign:
        assert "UTF-8" in str(watched.error)
    assert watched.has_text == any(isinstance(event, TextDelta) for event in expect.events)
    if not watched.unpassed:
        found = events_of(passed, is_sse=SHAPES[dialect].is_sse)
        if finished and found[-1:] == [b"data: [DONE]"] != expect.passed[-1:]:
            found.pop()
        assert found == expect.passed


@pytest.mark.parametrize("name", FORMS)
@given(data=st.data(), places=st.lists(st.integers(0, 10_000), max_size=12))
def test_event_by_event_it_is_what_the_decoder_hears_at_once(
    name: str, data: st.DataObject, places: list[int]
) -> None:
    """What the tests take for the truth reads events one by one; a decoder need not."""
    dialect = FORMS[name].dialect
    body = data.draw(damaged(data.draw(streams(name))))

    expect = hear(dialect, body)

    if not expect.is_foreign:
        events, error = heard_or_refused(load_dialect(dialect).decoder("m"), cut(body, places))
        assert merged(expect.events) == merged(events)
        assert str(expect.error) == str(error)


@pytest.mark.parametrize("name", FORMS)
@given(data=st.data(), places=st.lists(st.integers(0, 10_000), max_size=12))
def test_what_was_passed_on_is_there_as_events(
    name: str, data: st.DataObject, places: list[int]
) -> None:
    """At any time, for whoever goes on with the answer when it breaks."""
    dialect = FORMS[name].dialect
    chunks = cut(b"".join(data.draw(streams(name))), places)
    watched = scanner(dialect, lesson=taught(data, dialect))

    passed = b"".join(map(watched.feed, chunks[: data.draw(st.integers(0, len(chunks)))]))

    events = watched.events_so_far()
    assert events is not None
    assert merged(events) == merged(load_dialect(dialect).decoder("m").feed(passed))


@pytest.mark.parametrize("name", ["openai", "openai, obfuscated", "openai, counted"])
@given(data=st.data(), places=st.lists(st.integers(0, 10_000), max_size=12))
def test_what_only_we_asked_for_is_taken_out_wherever_the_bytes_are_cut(
    name: str, data: st.DataObject, places: list[int]
) -> None:
    body = b"".join(data.draw(streams(name)))

    watched = scanner("openai_chat", edit=without_usage, lesson=taught(data, "openai_chat"))
    passed = b"".join(map(watched.feed, cut(body, places))) + watched.close()

    assert watched.error is not None or passed == without_usage(body)
    plain = scanner("openai_chat")
    plain.feed(body)
    plain.close()
    assert (watched.usage, watched.finished) == (plain.usage, plain.finished)


WORDS = [f" word{number}" for number in range(40)]


@pytest.mark.parametrize("name", ["openai", "openai, obfuscated", "openai, counted"])
@pytest.mark.parametrize("edit", [None, without_usage])
@pytest.mark.parametrize("size", [1, 7])
def test_usual_events_are_not_decoded(
    name: str, edit: Callable[[bytes], bytes] | None, size: int
) -> None:
    decoder = Counting()
    watched = Scanner(SHAPES["openai_chat"], lambda: decoder, edit=edit)
    pieces = units(name, WORDS)

    for at in range(0, len(pieces), size):
        watched.feed(b"".join(pieces[at : at + size]))

    assert watched.finished == Finished()
    assert decoder.read < 16


class Counting:
    """A decoder that counts how much it has to read."""

    def __init__(self) -> None:
        self._decoder = load_dialect("openai_chat").decoder("m")
        self.read = 0
        self.broken: ChatError | None = None
        self.skipped = 0

    def feed(self, chunk: bytes) -> list[Event]:
        self.read += bool(chunk)
        return self._decoder.feed(chunk)

    def close(self) -> list[Event]:
        return self._decoder.close()


def test_usage_is_right_in_the_middle_too() -> None:
    watched = scanner("openai_chat")

    for piece in units("openai, counted", WORDS)[:30]:
        watched.feed(piece)

    assert watched.usage == Usage(7, 29)


def test_a_sign_that_is_missing_is_added() -> None:
    watched = scanner("openai_chat")
    body = b"".join(units("openai, without a sign", ["a"]))

    passed = watched.feed(body[:-1]) + watched.close()

    assert passed == body + b"data: [DONE]\n\n"
    assert watched.finished == Finished()


def test_a_sign_without_its_line_end_is_not_said_twice() -> None:
    watched = scanner("openai_chat")
    body = b"".join(units("openai", ["a"]))

    assert watched.feed(body.rstrip()) + watched.close() == body


def test_a_last_line_gets_its_end() -> None:
    watched = scanner("ollama")
    body = b"".join(units("ollama", ["a"]))

    assert watched.feed(body.rstrip()) + watched.close() == body


def test_nothing_is_passed_on_behind_the_end() -> None:
    watched = scanner("openai_chat")
    body = b"".join(units("openai", ["a"]))

    assert watched.feed(body + b"data: more\n\n") == body
    assert watched.feed(body) == watched.close() == b""


def test_lines_that_are_no_fields_are_left_out() -> None:
    first, *rest = units("openai", ["a"])
    watched = scanner("openai_chat")

    passed = watched.feed(b"\xef\xbb\xbf" + b"<!-- a\n" + first + b"Notice: b\n\n" + b"".join(rest))

    assert passed == b"".join([first, b"\n", *rest])


def test_what_is_left_out_does_not_join_two_line_ends() -> None:
    watched = scanner("openai_chat")

    assert watched.feed(b"data:\rNotice: b\n\n") == b"data:\n\n"


def test_an_answer_in_one_piece_is_there_as_events() -> None:
    """Its bytes are no stream; somebody has to make one."""
    watched = scanner("openai_chat")
    body = b'{"model": "m", "choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}'

    assert watched.feed(body) + watched.close() == b""

    assert watched.unpassed == [Started("m"), TextDelta("hi"), Finished()]
    assert watched.error is None


def test_an_event_without_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dragoman.wire.watch.scanner.MAX_EVENT_BYTES", 1000)
    first = units("openai", ["a"])[0]
    watched = scanner("openai_chat")

    assert watched.feed(first + b"data: " + b"a" * 900) == first
    assert watched.feed(b"a" * 900) == b""

    assert watched.over
    assert "1000 bytes" in str(watched.error)


def test_more_than_is_to_be_kept_is_not_kept() -> None:
    watched = scanner("openai_chat", max_kept_bytes=500)
    pieces = units("openai", WORDS)

    watched.feed(b"".join(pieces[:2]))
    some = watched.events_so_far()
    watched.feed(b"".join(pieces[2:]))

    assert some == [Started("gpt", "c1"), TextDelta(" word0"), TextDelta(" word1")]
    assert watched.events_so_far() is None
    assert watched.finished == Finished()


def test_kinds_of_events_that_take_turns_are_read_to_the_end() -> None:
    pieces = [
        piece
        for one, other in zip(
            units("openai", WORDS)[:30], units("openai, thinking aloud", WORDS)[:30], strict=True
        )
        for piece in (one, one, other, other)
    ]
    watched = scanner("openai_chat")

    assert watched.feed(b"".join(pieces)) == b"".join(pieces)

    assert watched.error is None
    text = load_dialect("openai_chat").decoder("m").feed(b"".join(pieces))
    assert merged(watched.events_so_far() or []) == merged(text)


@pytest.mark.parametrize("broken", [b'{"type": "ping"', b'{"type": "\xff"}'], ids=["JSON", "UTF-8"])
def test_a_broken_sign_of_life_is_left_out_and_counted(broken: bytes) -> None:
    first, *rest = units("anthropic", ["a"])
    watched = scanner("anthropic_messages")

    passed = watched.feed(first + b"event: ping\ndata: " + broken + b"\n\n" + b"".join(rest))

    assert passed == b"".join([first, *rest])
    assert watched.error is None
    assert watched.skipped == 1


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_a_broken_sign_of_life_is_left_out_whatever_ends_its_lines(end: bytes) -> None:
    first, *rest = (piece.replace(b"\n", end) for piece in units("anthropic", ["a"]))
    ping = b'event: ping\ndata: {"type": "\xff"}\n\n'.replace(b"\n", end)
    watched = scanner("anthropic_messages")

    passed = watched.feed(first + ping + b"".join(rest)) + watched.close()

    assert passed.rstrip() == b"".join([first, *rest]).rstrip()
    assert watched.skipped == 1


@pytest.mark.parametrize("quiet", [b": a comment\n\n", b"event: ping\ndata:\n\n"])
def test_what_says_nothing_is_not_the_last_event(quiet: bytes) -> None:
    """Who goes on with the answer numbers on from the last event that has a number."""
    first, *_ = units("responses", ["a"])
    watched = scanner("openai_responses")

    watched.feed(first + quiet)

    assert watched.last == first
