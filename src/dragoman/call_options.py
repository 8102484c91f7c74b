"""What a caller of the Python client may ask besides the messages, and the request it becomes."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict, TypeGuard, get_args

import msgspec

from dragoman.chat import ChatRequest
from dragoman.dialects.openai_chat.message_decoder import decode_messages
from dragoman.errors import InputError, quoted
from dragoman.functions import Function
from dragoman.messages import Messages
from dragoman.native import Native
from dragoman.options import OPTIONS, decode_options
from dragoman.structured import check_schema, decode_output
from dragoman.tools import ChoiceMode, Tool, ToolChoice
from dragoman.transport.base import Limits, decode_timeout

__all__ = ["Options", "Tools", "build_chat", "build_limits", "check_names", "without_force"]

Tools = Sequence[Tool | Native | Mapping[str, Any] | Callable[..., Any]]
"""Python functions, `Tool` values, or mappings as OpenAI's API takes them; `Native` is a tool that
only one dialect has."""


class Options(TypedDict, total=False):
    """What can be asked besides the messages; see `dragoman.options.OPTIONS` for the ranges.

    `system` is put before the messages. `tools` are functions, `Tool` values or OpenAI's mappings,
    `tool_choice` is auto, none, required, a tool's name or a `ToolChoice`. `timeout` is seconds of
    silence and for connecting, or `(connect, silence)`; `first_token_s` and `total_s` limit the
    wait for the answer's begin and for all of it; `proxy` is used for this call in place of the
    configured one.
    """

    system: str
    temperature: float
    top_p: float
    top_k: int
    max_tokens: int
    stop: str | list[str]
    seed: int
    presence_penalty: float
    frequency_penalty: float
    logprobs: int
    n: int
    user: str
    parallel_tool_calls: bool
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    reasoning_budget: int
    reasoning_summary: Literal["none", "auto", "concise", "detailed"]
    tools: Tools
    tool_choice: str | ToolChoice
    timeout: float | tuple[float, float]
    first_token_s: float
    total_s: float
    proxy: str


_KNOWN = frozenset(Options.__annotations__)
_MODES: tuple[ChoiceMode, ...] = get_args(ChoiceMode)


def check_names(options: Options) -> None:
    """`TypeError` for an option that there is not, as Python says it of an argument."""
    if options and (unknown := options.keys() - _KNOWN):
        raise TypeError(f"unknown option {min(unknown)!r}; known: {', '.join(sorted(_KNOWN))}")


def build_chat(
    model: str, messages: str | Messages, options: Options, output: object = None
) -> ChatRequest:
    """The request that a caller's words are; `InputError` names what is wrong with them."""
    asked = decode_messages(
        [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
    )
    if system := options.get("system"):
        asked = (*decode_messages([{"role": "system", "content": system}]), *asked)
    chat = ChatRequest(model=model, messages=asked)
    if options:
        chosen = {name: value for name, value in options.items() if name in OPTIONS}
        tools = _tools(options.get("tools"))
        choice = _choice(options.get("tool_choice"), tools)
        chat = msgspec.structs.replace(
            chat, **decode_options(chosen), tools=tools, tool_choice=choice
        )
    if output is not None:
        chat = msgspec.structs.replace(chat, output=decode_output(output))
    return chat


def without_force(options: Options) -> Options:
    """The options of a later round: a choice that forces a call in each would have no end."""
    choice = options.get("tool_choice")
    if choice is None or _wanted(choice).mode != "required":
        return options
    eased: Options = {**options}
    del eased["tool_choice"]
    return eased


def build_limits(limits: Limits, options: Options) -> Limits:
    """The limits of one call: the provider's, with what the caller says in their place."""
    if not options:
        return limits
    if (timeout := options.get("timeout")) is not None:
        asked = decode_timeout(timeout)
        limits = msgspec.structs.replace(limits, connect_s=asked.connect_s, idle_s=asked.idle_s)
    for name in ("first_token_s", "total_s"):
        value = options.get(name)
        if value is None:
            continue
        if not _is_duration(value):
            raise InputError(f"{name} = {value!r}: expected seconds above 0")
        limits = msgspec.structs.replace(limits, **{name: float(value)})
    return limits


def _is_duration(value: object) -> TypeGuard[float]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return 0 < value < math.inf


def _tools(tools: object) -> tuple[Tool | Native, ...] | None:
    if tools is None:
        return None
    if not isinstance(tools, list | tuple):
        raise InputError(
            "tools: expected a list of functions, Tool values or mappings", place="tools"
        )
    decoded = tuple(_tool(tool, f"tools[{number}]") for number, tool in enumerate(tools))
    names: set[str] = set()
    for number, tool in enumerate(decoded):
        name = _name(tool)
        if name in names:
            place = f"tools[{number}]"
            raise InputError(f"{place}: another tool is called {name}, too", place=place)
        names |= {name} if name else set()
    return decoded or None


def _tool(tool: object, place: str) -> Tool | Native:
    match tool:
        case Native():
            return tool
        case Tool():
            found = tool
        case {"type": "function", "function": Mapping() as function}:
            found = _function(function, f"{place}.function")
        case _ if callable(tool):
            found = Function(tool).tool
        case _:
            raise InputError(
                f"{place}: expected a function, a Tool, or "
                '{"type": "function", "function": {"name", "description", "parameters"}}, '
                f"not {quoted(tool)}",
                place=place,
            )
    if not _is_text(found.name):
        raise InputError(f"{place}: a tool needs a name", place=place)
    if found.parameters is not None:
        check_schema(found.parameters, f"{place}.parameters")
    return found


def _function(fields: Mapping[str, object], place: str) -> Tool:
    unknown = [name for name in fields if name not in _FUNCTION]
    if unknown:
        raise InputError(
            f"{place}: unknown field {quoted(unknown[0])}; known: {', '.join(_FUNCTION)}",
            place=place,
        )
    try:
        return msgspec.convert({"type": "tool", **fields}, Tool)
    except msgspec.ValidationError as exc:
        raise InputError(f"{place}: {exc}", place=place) from exc


_FUNCTION = ("name", "description", "parameters", "strict")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _name(tool: Tool | Native) -> str:
    if isinstance(tool, Tool):
        return tool.name
    custom = tool.fields.get("custom")
    name = (custom if isinstance(custom, Mapping) else tool.fields).get("name")
    return name if isinstance(name, str) else ""


def _choice(choice: object, tools: Sequence[Tool | Native] | None) -> ToolChoice | None:
    if choice is None:
        return None
    wanted = _wanted(choice)
    if not tools:
        if wanted.mode == "required" or wanted.names:
            raise InputError("tool_choice: there are no tools", place="tool_choice")
        # A service refuses a choice where there is nothing to choose from.
        return None
    names = {_name(tool) for tool in tools}
    unknown = [name for name in wanted.names if name not in names]
    if unknown:
        known = ", ".join(sorted(names - {""})) or "none with a name"
        raise InputError(
            f"tool_choice: there is no tool {quoted(unknown[0])}; there are: {known}",
            place="tool_choice",
        )
    return wanted


def _wanted(choice: object) -> ToolChoice:
    match choice:
        case str():
            mode = next((mode for mode in _MODES if mode == choice), None)
            return ToolChoice(mode) if mode else ToolChoice("required", (choice,))
        case ToolChoice(mode=mode, names=tuple()) if mode in _MODES:
            return choice
        case _:
            raise InputError(
                f"tool_choice: expected {', '.join(_MODES)}, the name of a tool or a ToolChoice, "
                f"not {quoted(choice)}",
                place="tool_choice",
            )
