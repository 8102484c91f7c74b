"""A chat as the JSON object of a request.

The service is asked to keep nothing (`store`) and, where there will be thoughts, to give them
encrypted, so that they can come back in the next turn: for a model that does not think it takes
that for an error. A program that said otherwise in this dialect has it its way.
Source: OpenAI API reference, "Create a model response", and the types of the package
openai 3.54.0, read 2026-11-21.
"""

from collections.abc import Mapping, Sequence
from typing import assert_never

from dragoman.chat import ChatRequest
from dragoman.dialects.openai_responses.content_encoder import own_fields
from dragoman.dialects.openai_responses.input_encoder import encode_input
from dragoman.dialects.openai_responses.proofs import wants_proofs
from dragoman.dialects.openai_responses.tables import ENCRYPTED, LOGPROBS
from dragoman.native import Native
from dragoman.tools import JsonObject, JsonSchema, Output, Tool, ToolChoice

__all__ = ["encode_request", "encode_settings"]

_Object = dict[str, object]

_SAME = ("temperature", "top_p", "parallel_tool_calls", "user")


def encode_request(chat: ChatRequest) -> dict[str, object]:
    """The request's body; `InputError` names the part that the service does not take."""
    instructions, items = encode_input(chat.messages)
    body: _Object = {"model": chat.model, "input": items, "stream": chat.stream, "store": False}
    if instructions is not None:
        body["instructions"] = instructions
    body |= encode_settings(chat)
    include = _include(chat, body.get("include"))
    if include or "include" in body:
        body["include"] = include
    return body


def encode_settings(chat: ChatRequest) -> dict[str, object]:
    """What a request says besides its messages; an answer repeats it."""
    body: _Object = {name: getattr(chat, name) for name in _SAME if getattr(chat, name) is not None}
    if chat.max_tokens is not None:
        body["max_output_tokens"] = chat.max_tokens
    if chat.logprobs:
        body["top_logprobs"] = chat.logprobs
    if chat.tools is not None:
        body["tools"] = _tools(chat.tools)
    if chat.tool_choice is not None:
        body["tool_choice"] = _choice(chat.tool_choice)
    if chat.output is not None:
        body["text"] = {"format": _format(chat.output)}
    if reasoning := _reasoning(chat):
        body["reasoning"] = reasoning
    _merge(body, own_fields(chat.native))
    return body


def _merge(body: _Object, fields: Mapping[str, object]) -> None:
    """The dialect's own fields at their place, of which `text.verbosity` is inside another."""
    for name, value in fields.items():
        outer, dot, inner = name.partition(".")
        if dot:
            found = body.get(outer)
            body[outer] = {**(found if isinstance(found, dict) else {}), inner: value}
        else:
            body[name] = value


def _include(chat: ChatRequest, asked: object) -> list[object]:
    usual = [ENCRYPTED] if wants_proofs(chat) else []
    include = asked if isinstance(asked, list) else usual
    return [*include, *([] if chat.logprobs is None else [LOGPROBS])]


def _reasoning(chat: ChatRequest) -> _Object:
    found: _Object = {}
    if chat.reasoning_effort is not None:
        found["effort"] = chat.reasoning_effort
    if chat.reasoning_summary is not None:
        summary = chat.reasoning_summary
        found["summary"] = None if summary == "none" else summary
    return found


def _tools(tools: Sequence[Tool | Native]) -> list[_Object]:
    found = (own_fields(t) if isinstance(t, Native) else _function(t) for t in tools)
    return [tool for tool in found if tool]


def _function(tool: Tool) -> _Object:
    # Both must be there, and may be null: without `strict` the service would choose to be.
    function: _Object = {
        "type": "function",
        "name": tool.name,
        "parameters": tool.parameters,
        "strict": tool.strict,
    }
    if tool.description is not None:
        function["description"] = tool.description
    return function | own_fields(tool.native)


def _choice(choice: ToolChoice) -> object:
    match choice:
        case ToolChoice("none", _) | ToolChoice(_, ()):
            return choice.mode
        case ToolChoice("required", (name,)):
            return {"type": "function", "name": name}
        case _:
            tools = [{"type": "function", "name": name} for name in choice.names]
            return {"type": "allowed_tools", "mode": choice.mode, "tools": tools}


def _format(output: Output) -> _Object:
    match output:
        case JsonObject():
            return {"type": "json_object"}
        case JsonSchema():
            found: _Object = {"type": "json_schema", "name": output.name, "schema": output.schema}
            if output.description is not None:
                found["description"] = output.description
            if output.strict is not None:
                found["strict"] = output.strict
            return found
        case _:
            assert_never(output)
