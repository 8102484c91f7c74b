"""Addresses of names, asked of the system off the loop's thread and kept for a minute."""

import asyncio
import socket

from dragoman.errors import TransportError

__all__ = ["Names"]

KEEP_S = 60.0


class Names:
    """Looks names up; one question at a time for each name, whoever asks."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._known: dict[tuple[str, int], tuple[float, list[str]]] = {}
        self._asked: dict[tuple[str, int], asyncio.Task[list[str]]] = {}

    async def addresses(self, host: str, port: int) -> list[str]:
        """The numeric addresses of a host, in the system's order; `TransportError` if none."""
        key = (host, port)
        until, known = self._known.get(key, (0.0, []))
        if self._loop.time() < until:
            return known
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = self._loop.create_task(self._ask(host, port))
            task.add_done_callback(lambda task: self._told(key, task))
        # One who gives up takes the answer from nobody else.
        return await asyncio.shield(task)

    def forget(self, host: str, port: int) -> None:
        """Ask again next time: nobody answered at these addresses."""
        self._known.pop((host, port), None)

    def close(self) -> list[asyncio.Task[list[str]]]:
        """Ask no more; the tasks that this cancelled."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        return tasks

    async def _ask(self, host: str, port: int) -> list[str]:
        try:
            found = await self._loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as exc:
            raise TransportError(f"no address for the name {host}") from exc
        # Of IPv4 and IPv6 alike the first field is the address.
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def _told(self, key: tuple[str, int], task: asyncio.Task[list[str]]) -> None:
        del self._asked[key]
        if not task.cancelled() and task.exception() is None:
            self._known[key] = (self._loop.time() + KEEP_S, task.result())
