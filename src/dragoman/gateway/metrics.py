"""What a gateway counts of its requests, and the page that Prometheus reads it from.

A request costs one look into a dictionary and a dozen additions; labels and text are made when
somebody reads the page. Memory is bounded: a model that no provider has answered for is one of the
first few hundred such names, or `other`. Workers behind one port leave their counts in files side
by side, so that each of them tells those of all.
Source: Prometheus, "Exposition formats" and "Metric and label naming", read 2026-11-21.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
from prometheus_client import generate_latest as generate_text
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

import dragoman
from dragoman.errors import excerpt
from dragoman.gateway.record import Record
from dragoman.gateway.tally import (
    HISTOGRAMS,
    Counts,
    Labels,
    Tally,
    decode_counts,
    encode_counts,
)
from dragoman.routing.breaker import State
from dragoman.routing.health_report import ModelReport, ProviderReport

__all__ = ["HEALTH_METRICS", "MEDIA_TYPE", "METRICS", "OTHER", "Meter", "Page", "Row"]

MEDIA_TYPE = CONTENT_TYPE_LATEST
OTHER = "other"
"""The label of every model beyond the first ones."""

_MOST_SERVED = 500
_MOST_ASKED = 200
_KEEP_S = 0.5
HealthReport: TypeAlias = Sequence[ProviderReport]
_WHO = ("provider", "model", "key")


class Row(msgspec.Struct, frozen=True):
    """One metric as it is documented; `labels` are those besides `who`."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    about: str
    labels: tuple[str, ...] = ()
    who: tuple[str, ...] = _WHO

    @property
    def all_labels(self) -> tuple[str, ...]:
        """Every label, in the order of the page."""
        return (*self.who, *self.labels)


METRICS: tuple[Row, ...] = (
    Row("dragoman_requests_total", "counter", "Requests that are over.", ("face", "status")),
    Row(
        "dragoman_relayed_requests_total",
        "counter",
        "Of those, the ones that needed no translation and took the short way.",
    ),
    Row("dragoman_errors_total", "counter", "Requests that ended in an error.", ("face", "error")),
    Row(
        "dragoman_input_tokens_total", "counter", "Tokens of requests, the cached ones among them."
    ),
    Row("dragoman_output_tokens_total", "counter", "Tokens of answers."),
    Row(
        "dragoman_cached_tokens_total", "counter", "Tokens of requests that a provider had cached."
    ),
    Row(
        "dragoman_lost_input_tokens_total",
        "counter",
        "Tokens of the requests of attempts whose answer nobody got.",
    ),
    Row(
        "dragoman_lost_output_tokens_total",
        "counter",
        "Tokens of the answers that nobody got.",
    ),
    Row(
        "dragoman_skipped_events_total",
        "counter",
        "Broken events that were left out between good ones.",
    ),
    Row("dragoman_cost_dollars_total", "counter", "US dollars, where the model's price is known."),
    Row("dragoman_first_token_seconds", "histogram", "From the request to the first token."),
    Row("dragoman_duration_seconds", "histogram", "From the request to the end of the answer."),
    Row("dragoman_overhead_seconds", "histogram", "What the gateway took before it asked."),
    Row("dragoman_open_requests", "gauge", "Requests that are under way."),
    Row("dragoman_open_streams", "gauge", "Of those, the ones whose answer is streamed."),
)
"""Every metric of requests; printed in the docs and walked by the tests."""

_PAIR = ("provider", "model")

HEALTH_METRICS: tuple[Row, ...] = (
    Row(
        "dragoman_attempts_total",
        "counter",
        "Times that a provider was asked, by what came of it.",
        ("outcome",),
        _PAIR,
    ),
    Row(
        "dragoman_breaker_state",
        "gauge",
        "0: closed; 1: a probe is due; 2: open, the model is left alone.",
        who=_PAIR,
    ),
    Row("dragoman_breaker_openings_total", "counter", "Times that it opened.", who=_PAIR),
    Row(
        "dragoman_error_rate",
        "gauge",
        "Share of failures among the attempts within `window_s`.",
        who=_PAIR,
    ),
    Row(
        "dragoman_provider_works",
        "gauge",
        "1 if the last active probe went well, 0 if not.",
        who=("provider",),
    ),
)
"""Every metric of providers; printed in the docs and walked by the tests."""

