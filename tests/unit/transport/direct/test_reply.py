"""Replies, and what is not believed of them; however their bytes are cut."""

import itertools
import sys
from dataclasses import dataclass, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman.errors import (
    MissingRequirementsError,
    ResponseError,
    StreamTruncatedError,
    TransportError,
)
from dragoman.transport.direct.reply import ReplyReader, require_httptools
from dragoman.transport.direct.settings import PoolLimits

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LIMITS = PoolLimits(max_header_bytes=2000, max_headers=20, max_body_bytes=100)


@dataclass
class Heard:
    """What a receiver is told of one reply."""

    head: tuple[int, list[tuple[bytes, bytes]]] | None = None
    body: bytes = b""
    end: str = "open"
    keep: bool = False


def hear(pieces: list[bytes], *, clean: bool | None = None, limits: PoolLimits = LIMITS) -> Heard:
    """What comes of these reads; `clean` None: the connection stays open."""
    reader, heard = ReplyReader(limits), Heard()
    for piece in pieces:
        reader.feed(piece)
        if reader.news:
            reader.news = False
            heard.head = (reader.status, reader.headers)
        heard.body += reader.chunk
        if reader.done or reader.error:
            break
    if clean is not None and not (reader.done or reader.error):
        reader.end(clean=clean)
    heard.keep = reader.keep
    if reader.error is not None:
        heard.end = f"{type(reader.error).__name__}: {reader.error}"
    elif reader.done:
        heard.end = "done"
    return heard


@dataclass(frozen=True)
class Case:
    name: str
    wire: bytes
    end: str
    body: bytes = b""
    status: int = 200
    clean: bool | None = None
    keep: bool = False


