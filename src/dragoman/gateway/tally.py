"""What is counted of requests, as plain values that can be added up: no clock, no I/O.

Workers of one gateway count apart; what they have counted goes from one to another as bytes.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import TypeAlias, TypeVar

import msgspec

from dragoman.events import Usage
from dragoman.gateway.record import Record

__all__ = ["HISTOGRAMS", "Counts", "Histogram", "Labels", "Tally", "decode_counts", "encode_counts"]

Labels: TypeAlias = tuple[str, ...]
K = TypeVar("K")
N = TypeVar("N", int, float)

HISTOGRAMS: Mapping[str, tuple[float, ...]] = {
    "dragoman_first_token_seconds": (
        *(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1),
        *(0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
    ),
    "dragoman_duration_seconds": tuple(0.01 * 2**step for step in range(14)),
    "dragoman_overhead_seconds": (
        *(0.0001, 0.00025, 0.0005, 0.001, 0.0025),
        *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25),
    ),
}
"""The upper boundaries of each histogram; the first two are those of OpenTelemetry's metrics."""


class Histogram(msgspec.Struct, array_like=True):
    """How many values lie below each boundary and above the one before, and their sum."""

    counts: list[int]
    total: float = 0.0

    def add_all(self, other: "Histogram") -> None:
        """Count what another has counted."""
        self.counts = [own + more for own, more in zip(self.counts, other.counts, strict=True)]
        self.total += other.total


_UNKNOWN = Usage()


def _histograms() -> dict[str, Histogram]:
    return {name: Histogram([0] * (len(edges) + 1)) for name, edges in HISTOGRAMS.items()}


class Tally(msgspec.Struct, array_like=True):
    """What was counted for one provider, model and key."""

    requests: dict[tuple[str, int], int] = msgspec.field(default_factory=dict)
    """By face and status."""
    errors: dict[tuple[str, str], int] = msgspec.field(default_factory=dict)
    """By face and class of error."""
    sums: dict[str, float] = msgspec.field(default_factory=dict)
    histograms: dict[str, Histogram] = msgspec.field(default_factory=_histograms)

    def add(self, record: Record, now: float) -> None:
        """Count one request that is over; there are many, so no number here costs a call."""
        request, requests = (record.face, record.status), self.requests
        requests[request] = requests[request] + 1 if request in requests else 1
        if record.error:
            _add(self.errors, (record.face, record.error), 1)
        start, first_at, asked_at = record.started_at, record.first_token_at, record.asked_at
        for name, value in (
            ("dragoman_duration_seconds", now - start),
            ("dragoman_first_token_seconds", None if first_at is None else first_at - start),
            ("dragoman_overhead_seconds", None if asked_at is None else asked_at - start),
        ):
            if value is not None:
                histogram = self.histograms[name]
                histogram.counts[bisect_left(HISTOGRAMS[name], value)] += 1
                histogram.total += value
        sums, usage = self.sums, record.usage or _UNKNOWN
        for name, amount in (
            ("dragoman_input_tokens_total", usage.input_tokens),
            ("dragoman_output_tokens_total", usage.output_tokens),
            ("dragoman_cached_tokens_total", usage.cached_tokens),
            ("dragoman_cost_dollars_total", record.cost),
            ("dragoman_skipped_events_total", record.skipped_events),
            ("dragoman_relayed_requests_total", 1 if record.relayed else 0),
        ):
            # A counter never falls: a provider that reports less than nothing is not believed.
            if amount is not None and amount > 0:
                sums[name] = sums[name] + amount if name in sums else amount

    def add_lost(self, usage: Usage) -> None:
        """Count the tokens of an attempt whose answer nobody got."""
        self._sum("dragoman_lost_input_tokens_total", usage.input_tokens)
        self._sum("dragoman_lost_output_tokens_total", usage.output_tokens)

    def add_all(self, other: "Tally") -> None:
        """Count what another has counted."""
        for request, count in other.requests.items():
            _add(self.requests, request, count)
        for error, count in other.errors.items():
            _add(self.errors, error, count)
        for name, amount in other.sums.items():
            _add(self.sums, name, amount)
        for name, histogram in other.histograms.items():
            self.histograms[name].add_all(histogram)

    def counted(self, name: str) -> Iterator[tuple[Labels, float]]:
        """The values of one counter, by its labels besides who."""
        if name == "dragoman_requests_total":
            for (face, status), count in self.requests.items():
                yield (face, str(status)), count
        elif name == "dragoman_errors_total":
            yield from self.errors.items()
        elif name in self.sums:
            yield (), self.sums[name]

    def _sum(self, name: str, amount: float | None) -> None:
        # A counter never falls: a provider that reports less than nothing is not believed.
        if amount is not None and amount > 0:
            _add(self.sums, name, amount)


class Counts(msgspec.Struct):
    """Everything that was counted, by provider, model and key; and what is open now."""

    tallies: dict[Labels, Tally] = msgspec.field(default_factory=dict)
    gauges: dict[str, dict[Labels, int]] = msgspec.field(default_factory=dict)

    def add_all(self, other: "Counts") -> None:
        """Add what another has counted."""
        for who, tally in other.tallies.items():
            self.tallies.setdefault(who, Tally()).add_all(tally)
        for name, gauge in other.gauges.items():
            own = self.gauges.setdefault(name, {})
            for who, count in gauge.items():
                _add(own, who, count)


def encode_counts(counts: Counts) -> bytes:
    """As bytes for another worker, or for another thread: a copy that nobody changes."""
    return msgspec.msgpack.encode(counts)


def decode_counts(kept: bytes) -> Counts:
    """What `encode_counts` wrote; `msgspec.DecodeError` if it is something else."""
    return _DECODER.decode(kept)


_DECODER = msgspec.msgpack.Decoder(Counts)


def _add(sums: dict[K, N], key: K, amount: N) -> None:
    sums[key] = sums[key] + amount if key in sums else amount
