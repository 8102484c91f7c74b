"""One request on the short way: from the service's bytes to the caller's, by callbacks alone.

The status waits for the first word, so that what fails before it can still be asked of another.
Whatever goes wrong is handed over (`handing.py`), with all that was said so far.
"""

import time
from typing import Any

from msgspec.structs import replace

from dragoman.errors import ChatError, ResponseError, StreamTruncatedError, TimeoutError
from dragoman.events import Event, OtherChoice, TextDelta
from dragoman.gateway.lane.ground import Ground, Starter
from dragoman.gateway.lane.guarding import guarded
from dragoman.gateway.lane.handing import Handed, hand_over
from dragoman.gateway.lane.hearing import STREAMS, media_type, reply_head, stream_head
from dragoman.gateway.lane.reckoning import lose, note, reckon, settle, succeed
from dragoman.gateway.lane.saying import begun, say_piece, say_whole
from dragoman.gateway.lane.ticket import Ticket
from dragoman.transport.direct import Exchange
from dragoman.wire.http import HttpReply
from dragoman.wire.watch.scanner import Scanner
from dragoman.wire.watch.whole import look_at

__all__ = ["Passage"]

_MAX_ERROR_BYTES = 64 * 1024
_MAX_WHOLE_BYTES = 64 * 1024 * 1024
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
        "_flows",
        "_has_word",
        "_headers",
        "_is_other",
        "_is_watched",
        "_lane",
        "_late_at",
        "_loop",
        "_over",
        "_pieces",
        "_said_at",
        "_scanner",
        "_status",
        "_ticket",
        "_waiting",
        "cycle",
    )

    def __init__(self, connection: Starter, lane: Ground, ticket: Ticket) -> None:
        self.cycle = connection.new_cycle()
        self._loop = connection.loop
        self._begin_anew = connection.start_application
        self._lane = lane
        self._ticket = ticket
        self._exchange: Exchange | None = None
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._scanner: Scanner | None = None
        self._pieces: list[bytes] | None = None
        """The answer in one piece, or what stands in place of an answer."""
        self._bytes = 0
        self._is_other = False
        self._waiting = b""
        """What came before the first word."""
        self._has_word = False
        self._flows = False
        """The caller has a part of the answer, and is given the rest as it comes."""
        self._over = False
        """It is answered or handed over: what still comes is nothing to it."""
        self._is_watched = False
        """Whether the clock has a deadline of it."""
        self._late_at: float | None = None
        self._said_at = 0.0
        """When the caller heard something last, or the service was asked."""

    def ask(self) -> None:
        """Ask the service."""
        ticket, lane = self._ticket, self._lane
        line = ticket.line
        ticket.held.enter()
        lane.running.add(self)
        lane.gateway.meter.begin(ticket.record)
        ticket.record.asked_at = time.perf_counter()
        self._exchange = lane.pool.ask(
            line.origin, line.head, ticket.sent, receiver=self, limits=line.limits
        )
        if line.way.stream:
            self._said_at = self._exchange.started_at
            if line.first_token_s is not None:
                self._late_at = self._said_at + line.first_token_s
            self._watch()

    def gone(self) -> None:
        """The caller has gone."""
        if self._over:
            return
        self._over = self.cycle.response_complete = True
        ticket = self._ticket
        ticket.record.error = "gone"
        try:
            lose(ticket, self._scanner, has_word=self._has_word)
        finally:
            self._leave()
            settle(self._lane.gateway, ticket, is_started=self.cycle.response_started)

    def cut(self) -> None:
        """The server ends: so does this, in the middle."""
        self.cycle.transport.abort()
        self.gone()

    def wait(self) -> None:
        """The caller reads slowly: the service is read no faster."""
        if self._exchange is not None and not self._over:
            self._exchange.pause()

    def go_on(self) -> None:
        """The caller has read."""
        if self._exchange is not None and not self._over:
            self._exchange.resume()

    # What the service says; see `transport.direct.Receiver`.

    @guarded
    def head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """The service's status and headers."""
        line = self._ticket.line
        self._ticket.record.replied_at = time.perf_counter()
        self._status, self._headers = status, headers
        found = dict(headers)
        kind = media_type(found.get(b"content-type", b""))
        if not 200 <= status < 300 or b"cf-mitigated" in found:
            self._is_other = True
        elif line.shape is None:
            self._is_other = kind != "application/json"
        elif kind in STREAMS:
            self._scanner = Scanner(
                line.shape, self._decoder, edit=self._ticket.edit, lesson=line.lesson
            )
            return
        else:
            self._is_other = True
        self._pieces = []

    def body(self, chunk: bytes) -> None:
        """More of the answer."""
        try:
            scanner = self._scanner
            if scanner is not None:
                said = scanner.feed(chunk)
                exchange = self._exchange
                if not self._flows or scanner.over or exchange is None:
                    self._pass_on(said)
                elif said:
                    self._said_at = exchange.heard_at
                    # Where the service's chunk is passed on as it came, so can its frame be.
                    framed = exchange.framed if said is chunk else b""
                    self.cycle.transport.write(framed or b"%x\r\n%b\r\n" % (len(said), said))
                return
            if self._pieces is None or self._over:
                return
            self._bytes += len(chunk)
            self._pieces.append(chunk)
            if self._bytes > _MAX_ERROR_BYTES and self._is_error():
                self._leave()
                self.done()
            elif self._bytes > _MAX_WHOLE_BYTES:
                self._break(ResponseError("an answer without end"))
        # As `guarded` does it, but without a call for each chunk.
        except Exception as fault:
            self.give_up(fault)

    @guarded
    def done(self) -> None:
        """The service's reply is whole."""
        if self._over:
            self._leave()
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

    @guarded
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
            elif self._status:
                # What says all of it was only framed wrongly.
                self._judge(error)
                return
        if self._exchange is not None and self._exchange.coded:
            self._lane.leave_out(self._ticket.line)
        self._break(error)

    @guarded
    def on_deadline(self, now: float) -> None:
        """A deadline, or a silence in which the caller must hear that we are there."""
        if self._is_past():
            return
        if self._late_at is not None and now >= self._late_at:
            self._break(TimeoutError("the limit on the first token passed"))
            return
        if now >= self._said_at + self._ticket.held.settings.ping_s:
            # Where the face has no sign of life, the status is one.
            if self._ticket.line.ping or not self.cycle.response_started:
                self._write(self._ticket.line.ping)
            self._said_at = now
        self._watch()

    def give_up(self, fault: Exception) -> None:
        """A fault of ours: the caller must not wait for ever, nor its place stay taken."""
        message = "a request on the short way met a fault of the gateway"
        self._loop.call_exception_handler({"message": message, "exception": fault})
        self.cut()

    def _pass_on(self, said: bytes) -> None:
        """Pass on what may be an answer's begin, or its end."""
        scanner = self._scanner
        if scanner is None or self._over:
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
                note(self._ticket.record, scanner)
        if scanner.over and scanner.error is None:
            self._finish_stream(scanner, said)
            return
        if said:
            self._write(said)
            self._flows = True
        if scanner.error is not None:
            self._break(scanner.error)

    def _finish_stream(self, scanner: Scanner, said: bytes) -> None:
        ticket = self._ticket
        note(ticket.record, scanner)
        if scanner.finished is not None:
            ticket.record.finish_reason = scanner.finished.reason
        reckon(ticket)
        self._write(said, is_last=True)
        self._end(time.perf_counter())

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
        record.first_token_at = now = time.perf_counter()
        record.usage, record.model = look.usage, look.model or record.model
        record.finish_reason, record.response_id = look.reason, look.id or ""
        reckon(self._ticket)
        usual = self._lane.usual_lines(self.cycle.default_headers)
        say_whole(self.cycle, self._ticket, usual, body)
        self._end(now)

    def _other(self, body: bytes) -> None:
        """What is no answer as it was asked for."""
        line = self._ticket.line
        head = reply_head(line.request.url, self._status, self._headers)
        call = replace(line.call, now=time.time())
        if self._is_error():
            error = line.provider.failure(call, HttpReply(head, body))
            refused = error if isinstance(error, ChatError) else None
            raise refused or ResponseError(f"{head.status}: not an answer")
        decoder = line.provider.decoder(call, head)
        events = [*decoder.feed(body), *decoder.close()]
        self._hand_over(events, None, is_written=False)

    def _is_error(self) -> bool:
        return not 200 <= self._status < 300

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
        self._over = True
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
        if self._over:
            self._leave()
        return self._over

    def _leave(self) -> None:
        """Nothing more is heard of the service."""
        if self._is_watched:
            self._is_watched = False
            self._lane.pool.clock.drop(self)
        self._lane.running.discard(self)
        exchange, self._exchange = self._exchange, None
        if exchange is not None and not exchange.over:
            exchange.cancel()

    def _end(self, now: float) -> None:
        """The caller has all of it."""
        exchange, cycle = self._exchange, self.cycle
        if exchange is None or exchange.over:
            self._leave()
        else:
            exchange.resume()
            self._is_watched = True
            self._lane.pool.clock.set(self, self._loop.time() + _LINGER_S)
            self._lane.running.discard(self)
        succeed(self._ticket, now)
        self._over = cycle.response_complete = True
        settle(self._lane.gateway, self._ticket, is_started=True)
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()

    def _write(self, said: bytes, *, is_last: bool = False) -> None:
        """A piece of a stream, with the head before it if it is the first."""
        cycle, head = self.cycle, b""
        if not cycle.response_started:
            usual = self._lane.usual_lines(cycle.default_headers)
            head = begun(cycle, self._ticket, usual, self._ticket.line.framing)
            cycle.chunked_encoding = True
        say_piece(cycle, said, is_last=is_last, head=head)
        self._said_at = self._loop.time()

    def _watch(self) -> None:
        at = self._said_at + self._ticket.held.settings.ping_s
        if self._late_at is not None and self._late_at < at:
            at = self._late_at
        self._is_watched = True
        self._lane.pool.clock.set(self, at)

    def _decoder(self) -> Any:
        line, kind = self._ticket.line, dict(self._headers).get(b"content-type", b"")
        return line.provider.decoder(line.call, stream_head(line.request.url, self._status, kind))
