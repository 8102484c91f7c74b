"""Tokens on the wire and in the middle.

The service counts what was read from the cache and what was written to it beside `input_tokens`;
in the middle both are among them. Every answer has tokens in and out, so a nought is how a server
that does not know says so.
Source: Claude API docs "Prompt caching" and the SDK's `Usage` and `MessageDeltaUsage`, read
2026-11-21.
"""

import msgspec

from dragoman.events import Usage

__all__ = ["WireUsage", "decode_usage", "encode_usage", "later"]


class _Details(msgspec.Struct, gc=False):
    thinking_tokens: int | None = None


class WireUsage(msgspec.Struct, gc=False):
    """The counts that the middle knows."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens_details: _Details | None = None


def later(before: WireUsage, after: WireUsage) -> WireUsage:
    """The later counts; those that it does not tell are kept."""
    return WireUsage(
        *(
            old if new is None else new
            for old, new in zip(
                msgspec.structs.astuple(before), msgspec.structs.astuple(after), strict=True
            )
        )
    )


def decode_usage(wire: WireUsage) -> Usage | None:
    """The counts in the middle; None if nothing was counted."""
    counted = (wire.input_tokens, wire.cache_read_input_tokens, wire.cache_creation_input_tokens)
    if not any(counted) and not wire.output_tokens:
        return None
    details = wire.output_tokens_details
    return Usage(
        input_tokens=sum(count or 0 for count in counted) or None,
        output_tokens=wire.output_tokens or None,
        cached_tokens=wire.cache_read_input_tokens,
        cache_write_tokens=wire.cache_creation_input_tokens,
        reasoning_tokens=details.thinking_tokens if details else None,
    )


def encode_usage(usage: Usage | None) -> dict[str, object]:
    """The counts on the wire, which must have those in and out."""
    if usage is None:
        return {"input_tokens": 0, "output_tokens": 0}
    cached, written = usage.cached_tokens or 0, usage.cache_write_tokens or 0
    told: dict[str, object] = {
        "input_tokens": max((usage.input_tokens or 0) - cached - written, 0),
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens or 0,
    }
    if usage.reasoning_tokens is not None:
        told["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    return told