_STATES: Mapping[State, int] = {"closed": 0, "probe": 1, "open": 2}


class Page:
    """What was counted up to one moment: to be made into text, in any thread.

    `kept` is the file of this process; those beside it are other workers'.
    """

    def __init__(self, counted: bytes, kept: Path | None, health: HealthReport = ()) -> None:
        self._counted = counted
        self._kept = kept
        self._health = health

    def text(self) -> bytes:
        """The page in the format of `MEDIA_TYPE`, with what is known of the process itself."""
        counts = decode_counts(self._counted)
        for other in self._others():
            counts.add_all(other)
        registry = CollectorRegistry()
        registry.register(_Families(counts))
        registry.register(_HealthFamilies(self._health))
        ProcessCollector(registry=registry)
        return generate_text(registry)

    def _others(self) -> Iterator[Counts]:
        if self._kept is None:
            return
        for path in sorted(self._kept.parent.glob("*.counts")):
            if path != self._kept and (counts := _read(path)) is not None:
                yield counts


class _Families(Collector):
    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        """Every metric, in the order of `METRICS`."""
        version = GaugeMetricFamily("dragoman_info", "What runs here.", labels=["version"])
        version.add_metric([dragoman.__version__], 1)
        yield version
        made = {
            "counter": self._counter,
            "gauge": self._gauge,
            "histogram": self._histogram,
        }
        for row in METRICS:
            yield made[row.kind](row)

    def _counter(self, row: Row) -> Metric:
        family = CounterMetricFamily(row.name, row.about, labels=row.all_labels)
        for who, tally in self._counts.tallies.items():
            for labels, value in tally.counted(row.name):
                family.add_metric([*who, *labels], value)
        return family

    def _gauge(self, row: Row) -> Metric:
        family = GaugeMetricFamily(row.name, row.about, labels=row.all_labels)
        for who, value in self._counts.gauges[row.name].items():
            family.add_metric(who, value)
        return family

    def _histogram(self, row: Row) -> Metric:
        family = HistogramMetricFamily(row.name, row.about, labels=row.all_labels)
        names = [*(str(edge) for edge in HISTOGRAMS[row.name]), "+Inf"]
        for who, tally in self._counts.tallies.items():
            histogram = tally.histograms[row.name]
            # Prometheus wants in each bucket all that is below its boundary.
            below, buckets = 0, []
            for name, count in zip(names, histogram.counts, strict=True):
                below += count
                buckets.append((name, float(below)))
            family.add_metric(who, buckets, histogram.total)
        return family


class _HealthFamilies(Collector):
    def __init__(self, health: HealthReport) -> None:
        self._health = health

    def collect(self) -> Iterable[Metric]:
        """Every metric, in the order of `HEALTH_METRICS`."""
        for row in HEALTH_METRICS:
            made = CounterMetricFamily if row.kind == "counter" else GaugeMetricFamily
            family = made(row.name, row.about, labels=row.all_labels)
            for labels, value in self._told(row.name):
                family.add_metric(labels, value)
            yield family

    def _told(self, name: str) -> Iterator[tuple[Labels, float]]:
        for told in self._health:
            if told.probe is not None and name == "dragoman_provider_works":
                yield (told.provider,), told.probe.works
            for model in told.models:
                for labels, value in _of_model(name, model):
                    yield (told.provider, model.model, *labels), value


def _of_model(name: str, model: ModelReport) -> Iterator[tuple[Labels, float]]:
    match name:
        case "dragoman_attempts_total":
            for outcome, count in model.attempts.items():
                yield (outcome,), count
        case "dragoman_breaker_state":
            yield (), _STATES[model.state]
        case "dragoman_breaker_openings_total":
            yield (), model.openings
        case "dragoman_error_rate":
            yield (), model.error_rate


