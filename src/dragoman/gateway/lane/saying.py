"""The caller's side of a request on the short way: status, headers and chunks, as HTTP has them."""

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from dragoman.gateway.headers import made_lines
from dragoman.gateway.lane.ticket import Ticket

__all__ = ["begun", "say_piece", "say_whole"]

_LAST_CHUNK = b"0\r\n\r\n"


def begun(cycle: RequestResponseCycle, ticket: Ticket, usual: str, framing: str) -> bytes:
    """Status and headers of an answer; from now on it has begun. `usual` are the server's own."""
    cycle.response_started = True
    lines = f"HTTP/1.1 200 OK\r\n{usual}{framing}{made_lines(ticket.record)}"
    for name, value in ticket.admission.headers():
        lines += f"{name}: {value}\r\n"
    if ticket.line.is_anthropic or ticket.head.wants_request_id:
        lines += f"request-id: {ticket.record.request_id}\r\n"
    if not cycle.keep_alive:
        lines += "connection: close\r\n"
    return f"{lines}\r\n".encode("latin-1")


def say_whole(cycle: RequestResponseCycle, ticket: Ticket, usual: str, body: bytes) -> None:
    """An answer in one piece."""
    framing = f"{ticket.line.framing}content-length: {len(body)}\r\n"
    cycle.transport.write(begun(cycle, ticket, usual, framing) + body)


def say_piece(cycle: RequestResponseCycle, said: bytes, *, is_last: bool, head: bytes) -> None:
    """A piece of a stream, perhaps an empty one; the first one has a head before it."""
    piece = b"%b%x\r\n%b\r\n" % (head, len(said), said) if said else head
    cycle.transport.write(piece + _LAST_CHUNK if is_last else piece)
