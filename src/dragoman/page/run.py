"""One answer under way: asked of whoever can give it, shown to who reads, and kept as it comes.

It belongs to no reader: it goes on when all of them have gone, and ends when one says stop, which
closes the connection to the provider at once. What is shown as ended is on the disk.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Literal

import msgspec

from dragoman.dialects.failures import failure_status
from dragoman.errors import ChatError, ResponseError
from dragoman.events import Event
from dragoman.gateway.asking import cost_of
from dragoman.gateway.headers import request_id_of
from dragoman.gateway.record import Record
from dragoman.gateway.state import Gateway, Held
from dragoman.gateway.tracing import asking as traced
from dragoman.page.heard import pieces_of
from dragoman.page.live import Live
from dragoman.page.order import Order, OrderDoor
from dragoman.page.told import told_error
from dragoman.provider_entry import ProviderEntry
from dragoman.routing.attempt import Attempt
from dragoman.routing.flights import Flight
from dragoman.routing.rescue import Answering
from dragoman.store.parts import joined
from dragoman.store.rows import Piece, Turn
from dragoman.store.running import Ending

__all__ = ["Run", "Why"]

MOST_CHARS = 64 * 1024 * 1024
"""An answer longer than this is ended: it is kept in memory while it comes."""

Why = Literal["", "stopped", "closed", "deleted"]
"""Why an answer was ended before its end: by a reader, with the gateway, or with all of it."""

_RESCUES = ("replay", "continue")
_BEFORE_WORDS = ("first", "again", "next")
_STOPPED = "the gateway was stopped"


class Run:
    """One answer; `keep` ends its turn in the store, and gives the turn that is there then."""

    def __init__(
        self,
        gateway: Gateway,
        held: Held,
        order: Order,
        keep: Callable[["Run", Ending], Awaitable[Turn]],
    ) -> None:
        self.order = order
        self.live = Live(order.turn)
        self.unsaved: list[Piece] = []
        self.saved_at = time.monotonic()
        self.why: Why = ""
        self._gateway = gateway
        self._held = held
        self._keep = keep
        self._record = Record(request_id_of(order.headers), "page")
        self._record.stream = True
        self._record.key_name = order.key.name if order.key else ""
        self._answering: Answering | None = None
        self._said: list[dict[str, object]] | None = None
        self._attempt: Attempt | None = None
        self._asking: asyncio.Task[None] | None = None
        self.task = asyncio.create_task(self._run())

    @property
    def turn(self) -> Turn:
        """The turn that it is the answer of."""
        return self.order.turn

    def stop(self, why: Why) -> None:
        """End it now; nothing changes if it has its end already."""
        if self._asking is None or not self._asking.done():
            self.why = self.why or why
        if self._asking is not None:
            self._asking.cancel()

    async def _run(self) -> None:
        record, held = self._record, self._held
        self._gateway.meter.begin(record)
        held.enter()
        try:
            ending = await self._to_the_end()
        finally:
            self._gateway.settle(record, held)
            held.leave()
        turn = await self._keep(self, ending)
        await self.live.end(turn)

    async def _to_the_end(self) -> Ending:
        error: BaseException | None = None
        if not self.why:
            self._asking = asyncio.create_task(self._ask())
            try:
                await asyncio.wait({self._asking})
            finally:
                self._asking.cancel()
            if not self._asking.cancelled():
                # Whoever said stop came too late.
                self.why, error = "", self._asking.exception()
        if isinstance(error, ResponseError) and error.final_text is not None:
            self._rewrite(error.final_text)
            error = None
        await self._note(error)
        return self._ending(error)

    async def _ask(self) -> None:
        order, held, record = self.order, self._held, self._record
        admission = held.limits.admit(order.key, time.monotonic())
        try:
            planner = await held.reach.planner()
            door = OrderDoor(held, planner, order=order, record=record, tell=self._tell_asked)
            answer = await held.reach.answer(order.route, order.chat, door)
            self._answering = answer.answer if isinstance(answer, Flight) else answer
            candidate = order.route.candidates[0]
            record.provider, record.model = candidate.provider, candidate.model
            with traced(order.chat, record, order.headers):
                async with aclosing(answer.batches()) as batches:
                    async for batch in batches:
                        self._take(batch)
        finally:
            if self._answering is not None and self._answering.attempts:
                record.note_who(self._answering)
            admission.spent(record.usage)
            admission.close()

    def _take(self, batch: list[Event]) -> None:
        if self._answering is not None and self._answering.current is not None:
            self._tell_who(self._answering.current)
        self._record.note(batch)
        pieces = pieces_of(batch)
        if pieces:
            self.unsaved += pieces
            self.live.add(pieces)
            if self.live.parts.chars > MOST_CHARS:
                raise ResponseError(f"the answer is longer than {MOST_CHARS} characters")

    def _tell_asked(self, attempt: Attempt) -> None:
        """Tell who is asked, before it says a word; a hedge has to win first."""
        # Others who share the answer may want it still when this one has been stopped.
        if attempt.kind in _BEFORE_WORDS and not self.why:
            self._tell_who(attempt)

    def _tell_who(self, attempt: Attempt) -> None:
        """Tell who answers, if it is another one now."""
        if attempt is self._attempt:
            return
        before, self._attempt = self._attempt, attempt
        who = {"provider": attempt.candidate.provider, "model": attempt.model}
        self._record.provider, self._record.model = who["provider"], who["model"]
        self.live.replace(
            msgspec.structs.replace(self.live.turn, provider=who["provider"], story=self._story())
        )
        if before is not None and attempt.kind in _RESCUES:
            words = f"{before.candidate.provider}/{before.model} broke off: {before.error}"
            self.live.tell("rescued", {"how": attempt.kind, "text": words})
        self.live.tell("model", who)

    def _rewrite(self, text: str) -> None:
        """Have the whole answer of a service that took back what it had said."""
        thoughts = [part for part in self.live.parts.parts if part.kind == "reasoning"]
        self._said = [*(part.told() for part in thoughts), {"type": "text", "text": text}]

    async def _note(self, error: BaseException | None) -> None:
        record = self._record
        if error is not None:
            record.error = type(error).__name__
        elif self.why:
            record.error = "gone"
        if isinstance(error, ChatError) and record.first_token_at is None:
            record.status = failure_status(error)
        elif record.first_token_at is not None or not record.error:
            record.status = 200
        if record.usage is not None and (entry := self._entry()) is not None:
            # The first time it reads the table of prices.
            price = asyncio.to_thread(cost_of, entry.prices, record.model, record.usage)
            record.cost = await price

    def _entry(self) -> ProviderEntry | None:
        return self._held.config.providers.get(self._record.provider)

    def _ending(self, error: BaseException | None) -> Ending:
        record = self._record
        story = self._story()
        words = ""
        if isinstance(error, ChatError):
            story["error"] = told_error(error)
            words = str(error)
        elif error is not None:
            words = "something went wrong in the gateway"
            story["error"] = {"kind": type(error).__name__, "message": words, "hint": None}
            _report(error)
        elif self.why == "closed":
            words = _STOPPED
            story["error"] = {"kind": "closed", "message": words, "hint": "Ask again"}
        usage = msgspec.to_builtins(record.usage) if record.usage is not None else {}
        return Ending(
            state="broken" if words else "stopped" if self.why else "whole",
            content=self._said or self.live.parts.content(),
            provider=record.provider,
            usage={name: count for name, count in usage.items() if count is not None},
            cost=record.cost,
            error=words,
            story=story,
        )

    def _story(self) -> dict[str, object]:
        """How the answer came about, as far as it is known."""
        record, answering = self._record, self._answering
        first_at = record.first_token_at
        return {
            "model": record.model,
            "first_token_s": None if first_at is None else first_at - record.started_at,
            "duration_s": time.perf_counter() - record.started_at,
            "attempts": answering.told() if answering is not None else [],
            "rescued": answering.rescued if answering is not None else "",
            "dropped": list(record.dropped),
            "finish_reason": record.finish_reason,
        }

    def take_unsaved(self) -> list[Piece]:
        """What is to be kept now; it waits until it is `saved`."""
        self.unsaved = joined(self.unsaved)
        return list(self.unsaved)

    def saved(self, count: int) -> None:
        """So many pieces are on the disk."""
        del self.unsaved[:count]
        self.saved_at = time.monotonic()


def _report(error: BaseException) -> None:
    """A fault of ours is told to whoever runs the loop."""
    told = {"message": "an answer of the page failed", "exception": error}
    asyncio.get_running_loop().call_exception_handler(told)