CASES = [
    Case("a length", OK + b"Content-Length: 3\r\n\r\nabc", "done", b"abc", keep=True),
    Case("no body", OK + b"Content-Length: 0\r\n\r\n", "done", keep=True),
    Case("chunks", CHUNKED + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "done", b"abc", keep=True),
    Case("trailers", CHUNKED + b"1\r\na\r\n0\r\nX: y\r\nZ:\r\n\r\n", "done", b"a", keep=True),
    Case("chunk words", CHUNKED + b"1;a=b\r\na\r\n0;c\r\n\r\n", "done", b"a", keep=True),
    Case("to the end", OK + b"\r\nabc", "done", b"abc", clean=True),
    Case("an empty end", OK + b"\r\n", "done", clean=True),
    Case("it closes", OK + b"Connection: close\r\nContent-Length: 1\r\n\r\na", "done", b"a"),
    Case("version 1.0", b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", "done", b"a"),
    Case("204", b"HTTP/1.1 204 No\r\n\r\n", "done", status=204, keep=True),
    Case("304", b"HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", "done", status=304, keep=True),
    Case("no words", b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na", "done", b"a", keep=True),
    Case("100 first", b"HTTP/1.1 100 Go\r\nX: y\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\na",
         "done", b"a", keep=True),
    Case("103 twice", b"HTTP/1.1 103 Hi\r\nLink: x\r\n\r\n" * 2 + OK + b"Content-Length: 0\r\n\r\n",
         "done", keep=True),
    Case("identity", OK + b"Content-Encoding: identity\r\nContent-Length: 0\r\n\r\n", "done",
         keep=True),
    Case("short", OK + b"Content-Length: 5\r\n\r\nab", "StreamTruncatedError: the connection ended "
         "after 2 of 5 bytes of the reply", b"ab", clean=True),
    Case("no last chunk", CHUNKED + b"2\r\nab\r\n", "StreamTruncatedError: the connection ended "
         "after 2 bytes of the reply, before the reply's last chunk", b"ab", clean=True),
    Case("no goodbye", OK + b"\r\nab", "StreamTruncatedError: the connection ended after 2 bytes "
         "of the reply, without TLS's goodbye", b"ab", clean=False),
    Case("nothing", b"", "TransportError: the server closed the connection without a reply",
         status=0, clean=True),
    Case("half a head", OK + b"X: y", "TransportError: the server closed the connection inside of "
         "its reply's head", status=0, clean=True),
    Case("a chunk that is longer", CHUNKED + b"2\r\nabc\r\n0\r\n\r\n", "StreamTruncatedError: the "
         "reply's framing broke after 2 bytes of body", b"ab"),
    Case("a chunk size that is none", CHUNKED + b"1\r\na\r\nzz\r\n", "StreamTruncatedError: the "
         "reply's framing broke after 1 bytes of body", b"a"),
    Case("not HTTP", b"SSH-2.0-OpenSSH_9\r\n", "ResponseError: a reply that is not HTTP/1.1",
         status=0),
    Case("HTML", b"<html>", "ResponseError: a reply that is not HTTP/1.1", status=0),
    Case("two lengths", OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\na",
         "ResponseError: a reply that is not HTTP/1.1", status=0),
    Case("length and chunks", OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         "ResponseError: a reply that is not HTTP/1.1", status=0),
    Case("a folded field", OK + b"X: y\r\n z\r\n\r\n", "ResponseError: a reply that is not "
         "HTTP/1.1", status=0),
    Case("gzip", OK + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\na", "ResponseError: a "
         "reply that cannot be read: it is compressed, which nobody asked for", status=0),
    Case("gzip chunks", OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "ResponseError: a reply "
         "that cannot be read: its transfer coding is not chunked alone", status=0),
    Case("101", b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
         "ResponseError: a reply that cannot be read: it switched to another protocol", status=0),
    Case("status 99", b"HTTP/1.1 099 No\r\n\r\n", "ResponseError: a reply that cannot be read: its "
         "status is none", status=0),
    Case("too many fields", OK + b"X: y\r\n" * 21 + b"\r\n", "ResponseError: a reply that cannot "
         "be read: its head is too long", status=0),
    Case("too long a field", OK + b"X: " + b"y" * 2000 + b"\r\n\r\n", "ResponseError: a reply that "
         "cannot be read: its head is too long", status=0),
    Case("a long body", OK + b"Content-Length: 101\r\n\r\n", "ResponseError: a reply that cannot "
         "be read: it is longer than 100 bytes", status=0),
    Case("many chunks", CHUNKED + b"3c\r\n" + b"a" * 60 + b"\r\n3c\r\n" + b"b" * 60 + b"\r\n",
         "ResponseError: a reply longer than 100 bytes", b"a" * 60 + b"b" * 40),
    Case("an endless body", OK + b"\r\n" + b"a" * 101, "ResponseError: a reply longer than 100 "
         "bytes", b"a" * 100),
    Case("half a body", OK + b"Content-Length: 2\r\n\r\na", "open", b"a"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_reply_is_what_its_framing_says(case: Case) -> None:
    heard = hear([case.wire], clean=case.clean)

    assert heard.end == case.end
    assert heard.body == case.body
    assert (heard.head[0] if heard.head else 0) == case.status
    assert heard.keep == case.keep


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_reply_may_come_byte_by_byte(case: Case) -> None:
    pieces = [case.wire[at : at + 1] for at in range(len(case.wire))]

    assert hear(pieces, clean=case.clean) == hear([case.wire], clean=case.clean)


@given(st.sampled_from(CASES), st.lists(st.integers(0, 200), max_size=6))
def test_any_cut_gives_the_same(case: Case, cuts: list[int]) -> None:
    ends = sorted({min(cut, len(case.wire)) for cut in cuts} | {0, len(case.wire)})
    pieces = [case.wire[at:end] for at, end in itertools.pairwise(ends)]

    assert hear(pieces, clean=case.clean) == hear([case.wire], clean=case.clean)


UNBOUNDED = PoolLimits(max_header_bytes=2000, max_headers=20)
BOUNDED = PoolLimits(max_header_bytes=2000, max_headers=20, max_body_bytes=10**9)
"""With a bound on the body all of a reply is the parser's."""

FIELDS = [
    b"Content-Length: 5", b"content-length: 12", b"Content-Length:0", b"Content-Length: +5",
    b"Content-Length: 5 ", b"Content-Length: ", b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: Chunked", b"transfer-encoding:chunked", b"Transfer-Encoding: gzip",
    b"Connection: keep-alive", b"Connection: close", b"Connection: Keep-Alive, x", b"Upgrade: x",
    b"Content-Encoding: identity", b"Content-Type: text/event-stream", b"Keep-Alive: timeout=5",
    b"Set-Cookie: a=1", b"set-cookie: b=\t2", b"X-Empty:", b"X : y", b"X: y ", b" folded: x",
    b"No colon", b"X: \x80", b"X: \x00", b"X: a\rb", b"X: a\nb", b"X: " + b"y" * 1990,
]  # fmt: skip
BODIES = [
    b"", b"abcde", b"abcdefghijkl", b"5\r\nabcde\r\n", b"C\r\nabcdefghijkl\r\n",
    b"05\r\nabcde\r\n", b"5;a=b\r\nabcde\r\n", b"1\r\n\r\r\n", b"4\r\n0\r\n\r\r\n",
    b"10\r\n0123456789abcdef\r\n", b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"1", b"\r\n", b"zz\r\n",
    b"+1\r\na\r\n", b"0x1\r\na\r\n", b"1_0\r\n", b"HTTP/1.1 200 OK\r\n",
]  # fmt: skip


@example([b"Transfer-Encoding: chunked"], [b"1", b"0\r\n0123456789abcdef\r\n", b"0\r\n\r\n"], [46])
@example([b"Content-Length: 5"], [b"abcde", b"abcde"], [])
@example([b"Content-Length: 5"], [b"abc", b"abcde"], [41])
@example([b"X: 1", b"Content-Length: 0", b"X: 2"], [], [])
@example([b"Content-Length: 5", b"content-length: 12"], [b"abcde"], [])
@example([b"A: b"] * 21, [], [])
@given(
    st.lists(st.sampled_from(FIELDS), max_size=4),
    st.lists(st.sampled_from(BODIES), max_size=6),
    st.lists(st.integers(15, 200), max_size=4),
)
def test_what_is_usual_is_read_as_the_parser_reads_it(
    fields: list[bytes], bodies: list[bytes], cuts: list[int]
) -> None:
    wire = OK + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + b"".join(bodies)
    ends = sorted({min(cut, len(wire)) for cut in cuts} | {0, len(wire)})
    pieces = [wire[at:end] for at, end in itertools.pairwise(ends)]

    for clean in (None, True):
        quick = hear(pieces, clean=clean, limits=UNBOUNDED)
        slow = hear(pieces, clean=clean, limits=BOUNDED)
        # A line end too many the parser forgives; who does not only closes a connection.
        assert quick == replace(slow, keep=quick.keep and slow.keep)


def test_the_parser_may_come_into_any_of_many_replies() -> None:
    """It hears of a reply only if something is unusual there, and then of all that is left."""
    reader = ReplyReader(UNBOUNDED)
    one, odd, end = b"3\r\nabc\r\n", b"03\r\nabc\r\n", b"0\r\n\r\n"
    reads = (
        [one, end],
        [one, odd, one, end],
        [odd + end],
        [one + end],
        [b"3\r", b"\nabc\r\n", end],
    )

    for pieces in [*reads, *reversed(reads)]:
        said = b""
        for piece in (CHUNKED, *pieces):
            reader.feed(piece)
            said += reader.chunk
        assert (reader.done, reader.keep, said.strip(b"abc")) == (True, True, b"")
        assert len(said) == 3 * b"".join(pieces).count(b"abc")
        reader.restart()


def test_a_read_that_is_one_chunk_is_told_as_it_came() -> None:
    reader = ReplyReader(UNBOUNDED)
    one, two = b"3\r\nabc\r\n", b"3\r\ndef\r\n"

    told = []
    for data in (CHUNKED, one, two, one + two, one, b"3\r", b"\nabc\r\n", two, b"0\r\n\r\n"):
        reader.feed(data)
        told.append((reader.chunk, reader.framed))

    assert told == [
        (b"", b""),
        (b"abc", one),
        (b"def", two),
        (b"abcdef", b""),
        (b"abc", one),
        (b"", b""),
        (b"abc", b""),
        (b"def", two),
        (b"", b""),
    ]
    assert reader.done
    assert reader.keep


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_heard_or_refused(wire: bytes, clean: bool) -> None:
    heard = hear([OK + wire], clean=clean)

    assert heard.end != "open"


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=5), st.lists(st.integers(0, 250)))
def test_any_chunks_come_as_they_were_sent(chunks: list[bytes], cuts: list[int]) -> None:
    wire = CHUNKED + b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in chunks) + b"0\r\n\r\n"
    ends = sorted({min(cut, len(wire)) for cut in cuts} | {0, len(wire)})

    heard = hear([wire[at:end] for at, end in itertools.pairwise(ends)], limits=PoolLimits())

    assert (heard.body, heard.end, heard.keep) == (b"".join(chunks), "done", True)


def test_names_are_lower_case_and_repetitions_kept() -> None:
    heard = hear([OK + b"Set-Cookie: a=1\r\nSET-COOKIE: b=2\r\nContent-Length: 0\r\n\r\n"])

    assert heard.head is not None
    assert heard.head[1] == [
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"content-length", b"0"),
    ]


