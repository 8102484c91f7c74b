"""A chat as Ollama's JSON: one text in a message, images beside it, a message for each result.

A result names its tool, so its call must be among the messages before it; the call's id goes along
for the versions that know it.
Source: docs.ollama.com ("Chat", "Tool calling", "Vision"), the types in Ollama's `api` package (the
`id` of a call, `tool_call_id`), read 2026-11-21.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

from dragoman.chat import ChatRequest
from dragoman.dialects.arguments import sent_arguments
from dragoman.dialects.ollama.settings_encoder import encode_image, encode_settings, put_back
from dragoman.dialects.ollama.tables import NAME
from dragoman.errors import InputError
from dragoman.messages import (
    Audio,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native
from dragoman.tools import Tool

__all__ = ["FUNCTION_PREFIX", "encode_request"]

FUNCTION_PREFIX = "function."
"""What stands before the names of a call's or a tool's own fields one object deeper."""

_NO_PARAMETERS: Mapping[str, object] = {"type": "object", "properties": {}}

Object = dict[str, object]


def encode_request(chat: ChatRequest) -> Object:
    """The JSON object of a request; `InputError` names what the service cannot take."""
    names: dict[str, str] = {}
    body = encode_settings(chat, NAME)
    body["messages"] = [
        encoded
        for number, message in enumerate(chat.messages)
        for encoded in _messages(message, f"messages[{number}]", names)
    ]
    if tools := _tools(chat):
        body["tools"] = tools
    return body


def _tools(chat: ChatRequest) -> list[Object]:
    choice = chat.tool_choice
    tools: Iterable[Tool | Native] = chat.tools or ()
    if choice is not None:
        if choice.mode == "required":
            raise InputError(
                "tool_choice: the service cannot be told that a tool must be called",
                place="tool_choice",
            )
        if choice.mode == "none":
            return []
        if choice.names:
            tools = (tool for tool in tools if isinstance(tool, Tool) and tool.name in choice.names)
    return [_tool(tool) for tool in tools]


def _tool(tool: Tool | Native) -> Object:
    if isinstance(tool, Native):
        return dict(tool.fields)
    function: Object = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    function["parameters"] = _NO_PARAMETERS if tool.parameters is None else tool.parameters
    encoded: Object = {"type": "function", "function": function}
    _own(encoded, tool.native)
    return encoded


def _own(target: Object, native: Native | None) -> None:
    if native is not None:
        put_back(target, native.of(NAME), FUNCTION_PREFIX)


def _messages(message: Message, place: str, names: dict[str, str]) -> list[Object]:
    """Each result is a message of its own, before the rest of its turn."""
    encoded: list[Object] = []
    rest = _Turn(message.role)
    for at, part in enumerate(message.parts):
        where = f"{place}.content[{at}]"
        if isinstance(part, ToolResult):
            encoded.append(_result(part, where, names))
        elif message.role == "tool":
            raise InputError(f"{where}: a tool's message holds results only", place=where)
        else:
            rest.add(part, where)
    names.update(rest.names)
    if not encoded or rest.is_said:
        encoded.append(rest.encoded())
    if message.native is not None:
        encoded[-1].update(message.native.of(NAME))
    return encoded


def _result(result: ToolResult, place: str, names: Mapping[str, str]) -> Object:
    name = names.get(result.call_id)
    if name is None:
        raise InputError(
            f"{place}: the call {result.call_id!r} is in no message before its result, and the "
            "service needs the name of its tool",
            place=place,
        )
    turn = _Turn("tool")
    for at, part in enumerate(result.parts):
        turn.add(part, f"{place}.content[{at}]")
    encoded = turn.encoded()
    encoded |= {"tool_name": name, "tool_call_id": result.call_id}
    if result.native is not None:
        encoded.update(result.native.of(NAME))
    return encoded


class _Turn:
    """One message while its parts are put in their places."""

    def __init__(self, role: str) -> None:
        self.names: dict[str, str] = {}
        self._role = role
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._images: list[object] = []
        self._calls: list[Object] = []

    @property
    def is_said(self) -> bool:
        """Whether there is anything in it."""
        return bool(self._texts or self._thoughts or self._images or self._calls)

    def add(self, part: Part, place: str) -> None:
        match part:
            case Text(text) | Refusal(text):
                self._texts.append(text)
            case Reasoning(text):
                self._thoughts.append(text)
            case Image():
                self._images.append(encode_image(part, place))
            case ToolCall():
                self._calls.append(_call(part, len(self._calls), place))
                self.names[part.id] = part.name
            case Native():
                images = part.of(NAME).get("images")
                self._images += images if isinstance(images, list) else []
            case Audio() | Document() | ToolResult():
                kind = type(part).__name__
                raise InputError(f"{place}: a part {kind} cannot be sent here", place=place)
            case _:
                assert_never(part)

    def encoded(self) -> Object:
        message: Object = {"role": self._role, "content": "".join(self._texts)}
        if thoughts := "".join(self._thoughts):
            message["thinking"] = thoughts
        if self._images:
            message["images"] = self._images
        if self._calls:
            message["tool_calls"] = self._calls
        return message


def _call(call: ToolCall, index: int, place: str) -> Object:
    arguments = sent_arguments(call, place)
    function = {"index": index, "name": call.name, "arguments": arguments}
    encoded: Object = {"id": call.id, "type": "function", "function": function}
    _own(encoded, call.native)
    return encoded
