"""What a request on the short way comes to: tokens, price, health, metrics, the log, the store."""

import time

from dragoman.gateway.asking import cost_of
from dragoman.gateway.lane.ticket import Ticket
from dragoman.gateway.record import Record
from dragoman.gateway.state import Gateway
from dragoman.routing.attempt import Attempt
from dragoman.wire.watch.scanner import Scanner

__all__ = ["lose", "note", "reckon", "settle", "succeed"]


def note(record: Record, scanner: Scanner) -> None:
    """What a stream told of itself up to now."""
    record.usage, record.skipped_events = scanner.usage, scanner.skipped
    if scanner.started is not None:
        record.model = scanner.started.model or record.model
        record.response_id = scanner.started.id or ""


def reckon(ticket: Ticket) -> None:
    """Count what was used; before the caller has all of it: its next request may come at once."""
    record = ticket.record
    if record.usage is not None:
        ticket.admission.spent(record.usage)
        if record.cost is None:
            record.cost = cost_of(ticket.line.prices, record.model, record.usage)


def succeed(ticket: Ticket, now: float) -> None:
    """Tell the model's health of an answer that was whole at `now`."""
    candidate, record = ticket.line.candidate, ticket.record
    began_at = record.asked_at or now
    first_at = record.first_token_at or now
    ticket.held.health.succeeded(
        candidate.provider,
        candidate.model,
        first_token_s=first_at - began_at if record.stream else None,
        total_s=now - began_at,
    )


def lose(ticket: Ticket, scanner: Scanner | None, *, has_word: bool) -> None:
    """Note what was used of an answer whose end nobody waits for."""
    line, record = ticket.line, ticket.record
    attempt = Attempt(line.candidate, "first")
    attempt.begun(line.call)
    attempt.outcome = "lost"
    if scanner is not None:
        attempt.usage = scanner.usage
    record.tries = (attempt,)
    waited_s = None
    if scanner is not None and has_word:
        note(record, scanner)
        reckon(ticket)
    elif record.asked_at is not None:
        waited_s = time.perf_counter() - record.asked_at
    ticket.held.health.lost(line.candidate.provider, line.candidate.model, waited_s)


def settle(gateway: Gateway, ticket: Ticket, *, is_started: bool) -> None:
    """The request is over, well or not: its place is free, and it is counted and logged."""
    ticket.record.status = 200 if is_started else 0
    ticket.admission.close()
    try:
        gateway.settle(ticket.record, ticket.held)
    finally:
        ticket.held.leave()
