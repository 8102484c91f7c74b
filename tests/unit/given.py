"""An answer of which nothing is known but its events, for those who read one."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from dragoman.events import Event
from dragoman.routing.attempt import Attempt, Rescued

__all__ = ["Given", "asked"]


class Given:
    """Such an answer."""

    attempts: Sequence[Attempt] = ()
    rescued: Rescued = ""

    def __init__(self, given: AsyncGenerator[list[Event], None]) -> None:
        self._given = given

    def batches(self) -> AsyncGenerator[list[Event], None]:
        return self._given


def asked(given: AsyncGenerator[list[Event], None]) -> Callable[[], Awaitable[Given]]:
    """What a stream asks to be given these events."""

    async def ask() -> Given:
        return Given(given)

    return ask
