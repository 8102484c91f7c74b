"""The JSON of an answer as typed values: a piece of a stream, and a whole answer alike.

Only what is read has a field; a `delta` and a `message` are of the same shape.
Source: as `dragoman.dialects.openai_chat.tables`. `content` may be a list of parts (Mistral's API
reference, "Chat", with parts of type `thinking`), read 2026-11-21.
"""

import msgspec

from dragoman.dialects.failures import FOREIGN, senseless
from dragoman.events import TokenLogprob, Usage

__all__ = [
    "CHUNKS",
    "Audio",
    "CallDelta",
    "Choice",
    "Chunk",
    "Custom",
    "Delta",
    "Function",
    "Piece",
    "decode_chunk",
    "logprobs_of",
    "usage_of",
]

NOTHING = msgspec.Raw()
"""What msgspec raises for JSON that is none, or not of this shape."""


class Function(msgspec.Struct, gc=False):
    """The name and the arguments, or more of them, of a call."""

    name: str | None = None
    arguments: str | None = None


class Custom(msgspec.Struct, gc=False):
    """The name and the input, or more of it, of a call of a custom tool."""

    name: str | None = None
    input: str | None = None


class Google(msgspec.Struct, gc=False):
    """Google's proof of the thought behind a call."""

    thought_signature: str | None = None


class ExtraContent(msgspec.Struct, gc=False):
    """What only one service adds."""

    google: Google | None = None


class CallDelta(msgspec.Struct, gc=False):
    """A tool call, or more of one."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None
    custom: Custom | None = None
    extra_content: ExtraContent | None = None


class Piece(msgspec.Struct, gc=False):
    """A part of content that is a list; `thinking` is a list of such parts, or text."""

    type: str = "text"
    text: str | None = None
    refusal: str | None = None
    thinking: "list[Piece] | str | None" = None


class Audio(msgspec.Struct, gc=False, omit_defaults=True):
    """A spoken answer, or more of it."""

    id: str | None = None
    data: str | None = None
    expires_at: int | None = None
    transcript: str | None = None


class Delta(msgspec.Struct, gc=False):
    """A message, or more of one."""

    content: str | list[Piece] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[dict[str, object]] | None = None
    refusal: str | None = None
    tool_calls: list[CallDelta] | None = None
    function_call: Function | None = None
    annotations: list[dict[str, object]] | None = None
    audio: Audio | None = None


class TopLogprob(msgspec.Struct, gc=False):
    """A token that might have been."""

    token: str
    logprob: float


class Logprob(msgspec.Struct, gc=False):
    """A token and what stood beside it."""

    token: str
    logprob: float
    top_logprobs: list[TopLogprob] | None = None


class Logprobs(msgspec.Struct, gc=False):
    """How likely the tokens of the content, or of the refusal, were."""

    content: list[Logprob] | None = None
    refusal: list[Logprob] | None = None


class Choice(msgspec.Struct, gc=False):
    """One of the answers, or more of it."""

    index: int | None = None
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class PromptDetails(msgspec.Struct, gc=False):
    """What of the input was counted apart."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_tokens: int | None = None


class CompletionDetails(msgspec.Struct, gc=False):
    """What of the output was counted apart."""

    reasoning_tokens: int | None = None
    audio_tokens: int | None = None


class ChunkUsage(msgspec.Struct, gc=False):
    """Tokens in and out; `prompt_cache_hit_tokens` is DeepSeek's word for the cached ones."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None
    prompt_cache_hit_tokens: int | None = None


class Chunk(msgspec.Struct, gc=False):
    """A piece of a stream, or a whole answer."""

    id: str | None = None
    model: str | None = None
    choices: list[Choice] | None = None
    usage: ChunkUsage | None = None
    system_fingerprint: str | None = None
    service_tier: str | None = None
    error: msgspec.Raw = NOTHING


CHUNKS = msgspec.json.Decoder(Chunk)


def decode_chunk(text: bytes, what: str = "a piece of a stream") -> Chunk:
    """The chunk; `ResponseError` if it is none."""
    try:
        return CHUNKS.decode(text)
    except FOREIGN as exc:
        raise senseless(text, what) from exc


def usage_of(usage: ChunkUsage) -> Usage:
    """The counts; what is counted apart is among the input and the output here, too."""
    prompt = usage.prompt_tokens_details or PromptDetails()
    completion = usage.completion_tokens_details or CompletionDetails()
    cached = prompt.cached_tokens
    return Usage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        cached_tokens=usage.prompt_cache_hit_tokens if cached is None else cached,
        reasoning_tokens=completion.reasoning_tokens,
        cache_write_tokens=prompt.cache_write_tokens,
        input_audio_tokens=prompt.audio_tokens,
        output_audio_tokens=completion.audio_tokens,
    )


def logprobs_of(logprobs: Logprobs) -> tuple[TokenLogprob, ...]:
    """The tokens and their likelihoods."""
    return tuple(
        TokenLogprob(
            one.token,
            one.logprob,
            tuple(TokenLogprob(top.token, top.logprob) for top in one.top_logprobs or ()),
        )
        for one in (*(logprobs.content or ()), *(logprobs.refusal or ()))
    )
