"""A chat as the JSON of a Messages request.

What a chat cannot be without on this wire is filled in: a limit for the answer, more where a
number of tokens to think in is asked for, because the service counts those in it. Native fields of
this dialect are put back at their places; where both say something, the chat has the say.
Source: Claude API docs "Messages", "Define tools", "Structured outputs", read 2026-11-21.
"""

from dragoman.chat import ChatRequest
from dragoman.dialects.anthropic_messages.natives import merged
from dragoman.dialects.anthropic_messages.part_encoder import content
from dragoman.dialects.anthropic_messages.schemas import closed
from dragoman.dialects.anthropic_messages.tables import DEFAULT_MAX_TOKENS, NAME
from dragoman.dialects.anthropic_messages.thinking import budget_of, encode_thinking
from dragoman.dialects.anthropic_messages.turn_encoder import encode_turns
from dragoman.errors import InputError
from dragoman.native import Native
from dragoman.tools import JsonSchema, Tool, ToolChoice

__all__ = ["encode_request"]

_FIELDS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "max_tokens": "max_tokens",
    "stop": "stop_sequences",
}
_MODES = {"auto": "auto", "required": "any", "none": "none"}


def encode_request(chat: ChatRequest) -> dict[str, object]:
    """The JSON object of a request; `InputError` names the place of what the wire cannot say."""
    system, turns = encode_turns(chat)
    body: dict[str, object] = {
        "model": chat.model,
        "max_tokens": DEFAULT_MAX_TOKENS + (budget_of(chat) or 0),
        "messages": [
            {**turn.native, "role": turn.role, "content": content(turn.blocks)} for turn in turns
        ],
        "stream": chat.stream,
    }
    if system:
        body["system"] = content(system)
    body |= _options(chat)
    body = merged(body, encode_thinking(chat))
    body |= _tools(chat)
    return merged(chat.native.of(NAME), body) if chat.native else body


def _options(chat: ChatRequest) -> dict[str, object]:
    if chat.temperature is not None and chat.temperature > 1:
        raise InputError(
            f"temperature: {chat.temperature:g} is more than 1, the most that the service takes",
            place="temperature",
        )
    found: dict[str, object] = {
        wire: value for name, wire in _FIELDS.items() if (value := getattr(chat, name)) is not None
    }
    if chat.user is not None:
        found["metadata"] = {"user_id": chat.user}
    if isinstance(chat.output, JsonSchema):
        form = {"type": "json_schema", "schema": closed(chat.output.schema)}
        found["output_config"] = {"format": form}
    return found


def _tools(chat: ChatRequest) -> dict[str, object]:
    choice = chat.tool_choice or ToolChoice()
    tools = [_tool(tool, f"tools[{number}]") for number, tool in enumerate(chat.tools or ())]
    # The wire can name one tool that must be called; of several only they are sent.
    narrowed = choice.names and choice.mode != "none"
    sent = [tool for tool in tools if tool and (not narrowed or tool.get("name") in choice.names)]
    if sent:
        asked = chat.tool_choice is not None or chat.parallel_tool_calls is not None
        return {"tools": sent, **({"tool_choice": _choice(chat, choice)} if asked else {})}
    if choice.mode == "required":
        raise InputError("tool_choice: there is no tool to call", place="tool_choice")
    return {}


def _tool(tool: Tool | Native, place: str) -> dict[str, object]:
    if isinstance(tool, Native):
        return dict(tool.of(NAME))
    schema = dict(tool.parameters or {"type": "object", "properties": {}})
    if schema.setdefault("type", "object") != "object":
        raise InputError(f"{place}: its parameters are no object", place=place)
    told: dict[str, object] = {"name": tool.name, "input_schema": schema}
    if tool.description is not None:
        told["description"] = tool.description
    if tool.strict is not None:
        told["strict"] = tool.strict
    return merged(tool.native.of(NAME), told) if tool.native else told


def _choice(chat: ChatRequest, choice: ToolChoice) -> dict[str, object]:
    told: dict[str, object] = {"type": _MODES[choice.mode]}
    if choice.mode == "required" and len(choice.names) == 1:
        told = {"type": "tool", "name": choice.names[0]}
    if chat.parallel_tool_calls is not None and choice.mode != "none":
        told["disable_parallel_tool_use"] = not chat.parallel_tool_calls
    return told
