"""An answer as Gemini's: parts, candidates, counts, and a whole GenerateContentResponse.

What only tells of the whole answer stands in the candidate beside the parts. The service's own word
for the end is said again if it is one for the same reason.
Source: the REST reference of GenerateContentResponse, and the types of the SDK google-genai 3.4.0,
read 2026-11-21.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.arguments import said_arguments
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.gemini.content_encoder import said_parts
from dragoman.dialects.gemini.proofs import hand_out
from dragoman.dialects.gemini.tables import CANDIDATE_FIELDS, FINISH, NAME
from dragoman.events import Finished, FinishReason, TokenLogprob, Usage
from dragoman.messages import Part, ToolCall
from dragoman.native import Native

__all__ = [
    "candidate_fields",
    "encode_logprobs",
    "encode_reply",
    "encode_usage",
    "finish_word",
    "identity",
    "is_blocked",
    "reply_parts",
]

Wire = dict[str, Any]

_USUAL: Mapping[FinishReason, str] = {
    "stop": "STOP",
    "tool_calls": "STOP",
    "length": "MAX_TOKENS",
    "content_filter": "SAFETY",
}


def encode_reply(reply: ChatReply, chat: ChatRequest, stamp: Stamp) -> bytes:
    """The whole answer; `ResponseError` if arguments of a call are no JSON object."""
    counted = {} if reply.usage is None else {"usageMetadata": encode_usage(reply.usage)}
    told = identity(reply.model, reply.id or stamp.id, reply.native)
    feedback = reply.native.of(NAME).get("promptFeedback") if reply.native is not None else None
    said = {} if feedback is None else {"promptFeedback": feedback}
    if not (is_blocked(feedback) and not reply.message.parts):
        answers = (reply, *reply.others)
        said["candidates"] = [_candidate(answer, index) for index, answer in enumerate(answers)]
    return msgspec.json.encode(said | counted | told)


def reply_parts(parts: Iterable[Part]) -> list[Wire]:
    """The parts of an answer; `ResponseError` if arguments of a call are no JSON object."""
    return said_parts(parts, "", seal=hand_out, arguments=_arguments)


def candidate_fields(part: Native) -> Wire:
    """What a native piece tells of a whole candidate; nothing if it is a part."""
    return {name: value for name, value in part.of(NAME).items() if name in CANDIDATE_FIELDS}


def encode_logprobs(tokens: Iterable[TokenLogprob]) -> Wire:
    """The tokens as a `logprobsResult`."""
    tokens = tuple(tokens)
    wire: Wire = {"chosenCandidates": [_token(token) for token in tokens]}
    if any(token.top for token in tokens):
        wire["topCandidates"] = [{"candidates": [*map(_token, token.top)]} for token in tokens]
    return wire


def encode_usage(usage: Usage) -> Wire:
    """The counts: what was thought is counted beside the candidates."""
    thought = usage.reasoning_tokens or 0
    said = None if usage.output_tokens is None else max(0, usage.output_tokens - thought)
    counts = {
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": said,
        "thoughtsTokenCount": usage.reasoning_tokens,
        "cachedContentTokenCount": usage.cached_tokens,
        "promptTokensDetails": _sounds(usage.input_tokens, usage.input_audio_tokens),
        "candidatesTokensDetails": _sounds(said, usage.output_audio_tokens),
        "totalTokenCount": (usage.input_tokens or 0) + (said or 0) + thought,
    }
    return {name: count for name, count in counts.items() if count is not None}


def finish_word(finished: Finished) -> str:
    """The service's word for the end."""
    if finished.word is not None and FINISH.get(finished.word) == finished.reason:
        return finished.word
    return _USUAL[finished.reason]


def identity(model: str, name: str, native: Native | None) -> Wire:
    """What each response tells of the answer it belongs to."""
    fields = native.of(NAME) if native is not None else {}
    more = {name: value for name, value in fields.items() if name != "promptFeedback"}
    return {"modelVersion": model, "responseId": name, **more}


def is_blocked(feedback: object) -> bool:
    """Whether this is the feedback of a prompt that was refused."""
    return isinstance(feedback, dict) and bool(feedback.get("blockReason"))


def _candidate(reply: ChatReply, index: int) -> Wire:
    wire: Wire = {}
    parts = reply_parts(reply.message.parts)
    if parts:
        wire["content"] = {"parts": parts, "role": "model"}
    wire |= {
        "finishReason": finish_word(Finished(reply.finish_reason, reply.finish_word)),
        "index": index,
    }
    for part in reply.message.parts:
        wire |= candidate_fields(part) if isinstance(part, Native) else {}
    if reply.logprobs:
        wire["logprobsResult"] = encode_logprobs(reply.logprobs)
    return wire


def _arguments(call: ToolCall, _place: str) -> dict[str, object]:
    return said_arguments(call.name, call.arguments)


def _token(token: TokenLogprob) -> Wire:
    return {"token": token.token, "logProbability": token.logprob}


def _sounds(all_tokens: int | None, sounds: int | None) -> list[Wire] | None:
    if sounds is None:
        return None
    text = max(0, (all_tokens or 0) - sounds)
    return [
        {"modality": "TEXT", "tokenCount": text},
        {"modality": "AUDIO", "tokenCount": sounds},
    ]
