"""One connection's replies: bytes in, head and body out. Pure: no I/O, no clock.

httptools (llhttp) frames; what a client must not believe is refused here. A reply may be cut at
any byte and gives the same head, the same bytes of body and the same end. What is written as
nearly all of it is (`usual`) needs no parser: it hears of such a reply only when something else
comes, and never if nothing does.
Source: RFC 9112 sections 6 (message body), 7 (transfer codings), 8 (incomplete messages) and 9.8
(TLS closure), github.com/MagicStack/httptools 0.9, read 2026-11-21.
"""

import functools
from typing import Any

from dragoman.errors import (
    ChatError,
    MissingRequirementsError,
    ResponseError,
    StreamTruncatedError,
    TransportError,
)
from dragoman.transport.direct.settings import PoolLimits
from dragoman.transport.direct.usual import Headers, UsualHead, one_chunk, usual_head

__all__ = ["Headers", "ReplyReader", "require_httptools"]

# Each field has ": " and a line end beside name and value.
_FIELD_BYTES = 4
# A head that has not ended is counted as it came, with its status line and spaces.
_SLACK_BYTES = 4096
# After this a parser is where one is that has read the head of a reply in chunks.
_CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


class _StopError(Exception):
    """Ends the parser's work on a read."""


class ReplyReader:
    """Reads the replies of one connection, one after the other.

    After each `feed`: `news` is True once the head is there (the reader's user sets it back),
    `chunk` is the body's next bytes, `done` says that the reply is whole, `keep` that the
    connection may carry another. `framed` is the read itself where that was one chunk and nothing
    else, and else empty. `error` is what is wrong, after head and chunk, and `coded` tells that it
    is a compression.
    """

    __slots__ = (
        "_between", "_complete", "_head", "_is_edge", "_left", "_length", "_limits", "_parser",
        "_pieces", "_primed", "_silent_bytes", "_stops", "_until_close", "chunk", "coded", "done",
        "error", "framed", "headers", "keep", "news", "on_body", "on_chunk_complete",
        "on_chunk_header", "size", "status",
    )  # fmt: skip

    def __init__(self, limits: PoolLimits) -> None:
        self._limits = limits
        self._pieces: list[bytes] = []
        # Whether the parser is between two chunks, and the opposite of it.
        self._between = [True, False]
        # The last usual head.
        self._head: UsualHead | None = None
        # The parser's callbacks are the lists' own methods: no Python code runs for a piece.
        self.on_body = self._pieces.append
        self.on_chunk_header = self.on_chunk_complete = self._between.reverse
        self.restart()
        tools = require_httptools()
        self._stops: tuple[type[Exception], ...] = (tools.HttpParserError, tools.HttpParserUpgrade)
        self._parser = tools.HttpResponseParser(self)

    def restart(self) -> None:
        """Be ready for the next reply."""
        self.status = 0
        self.headers: Headers = []
        self.news = False
        self.chunk = b""
        self.done = False
        self.keep = self.coded = False
        self.error: ChatError | None = None
        self.size = 0
        self._complete = False
        self._length: int | None = None
        self._until_close = False
        self._silent_bytes = 0
        # How much of a usual reply's body has not come; -1 where that is not counted here.
        self._left = -1
        # Where a usual reply has chunks: whether the parser has been told of it. Else None.
        self._primed: bool | None = None
        self._is_edge = True
        self.framed = b""

    def forget(self) -> None:
        """Let the parser go: it holds this reader, and this reader holds it."""
        self._parser = None

    def feed(self, data: bytes) -> None:
        """Read what the socket gave; never raises."""
        if self._primed is not None:
            self._feed_chunks(data)
        elif self._left >= 0:
            self._count(data)
        elif self.status or self._silent_bytes or not self._begin(data):
            self._parse(data)

    def _begin(self, data: bytes) -> bool:
        """Read the begin of a usual reply; False if it is none."""
        head = self._head
        # Within a second a service often says the same again, word by word.
        if head is None or not data.startswith(head.text):
            head = self._head = usual_head(data, self._limits)
        # A bound on the body is for whoever gathers it, and not for a quick way.
        if head is None or self._limits.max_body_bytes is not None:
            return False
        body = data[head.end :]
        if head.length is not None and len(body) > head.length:
            return False
        self.status, self.headers, self._length = 200, head.headers, head.length
        self.news = True
        self.chunk = b""
        if head.length is not None:
            self._left = head.length
            self._count(body)
            return True
        self._primed = False
        if body:
            self._feed_chunks(body)
        return True

    def _count(self, data: bytes) -> None:
        """More of a body whose length is known."""
        count = len(data)
        over = count - self._left
        self.chunk = data[: self._left] if over > 0 else data
        self.size += self._left if over > 0 else count
        self._left = -over
        if over >= 0:
            self._left = -1
            self._complete = self.done = True
            self.keep = over == 0

    def _feed_chunks(self, data: bytes) -> None:
        """More of a body in chunks; a read that is one of them is nothing to the parser."""
        size = one_chunk(data) if self._is_edge and self._between[0] else 0
        if size:
            self.chunk, self.framed = data[-size - 2 : -2], data
            self.size += size
            self._silent_bytes = 0
            return
        if not self._primed:
            self._primed = True
            self._parser.feed_data(_CHUNKED_HEAD)
        self._parse(data)
        # Between two chunks there may be a part of a size line, too.
        self._is_edge = data[-2:] == b"\r\n"

    def _parse(self, data: bytes) -> None:
        stopped = False
        self.framed = b""
        try:
            self._parser.feed_data(data)
        except self._stops:
            stopped = True
        pieces = self._pieces
        if pieces:
            self._take(pieces)
        else:
            self.chunk = b""
            if not self._complete:
                self._count_silent(len(data))
        if stopped:
            self.keep = False
            if not self._complete and self.error is None:
                self.error = self._broken()
        self.done = self._complete and self.error is None

    def end(self, *, clean: bool) -> None:
        """The connection has ended: `done`, or `error` says what was missing.

        `clean` is an end that the other side meant: over TLS one with its goodbye, without which
        anybody on the way could have made it.
        """
        self.chunk = b""
        self.keep = False
        if not self.status:
            where = "inside of its reply's head" if self._silent_bytes else "without a reply"
            self.error = TransportError(f"the server closed the connection {where}")
        elif self._until_close and clean:
            self.done = True
        else:
            self.error = StreamTruncatedError(self._missing())

    def on_message_begin(self) -> None:
        """Called by the parser."""
        if self._complete:
            raise _StopError("bytes after the reply")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser; fields after the body are counted elsewhere, and not kept."""
        if not self.status:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        if self.status:
            # That of `_CHUNKED_HEAD`.
            return
        status = self._parser.get_status_code()
        if status == 101:
            self._refuse("it switched to another protocol")
        if status < 100:
            self._refuse("its status is none")
        if status < 200:
            self.headers = []
            return
        self.status = status
        self._check_head()
        self.news = True

    def on_message_complete(self) -> None:
        """Called by the parser, for interim replies too."""
        if self.status:
            self._complete = True
            self.keep = self._parser.should_keep_alive()

    def _check_head(self) -> None:
        size, chunked, limits = 0, False, self._limits
        for name, value in self.headers:
            size += len(name) + len(value) + _FIELD_BYTES
            if name == b"content-length":
                self._length = int(value)
            elif name == b"transfer-encoding":
                chunked = True
                if value.strip().lower() != b"chunked":
                    self._refuse("its transfer coding is not chunked alone")
            elif name == b"content-encoding" and value.strip().lower() not in {b"", b"identity"}:
                self.coded = True
                self._refuse("it is compressed, which nobody asked for")
        if size > limits.max_header_bytes or len(self.headers) > limits.max_headers:
            self._refuse("its head is too long")
        if limits.max_body_bytes is not None and (self._length or 0) > limits.max_body_bytes:
            self._refuse(f"it is longer than {limits.max_body_bytes} bytes")
        self._until_close = not chunked and self._length is None

    def _refuse(self, why: str) -> None:
        self.status = 0
        self.error = ResponseError(f"a reply that cannot be read: {why}")
        raise _StopError(why)

    def _take(self, pieces: list[bytes]) -> None:
        chunk = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._silent_bytes = 0
        self.size += len(chunk)
        most = self._limits.max_body_bytes
        if most is not None and self.size > most:
            # The bytes up to the limit are handed out, however they came.
            chunk = chunk[: len(chunk) - (self.size - most)]
            self.error = ResponseError(f"a reply longer than {most} bytes")
        self.chunk = chunk

    def _count_silent(self, count: int) -> None:
        # Heads, interim replies, fields after the body and the extensions of chunks.
        self._silent_bytes += count
        if self._silent_bytes > self._limits.max_header_bytes + _SLACK_BYTES and not self.error:
            what = "fields" if self.status else "head"
            self.error = ResponseError(f"a reply that cannot be read: its {what} are too long")

    def _broken(self) -> ChatError:
        if not self.status:
            return ResponseError("a reply that is not HTTP/1.1")
        return StreamTruncatedError(f"the reply's framing broke after {self.size} bytes of body")

    def _missing(self) -> str:
        if self._length is not None:
            return f"the connection ended after {self.size} of {self._length} bytes of the reply"
        why = "without TLS's goodbye" if self._until_close else "before the reply's last chunk"
        return f"the connection ended after {self.size} bytes of the reply, {why}"


@functools.cache
def require_httptools() -> Any:
    """The parser's library; `MissingRequirementsError` without its extra."""
    try:
        import httptools
    except ImportError as exc:
        raise MissingRequirementsError(
            "the direct transport needs httptools: pip install 'dragoman[serve]'"
        ) from exc
    return httptools
