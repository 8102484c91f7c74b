"""A whole answer as a response object, and the items of which its output is made.

The object repeats the settings of the request, as the service's own does. What the format must
have and nobody knows is null, or 0 among the counts of tokens.
Source: OpenAI API reference, "The response object", and the types of the package openai 3.54.0,
read 2026-11-21.
"""

from collections.abc import Mapping, Sequence

import msgspec

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.openai_responses.content_encoder import own_fields
from dragoman.dialects.openai_responses.proofs import split_signature
from dragoman.dialects.openai_responses.request_encoder import encode_settings
from dragoman.dialects.openai_responses.tables import ANNOTATIONS, ECHOED, INCOMPLETE
from dragoman.events import Finished, Started, TokenLogprob, Usage
from dragoman.messages import Part, Reasoning, Refusal, Text, ToolCall
from dragoman.native import Native

__all__ = [
    "call_item",
    "empty_response",
    "encode_logprobs",
    "encode_reply",
    "ended",
    "item_status",
    "message_item",
    "text_part",
    "thought_item",
    "usage_object",
]

_Object = dict[str, object]

_USUAL = {"length": "max_output_tokens", "content_filter": "content_filter"}


def encode_reply(reply: ChatReply, chat: ChatRequest, stamp: Stamp) -> bytes:
    """The answer as the JSON of a response object."""
    started = Started(reply.model, reply.id, native=reply.native)
    end = Finished(reply.finish_reason, reply.finish_word)
    output = _Output(stamp, item_status(end))
    for part in reply.message.parts:
        output.add(part)
    items = output.close(reply.logprobs)
    return msgspec.json.encode(
        empty_response(started, chat, stamp)
        | {"output": items, "usage": usage_object(reply.usage)}
        | ended(end)
    )


def empty_response(started: Started, chat: ChatRequest, stamp: Stamp) -> dict[str, object]:
    """The response object of an answer that has just begun."""
    settings = encode_settings(chat)
    text = settings.get("text")
    settings["text"] = {"format": {"type": "text"}, **(text if isinstance(text, dict) else {})}
    return {
        "id": started.id or f"resp_{stamp.id}",
        "object": "response",
        "created_at": int(stamp.created),
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "model": started.model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": False,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_logprobs": 0,
        "top_p": None,
        "truncation": "disabled",
        "usage": None,
        "user": None,
        "metadata": {},
        **{name: value for name, value in settings.items() if name in ECHOED},
        **own_fields(started.native),
    }


def ended(end: Finished) -> dict[str, object]:
    """The fields that tell how an answer ended."""
    reason = _USUAL.get(end.reason)
    if end.word in {"max_messages", "steered"} and INCOMPLETE.get(end.word, "stop") == end.reason:
        reason = end.word
    if reason is None:
        return {"status": "completed"}
    return {"status": "incomplete", "incomplete_details": {"reason": reason}}


def item_status(end: Finished) -> str:
    """The status of the last item of an answer that ended so."""
    return str(ended(end)["status"])


def usage_object(usage: Usage | None) -> dict[str, object] | None:
    """What the answer used."""
    if usage is None:
        return None
    into, out = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "input_tokens": into,
        "input_tokens_details": {
            "cached_tokens": usage.cached_tokens or 0,
            "cache_write_tokens": usage.cache_write_tokens or 0,
        },
        "output_tokens": out,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
        "total_tokens": into + out,
    }


def message_item(
    item_id: str, content: Sequence[object], status: str, phase: object
) -> dict[str, object]:
    """A message item; `phase` is None if it has none."""
    item: _Object = {
        "id": item_id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }
    return item if phase is None else item | {"phase": phase}


def text_part(text: str, logprobs: Sequence[object] = ()) -> dict[str, object]:
    """A text of a message item."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logprobs}


def thought_item(item_id: str, text: str, signature: str | None) -> dict[str, object]:
    """A thought with its proof.

    The service's own proof stands under its own id; where that is not to be had, and for every
    other service's, the signature of the middle stands whole in the place of the encrypted content.
    """
    name, encrypted = split_signature(signature) or ("", "")
    if encrypted and name == item_id:
        signature = encrypted
    summary = [{"type": "summary_text", "text": text}] if text else []
    return {"id": item_id, "type": "reasoning", "summary": summary, "encrypted_content": signature}


def call_item(item_id: str, call: ToolCall, status: str) -> dict[str, object]:
    """A call of a tool; one without arguments has an empty object, which programs decode."""
    return {
        "id": item_id,
        "type": "function_call",
        "status": status,
        "arguments": call.arguments or "{}",
        "call_id": call.id,
        "name": call.name,
    }


def encode_logprobs(tokens: Sequence[TokenLogprob]) -> list[dict[str, object]]:
    """How likely tokens were, with the bytes of each."""
    return [
        _token(token) | {"top_logprobs": [_token(top) for top in token.top]} for token in tokens
    ]


def _token(token: TokenLogprob) -> _Object:
    return {
        "token": token.token,
        "logprob": token.logprob,
        "bytes": list(token.token.encode()),
    }


class _Output:
    """The items of an output while the parts of an answer come."""

    def __init__(self, stamp: Stamp, status: str) -> None:
        self._stamp = stamp
        self._status = status
        self._items: list[_Object] = []
        self._content: list[_Object] = []
        self._texts: list[_Object] = []
        self._phase: object = None

    def add(self, part: Part) -> None:
        match part:
            case Text(text):
                self._texts.append(text_part(text))
                self._content.append(self._texts[-1])
            case Refusal(text):
                self._content.append({"type": "refusal", "refusal": text})
            case Reasoning(text, signature):
                name, _ = split_signature(signature) or ("", "")
                self._flush()
                self._items.append(thought_item(name or self._id("rs"), text, signature))
            case ToolCall():
                self._flush()
                self._items.append(call_item(self._id("fc"), part, "completed"))
            case Native():
                self._native(own_fields(part))
            case _:
                # No answer of a model has such a part.
                pass

    def close(self, logprobs: Sequence[TokenLogprob]) -> list[_Object]:
        if logprobs and not self._texts:
            self.add(Text(""))
        if logprobs:
            self._texts[0]["logprobs"] = encode_logprobs(logprobs)
        self._flush()
        if self._items and "status" in self._items[-1]:
            self._items[-1]["status"] = self._status
        return self._items

    def _native(self, fields: _Object) -> None:
        kind = str(fields.get("type"))
        if kind in ANNOTATIONS:
            self._annotate(fields)
        elif kind.startswith("output_"):
            self._content.append(fields)
        elif kind == "message":
            self._flush()
            self._phase = fields.get("phase")
        elif fields:
            self._flush()
            self._items.append(fields)

    def _annotate(self, annotation: Mapping[str, object]) -> None:
        if self._texts:
            annotations = self._texts[-1]["annotations"]
            self._texts[-1]["annotations"] = [
                *(annotations if isinstance(annotations, list) else []),
                annotation,
            ]

    def _flush(self) -> None:
        if self._content:
            item = message_item(self._id("msg"), self._content, "completed", self._phase)
            self._items.append(item)
            self._content, self._phase = [], None

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{self._stamp.id}_{len(self._items)}"
