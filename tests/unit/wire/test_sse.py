"""`SseDecoder` against a second reading of the standard, and where it differs from it."""

import contextlib
import re

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.wire.test_lines import CUTS, cut

from dragoman.errors import ResponseError
from dragoman.wire.sse import MAX_EVENT_BYTES, MAX_REST_BYTES, SseDecoder, SseMessage, SseRun

LINES = [
    b"data: a", b"data:b", b"data:  c", b"data", b"data:", b"data: ", b"data: \xc3\xa9",
    b"event: ping", b"event", b"event:x", b"id: 1", b"retry: 5", b": comment", b":", b"",
    b"<html>", b"-1", b"error: no", b"\xef\xbb\xbfdata: d", b" data: e",
]  # fmt: skip
STREAMS = st.lists(
    st.tuples(st.sampled_from(LINES), st.sampled_from([b"\n", b"\r\n", b"\r"])).map(b"".join)
    # Nearly all that services send is of this shape, and may come as runs.
    | st.sampled_from(
        [
            b'data: {"n":1}\n\n',
            b"data: {}\n\n",
            b'data: {"n":\n\n',
            b"data: 2}\n\n",
            b"\n\n",
            b'data: {"n":3}{}\n\n',
            b"data: [1]\n\n",
            b'data:{"n":4}\n\n',
            b'data: {"n":5}\nx\n\n',
        ]
    )
).map(b"".join)


class Case:
    """A stream and the messages in it, as `(event, data)`."""

    def __init__(self, claim: str, stream: bytes, *messages: tuple[str, bytes]) -> None:
        self.claim = claim
        self.stream = stream
        self.messages = list(messages)


CASES = [
    Case("one event", b"data: hi\n\n", ("", b"hi")),
    Case("a name", b"event: ping\ndata: 1\n\ndata: 2\n\n", ("ping", b"1"), ("", b"2")),
    Case("a name without data is forgotten", b"event: x\n\ndata: 1\n\n", ("", b"1")),
    Case("a field without colon empties the name", b"event: x\nevent\ndata: 1\n\n", ("", b"1")),
    Case("one space after the colon is dropped", b"data:  a \n\n", ("", b" a ")),
    Case("several data lines join", b"data: a\ndata: b\n\n", ("", b"a\nb")),
    Case("an empty line of data is kept", b"data: a\ndata:\ndata: b\n\n", ("", b"a\n\nb")),
    Case("data without colon is an empty line", b"data\ndata: a\ndata\n\n", ("", b"\na\n")),
    Case("empty data is passed over", b"data:\n\ndata\n\ndata: \ndata:\n\n"),
    Case("comments are passed over", b": hello\n:\ndata: 1\n: more\n\n", ("", b"1")),
    Case("id and retry are passed over", b"id: 7\nretry: 10\ndata: 1\n\n", ("", b"1")),
    Case("a first byte-order mark is dropped", b"\xef\xbb\xbfdata: 1\n\n", ("", b"1")),
    Case("a second one is not", b"\xef\xbb\xbf\xef\xbb\xbfdata: 1\n\n"),
    Case("the end of the stream ends an event", b"data: 1\n\ndata: 2", ("", b"1"), ("", b"2")),
    Case("also one without data", b"data: 1\n\nevent: x", ("", b"1")),
    Case("carriage returns end lines", b"data: 1\r\rdata: 2\r\n\r\n", ("", b"1"), ("", b"2")),
    Case("U+2028 does not", "data: a\u2028b\n\n".encode(), ("", "a\u2028b".encode())),
    Case("a name that is no UTF-8", b"event: \xff\ndata: 1\n\n", ("\ufffd", b"1")),
]


def decode(chunks: list[bytes]) -> tuple[list[SseMessage], bytes]:
    decoder = SseDecoder()
    messages = [message for chunk in chunks for message in decoder.feed(chunk)]
    return messages + decoder.close(), decoder.rest


def reference(stream: bytes) -> tuple[list[tuple[str, bytes]], list[bytes]]:
    """The standard's words, line by line, with the two documented differences."""
    lines = re.split(rb"\r\n|\r|\n", stream.removeprefix(b"\xef\xbb\xbf"))
    buffer, name, messages, rest = b"", "", [], []
    for line in [*lines, b""]:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if line == b"":
            if buffer.strip(b"\n"):
                messages.append((name, buffer[:-1]))
            buffer, name = b"", ""
        elif field == b"data":
            buffer += value + b"\n"
        elif field == b"event":
            name = value.decode("utf-8", "replace")
        elif field not in {b"", b"id", b"retry"}:
            rest.append(line)
    return messages, rest


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_the_standards_rules(case: Case) -> None:
    messages, _ = decode([case.stream])

    assert [(message.event, message.data) for message in messages] == case.messages


@given(STREAMS, CUTS)
@example(b"\xef\xbb\xbfdata: 1\n\n", [1, 2, 3])
@example(b"data: a\r\n\r\n", [8, 9, 10])
def test_messages_are_the_same_however_the_bytes_are_cut(stream: bytes, cuts: list[int]) -> None:
    messages, rest = decode(cut(stream, cuts))

    expected, expected_rest = reference(stream)
    assert [(message.event, message.data) for message in messages] == expected
    assert rest == b"\n".join(expected_rest)


