"""What a request on the short way needs of the connection that it came on, and of the lane."""

import asyncio
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from dragoman.gateway.lane.lines import Line
from dragoman.gateway.state import Gateway
from dragoman.transport.direct import DirectPool

__all__ = ["Ground", "Starter"]


class Starter(Protocol):
    """The connection that a request came on; a subclass of uvicorn's."""

    loop: asyncio.AbstractEventLoop

    def new_cycle(self) -> RequestResponseCycle:
        """The answer that begins, as uvicorn has it."""
        ...

    def start_application(self, cycle: RequestResponseCycle, application: Any) -> None:
        """Have an answer made by an application after all."""
        ...


class Ground(Protocol):
    """What all requests on the short way share."""

    gateway: Gateway
    pool: DirectPool
    running: set[Any]
    """Those under way, to be cut when the server ends."""

    def usual_lines(self, headers: list[tuple[bytes, bytes]]) -> str:
        """The lines of a head that every answer of the server has."""
        ...

    def leave_out(self, line: Line) -> None:
        """Its requests go the ordinary way from now on."""
        ...
