"""A program's request as a chat.

Fields that this package has no word for are carried as they stand; `text.verbosity` is the name of
one inside another. What the service keeps (`previous_response_id`, `conversation`, `prompt`) only
the service can bring in: other dialects refuse it by its name.
Source: OpenAI API reference, "Create a model response", and the types of the package
openai 3.54.0, read 2026-11-21.
"""

from collections.abc import Mapping, Sequence
from typing import get_args

import msgspec

from dragoman.chat import ChatRequest, Effort, Summary
from dragoman.dialects.openai_responses.content_decoder import native_of
from dragoman.dialects.openai_responses.input_decoder import decode_input
from dragoman.dialects.openai_responses.proofs import wants_proofs
from dragoman.dialects.openai_responses.tables import (
    ENCRYPTED,
    HINTS,
    LOGPROBS,
    NAME,
    STATEFUL,
    TOOL_HINTS,
)
from dragoman.dialects.reading import Field, read_object
from dragoman.dialects.tool_checks import check_types, name_of, unique
from dragoman.native import Native
from dragoman.tools import ChoiceMode, JsonObject, JsonSchema, Output, Tool, ToolChoice

__all__ = ["decode_request"]

_EFFORTS: tuple[Effort, ...] = get_args(Effort)
_SUMMARIES: tuple[Summary, ...] = ("auto", "concise", "detailed")
_KNOWN = frozenset(
    {
        "include",
        "input",
        "instructions",
        "max_output_tokens",
        "model",
        "parallel_tool_calls",
        "reasoning",
        "stream",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
    }
)
_MAX_TOP = 20


def decode_request(body: bytes, *, model: str = "", stream: bool | None = None) -> ChatRequest:
    """What a program asks; `InputError` names the place of what is wrong."""
    root = read_object(body)
    stateful = any(root.get(name) for name in STATEFUL)
    tools = _tools(root)
    choice = _choice(root, None if stateful else tools or ())
    chat = ChatRequest(
        model=model or root.need("model").text(empty=False),
        messages=decode_input(root.need("input"), root.get("instructions"), stateful=stateful),
        temperature=_number(root, "temperature", 2),
        top_p=_number(root, "top_p", 1),
        max_tokens=_max_tokens(root),
        logprobs=_logprobs(root),
        user=_user(root),
        parallel_tool_calls=_flag(root, "parallel_tool_calls"),
        reasoning_effort=_effort(root),
        reasoning_summary=_summary(root),
        tools=tools,
        tool_choice=choice if isinstance(choice, ToolChoice) else None,
        output=_output(root),
        stream=bool(_flag(root, "stream")) if stream is None else stream,
    )
    own_choice = None if isinstance(choice, ToolChoice) else choice
    usual = [ENCRYPTED] if wants_proofs(chat) else []
    return msgspec.structs.replace(chat, native=_native(root, own_choice, usual))


def _number(root: Field, name: str, high: float) -> float | None:
    found = root.get(name)
    return found.number(0, high) if found else None


def _flag(root: Field, name: str) -> bool | None:
    found = root.get(name)
    return found.flag() if found else None


def _max_tokens(root: Field) -> int | None:
    found = root.get("max_output_tokens")
    return found.whole(1) if found else None


def _user(root: Field) -> str | None:
    found = root.get("user", "safety_identifier")
    return found.text(empty=False) if found else None


def _logprobs(root: Field) -> int | None:
    top = root.get("top_logprobs")
    found = top.whole(0, _MAX_TOP) if top else 0
    return found if found or LOGPROBS in _include(root) else None


def _include(root: Field) -> list[str]:
    include = root.get("include")
    return [item.text() for item in include.items()] if include else []


def _effort(root: Field) -> Effort | None:
    reasoning = root.get("reasoning")
    found = reasoning.get("effort") if reasoning else None
    return found.word(_EFFORTS) if found else None


