"""A running emulator as a test sees it: address, scenario, journal, and who is connected.

All of it may be used from any thread; the service itself runs on one loop.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Generic, TypedDict, TypeVar

from dragoman.emulators.knob import CommonKnobs
from dragoman.emulators.scenario import Scenario
from dragoman.emulators.service import Json, Service

__all__ = ["Emulator", "JournalEntry"]

K = TypeVar("K", bound=CommonKnobs)


class JournalEntry(TypedDict):
    """One request: `time` in epoch seconds, header names lower-case, `body` parsed.

    `complaints` are what a client must not do, `notes` what a service tells of the request.
    """

    time: float
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Json
    complaints: list[str]
    notes: dict[str, Json]


class Emulator(Generic[K]):
    """One emulated service that listens.

    `url` is its origin; `ca_file` the path of the test CA's certificate with TLS, else None;
    `connections` and `answers` are how many connections are open and how many chat answers are
    under way; `abandoned` is how many chat answers the client left.
    """

    def __init__(self, service: Service[K], mapping: Mapping[str, Any]) -> None:
        """Raises `ValueError` naming an unknown knob or a wrong shape."""
        self.service = service
        self.name = service.name
        self.url = ""
        self.ca_file: str | None = None
        self.journal: list[JournalEntry] = []
        self.connections = 0
        self.answers = 0
        self.abandoned = 0
        self.chats = 0
        self._lock = threading.Lock()
        self._waiters: list[tuple[Callable[[], bool], Future[None]]] = []
        self.current: Scenario[K] = self._set(mapping)

    def scenario(self, mapping: Mapping[str, Any] | None = None, /, **knobs: object) -> None:
        """Replace the scenario whole; no argument: no faults. Counters start anew.

        Raises:
            ValueError: it names an unknown knob or a wrong shape; the old scenario stays.
        """
        self._set({**(mapping or {}), **knobs})

    def clear_journal(self) -> None:
        """Forget the requests so far."""
        self.journal.clear()

    async def wait_idle(self, timeout_s: float = 10.0) -> None:
        """Wait until no chat answer is under way; `TimeoutError` after `timeout_s`."""
        await self._wait(lambda: self.answers == 0, timeout_s)

    async def wait_closed(self, timeout_s: float = 10.0) -> None:
        """Wait until no client connection is open; `TimeoutError` after `timeout_s`."""
        await self._wait(lambda: self.connections == 0, timeout_s)

    async def wait_until(
        self, condition: Callable[["Emulator[K]"], bool], timeout_s: float = 10.0
    ) -> None:
        """Wait until a condition on the journal or the counts holds; `TimeoutError` if not.

        It is looked at whenever a request arrives, an answer ends or a connection changes.
        """
        await self._wait(lambda: condition(self), timeout_s)

    def seconds(self) -> float:
        """The emulator's clock: epoch seconds, shifted by the knob `clock_s`."""
        return time.time() + self.current.knobs.clock_s

    def changed(self) -> None:
        """Wake who waits for what holds now."""
        with self._lock:
            held = [waiter for waiter in self._waiters if waiter[0]()]
            self._waiters = [waiter for waiter in self._waiters if waiter not in held]
        for _, future in held:
            if not future.done():
                future.set_result(None)

    async def _wait(self, condition: Callable[[], bool], timeout_s: float) -> None:
        future: Future[None] = Future()
        with self._lock:
            self._waiters.append((condition, future))
        self.changed()
        await asyncio.wait_for(asyncio.wrap_future(future), timeout_s)

    def _set(self, mapping: Mapping[str, Any]) -> Scenario[K]:
        scenario = Scenario(mapping, self.service.knobs_type)
        with self._lock:
            self.current = scenario
            self.chats = 0
            self.service.reset(scenario.knobs)
        return scenario