@given(st.binary(), CUTS)
def test_any_bytes_are_read(stream: bytes, cuts: list[int]) -> None:
    messages, rest = decode(cut(stream, cuts))

    expected, expected_rest = reference(stream)
    assert [(message.event, message.data) for message in messages] == expected
    assert rest == b"\n".join(expected_rest)


def test_lines_that_are_no_fields_are_kept_and_messages_know_what_stood_before_them() -> None:
    stream = b'data: 1\n\n{"error": "no"}\n\ndata: 2\n\n<html>\n  "id": 3\n'

    messages, rest = decode([stream])

    assert rest == b'{"error": "no"}\n<html>\n  "id": 3'
    assert [rest[: message.rest_bytes] for message in messages] == [b"", b'{"error": "no"}\n']


def test_no_more_than_a_mebibyte_of_them_is_kept() -> None:
    decoder = SseDecoder()

    for _ in range(300):
        decoder.feed(b"x" * 5000 + b"\n" * 2)
    decoder.feed(b"y\n" * 100)

    assert len(decoder.rest) == MAX_REST_BYTES
    assert decoder.rest.endswith(b"x")


@pytest.mark.parametrize("length", [MAX_EVENT_BYTES - 5, MAX_EVENT_BYTES])
def test_an_event_too_long_is_refused_also_in_one_chunk(length: int) -> None:
    decoder = SseDecoder()
    assert len(decoder.feed(b"data: 1\n\n")) == 1

    with pytest.raises(ResponseError, match="of the reply is longer than"):
        decoder.feed(b"data: " + b"x" * length + b"\n\n")


def test_an_event_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    decoder = SseDecoder()
    lines = b"data: " + b"x" * (1024 * 1024 - 1) + b"\n"

    for _ in range(MAX_EVENT_BYTES // (1024 * 1024)):
        assert decoder.feed(lines) == []
    with pytest.raises(ResponseError, match="an event of the reply is longer"):
        decoder.feed(b"data\n")

    assert decoder.close() == []


class Number(msgspec.Struct, forbid_unknown_fields=True):
    """What the objects of the runs are read as."""

    n: int = 0


NUMBER = msgspec.json.Decoder(Number)


@given(STREAMS, CUTS)
@example(b'\n\ndata: {"n":1}\n\ndata: {"n":2}\n\n', [])
@example(b'data: {}\n\ndata: {"n":5}\nx\n\ndata: {"n":6}\n\n', [])
def test_runs_are_the_same_messages(stream: bytes, cuts: list[int]) -> None:
    decoder = SseDecoder()
    messages: list[SseMessage] = []

    for chunk in cut(stream, cuts):
        for item in decoder.feed_runs(chunk):
            messages += item.messages() if isinstance(item, SseRun) else [item]

    assert (messages + decoder.close(), decoder.rest) == decode([stream])


@given(
    st.lists(st.sampled_from([b"{}", b'{"n":1}', b'{"n":{}}', b"{}{}", b'{"n":', b"}", b"{\xff}"]))
)
@example([b"{}{}", b'{"n":'])
def test_a_run_decodes_as_its_messages_do(objects: list[bytes]) -> None:
    """Also where two wrong lines would be as many objects as there should be."""
    decoder = SseDecoder()
    decoder.feed(b"data: {}\n\n")
    for item in decoder.feed_runs(b"".join(b"data: %s\n\n" % text for text in objects)):
        if isinstance(item, SseRun):
            apart = []
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                apart = [NUMBER.decode(message.data) for message in item.messages()]

            assert item.decode(NUMBER) == (apart or None)


def test_events_of_a_busy_stream_come_as_one_run() -> None:
    decoder = SseDecoder()
    first = decoder.feed_runs(b'data: {"n":1}\n\ndata: {"n":2}\n\ndata: {"n":3}\n\ndata: {"n"')
    second = decoder.feed_runs(b':4}\n\ndata: {"n":5}\n\ndata: [DONE]\n\n')

    assert first == [SseMessage(b'{"n":1}'), SseRun(b'{"n":2}\n{"n":3}', 2)]
    assert second == [SseMessage(b'{"n":4}'), SseRun(b'{"n":5}', 1), SseMessage(b"[DONE]")]


@pytest.mark.parametrize(
    "text",
    [
        b"event: a\ndata: 1\n\nevent: b\ndata: \n\nevent: c\ndata: 3\n\n",
        b"event: a\ndata: 1\n\nevent: b\ndata: 2\ndata: 3\n\n",
        b"event: a\nevent: b\ndata: 1\n\n",
        b"event: %b\ndata: 1\n\n" % (b"a" * 65),
        b"event: a\ndata: 1\n\nxevent: b\ndata: 2\n\n",
        b"event: a\ndata: 1\n\nevent: b\ndata: 2\n\nevent: c\nda",
        b"event: \xff\ndata: 1\n\nid: 1\n\n",
        b"data: 1\n\n",
        b"data: \n\ndata: 2\n\n",
        b"event: a\rdata: 1\r\rdata: 2\n\n",
    ],
)
def test_events_that_come_together_are_those_that_come_byte_by_byte(text: bytes) -> None:
    together, alone = SseDecoder(), SseDecoder()

    found = [*together.feed(text[:1]), *together.feed(text[1:]), *together.close()]
    again = [*SseDecoder().feed(text)]
    bytewise = [one for at in range(len(text)) for one in alone.feed(text[at : at + 1])]

    assert again == bytewise
    assert found == [*bytewise, *alone.close()]
