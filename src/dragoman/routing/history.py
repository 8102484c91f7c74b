"""What a process measures of models, span by span: so that a board of the moment has a past.

Each process tells of its own attempts only. What several tell of the same span adds up, whether
they share a board or not, and nobody has to agree on who tells.
"""

import math
from collections.abc import Mapping

import msgspec

from dragoman.routing.breaker import State
from dragoman.routing.health import Health, Own
from dragoman.routing.outcomes import Outcome

__all__ = ["History", "Span"]

_Pair = tuple[str, str]
_BAD: tuple[Outcome, ...] = ("failed", "limited", "denied")
_NONE: Mapping[Outcome, int] = {}


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a model's attempts within a span; times are sums of so many, in seconds.

    Where there were more answers than a board remembers times of, they are those of the last.
    """

    provider: str
    model: str
    state: State
    """That of its breaker at the end."""
    requests: int
    """Whole answers and failures; a request that was itself refused is neither."""
    failures: int
    first_tokens: int
    first_tokens_s: float
    wholes: int
    wholes_s: float


class History:
    """Tells of each span once. It begins when it is made."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._known: dict[_Pair, Mapping[Outcome, int]] = {}
        self._since = 0.0
        # What whoever had the same place before has left is not ours to tell.
        self.take()

    def take(self) -> list[Span]:
        """The span from the last call to this one, of the models that were asked in it."""
        since, self._since = self._since, self._health.now()
        told = self._health.own(since)
        known, self._known = self._known, {(one.provider, one.model): one.totals for one in told}
        spans = (_span(one, known.get((one.provider, one.model), _NONE)) for one in told)
        return [span for span in spans if span.requests]


def _span(own: Own, before: Mapping[Outcome, int]) -> Span:
    # It was forgotten meanwhile, and began anew.
    is_new = any(count > own.totals[outcome] for outcome, count in before.items())
    more = {
        outcome: count - (0 if is_new else before.get(outcome, 0))
        for outcome, count in own.totals.items()
    }
    failures = sum(more[outcome] for outcome in _BAD)
    firsts = [s.first_token_s for s in own.samples if s.first_token_s is not None]
    wholes = [s.total_s for s in own.samples if not math.isnan(s.total_s)]
    return Span(
        provider=own.provider,
        model=own.model,
        state=own.state,
        requests=more["ok"] + failures,
        failures=failures,
        first_tokens=len(firsts),
        first_tokens_s=math.fsum(firsts),
        wholes=len(wholes),
        wholes_s=math.fsum(wholes),
    )
