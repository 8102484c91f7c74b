"""What did not go well on the short way goes on as any other request, from where it stands."""

from typing import Any

import msgspec
from msgspec.structs import replace

from dragoman.errors import ChatError
from dragoman.events import Event
from dragoman.gateway.anthropic_visit import AnthropicVisit, is_for_anthropic
from dragoman.gateway.asking import Resumed, resume
from dragoman.gateway.door import Begun
from dragoman.gateway.lane.ticket import Ticket
from dragoman.gateway.state import Gateway
from dragoman.gateway.visit import Receive, Scope, Send, Visit
from dragoman.providers.redaction import redact, secrets_of

__all__ = ["Handed", "hand_over"]


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """What the first attempt said and how it ended.

    `is_written`: the caller has those events, and `last` is the last one's bytes.
    """

    ticket: Ticket
    events: list[Event]
    error: ChatError | None
    is_written: bool
    is_started: bool
    """Whether the caller has the status."""
    now: float
    last: bytes = b""


def hand_over(gateway: Gateway, handed: Handed) -> Any:
    """An ASGI application that answers the rest of one request."""
    ticket, line, error = handed.ticket, handed.ticket.line, handed.error
    if error is not None:
        redact(error, secrets_of(line.call.account, line.request))
        error.located(provider=line.entry.name, host=line.origin.host, step="chat")
        error.hint = error.hint or line.provider.hint(line.call)

    async def go_on(scope: Scope, receive: Receive, send: Send) -> None:
        scope = {**scope, "path": line.way.face.path, "query_string": b""}
        visit = Visit(scope, receive, send)
        if line.is_anthropic or is_for_anthropic(visit):
            visit = AnthropicVisit(scope, receive, send)
        if handed.is_started:
            visit.goes_on(ticket.record.request_id)
        begun = Begun(
            candidate=line.candidate,
            call=replace(line.call, now=handed.now),
            events=handed.events,
            error=error,
            is_written=handed.is_written,
            last=handed.last,
        )
        resumed = Resumed(
            held=ticket.held,
            face=line.way.face,
            address=ticket.head.address,
            model=line.way.model,
            stream=line.way.stream,
            body=ticket.body,
            key=ticket.head.key,
            admission=ticket.admission,
            record=ticket.record,
            begun=begun,
        )
        await resume(gateway, visit, resumed)

    return go_on
