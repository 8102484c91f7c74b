"""What is known of how each provider's models do: whether to ask them now, and how fast they are.

Measured in passing, of the attempts that are made anyway; a breaker for each pair of provider and
model, so one bad model closes none of its provider's others. Nothing here waits: each call is a
few numbers read and written, and the breaker's lock, where workers share one, is only for changes.
"""

import math
import time
from collections.abc import Callable, Sequence
from operator import itemgetter
from statistics import median

import msgspec

from dragoman.errors import ChatError, excerpt
from dragoman.routing.board import BUCKETS, Board, Failure, Sample
from dragoman.routing.breaker import Breaker, State
from dragoman.routing.health_settings import HealthSettings
from dragoman.routing.outcomes import Outcome, outcome_of

__all__ = ["LEAST_SAMPLES", "TIMES_KEPT_S", "Failure", "Health", "Measured", "Own", "Probed"]

TIMES_KEPT_S = 300.0
"""How long the times of an answer count; a model that is asked seldom is known by few."""

LEAST_SAMPLES = 20
"""So many answers have a 95th percentile."""

_FRESH_S = 0.5
_FEW = 64
# A provider's own slot: no model has such a name.
_OF_PROVIDER = "\0"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a model now. What was never measured is None; times are Unix seconds.

    `state` is `probe` when one request may try whether it is back.
    """

    state: State = "closed"
    until_s: float = 0.0
    """Seconds until the next probe."""
    why: str = ""
    """Why its breaker is not closed."""
    first_token_s: float | None = None
    """Half of the answers were quicker with their first token."""
    p95_s: float | None = None
    """95 of 100 were; None below `LEAST_SAMPLES`."""
    latency_s: float | None = None
    """Half of the answers were whole sooner."""
    requests: int = 0
    """Answers and failures within the window."""
    error_rate: float = 0.0
    """Share of the failures among them."""
    in_row: int = 0
    openings: int = 0
    last_success: float | None = None
    last_failure: float | None = None
    failure: Failure | None = None
    """What went wrong last, also if it does now."""
    totals: dict[Outcome, int] = {}
    """Attempts since the gateway began, by what came of them."""


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """The last handshake, or list of models, that was asked for to measure a provider."""

    works: bool
    at: float
    seconds: float | None = None
    failure: Failure | None = None


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """What one process has measured of a model; `totals` are since its lane's beginning."""

    provider: str
    model: str
    state: State
    totals: dict[Outcome, int]
    samples: list[Sample]


class _Times(msgspec.Struct, frozen=True):
    at: float
    first_token_s: float | None
    p95_s: float | None
    latency_s: float | None
    requests: int
    error_rate: float


