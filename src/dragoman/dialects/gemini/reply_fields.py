"""The fields of a GenerateContentResponse that are read, typed for speed.

What is rarely there stays raw until it is wanted.
Source: the REST reference of GenerateContentResponse and Candidate, and the types of the SDK
google-genai 3.4.0, read 2026-11-21.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from dragoman.dialects.failures import FOREIGN, senseless
from dragoman.errors import ResponseError, excerpt
from dragoman.events import TokenLogprob, Usage

__all__ = [
    "CHUNK",
    "Candidate",
    "Chunk",
    "Part",
    "decode_arguments",
    "decode_chunk",
    "decode_logprobs",
    "decode_raw",
    "decode_usage",
]

_NOTHING = msgspec.Raw()


class FunctionCall(msgspec.Struct, gc=False):
    """A call, whole."""

    name: str | None = None
    id: str | None = None
    args: msgspec.Raw = _NOTHING


class Part(msgspec.Struct, gc=False, rename="camel"):
    """A part; with neither a text nor a call it is one that only this dialect has."""

    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    function_call: FunctionCall | None = None


class Content(msgspec.Struct, gc=False):
    """What is said."""

    parts: list[Part] | None = None


class Candidate(msgspec.Struct, gc=False, rename="camel"):
    """One answer, or a piece of it; the raw fields are those of `tables.CANDIDATE_FIELDS`."""

    content: Content | None = None
    finish_reason: str | None = None
    index: int | None = None
    logprobs_result: msgspec.Raw = _NOTHING
    finish_message: msgspec.Raw = _NOTHING
    token_count: msgspec.Raw = _NOTHING
    avg_logprobs: msgspec.Raw = _NOTHING
    safety_ratings: msgspec.Raw = _NOTHING
    citation_metadata: msgspec.Raw = _NOTHING
    grounding_metadata: msgspec.Raw = _NOTHING
    grounding_attributions: msgspec.Raw = _NOTHING
    url_context_metadata: msgspec.Raw = _NOTHING
    continuation_token: msgspec.Raw = _NOTHING


class _ModalityCount(msgspec.Struct, gc=False, rename="camel"):
    modality: str | None = None
    token_count: int | None = None


class UsageMetadata(msgspec.Struct, gc=False, rename="camel"):
    """Counts; a zero is not sent."""

    prompt_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    cached_content_token_count: int | None = None
    prompt_tokens_details: list[_ModalityCount] | None = None
    candidates_tokens_details: list[_ModalityCount] | None = None


class Chunk(msgspec.Struct, gc=False, rename="camel"):
    """One GenerateContentResponse, or an error in its place."""

    candidates: list[Candidate] | None = None
    usage_metadata: UsageMetadata | None = None
    model_version: str | None = None
    response_id: str | None = None
    prompt_feedback: msgspec.Raw = _NOTHING
    create_time: msgspec.Raw = _NOTHING
    model_status: msgspec.Raw = _NOTHING
    error: msgspec.Raw = _NOTHING


class _Token(msgspec.Struct, rename="camel"):
    token: str | None = None
    log_probability: float | None = None


class _Top(msgspec.Struct):
    candidates: list[_Token] | None = None


class _Logprobs(msgspec.Struct, rename="camel"):
    chosen_candidates: list[_Token] | None = None
    top_candidates: list[_Top] | None = None


CHUNK = msgspec.json.Decoder(Chunk)
_LOGPROBS = msgspec.json.Decoder(_Logprobs | None)


def decode_chunk(text: bytes) -> Chunk:
    """One response; `ResponseError` if it makes no sense."""
    try:
        return CHUNK.decode(text)
    except FOREIGN as exc:
        raise senseless(text, "a piece of an answer") from exc


def decode_raw(raw: msgspec.Raw | bytes) -> Any:
    """A raw field's value, which has not been looked into yet; None if it is not there."""
    try:
        return msgspec.json.decode(raw) if raw else None
    except FOREIGN as exc:
        raise ResponseError(f"a piece of an answer that makes no sense: {exc}") from exc


def decode_arguments(raw: msgspec.Raw) -> str:
    """Arguments as JSON text without blanks; `ResponseError` if they are no object."""
    text = b"{}"
    if decode_raw(raw) is not None:
        text = msgspec.json.format(bytes(raw), indent=-1)
    if not text.startswith(b"{"):
        raise ResponseError(f"arguments of a call that are no object: {excerpt(text)!r}")
    return text.decode()


def decode_usage(usage: UsageMetadata) -> Usage:
    """The counts as the middle has them: thoughts are output, what tools gave back is input."""
    return Usage(
        input_tokens=_sum(usage.prompt_token_count, usage.tool_use_prompt_token_count),
        output_tokens=_sum(usage.candidates_token_count, usage.thoughts_token_count),
        cached_tokens=usage.cached_content_token_count,
        reasoning_tokens=usage.thoughts_token_count,
        input_audio_tokens=_audio(usage.prompt_tokens_details),
        output_audio_tokens=_audio(usage.candidates_tokens_details),
    )


def decode_logprobs(raw: msgspec.Raw) -> tuple[TokenLogprob, ...]:
    """The tokens of a `logprobsResult`, each with its alternatives."""
    try:
        found = _LOGPROBS.decode(raw)
    except FOREIGN as exc:
        raise ResponseError(f"likelihoods that make no sense: {excerpt(bytes(raw))!r}") from exc
    chosen = (found.chosen_candidates if found else None) or []
    tops = [_tokens(top.candidates or ()) for top in (found and found.top_candidates) or ()]
    tops += [()] * (len(chosen) - len(tops))
    return tuple(
        msgspec.structs.replace(token, top=top)
        for token, top in zip(_tokens(chosen), tops, strict=False)
    )


def _tokens(tokens: Iterable[_Token]) -> tuple[TokenLogprob, ...]:
    return tuple(TokenLogprob(one.token or "", one.log_probability or 0.0) for one in tokens)


def _sum(first: int | None, second: int | None) -> int | None:
    return first if second is None else (first or 0) + second


def _audio(counts: Iterable[_ModalityCount] | None) -> int | None:
    for count in counts or ():
        if count.modality == "AUDIO":
            return count.token_count
    return None
