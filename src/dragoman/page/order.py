"""An answer that is asked for: of whom, what, with whose key; and the door that it is asked at."""

import time
from collections.abc import AsyncGenerator, Callable, Mapping

import msgspec

from dragoman.chat import ChatRequest
from dragoman.errors import ChatError
from dragoman.events import Event
from dragoman.gateway.record import Record
from dragoman.gateway.state import Held
from dragoman.gateway_settings import GatewayKey
from dragoman.reach import PlainDoor
from dragoman.routing.attempt import Attempt
from dragoman.routing.planning import Planner
from dragoman.routing.route import Route
from dragoman.store.rows import Turn

__all__ = ["Order", "OrderDoor"]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: the turn that waits for the answer, and the chat that it is the answer to."""

    turn: Turn
    route: Route
    chat: ChatRequest
    key: GatewayKey | None
    headers: Mapping[str, str] = {}
    """Those of the request: a trace may go on."""


class OrderDoor(PlainDoor):
    """Asks as a program would, of models that the caller's key may ask; `tell` is told of each."""

    def __init__(
        self,
        held: Held,
        planner: Planner,
        *,
        order: Order,
        record: Record,
        tell: Callable[[Attempt], None],
    ) -> None:
        super().__init__(held.reach, planner, route=order.route, chat=order.chat, options={})
        self._held = held
        self._order = order
        self._record = record
        self._tell = tell

    async def ask(
        self, attempt: Attempt, chat: ChatRequest | None, left_s: float | None
    ) -> AsyncGenerator[list[Event], None]:
        """Begin an attempt; an error with the status 403 if the key may not."""
        batches = await super().ask(attempt, chat, left_s)
        try:
            if not self._order.route.is_named:
                provider = attempt.candidate.provider
                self._held.keys.may(self._order.key, f"{provider}/{attempt.model}")
        except ChatError:
            await batches.aclose()
            raise
        if self._record.asked_at is None:
            self._record.asked_at = time.perf_counter()
        self._tell(attempt)
        return batches
