"""Emulators in a thread of their own, for programs that have no event loop or must not share it."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack, ExitStack
from typing import Any, Self

from dragoman.emulators.emulator import Emulator
from dragoman.emulators.names import load
from dragoman.emulators.server import bind, serving
from dragoman.emulators.tls import one_run_authority

__all__ = ["EmulatorThread"]


class EmulatorThread:
    """Any number of emulators on one loop in one thread; all stop when the block is left."""

    def __init__(self) -> None:
        """Nothing runs until the block is entered."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="dragoman-emulators", daemon=True
        )
        self._serving = AsyncExitStack()
        self._authorities = ExitStack()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._submit(self._serving.aclose()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._authorities.close()

    def start(
        self,
        name: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        scenario: Mapping[str, Any] | None = None,
        tls: bool = False,
    ) -> Emulator[Any]:
        """Start an emulator; errors as for `run`.

        It waits for nothing, so that an asynchronous test may call it: the socket listens when
        this returns, and what connects is answered as soon as the thread gets to it.
        """
        emulator = Emulator(load(name), scenario or {})
        authority = self._authorities.enter_context(one_run_authority(host, wanted=tls))
        sock = bind(emulator, host, port, authority)
        self._submit(self._serving.enter_async_context(serving(emulator, sock, authority)))
        return emulator

    def _submit(self, coroutine: Coroutine[Any, Any, None]) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)
