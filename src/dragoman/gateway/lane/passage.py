"""One request on the short way: from the service's bytes to the caller's, by callbacks alone.

The status waits for the first word, so that what fails before it can still be asked of another.
Whatever goes wrong is handed over (`handing.py`), with all that was said so far.
"""

import time
from http import HTTPStatus
from typing import Any

from msgspec.structs import replace

from dragoman.errors import ChatError, ResponseError, StreamTruncatedError, TimeoutError
from dragoman.events import Event, OtherChoice, TextDelta
from dragoman.gateway.asking import cost_of
from dragoman.gateway.lane.ground import Ground, Starter
from dragoman.gateway.lane.handing import Handed, hand_over
from dragoman.gateway.lane.saying import Saying
from dragoman.gateway.lane.ticket import Ticket
from dragoman.routing.attempt import Attempt
from dragoman.transport.direct import Exchange
from dragoman.wire.http import HttpReply, ReplyHead
from dragoman.wire.watch.scanner import Scanner
from dragoman.wire.watch.whole import look_at

__all__ = ["Passage"]

_MAX_ERROR_BYTES = 64 * 1024
_MAX_WHOLE_BYTES = 64 * 1024 * 1024
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_STREAMS = frozenset({"text/event-stream", "application/x-ndjson"})
# A service that says no more than its answer's end has time to end its reply, too.
_LINGER_S = 1.0
# Stands for an answer too long to be kept: nobody can say it again, or go on with it.
_UNKEPT: tuple[Event, ...] = (OtherChoice(1, TextDelta("")),)