def test_the_fields_of_an_interim_reply_are_not_those_of_the_reply() -> None:
    interim = b"HTTP/1.1 103 Early\r\nX-Hint: a\r\n\r\n"

    heard = hear([interim + OK + b"Content-Length: 0\r\n\r\n"])

    assert heard.head == (200, [(b"content-length", b"0")])


@pytest.mark.parametrize("rest", [b"HTTP/1.1 200 OK\r\n", b"HTT", b"garbage", b"\0"])
def test_bytes_after_a_reply_close_the_connection(rest: bytes) -> None:
    heard = hear([OK + b"Content-Length: 1\r\n\r\na" + rest])

    assert (heard.body, heard.end, heard.keep) == (b"a", "done", False)


@pytest.mark.parametrize("limits", [UNBOUNDED, BOUNDED], ids=["usual", "parser"])
def test_replies_come_one_after_the_other(limits: PoolLimits) -> None:
    reader = ReplyReader(limits)

    for body in (b"one", b"two", b"three"):
        reader.feed(OK + b"X-Body: %b\r\nContent-Length: %d\r\n\r\n%b" % (body, len(body), body))
        assert reader.done
        assert reader.keep
        assert reader.chunk == body
        assert (b"x-body", body) in reader.headers
        reader.restart()


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (b"", b"HTTP/1.1 103 Hi\r\n\r\n"),
        (OK, b"X: yyyyyyyyyyyy\r\n"),
        (OK + b"X: ", b"yyyyyyyyyyyyyyy"),
        (CHUNKED + b"1\r\na\r\n0\r\n", b"X: yyyyyyyyyyyy\r\n"),
        (CHUNKED + b"1\r\na\r\n1;", b"yyyyyyyyyyyyyyy"),
    ],
    ids=["interim replies", "fields", "one field", "trailers", "words of a chunk"],
)
def test_what_is_no_body_has_an_end(start: bytes, more: bytes) -> None:
    reader, fed = ReplyReader(LIMITS), 0
    reader.feed(start) if start else None

    while reader.error is None:
        reader.feed(more)
        fed += len(more)
        assert fed < 20_000

    assert isinstance(reader.error, ResponseError)


def test_without_a_limit_a_body_is_endless() -> None:
    reader = ReplyReader(PoolLimits())
    reader.feed(CHUNKED)

    for _ in range(100):
        reader.feed(b"ffff\r\n" + bytes(0xFFFF) + b"\r\n")

    assert (reader.error, reader.size) == (None, 100 * 0xFFFF)


def test_each_end_has_its_error() -> None:
    for wire, kind in ((b"", TransportError), (CHUNKED, StreamTruncatedError)):
        reader = ReplyReader(LIMITS)
        reader.feed(wire) if wire else None
        reader.end(clean=True)
        assert isinstance(reader.error, kind)


def test_a_reader_that_is_through_is_freed_at_once() -> None:
    """Not when the collector comes: ten thousand connections would wait for it together."""
    reader = ReplyReader(LIMITS)
    parser = sys.getrefcount(reader)

    reader.forget()

    assert sys.getrefcount(reader) < parser


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httptools", None)
    require_httptools.cache_clear()

    with pytest.raises(MissingRequirementsError, match=r"dragoman\[serve\]"):
        ReplyReader(LIMITS)
    require_httptools.cache_clear()
