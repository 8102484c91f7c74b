"""A chat to the JSON object of a request."""

from collections.abc import Mapping
from typing import assert_never

from dragoman.chat import ChatRequest
from dragoman.dialects.openai_chat.message_encoder import encode_messages
from dragoman.dialects.openai_chat.tables import EFFORT_OF_BUDGET, NAME
from dragoman.native import Native
from dragoman.tools import JsonObject, JsonSchema, Output, Tool, ToolChoice

__all__ = ["encode_request"]

_SAME = (
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "n",
    "user",
    "parallel_tool_calls",
    "reasoning_effort",
)
"""Options with a field of the same name."""

_Object = dict[str, object]


def encode_request(chat: ChatRequest) -> _Object:
    """The JSON object of a request.

    A streamed answer's usage is always asked for. `InputError` names what cannot be sent.
    """
    native = {} if chat.native is None else dict(chat.native.of(NAME))
    theirs = native.pop("stream_options", None)
    body: _Object = {
        **native,
        "model": chat.model,
        "messages": encode_messages(chat.messages),
        "stream": chat.stream,
    }
    if chat.stream:
        options = theirs if isinstance(theirs, Mapping) else {}
        body["stream_options"] = {**options, "include_usage": True}
    given = chat.given()
    body.update((name, getattr(chat, name)) for name in _SAME if name in given)
    if given:
        _add_options(body, chat)
    return body


def _add_options(body: _Object, chat: ChatRequest) -> None:
    if chat.logprobs is not None:
        body["logprobs"] = True
        if chat.logprobs:
            body["top_logprobs"] = chat.logprobs
    if chat.reasoning_budget is not None and chat.reasoning_effort is None:
        body["reasoning_effort"] = _effort(chat.reasoning_budget)
    if chat.output is not None:
        body["response_format"] = _format(chat.output)
    tools = [_tool(tool) for tool in chat.tools or ()]
    if tools := [tool for tool in tools if tool]:
        body["tools"] = tools
    if chat.tool_choice is not None:
        body["tool_choice"] = _choice(chat.tool_choice, _customs(chat))


def _effort(budget: int) -> str:
    return next((word for most, word in EFFORT_OF_BUDGET if budget <= most), "high")


def _format(output: Output) -> _Object:
    match output:
        case JsonObject():
            return {"type": "json_object"}
        case JsonSchema():
            fields = {
                "name": output.name,
                "description": output.description,
                "schema": output.schema,
                "strict": output.strict,
            }
            return {"type": "json_schema", "json_schema": _said(fields)}
        case _:
            assert_never(output)


def _tool(tool: Tool | Native) -> _Object:
    """A tool; empty if it is native to another dialect."""
    if isinstance(tool, Native):
        return dict(tool.of(NAME))
    native = {} if tool.native is None else dict(tool.native.of(NAME))
    inner = native.pop("function", None)
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "strict": tool.strict,
    }
    more = inner if isinstance(inner, Mapping) else {}
    return {"type": "function", "function": {**_said(function), **more}, **native}


def _customs(chat: ChatRequest) -> frozenset[object]:
    """The names of the custom tools."""
    customs = [tool.of(NAME).get("custom") for tool in chat.tools or () if isinstance(tool, Native)]
    return frozenset(custom.get("name") for custom in customs if isinstance(custom, Mapping))


def _choice(choice: ToolChoice, customs: frozenset[object]) -> object:
    if not choice.names or choice.mode == "none":
        return choice.mode
    named = [
        {"type": kind, kind: {"name": name}}
        for name in choice.names
        for kind in ("custom" if name in customs else "function",)
    ]
    if choice.mode == "required" and len(named) == 1:
        return named[0]
    return {"type": "allowed_tools", "allowed_tools": {"mode": choice.mode, "tools": named}}


def _said(fields: Mapping[str, object]) -> _Object:
    return {name: value for name, value in fields.items() if value is not None}