class Passage:
    """One request under way.

    To uvicorn and to `Connection` its `cycle` is that of a request like any other, and it becomes
    one if the request is handed over.
    """

    __slots__ = (
        "_begin_anew",
        "_bytes",
        "_exchange",
        "_handed",
        "_has_word",
        "_head",
        "_is_other",
        "_lane",
        "_late_at",
        "_loop",
        "_pieces",
        "_ping_at",
        "_saying",
        "_scanner",
        "_ticket",
        "_waiting",
        "cycle",
    )

    def __init__(self, connection: Starter, lane: Ground, ticket: Ticket) -> None:
        self.cycle = connection.new_cycle()
        self._loop = connection.loop
        self._begin_anew = connection.start_application
        self._saying = Saying(self.cycle, ticket)
        self._lane = lane
        self._ticket = ticket
        self._exchange: Exchange | None = None
        self._head: ReplyHead | None = None
        self._scanner: Scanner | None = None
        self._pieces: list[bytes] | None = None
        """The answer in one piece, or what stands in place of an answer."""
        self._bytes = 0
        self._is_other = False
        self._waiting = b""
        """What came before the first word."""
        self._has_word = False
        self._handed = False
        self._late_at: float | None = None
        self._ping_at = 0.0

    def ask(self) -> None:
        """Ask the service."""
        ticket, lane, line = self._ticket, self._lane, self._ticket.line
        ticket.held.enter()
        lane.running.add(self)
        lane.gateway.meter.begin(ticket.record)
        ticket.record.asked_at = time.perf_counter()
        self._exchange = lane.pool.ask(
            line.origin, line.head, ticket.sent, receiver=self, limits=line.limits
        )
        if line.way.stream:
            now = self._loop.time()
            if line.first_token_s is not None:
                self._late_at = now + line.first_token_s
            self._ping_at = now + ticket.held.settings.ping_s
            self._watch()

    def gone(self) -> None:
        """The caller has gone."""
        if self.cycle.response_complete or self._handed:
            return
        self.cycle.response_complete = True
        self._ticket.record.error = "gone"
        self._lose()
        self._leave()
        self._settle()

    def cut(self) -> None:
        """The server ends: so does this, in the middle."""
        self.cycle.transport.abort()
        self.gone()

    def wait(self) -> None:
        """The caller reads slowly: the service is read no faster."""
        if self._exchange is not None and not self._handed:
            self._exchange.pause()

    def go_on(self) -> None:
        """The caller has read."""
        if self._exchange is not None and not self._handed:
            self._exchange.resume()

    # What the service says; see `transport.direct.Receiver`.

    def head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """The service's status and headers."""
        line, record = self._ticket.line, self._ticket.record
        record.replied_at = time.perf_counter()
        found = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        head = self._head = ReplyHead(status, found, line.request.url, _PHRASES.get(status, ""))
        media_type = head.media_type
        if not 200 <= status < 300 or "cf-mitigated" in found:
            self._is_other = True
        elif line.shape is None:
            self._is_other = media_type != "application/json"
        elif media_type in _STREAMS:
            self._scanner = Scanner(line.shape, self._decoder, edit=self._ticket.edit)
            return
        else:
            self._is_other = True
        self._pieces = []

    def body(self, chunk: bytes) -> None:
        """More of the answer."""
        if self._scanner is not None:
            self._pass_on(self._scanner.feed(chunk))
            return
        if self._pieces is None or self.cycle.response_complete:
            return
        self._bytes += len(chunk)
        self._pieces.append(chunk)
        if self._is_error() and self._bytes > _MAX_ERROR_BYTES:
            self._leave()
            self.done()
        elif self._bytes > _MAX_WHOLE_BYTES:
            self._break(ResponseError("an answer without end"))

    def done(self) -> None:
        """The service's reply is whole."""
        if self._is_past():
            return
        if self._scanner is not None:
            said = self._scanner.close()
            if self._scanner.unpassed:
                # In one piece in place of a stream: it is said in our words.
                self._hand_over(self._scanner.unpassed, None, is_written=False)
            else:
                self._pass_on(said)
            return
        self._judge()

    def failed(self, error: ChatError) -> None:
        """The service's reply will never be whole."""
        if self._is_past():
            return
        if isinstance(error, StreamTruncatedError):
            if self._scanner is not None:
                # Perhaps it was lost only after the answer's own end.
                said = self._scanner.close()
                if self._scanner.error is None and not self._scanner.unpassed:
                    self._pass_on(said)
                    return
            elif self._head is not None:
                # What says all of it was only framed wrongly.
                self._judge(error)
                return
        if self._exchange is not None and self._exchange.coded:
            self._lane.leave_out(self._ticket.line)
        self._break(error)

    def on_deadline(self, now: float) -> None:
        """A deadline, or a silence in which the caller must hear that we are there."""
        if self._is_past():
            return
        if self._late_at is not None and now >= self._late_at:
            self._break(TimeoutError("the limit on the first token passed"))
            return
        if now >= self._ping_at:
            # Where the face has no sign of life, the status is one.
            if self._ticket.line.ping or not self.cycle.response_started:
                self._saying.piece(self._ticket.line.ping)
            self._ping_at = now + self._ticket.held.settings.ping_s
        self._watch()

    def _pass_on(self, said: bytes) -> None:
        scanner = self._scanner
        if scanner is None or self.cycle.response_complete or self._handed:
            return
        if not self._has_word:
            said = self._waiting + said
            if not scanner.has_content and (not scanner.over or scanner.error is not None):
                self._waiting = said
                said = b""
            else:
                self._has_word = True
                self._waiting = b""
                self._late_at = None
                self._ticket.record.first_token_at = time.perf_counter()
                self._note()
        if scanner.error is not None:
            self._write(said)
            self._break(scanner.error)
        elif scanner.over:
            self._finish_stream(scanner, said)
        else:
            self._write(said)

    def _finish_stream(self, scanner: Scanner, said: bytes) -> None:
        self._note()
        if scanner.finished is not None:
            self._ticket.record.finish_reason = scanner.finished.reason
        self._price()
        self._write(said, is_last=True)
        self._end()

    def _lose(self) -> None:
        """Note what was used of an answer whose end nobody waits for."""
        line, record = self._ticket.line, self._ticket.record
        attempt = Attempt(line.candidate, "first")
        attempt.begun(line.call)
        attempt.outcome = "lost"
        if self._scanner is not None:
            attempt.usage = self._scanner.usage
        record.tries = (attempt,)
        waited_s = None
        if self._has_word:
            self._note()
            self._price()
        elif record.asked_at is not None:
            waited_s = time.perf_counter() - record.asked_at
        health = self._ticket.held.health
        health.lost(line.candidate.provider, line.candidate.model, waited_s)

    def _note(self) -> None:
        """What the answer told of itself up to now."""
        scanner, record = self._scanner, self._ticket.record
        if scanner is None:
            return
        record.usage, record.skipped_events = scanner.usage, scanner.skipped
        if scanner.started is not None:
            record.model = scanner.started.model or record.model
            record.response_id = scanner.started.id or ""

    def _judge(self, cut: ChatError | None = None) -> None:
        """Whether an answer in one piece, or what stands in place of one, is an answer."""
        body = b"".join(self._pieces or ())
        try:
            if self._is_other:
                self._other(body)
            else:
                self._whole(body)
        except ChatError as error:
            self._break(error if cut is None or self._is_error() else cut)

    def _whole(self, body: bytes) -> None:
        line, record = self._ticket.line, self._ticket.record
        look = look_at(line.dialect, body, line.call.chat.model)
        record.first_token_at = time.perf_counter()
        record.usage, record.model = look.usage, look.model or record.model
        record.finish_reason, record.response_id = look.reason, look.id or ""
        self._price()
        self._saying.whole(body)
        self._end()

    def _other(self, body: bytes) -> None:
        """What is no answer as it was asked for."""
        line, head = self._ticket.line, self._head
        assert head is not None  # noqa: S101 - there is a body
        call = replace(line.call, now=time.time())
        if self._is_error():
            error = line.provider.failure(call, HttpReply(head, body))
            refused = error if isinstance(error, ChatError) else None
            raise refused or ResponseError(f"{head.status}: not an answer")
        decoder = line.provider.decoder(call, head)
        events = [*decoder.feed(body), *decoder.close()]
        self._hand_over(events, None, is_written=False)

    def _is_error(self) -> bool:
        head = self._head
        return head is not None and not 200 <= head.status < 300

    def _break(self, error: ChatError) -> None:
        """It failed: another may answer, or go on where this one stopped."""
        scanner = self._scanner
        events: list[Event] = []
        if scanner is not None:
            kept = scanner.events_so_far()
            events = [*_UNKEPT] if kept is None else kept
            self._ticket.record.skipped_events = scanner.skipped
        self._hand_over(events, error, is_written=self._has_word)

    def _hand_over(self, events: list[Event], error: ChatError | None, *, is_written: bool) -> None:
        self._handed = True
        self._leave()
        ticket = self._ticket
        handed = Handed(
            ticket=ticket,
            events=events,
            error=error,
            is_written=is_written,
            is_started=self.cycle.response_started,
            now=time.time(),
            last=self._scanner.last if self._scanner is not None else b"",
        )
        self.cycle.scope["method"] = "POST"
        self._begin_anew(self.cycle, hand_over(self._lane.gateway, handed))

    def _is_past(self) -> bool:
        """Whether nothing waits for the service any more; then it is left."""
        if self.cycle.response_complete:
            self._leave()
        return self.cycle.response_complete or self._handed

    def _leave(self) -> None:
        """Nothing more is heard of the service."""
        self._lane.pool.clock.drop(self)
        self._lane.running.discard(self)
        exchange, self._exchange = self._exchange, None
        if exchange is not None and not exchange.over:
            exchange.cancel()

    def _end(self) -> None:
        """The caller has all of it."""
        if self._exchange is None or self._exchange.over:
            self._leave()
        else:
            self._exchange.resume()
            self._lane.pool.clock.set(self, self._loop.time() + _LINGER_S)
            self._lane.running.discard(self)
        self.cycle.response_complete = True
        ticket, record = self._ticket, self._ticket.record
        self._price()
        now = time.perf_counter()
        began_at = record.asked_at or now
        first_at = record.first_token_at or now
        ticket.held.health.succeeded(
            ticket.line.candidate.provider,
            ticket.line.candidate.model,
            first_token_s=first_at - began_at if record.stream else None,
            total_s=now - began_at,
        )
        self._settle()
        if not self.cycle.keep_alive:
            self.cycle.transport.close()
        self.cycle.on_response()

    def _settle(self) -> None:
        ticket = self._ticket
        ticket.record.status = 200 if self.cycle.response_started else 0
        ticket.admission.spent(ticket.record.usage)
        ticket.admission.close()
        self._lane.gateway.settle(ticket.record, ticket.held)
        ticket.held.leave()

    def _price(self) -> None:
        record = self._ticket.record
        # Before the caller has all of it: its next request may come at once, to another worker.
        self._ticket.admission.spent(record.usage)
        if record.usage is not None and record.cost is None:
            record.cost = cost_of(self._ticket.line.entry, record.model, record.usage)

    def _write(self, said: bytes, *, is_last: bool = False) -> None:
        if said or is_last:
            self._saying.piece(said, is_last=is_last)
            self._ping_at = self._loop.time() + self._ticket.held.settings.ping_s

    def _watch(self) -> None:
        at = self._ping_at if self._late_at is None else min(self._ping_at, self._late_at)
        self._lane.pool.clock.set(self, at)

    def _decoder(self) -> Any:
        assert self._head is not None  # noqa: S101 - a body has one
        return self._ticket.line.provider.decoder(self._ticket.line.call, self._head)
