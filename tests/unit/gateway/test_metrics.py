"""What is counted of requests, and how the page tells of it."""

import asyncio
import time
from pathlib import Path

import prometheus_client.parser
import pytest

from dragoman.events import Usage
from dragoman.gateway import metrics
from dragoman.gateway.metrics import METRICS, OTHER, Meter
from dragoman.gateway.record import Record

WHO = {"provider": "work", "model": "small", "key": "team"}


def _record(model: str = "small", *, status: int = 200, error: str = "") -> Record:
    """A request at 0 s, asked of the provider after 0.002 s, with its first token after 0.3 s."""
    record = Record("req_1", "chat")
    record.started_at = 0.0
    record.asked_at = 0.002
    record.first_token_at = 0.3 if status == 200 else None
    record.provider, record.model, record.key_name = "work", model, "team"
    record.status, record.error = status, error
    return record


def _meter(*records: Record) -> Meter:
    """A meter of requests that are over, at 5 s."""
    meter = Meter(clock=lambda: 5.0)
    for record in records:
        meter.begin(record)
        meter.end(record)
    return meter


def _samples(meter: Meter, name: str) -> list[tuple[dict[str, str], float]]:
    text = meter.render().decode()
    return [
        (sample.labels, sample.value)
        for family in prometheus_client.parser.text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    ]


def _value(meter: Meter, name: str, **labels: str) -> float:
    found = [value for each, value in _samples(meter, name) if each == {**WHO, **labels}]
    assert len(found) == 1, _samples(meter, name)
    return found[0]


def test_requests_are_counted_by_face_and_status() -> None:
    meter = _meter(_record(), _record(), _record(status=429, error="RateLimitError"))

    assert _value(meter, "dragoman_requests_total", face="chat", status="200") == 2
    assert _value(meter, "dragoman_requests_total", face="chat", status="429") == 1
    assert _value(meter, "dragoman_errors_total", face="chat", error="RateLimitError") == 1


def test_tokens_and_their_price_are_added_up() -> None:
    records = [_record(), _record()]
    for record in records:
        record.usage = Usage(input_tokens=10, output_tokens=3, cached_tokens=4)
        record.cost = 0.25

    meter = _meter(*records)

    assert _value(meter, "dragoman_input_tokens_total") == 20
    assert _value(meter, "dragoman_output_tokens_total") == 6
    assert _value(meter, "dragoman_cached_tokens_total") == 8
    assert _value(meter, "dragoman_cost_dollars_total") == 0.5


def test_what_is_not_known_is_not_counted_as_nothing() -> None:
    meter = _meter(_record())

    assert _samples(meter, "dragoman_cost_dollars_total") == []
    assert _samples(meter, "dragoman_input_tokens_total") == []


def test_a_counter_never_falls() -> None:
    """Prometheus takes a fall for a restart; and a provider may send any number."""
    record = _record()
    record.usage = Usage(input_tokens=-5)

    assert _samples(_meter(record), "dragoman_input_tokens_total") == []


@pytest.mark.parametrize(
    ("name", "total", "below", "first"),
    [
        ("dragoman_duration_seconds", 5.0, "2.56", "5.12"),
        ("dragoman_first_token_seconds", 0.3, "0.25", "0.5"),
        ("dragoman_overhead_seconds", 0.002, "0.001", "0.0025"),
    ],
)
def test_times_stand_in_the_bucket_that_they_fit(
    name: str, total: float, below: str, first: str
) -> None:
    meter = _meter(_record())

    assert _value(meter, f"{name}_count") == 1
    assert _value(meter, f"{name}_sum") == total
    assert _value(meter, f"{name}_bucket", le=below) == 0
    assert _value(meter, f"{name}_bucket", le=first) == 1
    assert _value(meter, f"{name}_bucket", le="+Inf") == 1


def test_a_request_that_was_never_asked_has_a_duration_only() -> None:
    record = _record(status=401, error="GatewayKeyError")
    record.asked_at = None

    meter = _meter(record)

    assert _value(meter, "dragoman_duration_seconds_count") == 1
    assert _value(meter, "dragoman_overhead_seconds_count") == 0
    assert _value(meter, "dragoman_first_token_seconds_count") == 0


def test_open_requests_are_told_by_what_is_known_of_them_now() -> None:
    """When a request begins, nobody knows yet which model it wants."""
    meter, record, other = Meter(), Record("req_1", "chat"), Record("req_2", "chat")
    meter.begin(record)
    meter.begin(other)

    record.provider, record.model, record.key_name, record.stream = "work", "small", "team", True

    assert _value(meter, "dragoman_open_streams") == 1
    assert _value(meter, "dragoman_open_requests") == 1
    meter.end(record)
    meter.end(other)
    assert _samples(meter, "dragoman_open_streams") == []
    assert _samples(meter, "dragoman_open_requests") == []


def test_names_that_callers_make_up_share_one_label() -> None:
    """Each label costs memory here and in Prometheus for ever."""
    wrong = [
        _record(f"made-up-{number}", status=404, error="ResponseStatusError")
        for number in range(300)
    ]

    meter = _meter(*wrong, _record("real"))

    models = {labels["model"] for labels, _ in _samples(meter, "dragoman_requests_total")}
    assert OTHER in models
    assert "real" in models, "a model that answers has its own label, whatever was asked before"
    assert len(models) == 200 + 2
    counted = [value for _, value in _samples(meter, "dragoman_requests_total")]
    assert sum(counted) == 301


