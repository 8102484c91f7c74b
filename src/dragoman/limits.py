"""How much a key may ask: requests and tokens in any 60 seconds, and requests at the same time.

Pure: the clock is given. Memory is bounded: what happened within a quarter of a second is one
entry, which ends when its last piece does, so a limit may be felt that much longer and is never
exceeded. Tokens are known when an answer is over: a key that has used its tokens up gets no new
answer, and none that runs is cut.
Source: the headers are those of OpenAI, "Rate limits", read 2026-11-21.
"""

import math
import time
from collections import deque
from collections.abc import Callable

from dragoman.errors import RateLimitError
from dragoman.events import Usage
from dragoman.gateway_settings import GatewayKey

__all__ = ["WINDOW_S", "Admission", "Limiter", "UsedUpError"]

WINDOW_S = 60.0
_STEP_S = 0.25
# When one of the requests that run will end is not known.
_BUSY_S = 1.0
_NOBODY = GatewayKey(name="", digest=b"")

Headers = list[tuple[str, str]]


class UsedUpError(RateLimitError):
    """A limit of the gateway's own is reached; `headers` say how much of each is left."""

    def __init__(self, message: str, *, retry_after: float, headers: Headers) -> None:
        super().__init__(message, retry_after=retry_after, code="rate_limit_exceeded")
        self.headers = headers


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
        if self._steps and now - self._steps[-1].first < _STEP_S:
            step = self._steps[-1]
            step.amount += amount
            step.last = max(step.last, now)
        else:
            self._steps.append(_Step(amount, now))

    def wait_s(self, most: int, now: float) -> float:
        """Seconds until no more than `most` is used."""
        left = self.used(now)
        wait_s = 0.0
        for step in self._steps:
            if left <= most:
                break
            left -= step.amount
            # Rounded up to the next millisecond: who waits so long must not come too early.
            wait_s = (math.floor((step.last + WINDOW_S - now) * 1000) + 1) / 1000
        return wait_s


class _Account:
    """What one key has used."""

    __slots__ = ("requests", "running", "tokens")

    def __init__(self) -> None:
        self.requests = _Window()
        self.tokens = _Window()
        self.running = 0

    def is_idle(self, now: float) -> bool:
        return not (self.running or self.requests.used(now) or self.tokens.used(now))

    def limits(self, key: GatewayKey) -> list[tuple[str, int, _Window]]:
        both = (
            ("requests", key.requests_per_minute, self.requests),
            ("tokens", key.tokens_per_minute, self.tokens),
        )
        return [(what, limit, window) for what, limit, window in both if limit is not None]

    def headers(self, key: GatewayKey, now: float) -> Headers:
        headers: Headers = []
        for what, limit, window in self.limits(key):
            headers += [
                (f"x-ratelimit-limit-{what}", str(limit)),
                (f"x-ratelimit-remaining-{what}", str(max(0, limit - window.used(now)))),
                (f"x-ratelimit-reset-{what}", f"{window.wait_s(0, now):g}s"),
            ]
        return headers


class Admission:
    """A request that was let in, until `close`."""

    __slots__ = ("_account", "_counted", "_headers", "_is_open", "_limiter", "_takes_tokens")

    def __init__(
        self, limiter: "Limiter", account: _Account, *, headers: Headers, takes_tokens: bool
    ) -> None:
        self._limiter = limiter
        self._account = account
        self._headers = headers
        self._takes_tokens = takes_tokens
        self._counted = 0
        self._is_open = True

    def headers(self) -> Headers:
        """The headers that tell how much was left when it was let in; none without a limit."""
        return list(self._headers)

    def spent(self, usage: Usage | None) -> None:
        """Count the tokens of an answer; of a later report only what it has more."""
        if usage is None or not self._takes_tokens:
            return
        tokens = (usage.input_tokens or 0) + (usage.output_tokens or 0)
        if tokens > self._counted:
            self._account.tokens.add(tokens - self._counted, self._limiter.clock())
            self._counted = tokens

    def close(self) -> None:
        """Give its place to another; more than once is once."""
        if self._is_open:
            self._is_open = False
            self._account.running -= 1
            self._limiter.running -= 1


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
        key = key or _NOBODY
        account = self._account(key, now)
        full = self._full(key, account, now)
        if full:
            wait_s, words = max(full)
            raise UsedUpError(
                f"{words}; try again in {wait_s:g} s",
                retry_after=wait_s,
                headers=account.headers(key, now),
            )
        account.running += 1
        self.running += 1
        if key.requests_per_minute is not None:
            account.requests.add(1, now)
        return Admission(
            self,
            account,
            headers=account.headers(key, now),
            takes_tokens=key.tokens_per_minute is not None,
        )

    def _account(self, key: GatewayKey, now: float) -> _Account:
        account = self._accounts.get(key.name)
        if account is None:
            # Keys come and go with the configuration: here is when those that went are forgotten.
            busy = {name: one for name, one in self._accounts.items() if not one.is_idle(now)}
            account = _Account()
            self._accounts = {**busy, key.name: account}
        return account

    def _full(self, key: GatewayKey, account: _Account, now: float) -> list[tuple[float, str]]:
        """Each limit that is reached: for how many seconds at least, and in words."""
        full = [
            (
                window.wait_s(limit - 1, now),
                f"{key.name}: its limit of {limit} {what} a minute is reached",
            )
            for what, limit, window in account.limits(key)
            if window.used(now) >= limit
        ]
        if key.concurrency is not None and account.running >= key.concurrency:
            full.append((_BUSY_S, f"{key.name}: {key.concurrency} requests run already"))
        if self.concurrency and self.running >= self.concurrency:
            full.append((_BUSY_S, f"the gateway runs {self.concurrency} requests already"))
        return full