def _summary(root: Field) -> Summary | None:
    reasoning = root.get("reasoning")
    if reasoning is None:
        return None
    found = reasoning.get("summary", "generate_summary")
    if found is not None:
        return found.word(_SUMMARIES)
    # Said to be null, and not merely left out.
    return "none" if "summary" in reasoning.fields() else None


def _tools(root: Field) -> tuple[Tool | Native, ...] | None:
    tools = root.get("tools")
    return unique(_named(item) for item in tools.items()) if tools else None


def _named(item: Field) -> tuple[Tool | Native, str, Field]:
    tool = _tool(item)
    return tool, name_of(tool), item.get("name") or item


def _tool(tool: Field) -> Tool | Native:
    if tool.need("type").text(empty=False) != "function":
        return Native(NAME, tool.rest(()))
    description, parameters = tool.get("description"), tool.get("parameters")
    known = frozenset({"type", "name", "description", "parameters", "strict"})
    return Tool(
        name=tool.need("name").text(empty=False),
        description=description.text() if description else None,
        parameters=_schema(parameters) if parameters else None,
        strict=_flag(tool, "strict"),
        native=native_of(tool, known, TOOL_HINTS),
    )


def _schema(schema: Field) -> Mapping[str, object]:
    check_types(schema)
    return schema.fields()


def _choice(
    root: Field, tools: Sequence[Tool | Native] | None
) -> ToolChoice | Mapping[str, object] | None:
    """Which tools may be called; a mapping if only this dialect has a word for it.

    A name must be one of `tools`, unless they are None.
    """
    choice = root.get("tool_choice")
    if choice is None:
        return None
    if isinstance(choice.value, str):
        return ToolChoice(choice.word(_MODES))
    match choice.need("type").text():
        case "function":
            return ToolChoice("required", (_name(choice, tools),))
        case "allowed_tools":
            allowed = list(choice.need("tools").items())
            mode = choice.need("mode").word(_ALLOWED_MODES)
            if all(tool.need("type").value == "function" for tool in allowed):
                return ToolChoice(mode, tuple(_name(tool, tools) for tool in allowed))
    return choice.fields()


def _name(field: Field, tools: Sequence[Tool | Native] | None) -> str:
    name = field.need("name")
    known = [tool.name for tool in tools or () if isinstance(tool, Tool)]
    if tools is not None and name.text(empty=False) not in known:
        name.refuse(f"there is no tool {name.text()!r}")
    return name.text(empty=False)


def _output(root: Field) -> Output | None:
    text = root.get("text")
    found = text.get("format") if text else None
    if found is None:
        return None
    match found.need("type").word(("text", "json_object", "json_schema")):
        case "json_object":
            return JsonObject()
        case "json_schema":
            description = found.get("description")
            return JsonSchema(
                schema=_schema(found.need("schema")),
                name=found.need("name").text(empty=False),
                description=description.text() if description else None,
                strict=_flag(found, "strict"),
            )
        case _:
            return None


def _native(
    root: Field, choice: Mapping[str, object] | None, usual: Sequence[str]
) -> Native | None:
    """The dialect's own fields; `usual` is what is included if a program does not say."""
    fields = root.rest(_KNOWN)
    if root.get("user") is None:
        fields.pop("safety_identifier", None)
    # What is not asked for is the same in every dialect.
    if fields.get("background") is False:
        del fields["background"]
    include = [item for item in _include(root) if item != LOGPROBS]
    if root.get("include") and include != usual:
        fields["include"] = include
    if choice is not None:
        fields["tool_choice"] = choice
    for outer, known in _INSIDE.items():
        inner = root.get(outer)
        rest = inner.rest(known) if inner else {}
        fields |= {f"{outer}.{name}": value for name, value in rest.items()}
    return Native(NAME, fields, HINTS & fields.keys()) if fields else None


_MODES: tuple[ChoiceMode, ...] = get_args(ChoiceMode)
_ALLOWED_MODES: tuple[ChoiceMode, ...] = ("auto", "required")
_INSIDE = {"text": ("format",), "reasoning": ("effort", "summary", "generate_summary")}
