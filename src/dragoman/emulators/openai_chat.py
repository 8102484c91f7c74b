"""OpenAI's Chat Completions: an answer as one object, and what its stream has in common with it.

Source: OpenAI API reference, "The chat completion object", and the types of the official SDK
(openai 3.54), read 2026-11-21. Reasoning stands in `reasoning_content`, as DeepSeek and llama.cpp
write it, since the service itself does not show any here.
"""

from msgspec import Struct

from dragoman.emulators.api_answer import Answer, Call, Text
from dragoman.emulators.openai_chat_request import ChatBody
from dragoman.emulators.service import Json

__all__ = ["Completion", "completion", "finish_reason", "logprobs", "tier", "token", "usage"]

_FINGERPRINT = "fp_emulator"
# The tiers that a request may ask for, and what the answer calls them.
_TIERS = {None: "default", "auto": "default", "fast": "priority"}


class Completion(Struct, frozen=True, kw_only=True):
    """An answer and the request that it is for; `created` is in epoch seconds."""

    id: str
    created: int
    body: ChatBody
    answer: Answer

    def head(self, kind: str) -> dict[str, Json]:
        """What the whole object and every chunk begin with."""
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.body.model,
            "service_tier": tier(self.body.service_tier),
            "system_fingerprint": _FINGERPRINT,
        }


def completion(made: Completion) -> dict[str, Json]:
    """The whole answer: `n` equal choices."""
    choices = [
        {
            "index": index,
            "message": _message(made.answer),
            "logprobs": _all_logprobs(made) if made.body.logprobs else None,
            "finish_reason": finish_reason(made.answer),
        }
        for index in range(made.body.n or 1)
    ]
    return {**made.head("chat.completion"), "choices": choices, "usage": usage(made)}


def tier(asked: str | None) -> str:
    """The tier that an answer says it was made on."""
    return _TIERS.get(asked) or str(asked)


def finish_reason(answer: Answer) -> str:
    """The scenario's word, else why a model ends by itself."""
    return answer.finish_reason or ("tool_calls" if answer.calls else "stop")


def usage(made: Completion) -> dict[str, Json]:
    """The tokens of all choices; the prompt is read once."""
    read = made.answer.usage.input_tokens
    written = made.answer.usage.output_tokens * (made.body.n or 1)
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {
            "cached_tokens": made.answer.usage.cached_tokens,
            "audio_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": made.answer.usage.reasoning_tokens * (made.body.n or 1),
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def logprobs(text: str, top: int) -> dict[str, Json]:
    """How likely a piece of text was, as a choice's `logprobs`."""
    return {"content": [token(text, top)], "refusal": None}


def token(text: str, top: int) -> dict[str, Json]:
    """One token with its most likely rivals; the longer the word, the less likely it is."""
    said = _likely(text, len(text))
    rivals = [_likely(f"{text}{'?' * at}", len(text) + at) for at in range(top)]
    return {**said, "top_logprobs": rivals}


def _likely(text: str, rank: int) -> dict[str, Json]:
    return {"token": text, "logprob": -rank / 100, "bytes": list(text.encode())}


def _all_logprobs(made: Completion) -> dict[str, Json]:
    top = made.body.top_logprobs or 0
    said = [item.text for item in made.answer.items if isinstance(item, Text)]
    return {"content": [token(text, top) for text in said], "refusal": None}


def _message(answer: Answer) -> dict[str, Json]:
    message: dict[str, Json] = {
        "role": "assistant",
        "content": answer.text or (None if answer.calls or answer.refusal else ""),
        "refusal": answer.refusal or None,
        "annotations": [],
    }
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    if answer.calls:
        message["tool_calls"] = [_call(call) for call in answer.calls]
    return message


def _call(call: Call) -> dict[str, Json]:
    called = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": called}
