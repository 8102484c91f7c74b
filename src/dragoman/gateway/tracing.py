"""A span of OpenTelemetry around each question to a provider; nothing without the extra `otel`.

It goes to whatever provider of tracers the program has set up, as `opentelemetry-instrument` does.
It holds counts and names, and nothing of what was said.
Source: OpenTelemetry, "Semantic conventions for generative client AI spans", read 2026-11-21.
"""

import asyncio
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

import dragoman
from dragoman.chat import ChatRequest
from dragoman.errors import excerpt
from dragoman.gateway.record import Record

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

__all__ = ["asking", "is_traced"]

_Open = Callable[[ChatRequest, Record, Mapping[str, str]], AbstractContextManager[None]]

_NAMES = {
    "azure": "azure.ai.openai",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "xai": "x_ai",
}
"""Providers that the conventions call otherwise than we do."""

_SAID = {
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "max_tokens": "gen_ai.request.max_tokens",
    "n": "gen_ai.request.choice.count",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "seed": "gen_ai.request.seed",
    "stop": "gen_ai.request.stop_sequences",
    "temperature": "gen_ai.request.temperature",
    "top_k": "gen_ai.request.top_k",
    "top_p": "gen_ai.request.top_p",
}
"""Options of a request, with the conventions' names."""

_COUNTED = {
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "cached_tokens": "gen_ai.usage.cache_read.input_tokens",
    "cache_write_tokens": "gen_ai.usage.cache_creation.input_tokens",
    "reasoning_tokens": "gen_ai.usage.reasoning.output_tokens",
}
"""Fields of `Usage`, with the conventions' names."""


def asking(
    chat: ChatRequest, record: Record, headers: Mapping[str, str]
) -> AbstractContextManager[None]:
    """A span for as long as a provider is asked.

    `record` says who is asked when it begins and what came of it when it ends; `headers` are the
    caller's, whose `traceparent` is the parent unless a span is open already.
    """
    opened = _opener()
    return nullcontext() if opened is None else opened(chat, record, headers)


def is_traced() -> bool:
    """Whether the program has set up somebody who takes spans."""
    try:
        from opentelemetry import trace
    except ImportError:
        return False
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


@functools.cache
def _opener() -> _Open | None:
    """What opens a span; None without the extra."""
    try:
        from opentelemetry import propagate, trace
    except ImportError:
        return None

    def parent(headers: Mapping[str, str]) -> "Context | None":
        here = trace.get_current_span().get_span_context().is_valid
        return None if here else propagate.extract(headers)

    @contextmanager
    def span(chat: ChatRequest, record: Record, headers: Mapping[str, str]) -> Iterator[None]:
        tracer = trace.get_tracer("dragoman", dragoman.__version__)
        with tracer.start_as_current_span(
            f"chat {excerpt(record.model)}",
            context=parent(headers),
            kind=trace.SpanKind.CLIENT,
            attributes=_known_before(record),
            # An error's text may quote what was said.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as exc:
                gone = isinstance(exc, asyncio.CancelledError)
                span.set_attribute("error.type", "gone" if gone else type(exc).__name__)
                span.set_status(trace.StatusCode.ERROR)
                raise
            finally:
                if span.is_recording():
                    _describe(span, chat, record)

    def opened(
        chat: ChatRequest, record: Record, headers: Mapping[str, str]
    ) -> AbstractContextManager[None]:
        collected = not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)
        return span(chat, record, headers) if collected else nullcontext()

    return opened


def _known_before(record: Record) -> dict[str, str]:
    """What a sampler may decide by."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _NAMES.get(record.provider, record.provider),
        "gen_ai.request.model": excerpt(record.model),
    }


def _describe(span: "Span", chat: ChatRequest, record: Record) -> None:
    for field, name in _SAID.items():
        value = getattr(chat, field)
        if value is not None:
            span.set_attribute(name, value)
    span.set_attribute("gen_ai.request.stream", record.stream)
    span.set_attribute("gen_ai.response.model", excerpt(record.model))
    if record.response_id:
        span.set_attribute("gen_ai.response.id", excerpt(record.response_id))
    if record.finish_reason:
        span.set_attribute("gen_ai.response.finish_reasons", [record.finish_reason])
    if record.asked_at is not None and record.replied_at is not None:
        waited_s = record.replied_at - record.asked_at
        span.set_attribute("gen_ai.response.time_to_first_chunk", waited_s)
    for field, name in _COUNTED.items():
        count = getattr(record.usage, field, None)
        if count is not None:
            span.set_attribute(name, count)
    span.set_attribute("dragoman.request_id", record.request_id)
