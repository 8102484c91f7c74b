"""A whole answer to the JSON of a reply.

Source: OpenAI API reference, "The chat completion object", and the types of the official SDK
(openai 3.54), read 2026-11-21. A program that asked with `functions` reads `function_call`.
"""

from collections.abc import Iterable, Sequence

import msgspec

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.openai_chat.tables import FINISH_WORDS, LEGACY, NAME
from dragoman.dialects.openai_chat.thoughts import details
from dragoman.dialects.signatures import own
from dragoman.events import FinishReason, TokenLogprob, Usage
from dragoman.messages import Part, Reasoning, ToolCall
from dragoman.native import Native

__all__ = [
    "call_object",
    "encode_reply",
    "finish_word",
    "is_legacy",
    "logprobs_object",
    "said",
    "usage_object",
]

_Object = dict[str, object]


def encode_reply(reply: ChatReply, chat: ChatRequest, stamp: Stamp) -> bytes:
    """The JSON of a reply; `stamp` gives the id where the provider gave none, and the time."""
    legacy = is_legacy(chat)
    answers = (reply, *reply.others)
    body: _Object = {
        **(reply.native.of(NAME) if reply.native is not None else {}),
        "id": reply.id or f"chatcmpl-{stamp.id}",
        "object": "chat.completion",
        "created": int(stamp.created),
        "model": reply.model,
        "choices": [_choice(number, one, legacy) for number, one in enumerate(answers)],
    }
    if reply.usage is not None:
        body["usage"] = usage_object(reply.usage)
    return msgspec.json.encode(body)


def is_legacy(chat: ChatRequest) -> bool:
    """Whether the tools were given as `functions`."""
    return any(tool.native == LEGACY for tool in chat.tools or () if not isinstance(tool, Native))


def said(signature: str | None) -> str | None:
    """A proof as this dialect says it: its own by itself, another's as it stands."""
    return own(NAME, signature) or signature


def finish_word(reason: FinishReason, word: str | None, *, legacy: bool) -> str:
    """The word for an end: the service's own, if it is one of this dialect for that reason."""
    if reason == "tool_calls" and legacy:
        return "function_call"
    return word if word in FINISH_WORDS[reason] else reason


def call_object(call: ToolCall) -> _Object:
    """A tool call; the arguments may still be empty."""
    function = {"name": call.name, "arguments": call.arguments}
    encoded: _Object = {"id": call.id, "type": "function", "function": function}
    if call.signature is not None:
        encoded["extra_content"] = {"google": {"thought_signature": said(call.signature)}}
    return encoded


def logprobs_object(tokens: Iterable[TokenLogprob]) -> _Object:
    """How likely the tokens of the content were."""
    content = [
        _token(one) | {"top_logprobs": [_token(other) for other in one.top]} for one in tokens
    ]
    return {"content": content, "refusal": None}


def _token(one: TokenLogprob) -> _Object:
    return {"token": one.token, "logprob": one.logprob, "bytes": list(one.token.encode())}


def usage_object(usage: Usage) -> _Object:
    """The counts, and what was counted apart if the service told."""
    inputs, outputs = usage.input_tokens or 0, usage.output_tokens or 0
    encoded: _Object = {
        "prompt_tokens": inputs,
        "completion_tokens": outputs,
        "total_tokens": inputs + outputs,
    }
    prompt = {
        "cached_tokens": usage.cached_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "audio_tokens": usage.input_audio_tokens,
    }
    completion = {
        "reasoning_tokens": usage.reasoning_tokens,
        "audio_tokens": usage.output_audio_tokens,
    }
    for name, counts in (("prompt", prompt), ("completion", completion)):
        known = {field: count for field, count in counts.items() if count is not None}
        if known:
            encoded[f"{name}_tokens_details"] = known
    return encoded


def _choice(index: int, reply: ChatReply, legacy: bool) -> _Object:
    return {
        "index": index,
        "message": _message(reply, legacy),
        "logprobs": logprobs_object(reply.logprobs) if reply.logprobs else None,
        "finish_reason": finish_word(reply.finish_reason, reply.finish_word, legacy=legacy),
    }


def _message(reply: ChatReply, legacy: bool) -> _Object:
    parts = reply.message.parts
    encoded: _Object = {
        "role": "assistant",
        "content": reply.text or None,
        "refusal": reply.refusal or None,
    }
    if reply.reasoning:
        encoded["reasoning_content"] = reply.reasoning
    thoughts = [(part.text, said(part.signature)) for part in parts if isinstance(part, Reasoning)]
    if any(proof for _, proof in thoughts):
        encoded["reasoning_details"] = details(thoughts)
    calls = _calls(parts)
    if legacy and reply.tool_calls:
        call = reply.tool_calls[0]
        encoded["function_call"] = {"name": call.name, "arguments": call.arguments or "{}"}
    elif calls:
        encoded["tool_calls"] = calls
    return encoded | _native(parts)


def _calls(parts: Sequence[Part]) -> list[_Object]:
    calls: list[_Object] = []
    for part in parts:
        if isinstance(part, ToolCall):
            whole = msgspec.structs.replace(part, arguments=part.arguments or "{}")
            calls.append(call_object(whole))
        elif isinstance(part, Native) and part.of(NAME).get("type") == "custom":
            calls.append(dict(part.fields))
    return calls


def _native(parts: Sequence[Part]) -> _Object:
    """Sound and annotations, which have fields of their own."""
    found: _Object = {}
    for part in parts:
        fields = part.of(NAME) if isinstance(part, Native) else {}
        kind = fields.get("type")
        if kind in {"audio", "annotations"}:
            found |= {name: value for name, value in fields.items() if name != "type"}
    return found
