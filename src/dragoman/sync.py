"""The synchronous twin of `client.py`: the same calls for programs without an event loop.

A thin bridge: one event loop on a thread of its own (anyio's blocking portal) runs the asynchronous
client; nothing is implemented twice. It may be used from several threads at once.

    with SyncClient() as client, client.stream("local", "Why is the sky blue?") as events:
        for text in events.text():
            print(text, end="")
"""

import asyncio
import concurrent.futures
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, TypeVarTuple, Unpack, overload

from anyio.from_thread import BlockingPortal, start_blocking_portal

from dragoman.call_options import Options
from dragoman.catalog import ModelCard
from dragoman.chat import ChatReply
from dragoman.client import Client
from dragoman.config import Config
from dragoman.embeddings import EmbeddingReply
from dragoman.errors import InputError, TransportError
from dragoman.event_stream import EventStream
from dragoman.events import Event, RefusalDelta, TextDelta
from dragoman.messages import Messages
from dragoman.providers.handshake import StepOutcome
from dragoman.routing.attempt import Attempt, Rescued
from dragoman.structured import ValuedReply, is_kind, valued
from dragoman.tool_run import ToolRun

__all__ = ["SyncClient", "SyncEventStream"]

T = TypeVar("T")
V = TypeVar("V")
Ts = TypeVarTuple("Ts")

# A thread that waits for a lock may not hear of Ctrl-C: never on Windows, and nowhere if it came
# just before the lock. It hears of it when it looks up.
_LISTENS_S = 0.5


class _ClosedError(TransportError):
    """The client was closed, and what it was doing for other threads has ended."""


class SyncEventStream:
    """One answer while it comes: a context manager, and inside it an iterator of events.

    The last event is `Finished`; if there is none, a `ChatError` is raised. However it is read,
    reading goes on where it stopped, also after a `break`. It is entered once.
    """

    def __init__(self, portal: BlockingPortal, stream: EventStream) -> None:
        self._portal = portal
        self._stream = stream
        self._batches = stream.batches()
        self._waiting: Iterator[Event] = iter(())

    def __enter__(self) -> "SyncEventStream":
        _wait(self._portal, self._stream.__aenter__)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # With its client, which another thread may have closed, the stream was closed, too.
        with contextlib.suppress(_ClosedError):
            _wait(self._portal, self._batches.aclose)
            _wait(self._portal, self._stream.__aexit__, kind, error, trace)

    def __iter__(self) -> "SyncEventStream":
        return self

    def __next__(self) -> Event:
        # One crossing of threads for each read of the socket, not for each event.
        while (event := next(self._waiting, None)) is None:
            self._waiting = iter(self._read())
        return event

    def batches(self) -> Iterator[list[Event]]:
        """The events as lists, one for each read of the socket: for those who pass them on."""
        if begun := list(self._waiting):
            yield begun
        with contextlib.suppress(StopIteration):
            while True:
                yield self._read()

    @property
    def attempts(self) -> Sequence[Attempt]:
        """Who was asked up to now, and what came of it; the last is the one that answers."""
        return self._stream.attempts

    @property
    def rescued(self) -> Rescued:
        """How the answer was rescued after its stream broke; empty if it did not."""
        return self._stream.rescued

    def text(self) -> Iterator[str]:
        """What the model says, an answer or a refusal, delta by delta."""
        return (event.text for event in self if isinstance(event, TextDelta | RefusalDelta))

    def reply(self) -> ChatReply:
        """The whole answer, with what has been read of it already."""
        return _wait(self._portal, self._stream.reply)

    def _read(self) -> list[Event]:
        batch: list[Event] | None = _wait(self._portal, partial(anext, self._batches, None))
        if batch is None:
            raise StopIteration
        return batch


