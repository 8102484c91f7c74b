"""The spans around questions to providers, seen by a tracer of our own: the API needs no SDK."""

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.util import types

from dragoman.chat import ChatRequest
from dragoman.errors import RateLimitError
from dragoman.events import Usage
from dragoman.gateway import tracing
from dragoman.gateway.record import Record

CHAT = ChatRequest(model="work/small", messages=(), temperature=0.5, stop=("END",), max_tokens=9)
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class _Span(trace.Span):
    """A span that keeps what it is told."""

    def __init__(self, name: str, parent: int, attributes: Mapping[str, Any]) -> None:
        self.name, self.parent, self.attributes = name, parent, dict(attributes)
        self.kind: SpanKind | None = None
        self.status: StatusCode | None = None
        self.events: list[str] = []
        self.ended = False

    def end(self, end_time: int | None = None) -> None:
        self.ended = True

    def get_span_context(self) -> SpanContext:
        return SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1))

    def set_attributes(self, attributes: Mapping[str, types.AttributeValue]) -> None:
        self.attributes.update(attributes)

    def set_attribute(self, key: str, value: types.AttributeValue) -> None:
        self.attributes[key] = value

    def add_event(
        self, name: str, attributes: types.Attributes = None, timestamp: int | None = None
    ) -> None:
        self.events.append(name)

    def update_name(self, name: str) -> None:
        self.name = name

    def is_recording(self) -> bool:
        return True

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        assert isinstance(status, StatusCode)
        self.status = status

    def record_exception(self, exception: BaseException, *_: object, **__: object) -> None:
        self.events.append("exception")


class _Tracer(trace.Tracer):
    def __init__(self) -> None:
        self.spans: list[_Span] = []

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: types.Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> Span:
        parent = trace.get_current_span(context).get_span_context().span_id
        span = _Span(name, parent, attributes or {})
        span.kind = kind
        self.spans.append(span)
        return span

    @contextmanager
    def start_as_current_span(self, name: str, *args: Any, **kwargs: Any) -> Iterator[Span]:  # type: ignore[override]  # the API's is more than a context manager
        end_on_exit = kwargs.pop("end_on_exit", True)
        span = self.start_span(name, *args, **kwargs)
        with trace.use_span(
            span,
            end_on_exit=end_on_exit,
            record_exception=kwargs["record_exception"],
            set_status_on_exception=kwargs["set_status_on_exception"],
        ):
            yield span


class _Provider(trace.TracerProvider):
    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: types.Attributes = None,
    ) -> trace.Tracer:
        assert instrumenting_module_name == "dragoman"
        return self._tracer


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> _Tracer:
    tracer = _Tracer()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: _Provider(tracer))
    return tracer


def _record() -> Record:
    record = Record("req_1", "chat")
    record.provider, record.model, record.stream = "gemini", "small", True
    record.asked_at, record.replied_at = 1.0, 1.25
    return record


def test_a_span_says_what_was_asked_and_what_it_took(tracer: _Tracer) -> None:
    record = _record()

    with tracing.asking(CHAT, record, {}):
        record.model = "small-2026-11"
        record.response_id, record.finish_reason = "resp-1", "length"
        record.usage = Usage(input_tokens=10, output_tokens=3, cached_tokens=4)

    [span] = tracer.spans
    assert (span.name, span.kind, span.status, span.ended) == (
        "chat small", SpanKind.CLIENT, None, True
    )  # fmt: skip
    assert span.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "gcp.gemini",
        "gen_ai.request.model": "small",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.stop_sequences": ("END",),
        "gen_ai.request.max_tokens": 9,
        "gen_ai.request.stream": True,
        "gen_ai.response.model": "small-2026-11",
        "gen_ai.response.id": "resp-1",
        "gen_ai.response.finish_reasons": ["length"],
        "gen_ai.response.time_to_first_chunk": 0.25,
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 3,
        "gen_ai.usage.cache_read.input_tokens": 4,
        "dragoman.request_id": "req_1",
    }


def test_an_error_is_named_and_its_words_are_not_told(tracer: _Tracer) -> None:
    """A provider may quote in its error what a person wrote."""
    with pytest.raises(RateLimitError), tracing.asking(CHAT, _record(), {}):
        raise RateLimitError("too many questions about my health")

    [span] = tracer.spans
    assert span.attributes["error.type"] == "RateLimitError"
    assert (span.status, span.events, span.ended) == (StatusCode.ERROR, [], True)
    assert "health" not in repr(span.attributes)


def test_a_caller_who_goes_is_told_as_in_the_log(tracer: _Tracer) -> None:
    with pytest.raises(asyncio.CancelledError), tracing.asking(CHAT, _record(), {}):
        raise asyncio.CancelledError

    assert tracer.spans[0].attributes["error.type"] == "gone"


def test_a_model_that_gave_nothing_has_no_time_and_no_counts(tracer: _Tracer) -> None:
    record = _record()
    record.replied_at = None

    with tracing.asking(CHAT, record, {}):
        pass

    names = set(tracer.spans[0].attributes)
    assert "gen_ai.response.time_to_first_chunk" not in names
    assert not any(name.startswith("gen_ai.usage.") for name in names)


def test_the_callers_trace_goes_on(tracer: _Tracer) -> None:
    with tracing.asking(CHAT, _record(), {"traceparent": PARENT}):
        pass

    assert tracer.spans[0].parent == 0xB7AD6B7169203331


def test_a_span_that_is_open_already_is_the_parent(tracer: _Tracer) -> None:
    """The application that the gateway is mounted in has read the header itself."""
    with (
        trace.use_span(_Span("outer", 0, {})),
        tracing.asking(CHAT, _record(), {"traceparent": PARENT}),
    ):
        pass

    assert tracer.spans[0].parent == 2


def test_a_span_that_a_sampler_left_out_is_not_described(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = trace.NoOpTracerProvider()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)

    with tracing.asking(CHAT, _record(), {"traceparent": PARENT}):
        assert trace.get_current_span().get_span_context().span_id == 0xB7AD6B7169203331


def test_where_nobody_collects_spans_none_is_made() -> None:
    with tracing.asking(CHAT, _record(), {"traceparent": PARENT}):
        assert trace.get_current_span() is trace.INVALID_SPAN


def test_without_the_extra_there_is_no_span_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    tracing._opener.cache_clear()

    with tracing.asking(CHAT, _record(), {}):
        pass

    monkeypatch.undo()
    tracing._opener.cache_clear()


def test_spans_are_made_only_where_a_program_has_set_up_who_takes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not tracing.is_traced()

    monkeypatch.setattr(trace, "get_tracer_provider", object)
    assert tracing.is_traced()

    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    assert not tracing.is_traced()
