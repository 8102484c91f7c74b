"""One connection of the gateway's own server: uvicorn's, with bounds on what comes, and an ear.

- Address and headers longer than `head_limit_bytes` are refused with 431, and what does not come
  within `read_s` with 408. Both bound what one connection can hold, however slowly it drips.
- What two programs could take for different requests is refused with 400. Most of it the parser
  refuses; here are the encodings that it takes besides chunks, a missing `Host` and a second one.
  Fields behind a body are passed over: they would stand among the headers.
- Who only stops sending is not gone, but TCP says the same of who is. So bytes are sent that HTTP
  lets every reader skip: a `100 Continue`, and later a zero before the size of the next chunk.
  Whoever is gone answers them with a reset. HTTP/1.0 has no such bytes: there it is the end.
- An offer to change the protocol is not taken, and the request is answered as if there were none.
Sources: RFC 9112, sections 3.2, 6.1, 7.1 and 9.6; RFC 9110, sections 7.8 and 15.2; uvicorn 0.54,
httptools 0.9; read 2026-11-21.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from dragoman.errors import ResponseStatusError
from dragoman.gateway.refusing import refusal, refusal_headers
from dragoman.gateway_settings import GatewaySettings

__all__ = ["Bounds", "Connection"]

_SLOWEST_BYTES = 16 * 1024
"""Of a body in a second."""
_LINGER_S = 1.0
# A name, its value, a colon, a blank and the end of the line.
_AROUND_HEADER_BYTES = 4
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# The answer to the first is on its way when the second is sent, unless the caller is far away. No
# more than five: there are programs that take so many and not one more.
_TRIES_S = (0.02, 0.04, 0.08, 0.5)


class Bounds:
    """What a connection may take, by the configuration in force."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.follow(settings)

    def follow(self, settings: GatewaySettings) -> None:
        """Another configuration is in force."""
        self.head_bytes = settings.head_limit_bytes
        self.read_s = settings.read_s


class _RefusedError(Exception):
    """Stops the parser."""


