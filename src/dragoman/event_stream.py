"""One answer while it comes, as a caller reads it: event by event, text by text, or whole."""

import contextlib
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Sequence,
)
from typing import Literal, Protocol

from dragoman.chat import ChatReply
from dragoman.errors import InputError, ResponseError
from dragoman.events import Event, RefusalDelta, TextDelta
from dragoman.gathered import Gathered
from dragoman.routing.attempt import Attempt, Rescued

__all__ = ["EventStream", "gather"]


class Read(Protocol):
    """What a stream reads: `rescue.Answering`, or a share in one."""

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Who was asked."""
        ...

    @property
    def rescued(self) -> Rescued:
        """How it was rescued, if it was."""
        ...

    def batches(self) -> AsyncGenerator[list[Event], None]:
        """Its events."""
        ...


class EventStream:
    """One answer while it comes: an async context manager, and inside it an iterator of events.

    The last event is `Finished`; if there is none, a `ChatError` is raised. However it is read,
    reading goes on where it stopped, also after a `break`. It is entered once.
    """

    def __init__(self, ask: Callable[[], Awaitable[Read]]) -> None:
        self._ask = ask
        self._answer: Read | None = None
        self._batches: AsyncGenerator[list[Event], None] | None = None
        self._state: Literal["new", "open", "closed"] = "new"
        self._said: list[list[Event]] = []
        self._waiting: Iterator[Event] = iter(())

    async def __aenter__(self) -> "EventStream":
        if self._state != "new":
            raise InputError("a stream is entered once: ask again for another answer")
        self._state = "open"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._state = "closed"
        if self._batches is not None:
            await self._batches.aclose()

    def __aiter__(self) -> "EventStream":
        return self

    async def __anext__(self) -> Event:
        while (event := next(self._waiting, None)) is None:
            self._waiting = iter(await self._read())
        return event

    async def batches(self) -> AsyncGenerator[list[Event], None]:
        """The events as lists, one for each read of the socket: for those who pass them on."""
        if begun := list(self._waiting):
            yield begun
        with contextlib.suppress(StopAsyncIteration):
            while True:
                yield await self._read()

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Who was asked up to now, and what came of it; the last is the one that answers."""
        return self._answer.attempts if self._answer is not None else ()

    @property
    def rescued(self) -> Rescued:
        """How the answer was rescued after its stream broke; empty if it did not."""
        return self._answer.rescued if self._answer is not None else ""

    def text(self) -> AsyncIterator[str]:
        """What the model says, an answer or a refusal, delta by delta."""
        return _Texts(self)

    async def reply(self) -> ChatReply:
        """The whole answer, with what has been read of it already."""
        self._waiting = iter(())
        return await gather(self.batches(), *self._said)

    async def _read(self) -> list[Event]:
        if self._state != "open":
            raise InputError("a stream is used inside `async with`, which closes it")
        if self._batches is None:
            self._answer = await self._ask()
            self._batches = self._answer.batches()
        batch = await anext(self._batches)
        self._said.append(batch)
        return batch


class _Texts:
    """An iterator and no generator: a `break` leaves nothing behind that must be closed."""

    def __init__(self, events: EventStream) -> None:
        self._events = events

    def __aiter__(self) -> "_Texts":
        return self

    async def __anext__(self) -> str:
        while True:
            event = await anext(self._events)
            if isinstance(event, TextDelta | RefusalDelta):
                return event.text


async def gather(batches: AsyncIterable[list[Event]], *said: list[Event]) -> ChatReply:
    """The whole answer: what was `said` already, and what comes."""
    gathered = Gathered()
    for batch in said:
        gathered.add(batch)
    try:
        async for batch in batches:
            gathered.add(batch)
    except ResponseError as error:
        gathered.rewrite(error)
    return gathered.reply()