class Meter:
    """Counts the requests of one process, on its loop. `clock` is that of the records.

    `kept` is a file NAME.counts, in a folder that is only for those of the workers of one gateway:
    the counts are kept there, about twice a second, and a worker that takes the place of one that
    died goes on from them.
    """

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, *, kept: Path | None = None
    ) -> None:
        self._clock = clock
        self._kept = kept
        self._tallies: dict[Labels, Tally] = {}
        self._open: set[Record] = set()
        self._served: dict[tuple[str, str], str] = {}
        self._asked: dict[tuple[str, str], str] = {}
        self._keeping: asyncio.TimerHandle | None = None
        if kept is not None and (found := _read(kept)) is not None:
            self._tallies = found.tallies
            # What was open in the process that died is open no more.
            _write(kept, self._encoded())

    def begin(self, record: Record) -> None:
        """A request has come. What the record says of it may change until it is over."""
        self._open.add(record)
        if self._kept is not None and self._keeping is None:
            self._keep_soon(self._kept)

    def end(self, record: Record) -> None:
        """A request is over."""
        self._open.discard(record)
        label = self._served.get((record.provider, record.model))
        who = (record.provider, label, record.key_name) if label else self._who(record)
        tally = self._tallies.get(who)
        if tally is None:
            tally = self._tally(who)
        tally.add(record, self._clock())
        for attempt in record.tries:
            if attempt.outcome != "answered" and attempt.usage is not None:
                name = (attempt.candidate.provider, attempt.model)
                lost = (name[0], self._label(name, served=True), record.key_name)
                self._tally(lost).add_lost(attempt.usage)
        if self._kept is not None and self._keeping is None:
            self._keep_soon(self._kept)

    def page(self, health: HealthReport = ()) -> Page:
        """A copy of all that was counted, beside what is known of the providers."""
        return Page(self._encoded(), self._kept, health)

    def render(self) -> bytes:
        """The page of the moment, in the format of `MEDIA_TYPE`."""
        return self.page().text()

    def _encoded(self) -> bytes:
        requests = Counter(self._who(record) for record in self._open)
        streams = Counter(self._who(record) for record in self._open if record.stream)
        gauges: dict[str, dict[Labels, int]] = {
            "dragoman_open_requests": requests,
            "dragoman_open_streams": streams,
        }
        return encode_counts(Counts(self._tallies, gauges))

    def _keep_soon(self, kept: Path) -> None:
        self._keeping = asyncio.get_running_loop().call_later(_KEEP_S, self._keep, kept)

    def _keep(self, kept: Path) -> None:
        self._keeping = None
        asyncio.get_running_loop().run_in_executor(None, _write, kept, self._encoded())

    def _tally(self, who: Labels) -> Tally:
        tally = self._tallies.get(who)
        if tally is None:
            tally = self._tallies[who] = Tally()
        return tally

    def _who(self, record: Record) -> Labels:
        name = (record.provider, record.model)
        label = self._served.get(name)
        if label is None:
            served = record.status == HTTPStatus.OK or record.first_token_at is not None
            label = self._label(name, served=served)
        return (record.provider, label, record.key_name)

    def _label(self, name: tuple[str, str], *, served: bool) -> str:
        """The label of a model; callers may ask for any name, so only so many get one."""
        known, most = (self._served, _MOST_SERVED) if served else (self._asked, _MOST_ASKED)
        label = known.get(name)
        if label is None:
            if len(known) >= most:
                return OTHER
            label = known[name] = excerpt(name[1])
        return label


def _read(path: Path) -> Counts | None:
    # There is none yet, or it is another version's.
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return decode_counts(path.read_bytes())
    return None


def _write(path: Path, counted: bytes) -> None:
    # A folder that is gone is the end of the gateway: there is nobody to tell.
    with contextlib.suppress(OSError):
        beside = path.with_suffix(".new")
        beside.write_bytes(counted)
        beside.replace(path)
