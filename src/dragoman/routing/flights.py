"""Single flight: identical requests that run at the same time share one upstream answer.

Each reader goes at its own pace over the same events; the upstream is read only as fast as the
quickest of them, and closed when the last one leaves.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from dragoman.chat import ChatRequest
from dragoman.errors import TransportError
from dragoman.events import Event
from dragoman.routing.attempt import Attempt, Rescued

__all__ = ["Flight", "Flights", "flight_key"]

Batches = AsyncGenerator[list[Event], None]


class Answer(Protocol):
    """What is shared: `rescue.Answering`."""

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Who was asked."""
        ...

    @property
    def rescued(self) -> Rescued:
        """How it was rescued, if it was."""
        ...

    def batches(self) -> Batches:
        """The events in batches."""
        ...


A = TypeVar("A", bound=Answer)


def flight_key(route: str, chat: ChatRequest, *, whole: bool) -> bytes | None:
    """What identical requests have in common; None if two answers to this one need not be alike.

    They need not unless the temperature is 0 or there is a seed.
    """
    if chat.temperature != 0 and chat.seed is None:
        return None
    said = msgspec.structs.replace(chat, model="", stream=False)
    key = hashlib.sha256(msgspec.msgpack.encode((route, whole, said)))
    return key.digest()


class Flight(Generic[A]):
    """One answer with several readers."""

    def __init__(self, answer: A, over: Callable[[], None]) -> None:
        self.answer = answer
        self._over = over
        self._said: list[list[Event]] = []
        self._ended = False
        self._error: Exception | None = None
        self._readers = 0
        self._wanted = asyncio.Event()
        self._news = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Who was asked."""
        return self.answer.attempts

    @property
    def rescued(self) -> Rescued:
        """How it was rescued, if it was."""
        return self.answer.rescued

    async def batches(self) -> Batches:
        """All of the answer for one more reader, from its beginning; to be read at once.

        Whoever iterates closes the generator.
        """
        self._readers += 1
        if self._pump is None:
            self._pump = asyncio.create_task(self._run())
        at = 0
        try:
            while True:
                while at < len(self._said):
                    yield self._said[at]
                    at += 1
                if self._ended:
                    break
                self._wanted.set()
                await self._news.wait()
            if self._error is not None:
                raise self._error.with_traceback(None)
        finally:
            self._readers -= 1
            if not self._readers:
                await self._stop()

    async def _run(self) -> None:
        batches = self.answer.batches()
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                batch = await anext(batches, None)
                if batch is None:
                    break
                self._said.append(batch)
                self._tell()
        except BaseException as error:
            # A reader must never take the end of the program for the end of the answer.
            self._error = (
                error if isinstance(error, Exception) else TransportError("the answer was left")
            )
            if not isinstance(error, Exception):
                raise
        finally:
            self._ended = True
            # Who asks the same from now on gets an answer of its own.
            self._over()
            await batches.aclose()
            self._tell()

    def _tell(self) -> None:
        """Wake every reader that waits; those who come later wait for the next news."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _stop(self) -> None:
        self._over()
        pump = self._pump
        if pump is not None and not pump.done():
            pump.cancel()
            await asyncio.wait({pump})


class Flights(Generic[A]):
    """The answers that are under way, by what was asked. Belongs to one event loop."""

    def __init__(self) -> None:
        self._flying: dict[bytes, Flight[A]] = {}

    def join(self, key: bytes, make: Callable[[], A]) -> Flight[A]:
        """The flight of this key; one is begun if there is none."""
        flight = self._flying.get(key)
        if flight is None:
            flight = Flight(make(), lambda: self._forget(key, flight))
            self._flying[key] = flight
        return flight

    def _forget(self, key: bytes, flight: Flight[A] | None) -> None:
        if self._flying.get(key) is flight:
            del self._flying[key]
