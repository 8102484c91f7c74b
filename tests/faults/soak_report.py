"""What a soak tells: shares, attempts, rescues, times, and whatever is wrong."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

__all__ = ["Report"]


class Report(msgspec.Struct):
    """What came of a soak; `wrong` must be empty."""

    requests: int
    seed: int
    digest: str = ""
    outcomes: Counter[str] = msgspec.field(default_factory=Counter)
    streams: Counter[str] = msgspec.field(default_factory=Counter)
    bare: Counter[str] = msgspec.field(default_factory=Counter)
    statuses: Counter[int] = msgspec.field(default_factory=Counter)
    rescues: Counter[str] = msgspec.field(default_factory=Counter)
    drawn: Mapping[str, int] = {}
    attempts: int = 0
    seconds: float = 0.0
    times: list[float] = []
    bare_times: list[float] = []
    grown_bytes: int = 0
    wrong: list[str] = []

    @property
    def share(self) -> float:
        """Complete answers, of those whose caller stayed."""
        return self.outcomes["complete"] / max(1, self.outcomes.total() - self.outcomes["left"])

    @property
    def share_of_streams(self) -> float:
        """Of the streamed ones. A whole one that is passed on may be silent for all of its time."""
        return self.streams["complete"] / max(1, self.streams.total() - self.streams["left"])

    @property
    def bare_share(self) -> float:
        return self.bare["complete"] / max(1, self.bare.total())

    def lines(self) -> Iterator[str]:
        """The report for a reader."""
        yield f"{self.requests} requests, seed {self.seed}, faults {self.digest[:16]}"
        yield f"  faults drawn            {sum(self.drawn.values())}: {_counted(self.drawn)}"
        yield f"  complete answers        {self.share:.2%} of those whose caller stayed"
        yield f"    of streamed ones      {self.share_of_streams:.2%}"
        yield f"  a bare client           {self.bare_share:.2%} under the same faults"
        yield f"  all ends                {_counted(self.outcomes)}"
        yield f"  statuses but 200        {_counted(self.statuses)}"
        yield f"  attempts a request      {self.attempts / self.requests:.2f}"
        yield f"  rescues                 {_counted(self.rescues)}"
        for name, at in (("median", 50), ("95th", 95)):
            ours, bare = _at(self.times, at), _at(self.bare_times, at)
            yield f"  seconds, {name:<14} {ours:.3f}, bare {bare:.3f}"
        yield f"  requests a second       {self.requests / self.seconds:.0f}"
        yield f"  memory grown            {self.grown_bytes / 1e6:.1f} MB since the first tenth"
        yield f"  wrong                   {len(self.wrong)}"
        yield from (f"    {one}" for one in self.wrong[:20])


def _at(times: list[float], percent: int) -> float:
    return sorted(times)[len(times) * percent // 100] if times else 0.0


def _counted(counter: Mapping[Any, int]) -> str:
    rows = sorted(counter.items(), key=lambda row: -row[1])
    return ", ".join(f"{name} {count}" for name, count in rows if count) or "none"
