"""The JSON of a Messages request as a chat.

The body of `POST /v1/messages/count_tokens` is one without a limit, so none is needed here.
Fields that the middle has no word for are native to the chat, those in `HINTS` as hints.
Source: Claude API docs "Messages", "Count tokens" and the SDK's `MessageCreateParams`, read
2026-11-21.
"""

from dragoman.chat import ChatRequest
from dragoman.dialects.anthropic_messages.natives import native_fields
from dragoman.dialects.anthropic_messages.tables import HINTS, NAME, TOOL_HINTS
from dragoman.dialects.anthropic_messages.thinking import Thinking, decode_thinking
from dragoman.dialects.anthropic_messages.turn_decoder import decode_system, decode_turns
from dragoman.dialects.reading import Field, read_object
from dragoman.dialects.tool_checks import check_types, unique
from dragoman.native import Native
from dragoman.tools import ChoiceMode, JsonSchema, Tool, ToolChoice

__all__ = ["decode_request"]

_KNOWN = frozenset(
    {
        "max_tokens",
        "messages",
        "metadata",
        "model",
        "output_config",
        "stop_sequences",
        "stream",
        "system",
        "temperature",
        "thinking",
        "tool_choice",
        "tools",
        "top_k",
        "top_p",
    }
)
_NOTHING = {"type": "object", "properties": {}}
_MODES: dict[str, ChoiceMode] = {
    "auto": "auto",
    "any": "required",
    "tool": "required",
    "none": "none",
}


def decode_request(body: bytes, *, model: str = "", stream: bool | None = None) -> ChatRequest:
    """What a program asks; `InputError` names the place of what is wrong.

    `model` and `stream` win over what the body says.
    """
    asked = read_object(body)
    thinking = decode_thinking(asked)
    tools = _tools(asked)
    choice, parallel = _choice(asked, tools)
    limit, key = asked.get("max_tokens"), asked.get("top_k")
    return ChatRequest(
        model=model or asked.need("model").text(empty=False),
        messages=(*decode_system(asked), *decode_turns(asked)),
        temperature=_share(asked, "temperature"),
        top_p=_share(asked, "top_p"),
        top_k=(key.whole(0) or None) if key else None,
        max_tokens=limit.whole(1) if limit else None,
        stop=_stop(asked),
        user=_user(asked),
        parallel_tool_calls=parallel,
        reasoning_effort=thinking.reasoning_effort,
        reasoning_budget=thinking.reasoning_budget,
        reasoning_summary=thinking.reasoning_summary,
        tools=tools,
        tool_choice=choice,
        output=_output(asked),
        stream=_streams(asked) if stream is None else stream,
        native=native_fields(_rest(asked, thinking), HINTS),
    )


def _rest(asked: Field, thinking: Thinking) -> dict[str, object]:
    found = asked.rest(_KNOWN)
    inner = {
        "metadata": ("user_id",),
        "output_config": ("effort", "format"),
        "tool_choice": ("type", "name", "disable_parallel_tool_use"),
    }
    for name, known in inner.items():
        field = asked.get(name)
        if field and (rest := field.rest(known)):
            found[name] = rest
    if thinking.native:
        found["thinking"] = thinking.native
    return found


def _share(asked: Field, name: str) -> float | None:
    field = asked.get(name)
    return field.number(0, 1) if field else None


def _streams(asked: Field) -> bool:
    field = asked.get("stream")
    return field.flag() if field else False


def _user(asked: Field) -> str | None:
    metadata = asked.get("metadata")
    name = metadata.get("user_id") if metadata else None
    return name.text() if name else None


def _stop(asked: Field) -> tuple[str, ...] | None:
    field = asked.get("stop_sequences")
    texts = tuple(item.text(empty=False) for item in field.items()) if field else ()
    return texts or None


def _output(asked: Field) -> JsonSchema | None:
    config = asked.get("output_config")
    form = config.get("format") if config else None
    if form is None:
        return None
    form.need("type").word(("json_schema",))
    schema = form.need("schema")
    _check_schema(schema)
    return JsonSchema(schema=schema.fields())


def _check_schema(schema: Field) -> None:
    check_types(schema)
    inner = schema.get("properties")
    if inner is not None:
        inner.fields()


def _tools(asked: Field) -> tuple[Tool | Native, ...] | None:
    field = asked.get("tools")
    return unique(_named(item) for item in field.items()) if field else None


def _named(item: Field) -> tuple[Tool | Native, str, Field]:
    name = item.get("name")
    return _tool(item), name.text() if name else "", name or item


def _tool(item: Field) -> Tool | Native:
    kind = item.get("type")
    if kind is not None and kind.text() != "custom":
        return Native(NAME, item.fields())
    schema = item.need("input_schema")
    schema.need("type").word(("object",))
    _check_schema(schema)
    about, strict = item.get("description"), item.get("strict")
    known = ("type", "name", "description", "input_schema", "strict")
    return Tool(
        name=item.need("name").text(empty=False),
        description=about.text() if about else None,
        parameters=None if schema.value == _NOTHING else schema.fields(),
        strict=strict.flag() if strict else None,
        native=native_fields(item.rest(known), TOOL_HINTS),
    )


def _choice(
    asked: Field, tools: tuple[Tool | Native, ...] | None
) -> tuple[ToolChoice | None, bool | None]:
    field = asked.get("tool_choice")
    if field is None:
        return None, None
    word = field.need("type").word(tuple(_MODES))
    alone = field.get("disable_parallel_tool_use")
    names: tuple[str, ...] = ()
    if word == "tool":
        name = field.need("name")
        names = (name.text(),)
        if not _has(tools or (), names[0]):
            name.refuse(f"there is no tool {names[0]!r}")
    elif word == "any" and not tools:
        field.refuse("there is no tool to call")
    return ToolChoice(_MODES[word], names), (not alone.flag() if alone else None)


def _has(tools: tuple[Tool | Native, ...], name: str) -> bool:
    known = [tool.name if isinstance(tool, Tool) else tool.fields.get("name") for tool in tools]
    # A set of tools has no name of its own, and the service knows those in it.
    return name in known or None in known