def test_a_provider_that_answers_to_any_name_is_bounded_too() -> None:
    meter = _meter(*[_record(f"any-{number}") for number in range(510)])

    assert len(_samples(meter, "dragoman_requests_total")) == 500 + 1


@pytest.mark.parametrize(
    "model", ['quo"te', "new\nline", "back\\slash", "half \ud800 a pair", "x" * 10_000]
)
def test_no_name_of_a_model_breaks_the_page(model: str) -> None:
    meter = _meter(_record(model))

    [(labels, value)] = _samples(meter, "dragoman_requests_total")

    assert value == 1
    assert len(labels["model"]) <= 200


def test_a_key_in_place_of_a_model_is_masked() -> None:
    assert b"sk-secret" not in _meter(_record("sk-secret0123456789abcdef")).render()


def test_the_page_has_every_metric_with_its_kind_and_what_it_means() -> None:
    page = _meter(_record()).render().decode()

    for row in METRICS:
        assert f"# TYPE {row.name} {row.kind}\n" in page
        assert f"# HELP {row.name} {row.about}\n" in page
    assert "dragoman_info{version=" in page


def test_a_page_does_not_change_while_it_is_written_out() -> None:
    """It is written in a thread, while the loop counts on."""
    meter = _meter(_record())

    page = meter.page()
    meter.end(_record())

    assert b'face="chat",key="team",model="small",provider="work",status="200"} 1.0' in page.text()


async def _kept(path: Path) -> None:
    """Wait until a worker has written its counts."""

    def wait() -> None:
        while not path.exists():
            time.sleep(0.005)

    await asyncio.to_thread(wait)


async def _page(meter: Meter) -> str:
    return (await asyncio.to_thread(meter.page().text)).decode()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts are kept without a wait."""
    monkeypatch.setattr(metrics, "_KEEP_S", 0)


@pytest.mark.usefixtures("at_once")
async def test_each_worker_tells_what_all_have_counted(tmp_path: Path) -> None:
    """Prometheus meets now one, now the other; a counter that falls is a restart to it."""
    first = Meter(clock=lambda: 5.0, kept=tmp_path / "1.counts")
    second = Meter(clock=lambda: 5.0, kept=tmp_path / "2.counts")
    record = _record()
    record.usage, record.stream = Usage(input_tokens=10), True
    first.begin(record)
    first.end(record)
    failed = _record(status=500, error="ResponseError")
    first.begin(failed)
    first.end(failed)
    first.begin(record)
    second.begin(_record())

    await _kept(tmp_path / "1.counts")
    second.end(_record())
    page = await _page(second)

    who = 'key="team",model="small",provider="work"'
    assert f'dragoman_requests_total{{face="chat",{who},status="200"}} 2.0' in page
    assert f'dragoman_errors_total{{error="ResponseError",face="chat",{who}}} 1.0' in page
    assert f"dragoman_input_tokens_total{{{who}}} 10.0" in page
    assert f"dragoman_duration_seconds_count{{{who}}} 3.0" in page
    assert f"dragoman_open_requests{{{who}}} 2.0" in page
    assert f"dragoman_open_streams{{{who}}} 1.0" in page
    await _kept(tmp_path / "2.counts")


@pytest.mark.usefixtures("at_once")
async def test_a_worker_that_takes_the_place_of_another_goes_on_from_its_counts(
    tmp_path: Path,
) -> None:
    path = tmp_path / "1.counts"
    died = Meter(kept=path)
    died.begin(_record())
    died.end(_record())
    await _kept(path)

    other = Meter(kept=tmp_path / "2.counts")
    anew = await asyncio.to_thread(lambda: Meter(kept=path))

    for meter in (anew, other):
        page = await _page(meter)
        assert 'provider="work",status="200"} 1.0' in page
        assert "dragoman_open_requests{" not in page, "what was open there is open no more"


async def test_a_file_that_is_none_of_ours_is_passed_over(tmp_path: Path) -> None:
    await asyncio.to_thread((tmp_path / "1.counts").write_bytes, b"garbage")
    meter = await asyncio.to_thread(lambda: Meter(kept=tmp_path / "1.counts"))
    other = Meter(kept=tmp_path / "2.counts")

    assert "dragoman_requests_total{" not in await _page(meter)
    assert "dragoman_requests_total{" not in await _page(other)


@pytest.mark.usefixtures("at_once")
async def test_a_folder_that_is_gone_stops_no_request(tmp_path: Path) -> None:
    meter = Meter(kept=tmp_path / "gone" / "1.counts")

    meter.begin(_record())
    await asyncio.sleep(0.05)  # The file is written, in vain, in a thread.

    assert "dragoman_open_requests{" in await _page(meter)


def test_those_that_took_the_short_way_are_counted_among_the_others() -> None:
    short = _record()
    short.relayed = True
    meter = _meter(_record(), short)

    assert _value(meter, "dragoman_requests_total", face="chat", status="200") == 2
    assert _value(meter, "dragoman_relayed_requests_total") == 1
