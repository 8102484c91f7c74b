"""A connection of the gateway's server that gives the lane what the lane may have.

The head of a request says whether it may be the lane's; when the body is there the lane decides.
What it does not take is given to the application as if it came just now.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from dragoman.gateway.connection import Bounds, Connection
from dragoman.gateway.lane.heads import Known
from dragoman.gateway.lane.lane import Lane
from dragoman.gateway.lane.passage import Passage
from dragoman.gateway.lane.ticket import Ticket

__all__ = ["LaneConnection"]

# With one of these a request wants something that the lane does not do.
_UNUSUAL = frozenset(
    {b"expect", b"origin", b"transfer-encoding", b"upgrade", b"x-dragoman-explain"}
)
MAX_BODY_BYTES = 4 * 1024 * 1024


class _Unheard(asyncio.Event):
    """In place of an event, as long as no application waits for it."""

    def set(self) -> None:
        """There is nobody to hear it."""


_UNHEARD = _Unheard()


class LaneConnection(Connection):
    """One connection."""

    def __init__(self, bounds: Bounds, lane: Lane, **own: Any) -> None:
        super().__init__(bounds, **own)
        self._lane = lane
        self._gathered: list[bytes] | None = None
        self._passage: Passage | None = None
        self._known: Known | None = None
        self._read = b""
        """What was read at once, if a request begins with it."""
        self._keeps_alive = True
        self._spare: RequestResponseCycle | None = None
        self._rested_at = 0.0
        self._resting: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """A request with the head of the one before it needs no parser."""
        known = self._known
        body = known.body_of(data) if known is not None and self._is_idle() else None
        if known is not None and body is not None:
            ticket = self._lane.take(known.head, body)
            if ticket is not None:
                if self.timeout_keep_alive_task is not None:
                    self._unset_keepalive_if_required()
                self._pass(ticket)
                if self._patience is not None:
                    self._mind_the_time()
                return
        self._read = data if self._whole else b""
        super().data_received(data)
        self._read = b""

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone."""
        super().connection_lost(exc)
        if self._passage is not None:
            self._passage.gone()
        if self._resting is not None:
            self._resting.cancel()

    def pause_writing(self) -> None:
        """The caller reads slowly: nothing more is read for it."""
        super().pause_writing()
        if self._passage is not None:
            self._passage.wait()

    def resume_writing(self) -> None:
        """The caller has read."""
        super().resume_writing()
        if self._passage is not None:
            self._passage.go_on()

    def on_response_complete(self) -> None:
        """The next request may be answered."""
        self._passage = None
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        # As uvicorn does it, but for its timer: one is not set and dropped for each request.
        self.server_state.total_requests += 1
        if self.flow.read_paused:
            self.flow.resume_reading()
        self._rested_at = self.loop.time()
        if self._resting is None:
            self._resting = self.loop.call_later(self.timeout_keep_alive, self._rest)

    def new_cycle(self) -> RequestResponseCycle:
        """An answer that the lane gives: the last one again, if that is over and was the lane's."""
        cycle, self._spare = self._spare, None
        if cycle is not None and cycle.response_complete:
            cycle.scope, cycle.default_headers = self.scope, self.server_state.default_headers
            cycle.keep_alive, cycle.chunked_encoding = self._keeps_alive, None
            cycle.response_started = cycle.response_complete = False
            self._spare = cycle
            return cycle
        self._spare = cycle = RequestResponseCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=_UNHEARD,
            expect_100_continue=False,
            keep_alive=self._keeps_alive,
            on_response=self.on_response_complete,
        )
        cycle.more_body = False
        return cycle

    def _begin(self) -> None:
        if self._may_be_the_lanes():
            self._gathered = []
        else:
            super()._begin()

    def _take(self, body: bytes) -> None:
        if self._gathered is None:
            super()._take(body)
        else:
            self._gathered.append(body)

    def _end(self) -> None:
        gathered, self._gathered = self._gathered, None
        if gathered is None:
            super()._end()
            return
        body = gathered[0] if len(gathered) == 1 else b"".join(gathered)
        head = self._lane.read_head(self)
        ticket = self._lane.take(head, body) if head is not None else None
        if head is None or ticket is None:
            super()._begin()
            super()._take(body)
            super()._end()
            return
        self._keeps_alive = self.parser.should_keep_alive()
        self._known = Known.of(head, self._read, body) if self._keeps_alive else None
        self._pass(ticket)

    def _pass(self, ticket: Ticket) -> None:
        passage = Passage(self, self._lane, ticket)
        self._passage = passage
        self.cycle = self._answering = passage.cycle
        passage.ask()

    def _leave(self, cycle: RequestResponseCycle | None) -> None:
        super()._leave(cycle)
        if self._passage is not None and cycle is self._passage.cycle:
            self._passage.gone()

    def start_application(self, cycle: RequestResponseCycle, application: Any) -> None:
        """Have an answer made by an application after all."""
        # From here on it is the application's.
        self._spare = None
        # The length may be that of another request with the same head.
        headers = [each for each in cycle.scope["headers"] if each[0] != b"content-length"]
        cycle.scope = {**cycle.scope, "headers": headers, "state": self.app_state.copy()}
        cycle.message_event = asyncio.Event()
        self._start_asgi_task(cycle, application)

    def _rest(self) -> None:
        """Close the connection if there was no request for long."""
        self._resting = None
        if not self._whole or not self._is_idle():
            return
        left_s = self._rested_at + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._resting = self.loop.call_later(left_s, self._rest)
        else:
            self.timeout_keep_alive_handler()

    def _is_idle(self) -> bool:
        """Whether what comes now is a new request, and may be answered at once."""
        cycle = self._answering
        is_free = cycle is None or cycle.response_complete
        return is_free and self._whole and not self._deaf and not self.transport.is_closing()

    def _may_be_the_lanes(self) -> bool:
        parser = self.parser
        if self._answering is not None and not self._answering.response_complete:
            return False
        if not self._lane.is_open or parser.get_method() != b"POST" or parser.should_upgrade():
            return False
        if parser.get_http_version() != "1.1":
            return False
        size = b""
        for name, value in self.headers:
            if name in _UNUSUAL:
                return False
            if name == b"content-length":
                size = value
        return size.isdigit() and len(size) < 9 and int(size) <= MAX_BODY_BYTES
