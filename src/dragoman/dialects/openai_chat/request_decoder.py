"""A program's request to a chat.

Fields that we do not know are kept as `Native`. What is only the default said aloud (`n` of 1, text
as the format, an empty list of tools) is nothing that is asked for.
Source: as `dragoman.dialects.openai_chat.tables`.
"""

from dragoman.chat import ChatRequest
from dragoman.dialects.openai_chat.message_decoder import read_messages
from dragoman.dialects.openai_chat.tables import HINTS, NAME
from dragoman.dialects.openai_chat.tool_decoder import decode_choice, decode_schema, decode_tools
from dragoman.dialects.reading import Field, read_object
from dragoman.native import Native
from dragoman.options import decode_options
from dragoman.tools import JsonObject, JsonSchema, Output

__all__ = ["decode_request"]

_OPTIONS = (
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "n",
    "user",
    "parallel_tool_calls",
    "reasoning_effort",
)
_KNOWN = frozenset(
    {
        *_OPTIONS,
        "model",
        "messages",
        "stream",
        "max_tokens",
        "max_completion_tokens",
        "logprobs",
        "top_logprobs",
        "tools",
        "tool_choice",
        "functions",
        "function_call",
        "response_format",
    }
)


def decode_request(body: bytes, *, model: str = "", stream: bool | None = None) -> ChatRequest:
    """What a program asks; `model` and `stream` win over the fields of these names.

    `InputError` names the place of what is wrong.
    """
    field = read_object(body)
    tools = decode_tools(field)
    choice = decode_choice(field, tools)
    options = decode_options(_options(field))
    if tools is None:
        options.pop("parallel_tool_calls", None)
    streams = field.get("stream")
    asked = streams.flag() if streams is not None else False
    return ChatRequest(
        model=model or field.need("model").text(empty=False),
        messages=read_messages(field.need("messages"), HINTS),
        stream=asked if stream is None else stream,
        tools=tools,
        tool_choice=choice,
        output=_output(field.get("response_format")),
        native=_native(field),
        **options,  # type: ignore[arg-type]  # `decode_options` gives each its type
    )


def _options(field: Field) -> dict[str, object]:
    given = {name: field.fields().get(name) for name in _OPTIONS}
    longest = field.get("max_completion_tokens", "max_tokens")
    if longest is not None:
        given["max_tokens"] = longest.whole(1)
    if given["n"] == 1:
        given["n"] = None
    if given["user"] == "":
        given["user"] = None
    told, top = field.get("logprobs"), field.get("top_logprobs")
    if told is not None and told.flag():
        given["logprobs"] = top.whole(0, 20) if top is not None else 0
    elif top is not None and top.whole(0, 20):
        top.refuse("needs logprobs to be true")
    return given


def _output(field: Field | None) -> Output | None:
    if field is None:
        return None
    kind = field.need("type").word(("text", "json_object", "json_schema"))
    if kind == "text":
        return None
    if kind == "json_object":
        return JsonObject()
    inner = field.need("json_schema")
    description, strict = inner.get("description"), inner.get("strict")
    return JsonSchema(
        schema=decode_schema(inner.need("schema")),
        name=inner.need("name").text(empty=False),
        description=description.text() if description is not None else None,
        strict=strict.flag() if strict is not None else None,
    )


def _native(field: Field) -> Native | None:
    fields = field.rest(_KNOWN)
    if fields.get("modalities") == ["text"]:
        del fields["modalities"]
    return Native(NAME, fields, HINTS & set(fields)) if fields else None