class Connection(HttpToolsProtocol):
    """One connection."""

    def __init__(self, bounds: Bounds, **own: Any) -> None:
        super().__init__(**own)
        self._bounds = bounds
        self._error: ResponseStatusError | None = None
        self._deaf = False
        """It was refused: what still comes is thrown away."""
        self._replayed = False
        """The parser is told the head of a request that is known already."""
        self._in_head = False
        self._whole = True
        """Nothing of a request has come whose rest has not."""
        self._hosts = 0
        self._told_bytes = self._raw_bytes = self._idle_bytes = 0
        self._begun_at = 0.0
        self._body_bytes = 0
        self._answering: RequestResponseCycle | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._trying: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """The first request is due from now on."""
        super().connection_made(transport)
        self._begun_at = self.loop.time()
        self._wait(self._bounds.read_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Also for the request that is answered while others wait behind it."""
        super().connection_lost(exc)
        self._leave(self._answering)
        for timer in (self._patience, self._trying):
            if timer is not None:
                timer.cancel()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's always closes
        """The caller sends no more; whether the connection stays open."""
        cycle = self._answering
        if self._deaf or not self._whole or cycle is None or cycle.response_complete:
            return False
        if cycle.scope["http_version"] == "1.0":
            return False
        self.cycle.keep_alive = False
        if self._trying is None:
            self._try_line(0)
        return True

    def data_received(self, data: bytes) -> None:
        """More of a request, or of several."""
        if self._deaf:
            return
        self._unset_keepalive_if_required()
        in_head, body_bytes = self._in_head, self._body_bytes
        try:
            self._parse(data)
        except httptools.HttpParserError:
            error = ResponseStatusError("the request is not HTTP/1.1 as it is written", status=400)
            self._refuse(self._error or error)
            return
        # What the parser keeps and has not told yet.
        if in_head and self._in_head:
            self._raw_bytes += len(data)
        elif not (self._whole or self._in_head) and body_bytes == self._body_bytes:
            self._idle_bytes += len(data)
        else:
            self._raw_bytes = self._idle_bytes = 0
        if max(self._raw_bytes, self._idle_bytes) > self._bounds.head_bytes:
            self._refuse(self._too_long())
        else:
            self._mind_the_time()

    def on_message_begin(self) -> None:
        """A request begins."""
        if self._replayed:
            return
        super().on_message_begin()
        self._in_head, self._whole = True, False
        self._told_bytes = self._hosts = self._body_bytes = 0
        self._begun_at = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        if not self._replayed:
            super().on_url(url)
            self._told(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a field behind the body."""
        if self._in_head:
            super().on_header(name, value)
            self._told(len(name) + len(value) + _AROUND_HEADER_BYTES)
            name = name.lower()
            if name == b"host":
                self._hosts += 1
            elif name == b"transfer-encoding" and value.lower() != b"chunked":
                self._stop(ResponseStatusError("transfer-encoding: only chunked is", status=501))

    def on_headers_complete(self) -> None:
        """The application is asked."""
        if self._replayed:
            return
        self._in_head = False
        is_old = self.parser.get_http_version() == "1.0"
        if self._hosts > 1 or not (self._hosts or is_old):
            self._stop(ResponseStatusError("one Host is needed, and only one", status=400))
        if is_old and any(name == b"transfer-encoding" for name, _ in self.headers):
            self._stop(ResponseStatusError("HTTP/1.0 has no transfer-encoding", status=400))
        self._begin()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body_bytes += len(body)
        self._take(body)

    def on_message_complete(self) -> None:
        """The whole request is there."""
        # Where another protocol is offered, the parser says so before the body.
        if not self.parser.should_upgrade():
            self._whole = True
            self._end()

    def _begin(self) -> None:
        """The head is there and sound: the application is asked."""
        super().on_headers_complete()

    def _take(self, body: bytes) -> None:
        """More of the body."""
        super().on_body(body)

    def _end(self) -> None:
        """The body is whole."""
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self.parser = httptools.HttpRequestParser(self)
            self._replayed = True
            try:
                self.parser.feed_data(self._head_again())
            finally:
                self._replayed = False
            self._parse(data[offer.args[0] :])

    def _head_again(self) -> bytes:
        """A head after which the same body comes."""
        framing = (b"content-length", b"transfer-encoding")
        lines = [b"%b: %b\r\n" % header for header in self.headers if header[0] in framing]
        return b"POST / HTTP/1.1\r\n%b\r\n" % b"".join(lines)

    def _told(self, size_bytes: int) -> None:
        self._told_bytes += size_bytes
        if self._told_bytes > self._bounds.head_bytes:
            self._stop(self._too_long())

    def _too_long(self) -> ResponseStatusError:
        words = f"address and headers are longer than {self._bounds.head_bytes} bytes"
        return ResponseStatusError(words, status=431)

    def _stop(self, error: ResponseStatusError) -> None:
        self._error = error
        raise _RefusedError

    def _mind_the_time(self) -> None:
        """Time runs while something is due: the rest of a request, or after an answer the next."""
        cycle = self._answering
        if self._whole and cycle is not None and not cycle.response_complete:
            if self._patience is not None:
                self._patience.cancel()
                self._patience = None
        elif self._patience is None:
            self._begun_at = self.loop.time()
            self._wait(self._bounds.read_s)

    def _wait(self, seconds: float) -> None:
        self._patience = self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        self._patience = None
        if self.transport.is_closing():
            return
        if self.flow.read_paused:
            # It is we who take no more.
            self._begun_at = self.loop.time()
        due_at = self._begun_at + self._bounds.read_s + self._body_bytes / _SLOWEST_BYTES
        left_s = due_at - self.loop.time()
        if left_s > 0:
            self._wait(left_s)
        elif self._whole:
            self.transport.close()
        else:
            words = f"the request did not come within {self._bounds.read_s:g} s"
            self._refuse(ResponseStatusError(words, status=408))

    def _refuse(self, error: ResponseStatusError) -> None:
        """Say it and close, or only close where it would stand in another request's answer."""
        cycle = self._answering
        self._deaf = True
        busy = cycle is not None and not cycle.response_complete
        if busy and (cycle is not self.cycle or self._whole or self.cycle.response_started):
            self.transport.close()
            return
        self._leave(cycle)
        self.transport.write(self._refusal(error))
        # Closed at once, what still comes would be answered by a reset that overtakes the words.
        self.transport.write_eof()
        self._trying = self.loop.call_later(_LINGER_S, self.transport.close)

    def _refusal(self, error: ResponseStatusError) -> bytes:
        # The parser has told nothing yet where it refuses the first line.
        url: bytes = getattr(self, "url", b"")
        failure = refusal(url.decode("latin-1"), error)
        headers = refusal_headers(failure, {})
        headers |= {"content-length": str(len(failure.body)), "connection": "close"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return b"%b%b\r\n%b" % (STATUS_LINE[error.status], lines.encode(), failure.body)

    def _leave(self, cycle: RequestResponseCycle | None) -> None:
        """Tell an answer under way that there is nobody for it."""
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()

    def _try_line(self, number: int) -> None:
        """Send what makes no difference to who listens; see the head of this file."""
        cycle = self._answering
        if self.transport.is_closing() or cycle is None or cycle.response_complete:
            return
        if not cycle.response_started:
            self.transport.write(_CONTINUE)
        elif cycle.chunked_encoding:
            self.transport.write(b"0")
        if number < len(_TRIES_S):
            self._trying = self.loop.call_later(_TRIES_S[number], self._try_line, number + 1)
