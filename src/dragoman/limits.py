"""How much a key may ask: requests and tokens in any 60 seconds, and requests at the same time.

Pure: the clock is given. Memory is bounded: what happened within a quarter of a second is one
entry, which ends when its last piece does, so a limit may be felt that much longer and is never
exceeded. Tokens are known when an answer is over: a key that has used its tokens up gets no new
answer, and none that runs is cut. `Limiter` counts for one process; workers of one gateway count
together (`limits_shared.py`), and keep the same promises.
Source: the headers are those of OpenAI, "Rate limits", read 2026-11-21.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from dragoman.errors import RateLimitError
from dragoman.events import Usage
from dragoman.gateway_settings import GatewayKey

__all__ = [
    "BUSY_S",
    "NOBODY",
    "STEP_S",
    "WINDOW_S",
    "Admission",
    "Full",
    "Headers",
    "Limiter",
    "Limits",
    "Place",
    "UsedUpError",
    "busy",
    "limited",
    "tell_left",
    "wait_until",
    "words_of",
]

WINDOW_S = 60.0
STEP_S = 0.25
"""What happened within so many seconds is one entry of a window."""
BUSY_S = 1.0
"""When one of the requests that run will end is not known."""
NOBODY = GatewayKey(name="", digest=b"")
"""Who asks where no key is wanted."""

_NAMES = {
    what: tuple(f"x-ratelimit-{told}-{what}" for told in ("limit", "remaining", "reset"))
    for what in ("requests", "tokens")
}

Window = TypeVar("Window")
Headers = list[tuple[str, str]]
Full = tuple[float, str]
"""A limit that is reached: for how many seconds at least, and in words."""


class Place(Protocol):
    """Where a request that was let in is counted."""

    def spend(self, tokens: int) -> None:
        """Count tokens that were used now."""
        ...

    def leave(self) -> None:
        """One that ran has ended."""
        ...


class Limits(Protocol):
    """Who may come in now. `concurrency` is for all keys together; 0 is no limit."""

    concurrency: int

    def admit(self, key: GatewayKey | None, now: float) -> "Admission":
        """Let a request in, or raise `UsedUpError`; one that is refused counts nowhere."""
        ...


class UsedUpError(RateLimitError):
    """A limit of the gateway's own is reached; `headers` say how much of each is left."""

    def __init__(self, message: str, *, retry_after: float, headers: Headers) -> None:
        super().__init__(message, retry_after=retry_after, code="rate_limit_exceeded")
        self.headers = headers

    @classmethod
    def of(cls, full: Iterable[Full], headers: Headers) -> "UsedUpError":
        """Of all limits that are reached, what the longest wait is for."""
        wait_s, words = max(full)
        message = f"{words}; try again in {wait_s:g} s"
        return cls(message, retry_after=wait_s, headers=headers)


class _Step:
    """What happened from `first` to `last`, at most a quarter of a second later."""

    __slots__ = ("amount", "first", "last")

    def __init__(self, amount: int, now: float) -> None:
        self.amount = amount
        self.first = self.last = now


class _Window:
    """How much happened in the last 60 seconds."""

    __slots__ = ("_steps", "_total")

    def __init__(self) -> None:
        self._steps: deque[_Step] = deque()
        self._total = 0

    def used(self, now: float) -> int:
        while self._steps and self._steps[0].last + WINDOW_S <= now:
            self._total -= self._steps.popleft().amount
        return self._total

    def add(self, amount: int, now: float) -> None:
        self.used(now)
        self._total += amount
        if self._steps and now - self._steps[-1].first < STEP_S:
            step = self._steps[-1]
            step.amount += amount
            step.last = max(step.last, now)
        else:
            self._steps.append(_Step(amount, now))

    def wait_s(self, most: int, now: float) -> float:
        """Seconds until no more than `most` is used."""
        self.used(now)
        newer = 0
        # From the newest back: what every answer tells is when all of it is free, the first step.
        for step in reversed(self._steps):
            newer += step.amount
            if newer > most:
                return wait_until(step.last + WINDOW_S, now)
        return 0.0


class _Account:
    """What one key has used."""

    __slots__ = ("_limiter", "requests", "running", "tokens")

    def __init__(self, limiter: "Limiter") -> None:
        self._limiter = limiter
        self.requests = _Window()
        self.tokens = _Window()
        self.running = 0

    def is_idle(self, now: float) -> bool:
        return not (self.running or self.requests.used(now) or self.tokens.used(now))

    def spend(self, tokens: int) -> None:
        self.tokens.add(tokens, self._limiter.clock())

    def leave(self) -> None:
        self.running -= 1
        self._limiter.running -= 1


