"""Keys that did not fit, lately: a page that is open to others must not be tried for ever."""

import time
from collections import deque

from dragoman.errors import ResponseStatusError

__all__ = ["Trials"]

_MOST = 10
_WITHIN_S = 60.0


class Trials:
    """So many in a minute, whoever tries."""

    def __init__(self) -> None:
        self._failed: deque[float] = deque(maxlen=_MOST)

    def check(self) -> None:
        """Raise `ResponseStatusError` with status 429 when there were too many of them."""
        if len(self._failed) == _MOST:
            wait_s = self._failed[0] + _WITHIN_S - time.monotonic()
            if wait_s > 0:
                words = "too many keys that do not fit: wait a minute"
                raise ResponseStatusError(words, status=429, retry_after=wait_s)

    def note(self) -> None:
        """One more did not fit."""
        self._failed.append(time.monotonic())
