"""What comes out of OpenAI's Responses: the items of an answer and the object around them.

Texts that follow each other are one message, reasonings one item with one summary; a call is an
item of its own. A summary is shown only to who asks for it, as the service does.
Source: OpenAI API reference, "The response object", and the types of the official SDK (openai
3.54), read 2026-11-21.
"""

from collections.abc import Iterator
from itertools import count, groupby
from typing import Literal, TypeAlias

from msgspec import Struct

from dragoman.emulators.api_answer import Answer, Call, Item, Reasoning, Refusal, Text
from dragoman.emulators.fault_shapes import ErrorEvent
from dragoman.emulators.openai_chat import tier, token
from dragoman.emulators.openai_reasoning import sealed
from dragoman.emulators.openai_responses_request import RawItem, ResponsesBody
from dragoman.emulators.service import Json

__all__ = [
    "Made",
    "Output",
    "Status",
    "content_part",
    "finished_items",
    "output_item",
    "outputs",
    "response",
    "token_probabilities",
]

Status: TypeAlias = Literal["in_progress", "completed", "incomplete", "failed"]

_COMPLETE = (None, "stop", "tool_calls", "completed")
_REASONS = {"length": "max_output_tokens"}
# What the request may say and the object repeats, with what the service takes if it says nothing.
_REPEATED: dict[str, Json] = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "store": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}


class Made(Struct, frozen=True, kw_only=True):
    """An answer and its request, `raw` as it came; `created` is in epoch seconds."""

    number: int
    created: int
    body: ResponsesBody
    raw: RawItem
    answer: Answer
    error: ErrorEvent | None = None

    @property
    def id(self) -> str:
        """The id of the response."""
        return f"resp_{self.number}"

    @property
    def ending(self) -> tuple[Status, str]:
        """How it ends, and why it is not complete."""
        reason = self.answer.finish_reason
        if self.error or reason == "failed":
            return "failed", ""
        if reason in _COMPLETE:
            return "completed", ""
        return "incomplete", _REASONS.get(str(reason), str(reason))


class Output(Struct, frozen=True):
    """One item of the output: its id and what the answer says in it, all of one type."""

    id: str
    items: tuple[Item, ...]

    @property
    def text(self) -> str:
        """What it says, but for a call."""
        return "".join(item.text for item in self.items if not isinstance(item, Call))


def outputs(made: Made) -> list[Output]:
    """The items of the output, in order."""
    return [
        Output(f"{_ID_BEGINNINGS[type(group[0])]}_{made.number}_{at}", group)
        for at, group in enumerate(_groups(made.answer))
    ]


_ID_BEGINNINGS = {Text: "msg", Refusal: "msg", Reasoning: "rs", Call: "fc"}


def _groups(answer: Answer) -> Iterator[tuple[Item, ...]]:
    calls = count()
    # Each call has a key of its own.
    for _, group in groupby(
        answer.items, lambda item: (type(item), next(calls) if isinstance(item, Call) else 0)
    ):
        yield tuple(group)


def output_item(made: Made, output: Output, status: Status) -> RawItem:
    """One item of the output; while it is in progress, it is empty."""
    begun = status == "in_progress"
    match output.items[0]:
        case Call(call_id, name, arguments):
            item: RawItem = {"type": "function_call", "call_id": call_id, "name": name}
            item |= {"arguments": "" if begun else arguments, "status": status}
        case Reasoning():
            shown = made.body.summary and not begun
            item = {"type": "reasoning"}
            item["summary"] = [{"type": "summary_text", "text": output.text}] if shown else []
            if made.body.encrypted:
                # What comes first is not what has to be sent back, as with the service.
                item["encrypted_content"] = sealed("" if begun else output.text)
        case Text() | Refusal():
            parts = [] if begun else [content_part(made, output)]
            item = {"type": "message", "role": "assistant", "status": status, "content": parts}
    return {"id": output.id, **item}


def content_part(made: Made, output: Output, *, begun: bool = False) -> RawItem:
    """The one part of a message; empty if it has only begun."""
    said = "" if begun else output.text
    if isinstance(output.items[0], Refusal):
        return {"type": "refusal", "refusal": said}
    probable = [] if begun else token_probabilities(made, output)
    return {"type": "output_text", "text": said, "annotations": [], "logprobs": probable}


def token_probabilities(made: Made, output: Output) -> list[Json]:
    """How likely each piece was; nothing unless it was asked for."""
    top = made.body.top_logprobs or 0
    texts = [item.text for item in output.items if isinstance(item, Text)]
    return [token(text, top) for text in texts] if made.body.logprobs else []


def response(made: Made, status: Status) -> RawItem:
    """The whole object; while it is in progress, it has neither output nor usage."""
    begun = status == "in_progress"
    items = [] if begun else finished_items(made)
    reason = made.ending[1]
    error = made.error or ErrorEvent()
    return {
        "id": made.id,
        "object": "response",
        "created_at": made.created,
        "status": status,
        "completed_at": made.created if status == "completed" else None,
        "error": {"code": str(error.code), "message": error.message}
        if status == "failed"
        else None,
        "incomplete_details": {"reason": reason} if status == "incomplete" else None,
        "model": made.body.model,
        "output": items,
        "usage": None if begun or status == "failed" else _usage(made.answer),
        "service_tier": tier(made.body.service_tier),
        **_repeated(made),
    }


def finished_items(made: Made) -> list[RawItem]:
    """The items of the whole output; of an answer that was cut, the last one is incomplete."""
    listed = outputs(made)
    cut = made.ending[0] == "incomplete"
    return [
        output_item(made, output, "incomplete" if cut and output is listed[-1] else "completed")
        for output in listed
    ]


def _repeated(made: Made) -> RawItem:
    said = {
        name: default if made.raw.get(name) is None else made.raw[name]
        for name, default in _REPEATED.items()
    }
    text = {"format": {"type": "text"}, "verbosity": "medium", **(made.raw.get("text") or {})}
    thinking = made.body.reasoning
    reasoning = {"effort": thinking.effort if thinking else None, "summary": made.body.summary}
    tools = [
        {"strict": True, "description": None, "parameters": None, **tool}
        if tool["type"] == "function"
        else tool
        for tool in made.body.tools or ()
    ]
    return {**said, "text": text, "reasoning": reasoning, "tools": tools}


def _usage(answer: Answer) -> RawItem:
    read, written = answer.usage.input_tokens, answer.usage.output_tokens
    return {
        "input_tokens": read,
        "input_tokens_details": {
            "cached_tokens": answer.usage.cached_tokens,
            "cache_write_tokens": 0,
        },
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": answer.usage.reasoning_tokens},
        "total_tokens": read + written,
    }
