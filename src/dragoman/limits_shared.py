"""The limits of keys, counted by all workers of a gateway together.

The same promises as those of `Limiter`, and the same answers, whichever worker is asked: with the
lock nobody can tell it from one process. A request is claimed before it is looked whether there
was room for it, so even where the lock cannot be had, two workers never let in one too many: at
worst both refuse. Where nothing is limited there is no lock.
"""

import time
from collections.abc import Callable

from dragoman.gateway_settings import GatewayKey
from dragoman.limits import (
    BUSY_S,
    NOBODY,
    WINDOW_S,
    Admission,
    Full,
    Look,
    UsedUpError,
    busy,
    left,
    words_of,
)
from dragoman.limits_board import NOBODYS, SLOTS, LimitBoard, SharedWindow

__all__ = ["SharedLimiter"]


class _Account:
    """What one key has used, in its slot."""

    __slots__ = ("_key", "_limiter", "_windows", "owner", "requests", "slot", "tokens")

    def __init__(self, limiter: "SharedLimiter", slot: int) -> None:
        self._limiter = limiter
        self.slot = slot
        self.owner = limiter.board.owner(slot)
        self.requests, self.tokens = limiter.board.windows(slot)
        self._key = NOBODY
        self._windows: list[tuple[str, int, SharedWindow]] = []

    def limited(self, key: GatewayKey) -> list[tuple[str, int, SharedWindow]]:
        if key is not self._key:
            self._key, self._windows = key, _limited(key, self.requests, self.tokens)
        return self._windows

    def look(self, key: GatewayKey, now: float) -> list[Look]:
        return [(what, limit, *window.look(now)) for what, limit, window in self.limited(key)]

    def keep(self, now: float) -> None:
        """Put what was claimed without the lock where it belongs."""
        if self.requests.is_claimed():
            self.requests.keep(now)
        if self.tokens.is_claimed():
            self.tokens.keep(now)

    def spend(self, tokens: int) -> None:
        # As long as one of its requests runs, nobody else gets its slot.
        now = self._limiter.clock()
        held = self._limiter.board.lock()
        if held:
            self.tokens.add(tokens, now)
            self._limiter.board.unlock()
        else:
            self.tokens.claim(tokens, now)

    def leave(self) -> None:
        self._limiter.board.leave(self.slot)


class SharedLimiter:
    """What every key has used, by its name; it may outlive a change of the keys' limits.

    `concurrency` is how many requests run at the same time, of all keys and workers together; 0 is
    no limit. `clock` is the one that each `now` is from, and that all who share the board agree on.
    """

    def __init__(
        self,
        board: LimitBoard,
        concurrency: int = 0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.board = board
        self.concurrency = concurrency
        self.clock = clock
        self._nobody = _Account(self, NOBODYS)
        self._accounts: dict[str, _Account] = {}

    def admit(self, key: GatewayKey | None, now: float) -> Admission:
        """Let a request in, or raise `UsedUpError`; one that is refused counts nowhere."""
        key = key or NOBODY
        if not self.concurrency and not _is_limited(key) and (account := self._known(key)):
            self.board.enter(account.slot)
            return Admission(account, (), now=now, takes_tokens=False)
        held = self.board.lock()
        try:
            return self._admit(key, now, held=held)
        finally:
            if held:
                self.board.unlock()

    def _admit(self, key: GatewayKey, now: float, *, held: bool) -> Admission:
        account = self._known(key) or self._open(key, now)
        requests, limit = account.requests, key.requests_per_minute
        self.board.enter(account.slot)
        before = 0.0
        if held:
            # What was claimed without the lock.
            account.keep(now)
        elif limit is not None:
            before = requests.claim(1, now)
        looks = account.look(key, now)
        full = self._full(key, account, looks, now, claimed=0 if held else 1)
        if held and limit is not None and not full:
            requests.add(1, now)
            what, _, used, over_at = looks[0]
            looks[0] = (what, limit, used + 1, max(over_at, now + WINDOW_S))
            # Whoever claims without the lock may have looked before that.
            if requests.is_claimed() and requests.used(now) > limit:
                requests.take_back(1)
                full = [(BUSY_S, words_of(key, "requests", limit))]
        if full:
            self.board.leave(account.slot)
            if not held and limit is not None:
                requests.give_back(1, before)
            raise UsedUpError.of(full, left(account.look(key, now), now))
        takes_tokens = key.tokens_per_minute is not None
        return Admission(account, looks, now=now, takes_tokens=takes_tokens)

    def _full(
        self, key: GatewayKey, account: _Account, looks: list[Look], now: float, *, claimed: int
    ) -> list[Full]:
        """Each limit that is reached but for this request, which has `claimed` and runs."""
        full = []
        for what, limit, used, _ in looks:
            mine = claimed if what == "requests" else 0
            if used - mine >= limit:
                window = account.requests if what == "requests" else account.tokens
                wait_s = window.wait_s(limit - 1 + mine, now)
                full.append((wait_s, words_of(key, what, limit)))
        if key.concurrency is None and not self.concurrency:
            return full
        everyone = self.board.everyone() - 1 if self.concurrency else 0
        running = self.board.running(account.slot) - 1
        return full + busy(key, running, concurrency=self.concurrency, everyone=everyone)

    def _known(self, key: GatewayKey) -> _Account | None:
        if not key.name:
            return self._nobody
        account = self._accounts.get(key.name)
        # Another worker may have given its slot away.
        if account is not None and self.board.owner(account.slot) == account.owner:
            return account
        return None

    def _open(self, key: GatewayKey, now: float) -> _Account:
        slot = self.board.slot(key.name, now)
        if slot is None:
            if not _is_limited(key):
                return self._nobody
            words = f"{key.name}: {SLOTS} other keys are in use already"
            raise UsedUpError.of([(BUSY_S, words)], [])
        if len(self._accounts) >= 2 * SLOTS:
            self._accounts.clear()
        account = self._accounts[key.name] = _Account(self, slot)
        return account


def _is_limited(key: GatewayKey) -> bool:
    return not (
        key.requests_per_minute is None
        and key.tokens_per_minute is None
        and key.concurrency is None
    )


def _limited(
    key: GatewayKey, requests: SharedWindow, tokens: SharedWindow
) -> list[tuple[str, int, SharedWindow]]:
    """What of a key is limited, its limit, and the window that it is counted in."""
    found = []
    if key.requests_per_minute is not None:
        found.append(("requests", key.requests_per_minute, requests))
    if key.tokens_per_minute is not None:
        found.append(("tokens", key.tokens_per_minute, tokens))
    return found
