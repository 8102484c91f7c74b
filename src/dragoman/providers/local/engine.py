"""One model file, served by a child process of ours; started when it is first needed.

A crash of native code is an error here and not our death, and the next call starts a new child.
The child ends with the line that keeps the engine, and with this process, however that dies.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

from dragoman.errors import ChatError, TransportError
from dragoman.providers.local.child_process import ChildProcess, Served

__all__ = ["Engine", "open_engine"]


class Engine:
    """A model's child process; at most one lives at a time."""

    def __init__(self, model: str, find: Callable[[], Awaitable[Path]]) -> None:
        self._model = model
        self._find = find
        self._child: ChildProcess | None = None
        self._lock = asyncio.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process id of the child, or None while there is none."""
        return self._child.pid if self._child else None

    async def served(self) -> Served:
        """Where the model is served; fetches and starts what is missing.

        Callers that come meanwhile wait for the first; if that is cancelled, the next goes on.
        Raises what `find` raises, `HandshakeError` if the file cannot be served, `TimeoutError`,
        or `TransportError` if the engine was closed meanwhile.
        """
        async with self._lock:
            child = self._child
            if child is None or child.death() is not None:
                await self._end()
                path = await self._find()
                child = self._child = await ChildProcess.start(path, self._model)
            if self._closed:
                await self._end()
                raise TransportError("the model was stopped while it was being started")
            return child.served

    async def death(self) -> ChatError | None:
        """Why the child is dead, or None while it lives."""
        return await self._child.died() if self._child else None

    async def close(self) -> None:
        """End the child; one that is just starting ends as soon as it has."""
        self._closed = True
        await self._end()

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.stop()


@contextlib.asynccontextmanager
async def open_engine(
    model: str, find: Callable[[], Awaitable[Path]]
) -> AsyncGenerator[Engine, None]:
    """An engine for the file that `find` gives; its child ends with the context."""
    engine = Engine(model, find)
    try:
        yield engine
    finally:
        await engine.close()