class Health:
    """What all requests of a process, or of the workers that share a board, have measured.

    It belongs to one event loop. `clock` is one that all who share the board agree on.
    """

    def __init__(
        self,
        settings: HealthSettings | None = None,
        shared: Board | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settle(settings or HealthSettings())
        self._board = shared or Board()
        self._clock = clock
        self._times: dict[int, _Times] = {}
        self._changed: set[int] = set()

    def settle(self, settings: HealthSettings) -> None:
        """Go on under new settings, with all that is known."""
        self.settings = settings
        self._width_s = settings.window_s / BUCKETS

    def is_closed(self, provider: str, model: str) -> bool:
        """Whether its breaker is closed, so that it needs no leave to be asked."""
        return not self._board.is_open(provider, model)

    def admit(self, provider: str, model: str) -> bool:
        """Whether a request may be sent now; one that may because a probe is due takes its turn."""
        slot = self._board.find(provider, model)
        if slot is None or self._state(self._board.breaker(slot)) == "closed":
            return True
        with self._board.lock():
            breaker = self._board.breaker(slot)
            state = self._state(breaker)
            if state == "probe":
                self._board.keep(slot, breaker.admitted(self._clock(), self.settings))
        return state != "open"

    def succeeded(
        self, provider: str, model: str, *, first_token_s: float | None, total_s: float
    ) -> None:
        """An answer was whole. Times are from the attempt's beginning."""
        slot, now = self._board.claim(provider, model), self._clock()
        sample = Sample(now, first_token_s, total_s)
        self._changed.add(slot)
        if self._board.count_good(slot, sample, epoch=int(now / self._width_s)):
            self._change(slot, lambda found: found.succeeded(now, now - total_s))

    def failed(self, provider: str, model: str, error: ChatError) -> None:
        """An attempt ended in an error; what it says of the service is in `outcomes.py`."""
        outcome = outcome_of(error)
        slot, now = self._count(provider, model, outcome)
        if outcome == "refused":
            # It was no trial of the service: the next request is the probe.
            if self._board.breaker(slot).is_open:
                self._change(slot, lambda found: found.due(now))
            return
        with self._board.lock():
            self._board.keep_failure(slot, _failure(error))
            if outcome == "failed":
                breaker = self._board.breaker(slot)
                window = self._window(slot, breaker.since)
                self._board.keep(slot, breaker.failed(now, self.settings, window))

    def lost(self, provider: str, model: str, waited_s: float | None = None) -> None:
        """Nobody waited for an attempt's end; if it was the probe, its turn is over.

        `waited_s` is for how long its first word was waited for. Where that is longer than most of
        its answers take it counts as one of them: without the late ones, which lose, the others
        would be late the more often the more are left.
        """
        slot, now = self._count(provider, model, "lost")
        if waited_s is None:
            return
        p95_s = self._times_of(slot).p95_s
        if p95_s is not None and waited_s >= p95_s:
            self._board.add(slot, Sample(now, waited_s, math.nan))
            self._changed.add(slot)

    def view(self, provider: str, model: str) -> Measured:
        """What is known of a model; its times and rates may be half a second old."""
        slot = self._board.find(provider, model)
        return Measured() if slot is None else self._measured(slot)

    def _measured(self, slot: int) -> Measured:
        breaker = self._board.breaker(slot)
        state = self._state(breaker)
        times = self._times_of(slot)
        good_at, bad_at = self._board.last_times(slot)
        failure = self._board.failure(slot) if bad_at else None
        return Measured(
            state=state,
            until_s=breaker.until_s(self._clock(), self.settings) if state == "open" else 0.0,
            why="" if state == "closed" else _why(breaker, failure),
            first_token_s=times.first_token_s,
            p95_s=times.p95_s,
            latency_s=times.latency_s,
            requests=times.requests,
            error_rate=times.error_rate,
            in_row=breaker.in_row,
            openings=breaker.openings,
            last_success=self._unix(good_at),
            last_failure=self._unix(bad_at),
            failure=failure,
            totals=self._board.totals(slot),
        )

    def all(self) -> list[tuple[str, str, Measured]]:
        """Provider, model and what is known, of all that were asked; measured up to now."""
        self._times.clear()
        pairs = sorted(self._board.pairs().items(), key=itemgetter(1))
        return [(*pair, self._measured(slot)) for slot, pair in pairs if pair[1] != _OF_PROVIDER]

    def now(self) -> float:
        """The moment, by the clock of all times here."""
        return self._clock()

    def own(self, since: float) -> list[Own]:
        """What this process itself has measured of all that were asked, its times from `since`."""
        board = self._board
        return [
            Own(
                provider=provider,
                model=model,
                state=self._state(board.breaker(slot)),
                totals=board.own_totals(slot),
                samples=list(board.own_samples(slot, since)),
            )
            for slot, (provider, model) in board.pairs().items()
            if model != _OF_PROVIDER
        ]

    def take_turn(self, provider: str) -> bool:
        """Whether a provider is to be probed now by this process; if so no other is, for a while.

        A while is `active_s` of the settings.
        """
        slot = self._board.claim(provider, _OF_PROVIDER)
        now = self._clock()
        with self._board.lock():
            turn = self._board.breaker(slot)
            if turn.is_open and turn.probe_at > now:
                return False
            taken = Breaker(is_open=True, probe_at=now + self.settings.active_s)
            self._board.keep(slot, taken)
        return True

    def probed(self, provider: str, seconds: float, error: Failure | None = None) -> None:
        """A provider was measured without a chat.

        It opens no breaker, for a list of models is no chat; where it went well after it had not,
        the provider's open models may be tried at once.
        """
        before = self.probe_of(provider)
        slot, now = self._count(provider, _OF_PROVIDER, "failed" if error else "ok")
        if error is not None:
            with self._board.lock():
                self._board.keep_failure(slot, error)
            return
        self._board.add(slot, Sample(now, None, seconds))
        if before is None or before.works:
            return
        for found, (other, model) in self._board.pairs().items():
            if other == provider and model != _OF_PROVIDER:
                self._change(found, lambda breaker: breaker.due(now))

    def probe_of(self, provider: str) -> Probed | None:
        """The last active probe of a provider; None if there was none."""
        slot = self._board.find(provider, _OF_PROVIDER)
        good_at, bad_at = self._board.last_times(slot) if slot is not None else (0.0, 0.0)
        at = self._unix(max(good_at, bad_at))
        if slot is None or at is None:
            return None
        if bad_at >= good_at:
            return Probed(works=False, at=at, failure=self._board.failure(slot))
        samples = self._board.samples(slot, good_at)
        seconds = next((sample.total_s for sample in samples), None)
        return Probed(works=True, at=at, seconds=seconds)

    def _state(self, breaker: Breaker) -> State:
        if not breaker.is_open:
            return "closed"
        return breaker.state(self._clock(), self.settings)

    def _count(self, provider: str, model: str, outcome: Outcome) -> tuple[int, float]:
        slot, now = self._board.claim(provider, model), self._clock()
        self._board.count(slot, outcome, now, epoch=int(now / self._width_s))
        self._changed.add(slot)
        return slot, now

    def _change(self, slot: int, change: Callable[[Breaker], Breaker]) -> None:
        with self._board.lock():
            breaker = self._board.breaker(slot)
            changed = change(breaker)
            if changed is not breaker:
                self._board.keep(slot, changed)

    def _window(self, slot: int, since: float) -> tuple[int, int]:
        """Failures and requests of the window, but nothing before `since`."""
        now = self._clock()
        start = max(now - self.settings.window_s, since)
        return self._board.window(slot, math.ceil(start / self._width_s), int(now / self._width_s))

    def _times_of(self, slot: int) -> _Times:
        """The numbers that take long to make: kept for a while, where there are many."""
        now = self._clock()
        kept = self._times.get(slot)
        is_fresh = kept is not None and now - kept.at < _FRESH_S
        if kept and is_fresh and (kept.requests >= _FEW or slot not in self._changed):
            return kept
        self._changed.discard(slot)
        samples = list(self._board.samples(slot, now - TIMES_KEPT_S))
        firsts = sorted(s.first_token_s for s in samples if s.first_token_s is not None)
        totals = [sample.total_s for sample in samples if not math.isnan(sample.total_s)]
        failures, requests = self._window(slot, 0.0)
        self._times[slot] = made = _Times(
            now,
            median(firsts) if firsts else None,
            _p95(firsts),
            median(totals) if totals else None,
            requests,
            failures / requests if requests else 0.0,
        )
        return made

    def _unix(self, at: float) -> float | None:
        return time.time() - (self._clock() - at) if at else None


def _p95(ordered: Sequence[float]) -> float | None:
    if len(ordered) < LEAST_SAMPLES:
        return None
    return ordered[-(-len(ordered) * 95 // 100) - 1]


def _failure(error: ChatError) -> Failure:
    return Failure(
        error=type(error).__name__, text=excerpt(error.message), step=error.step, host=error.host
    )


def _why(breaker: Breaker, failure: Failure | None) -> str:
    many = f"{breaker.in_row} failures in a row" if breaker.in_row > 1 else "too many failures"
    return f"{many}; the last: {failure}" if failure else many
