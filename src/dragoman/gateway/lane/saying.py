"""The caller's side of a request on the short way: status, headers and chunks, as HTTP has them."""

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from dragoman.gateway.headers import made_headers
from dragoman.gateway.lane.ticket import Ticket

__all__ = ["Saying"]

_QUIET = "cache-control: no-cache, no-transform\r\nx-accel-buffering: no\r\n"
_LAST_CHUNK = b"0\r\n\r\n"


class Saying:
    """One answer to a caller."""

    __slots__ = ("_cycle", "_ticket")

    def __init__(self, cycle: RequestResponseCycle, ticket: Ticket) -> None:
        self._cycle = cycle
        self._ticket = ticket

    def whole(self, body: bytes) -> None:
        """An answer in one piece."""
        head = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        self._cycle.transport.write(self._begun(head) + body)

    def piece(self, said: bytes, *, is_last: bool = False) -> None:
        """A piece of a stream; the first one has status and headers before it."""
        pieces: list[bytes] = []
        if not self._cycle.response_started:
            media_type = self._ticket.line.media_type
            head = f"content-type: {media_type}\r\ntransfer-encoding: chunked\r\n{_QUIET}"
            pieces.append(self._begun(head))
            self._cycle.chunked_encoding = True
        if said:
            pieces.append(b"%x\r\n%b\r\n" % (len(said), said))
        if is_last:
            pieces.append(_LAST_CHUNK)
        self._cycle.transport.write(pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def _begun(self, head: str) -> bytes:
        """Status and headers."""
        cycle, ticket = self._cycle, self._ticket
        cycle.response_started = True
        told = [*made_headers(ticket.record), *ticket.admission.headers()]
        if ticket.line.is_anthropic or "anthropic-version" in ticket.headers:
            told.append(("request-id", ticket.record.request_id))
        if not cycle.keep_alive:
            told.append(("connection", "close"))
        lines = "".join([f"{name}: {value}\r\n" for name, value in told])
        usual = b"".join([b"%b: %b\r\n" % header for header in cycle.default_headers])
        return b"HTTP/1.1 200 OK\r\n%b%b%b\r\n" % (usual, head.encode(), lines.encode("latin-1"))
