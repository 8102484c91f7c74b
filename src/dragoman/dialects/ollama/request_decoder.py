"""What a program asks in Ollama's chat: its JSON as a `ChatRequest`.

A call may have no name, and a result may only say which tool gave it, or nothing: calls are then
named by their order in the conversation, and a result belongs to the first call that it fits and
that has none.
Source: docs.ollama.com ("Chat", "Tool calling", "Vision", openapi.yaml), the types in Ollama's
`api` package and in the package ollama 0.6.3, read 2026-11-21.
"""

import msgspec

from dragoman.chat import ChatRequest
from dragoman.dialects.ollama.request_encoder import FUNCTION_PREFIX
from dragoman.dialects.ollama.settings_decoder import decode_image, decode_schema, decode_settings
from dragoman.dialects.ollama.tables import NAME
from dragoman.dialects.reading import Field, read_object
from dragoman.dialects.tool_checks import name_of, unique
from dragoman.messages import Image, Message, Part, Reasoning, Role, Text, ToolCall, ToolResult
from dragoman.native import Native
from dragoman.tools import Tool

__all__ = ["decode_request"]

_ROLES: tuple[Role, ...] = ("system", "user", "assistant", "tool")
_MESSAGE = frozenset({"role", "content", "images"})
_ANSWER = _MESSAGE | {"thinking", "tool_calls"}
_RESULT = _MESSAGE | {"tool_name", "tool_call_id"}
_ENTRY = frozenset({"id", "type", "function"})
_CALL = frozenset({"index", "name", "arguments"})
_TOOL = frozenset({"name", "description", "parameters"})


def decode_request(body: bytes, *, model: str = "", stream: bool | None = None) -> ChatRequest:
    """The chat; `InputError` names the place of what is wrong with it."""
    field = read_object(body)
    known = frozenset({"messages", "tools"})
    settings = decode_settings(field, NAME, known, model=model, stream=stream)
    messages = field.need("messages")
    listed = list(messages.items())
    if not listed:
        messages.refuse("is empty; to load or unload a model is not a chat")
    calls = _Calls(listed)
    return ChatRequest(
        messages=tuple(_message(item, calls) for item in listed),
        tools=_tools(field.get("tools")),
        **settings,  # type: ignore[arg-type]  # fields of many types, each checked
    )


def _message(field: Field, calls: "_Calls") -> Message:
    role = field.need("role").word(_ROLES)
    if role == "tool":
        return Message(role, (_result(field, calls),))
    if role != "assistant":
        return Message(role, tuple(_content(field)), _own(field.rest(_MESSAGE)))
    thinking = _text(field, "thinking")
    parts: list[Part] = [Reasoning(thinking)] if thinking else []
    parts += _content(field)
    if listed := field.get("tool_calls"):
        parts += [calls.take(item) for item in listed.items()]
    return Message(role, tuple(parts), _own(field.rest(_ANSWER)))


def _text(field: Field, name: str) -> str:
    text = field.get(name)
    return text.text() if text is not None else ""


def _content(field: Field) -> list[Text | Image]:
    parts: list[Text | Image] = []
    if text := _text(field, "content"):
        parts.append(Text(text))
    if images := field.get("images"):
        parts += [decode_image(image) for image in images.items()]
    return parts


def _result(field: Field, calls: "_Calls") -> ToolResult:
    return ToolResult(
        calls.answered(field), tuple(_content(field)), native=_own(field.rest(_RESULT))
    )


def _own(fields: dict[str, object]) -> Native | None:
    return Native(NAME, fields) if fields else None


def _deeper(field: Field, inner: Field, known: frozenset[str]) -> Native | None:
    """The own fields of an object, and of the `function` in it."""
    own = field.rest(_ENTRY)
    own |= {f"{FUNCTION_PREFIX}{name}": value for name, value in inner.rest(known).items()}
    return _own(own)


class _Calls:
    """The calls of a conversation that have no result yet, by their ids, in order."""

    def __init__(self, messages: list[Field]) -> None:
        self._open: dict[str, str] = {}
        self._said = {call_id for message in messages for call_id in _ids(message)}
        self._made = 0

    def take(self, field: Field) -> ToolCall:
        """The next call."""
        function = field.need("function")
        name = function.need("name").text(empty=False)
        call_id = _text(field, "id") or self._next_id()
        arguments = function.get("arguments")
        text = msgspec.json.encode(arguments.fields() if arguments is not None else {}).decode()
        self._open[call_id] = name
        return ToolCall(call_id, name, text, native=_deeper(field, function, _CALL))

    def answered(self, result: Field) -> str:
        """The id of the call that a result is of."""
        call_id, name = _text(result, "tool_call_id"), _text(result, "tool_name")
        if call_id not in self._open:
            fits = (open_id for open_id, tool in self._open.items() if name in ("", tool))
            # An id that nothing has may still be a program's own for a call that had none.
            found = next(fits, None) if name or not call_id else None
            if found is None:
                result.refuse("is a tool's result without its call")
            call_id = found
        del self._open[call_id]
        return call_id

    def _next_id(self) -> str:
        while (made := f"call_{self._made}") in self._said:
            self._made += 1
        self._said.add(made)
        return made


def _ids(message: Field) -> list[str]:
    """The ids of the calls in a message, whatever else is wrong with it."""
    calls = message.get("tool_calls")
    found = [item.get("id") for item in calls.items()] if calls is not None else []
    return [call_id.text() for call_id in found if call_id is not None]


def _tools(field: Field | None) -> tuple[Tool | Native, ...] | None:
    return unique(_named(item) for item in field.items()) if field else None


def _named(item: Field) -> tuple[Tool | Native, str, Field]:
    tool = _tool(item)
    return tool, name_of(tool), item


def _tool(field: Field) -> Tool | Native:
    kind = field.get("type")
    if kind is not None and kind.text() != "function":
        return Native(NAME, field.fields())
    function = field.need("function")
    description, parameters = function.get("description"), function.get("parameters")
    return Tool(
        name=function.need("name").text(empty=False),
        description=description.text() if description is not None else None,
        parameters=decode_schema(parameters) if parameters is not None else None,
        native=_deeper(field, function, _TOOL),
    )
