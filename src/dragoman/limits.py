"""How much a key may ask: requests and tokens in any 60 seconds, and requests at the same time.

Pure: the clock is given. Memory is bounded: what happened within a quarter of a second is one
entry, which ends when its last piece does, so a limit may be felt that much longer and is never
exceeded. Tokens are known when an answer is over: a key that has used its tokens up gets no new
answer, and none that runs is cut. `Limiter` counts for one process; workers of one gateway count
together (`limits_shared.py`), and keep the same promises.
Source: the headers are those of OpenAI, "Rate limits", read 2026-11-21.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

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
    "Look",
    "Place",
    "UsedUpError",
    "busy",
    "left",
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

Headers = list[tuple[str, str]]
Look = tuple[str, int, int, float]
"""What is limited, its limit, how much was used, and when all of it will be over."""
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
        return self.look(now)[0]

    def look(self, now: float) -> tuple[int, float]:
        """How much it was, and when all of it will be over; 0.0 if there was nothing."""
        steps = self._steps
        while steps and steps[0].last + WINDOW_S <= now:
            self._total -= steps.popleft().amount
        return self._total, steps[-1].last + WINDOW_S if steps else 0.0

    def add(self, amount: int, now: float) -> None:
        """Count this too; what is over by now is left for who looks."""
        self._total += amount
        if self._steps:
            step = self._steps[-1]
            if now - step.first < STEP_S:
                step.amount += amount
                if now > step.last:
                    step.last = now
                return
        self._steps.append(_Step(amount, now))

    def wait_s(self, most: int, now: float) -> float:
        """Seconds until no more than `most` is used, where more is."""
        newer, over_at = 0, now
        for step in reversed(self._steps):
            if newer > most:
                break
            newer += step.amount
            over_at = step.last + WINDOW_S
        return wait_until(over_at, now)


class _Account:
    """What one key has used."""

    __slots__ = ("_limiter", "requests", "running", "tokens")

    def __init__(self, limiter: "Limiter") -> None:
        self._limiter = limiter
        self.requests = _Window()
        self.tokens = _Window()
        self.running = 0

    def look(self, key: GatewayKey, now: float) -> list[Look]:
        requests, tokens = key.requests_per_minute, key.tokens_per_minute
        looks: list[Look] = []
        if requests is not None:
            looks = [("requests", requests, *self.requests.look(now))]
        if tokens is not None:
            looks = [*looks, ("tokens", tokens, *self.tokens.look(now))]
        return looks

    def is_idle(self, now: float) -> bool:
        return not (self.running or self.requests.used(now) or self.tokens.used(now))

    def spend(self, tokens: int) -> None:
        self.tokens.add(tokens, self._limiter.clock())

    def leave(self) -> None:
        self.running -= 1
        self._limiter.running -= 1


class Admission:
    """A request that was let in, until `close`."""

    __slots__ = ("_counted", "_is_open", "_looks", "_now", "_place", "_takes_tokens")

    def __init__(
        self, place: Place, looks: Sequence[Look], *, now: float, takes_tokens: bool
    ) -> None:
        self._place = place
        self._looks = looks
        self._now = now
        self._takes_tokens = takes_tokens
        self._counted = 0
        self._is_open = True

    def headers(self) -> Headers:
        """The headers that tell how much was left when it was let in; none without a limit."""
        return left(self._looks, self._now)

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
        account = self._accounts.get(key.name)
        if account is None:
            account = self._open(key, now)
        looks = account.look(key, now)
        is_full = key.concurrency is not None and account.running >= key.concurrency
        is_full = is_full or 0 < self.concurrency <= self.running
        for _, limit, used, _ in looks:
            is_full = is_full or used >= limit
        if is_full:
            raise self._refusal(key, account, looks, now)
        account.running += 1
        self.running += 1
        if key.requests_per_minute is not None:
            account.requests.add(1, now)
            what, limit, used, over_at = looks[0]
            over_at = over_at if over_at > now + WINDOW_S else now + WINDOW_S
            looks[0] = (what, limit, used + 1, over_at)
        return Admission(account, looks, now=now, takes_tokens=key.tokens_per_minute is not None)

    def _refusal(
        self, key: GatewayKey, account: _Account, looks: Sequence[Look], now: float
    ) -> UsedUpError:
        windows = {"requests": account.requests, "tokens": account.tokens}
        full = [
            (windows[what].wait_s(limit - 1, now), words_of(key, what, limit))
            for what, limit, used, _ in looks
            if used >= limit
        ]
        full += busy(key, account.running, concurrency=self.concurrency, everyone=self.running)
        return UsedUpError.of(full, left(looks, now))

    def _open(self, key: GatewayKey, now: float) -> _Account:
        # Keys come and go with the configuration: here is when those that went are forgotten.
        kept = {name: one for name, one in self._accounts.items() if not one.is_idle(now)}
        account = _Account(self)
        self._accounts = {**kept, key.name: account}
        return account


def left(looks: Iterable[Look], now: float) -> Headers:
    """The headers that say how much is left, and in how many seconds all of it is."""
    headers: Headers = []
    for what, limit, used, over_at in looks:
        of_limit, of_remaining, of_reset = _NAMES[what]
        remaining = limit - used if used < limit else 0
        reset_s = wait_until(over_at, now) if used else 0.0
        headers += (
            (of_limit, str(limit)),
            (of_remaining, str(remaining)),
            (of_reset, f"{reset_s:g}s"),
        )
    return headers


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
    return ((at - now) * 1000 // 1 + 1) / 1000