class Admission:
    """A request that was let in, until `close`."""

    __slots__ = ("_counted", "_headers", "_is_open", "_place", "_takes_tokens")

    def __init__(self, place: Place, *, headers: Headers, takes_tokens: bool) -> None:
        self._place = place
        self._headers = headers
        self._takes_tokens = takes_tokens
        self._counted = 0
        self._is_open = True

    def headers(self) -> Headers:
        """The headers that tell how much was left when it was let in; none without a limit."""
        return list(self._headers)

    def spent(self, usage: Usage | None) -> None:
        """Count the tokens of an answer, before `close`; of a later report what it has more."""
        if usage is None or not self._takes_tokens:
            return
        tokens = (usage.input_tokens or 0) + (usage.output_tokens or 0)
        if tokens > self._counted:
            self._place.spend(tokens - self._counted)
            self._counted = tokens

    def close(self) -> None:
        """Give its place to another; more than once is once."""
        if self._is_open:
            self._is_open = False
            self._place.leave()


class Limiter:
    """What every key has used, by its name; it may outlive a change of the keys' limits.

    `concurrency` is how many requests run at the same time, of all keys together; 0 is no limit.
    `clock` is the one that each `now` is from.
    """

    def __init__(
        self, concurrency: int = 0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.concurrency = concurrency
        self.clock = clock
        self.running = 0
        self._accounts: dict[str, _Account] = {}

    def admit(self, key: GatewayKey | None, now: float) -> Admission:
        """Let a request in, or raise `UsedUpError`; one that is refused counts nowhere."""
        key = key or NOBODY
        account = self._account(key, now)
        windows = limited(key, account.requests, account.tokens)
        full = [
            (window.wait_s(limit - 1, now), words_of(key, what, limit))
            for what, limit, window in windows
            if window.used(now) >= limit
        ]
        full += busy(key, account.running, concurrency=self.concurrency, everyone=self.running)
        if full:
            raise UsedUpError.of(full, _left(windows, now))
        account.running += 1
        self.running += 1
        if key.requests_per_minute is not None:
            account.requests.add(1, now)
        return Admission(
            account,
            headers=_left(windows, now),
            takes_tokens=key.tokens_per_minute is not None,
        )

    def _account(self, key: GatewayKey, now: float) -> _Account:
        account = self._accounts.get(key.name)
        if account is None:
            # Keys come and go with the configuration: here is when those that went are forgotten.
            kept = {name: one for name, one in self._accounts.items() if not one.is_idle(now)}
            account = _Account(self)
            self._accounts = {**kept, key.name: account}
        return account


def limited(key: GatewayKey, requests: Window, tokens: Window) -> list[tuple[str, int, Window]]:
    """What of a key is limited, its limit, and the window that it is counted in."""
    found = []
    if key.requests_per_minute is not None:
        found.append(("requests", key.requests_per_minute, requests))
    if key.tokens_per_minute is not None:
        found.append(("tokens", key.tokens_per_minute, tokens))
    return found


def _left(windows: Iterable[tuple[str, int, _Window]], now: float) -> Headers:
    headers: Headers = []
    for what, limit, window in windows:
        headers += tell_left(what, limit, used=window.used(now), reset_s=window.wait_s(0, now))
    return headers


def tell_left(what: str, limit: int, *, used: int, reset_s: float) -> Headers:
    """The headers that say how much is left, and in how many seconds all of it is."""
    of_limit, of_remaining, of_reset = _NAMES[what]
    left = limit - used if used < limit else 0
    return [(of_limit, str(limit)), (of_remaining, str(left)), (of_reset, f"{reset_s:g}s")]


def words_of(key: GatewayKey, what: str, limit: int) -> str:
    """What is said of a limit of a minute that is reached."""
    return f"{key.name}: its limit of {limit} {what} a minute is reached"


def busy(key: GatewayKey, running: int, *, concurrency: int, everyone: int) -> list[Full]:
    """What is reached of the requests that run: of the key, and of everyone's `concurrency`."""
    full = []
    if key.concurrency is not None and running >= key.concurrency:
        full.append((BUSY_S, f"{key.name}: {key.concurrency} requests run already"))
    if concurrency and everyone >= concurrency:
        full.append((BUSY_S, f"the gateway runs {concurrency} requests already"))
    return full


def wait_until(at: float, now: float) -> float:
    """Seconds to wait, rounded up to the next millisecond: nobody must come too early."""
    return (math.floor((at - now) * 1000) + 1) / 1000