class SyncClient:
    """`Client` for synchronous programs; use it as a context manager, or `close()` it.

    `config` is a `Config`, or the path of a file; without one it is looked for in the usual places.
    """

    def __init__(self, config: Config | str | Path | None = None) -> None:
        self._config = config
        self._stack = ExitStack()
        self._running: tuple[BlockingPortal, Client] | None = None

    def __enter__(self) -> "SyncClient":
        with ExitStack() as stack:
            portal = stack.enter_context(start_blocking_portal())
            client = portal.call(Client, self._config)
            # Whatever still runs when the client is closed is not waited for.
            stack.callback(portal.call, portal.stop, True)
            stack.enter_context(portal.wrap_async_context_manager(client))
            self._stack = stack.pop_all()
        self._running = (portal, client)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection, stop every local model, and end the thread."""
        self._running = None
        self._stack.close()

    def config(self) -> Config:
        """The configuration; read from its file at the first use."""
        portal, client = self._open()
        return _wait(portal, client.config)

    def stream(
        self,
        model: str | None,
        messages: str | Messages,
        *,
        output: object = None,
        **options: Unpack[Options],
    ) -> SyncEventStream:
        """Ask, and read the answer while it comes; as `Client.stream`."""
        portal, client = self._open()
        return SyncEventStream(portal, client.stream(model, messages, output=output, **options))

    @overload
    def complete(
        self,
        model: str | None,
        messages: str | Messages,
        *,
        output: type[V],
        **options: Unpack[Options],
    ) -> ValuedReply[V]: ...

    @overload
    def complete(
        self,
        model: str | None,
        messages: str | Messages,
        *,
        output: object = None,
        **options: Unpack[Options],
    ) -> ChatReply: ...

    def complete(
        self,
        model: str | None,
        messages: str | Messages,
        *,
        output: object = None,
        **options: Unpack[Options],
    ) -> ChatReply:
        """Ask, and wait for the whole answer; as `Client.complete`."""
        with self.stream(model, messages, output=output, **options) as events:
            reply = events.reply()
        return valued(reply, output) if is_kind(output) else reply

    def run_tools(
        self,
        model: str | None,
        messages: str | Messages,
        functions: Sequence[Callable[..., Any]],
        *,
        max_rounds: int = 8,
        on_event: Callable[[Event], object] | None = None,
        **options: Unpack[Options],
    ) -> ToolRun:
        """Ask a model that may call these functions; as `Client.run_tools`.

        `on_event` is called on the loop's thread.
        """
        portal, client = self._open()

        async def run() -> ToolRun:
            return await client.run_tools(
                model, messages, functions, max_rounds=max_rounds, on_event=on_event, **options
            )

        return _wait(portal, run)

    def models(self, provider: str | None = None) -> list[str]:
        """The names of the models that can be asked for; as `Client.models`."""
        portal, client = self._open()
        return _wait(portal, client.models, provider)

    def cards(self, provider: str) -> list[ModelCard]:
        """What is known of a provider's models; as `Client.cards`."""
        portal, client = self._open()
        return _wait(portal, client.cards, provider)

    def price(self, model: str | None, reply: ChatReply) -> Decimal | None:
        """What an answer of this model cost in US dollars; as `Client.price`."""
        portal, client = self._open()
        return _wait(portal, client.price, model, reply)

    def embed(
        self, model: str | None, inputs: str | Sequence[str], *, dimensions: int | None = None
    ) -> EmbeddingReply:
        """Texts as vectors, in their order; as `Client.embed`."""
        portal, client = self._open()
        return _wait(portal, partial(client.embed, model, inputs, dimensions=dimensions))

    def count_tokens(
        self, model: str | None, messages: str | Messages, **options: Unpack[Options]
    ) -> int:
        """How many tokens a request has; as `Client.count_tokens`."""
        portal, client = self._open()
        return _wait(portal, partial(client.count_tokens, model, messages, **options))

    def probe(self, provider: str, *, timeout: float = 10.0) -> list[StepOutcome]:
        """What can be measured of a provider without a chat; as `Client.probe`."""
        portal, client = self._open()
        return _wait(portal, partial(client.probe, provider, timeout=timeout))

    def _open(self) -> tuple[BlockingPortal, Client]:
        if self._running is None:
            raise InputError("a SyncClient is used inside `with`, which starts and closes it")
        return self._running


def _result(running: "concurrent.futures.Future[T]") -> T:
    while True:
        try:
            return running.result(_LISTENS_S)
        except TimeoutError:
            if running.done():
                # Then it is the work's own.
                return running.result()


def _wait(portal: BlockingPortal, work: Callable[[Unpack[Ts]], Awaitable[T]], *args: *Ts) -> T:
    """Do some work on the loop's thread; interrupted, it is cancelled and has ended on return."""
    task: asyncio.Task[object] | None = None

    async def noted() -> T:
        nonlocal task
        task = asyncio.current_task()
        return await work(*args)

    async def cancelled() -> None:
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])

    running = None
    try:
        running = portal.start_task_soon(noted)
        return _result(running)
    except concurrent.futures.CancelledError:
        raise _ClosedError("this client was closed meanwhile") from None
    except BaseException as exc:
        # It still runs if it is the caller who was interrupted, by Ctrl-C above all.
        with contextlib.suppress(RuntimeError):
            portal.call(cancelled)
        if running is None and isinstance(exc, RuntimeError):
            raise _ClosedError("this client is closed") from None
        raise
