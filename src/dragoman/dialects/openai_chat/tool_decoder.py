"""The tools of a request and how the model may choose among them.

The older `functions` and `function_call` are read as tools, too.
Source: as `dragoman.dialects.openai_chat.tables`; JSON Schema 2020-12, section 6.1.1 ("type").
"""

from collections.abc import Mapping, Sequence

from dragoman.dialects.openai_chat.tables import HINTS, LEGACY, NAME
from dragoman.dialects.reading import Field
from dragoman.dialects.tool_checks import JSON_TYPES, check_types, unique
from dragoman.native import Native
from dragoman.tools import ChoiceMode, Tool, ToolChoice

__all__ = ["decode_choice", "decode_schema", "decode_tools"]

_MODES: tuple[ChoiceMode, ...] = ("auto", "none", "required")

_Tools = tuple[Tool | Native, ...]


def decode_tools(field: Field) -> _Tools | None:
    """The tools; None if there are none. A name stands for one tool only."""
    return unique((tool, _name(tool), place) for tool, place in _found(field))


def _found(field: Field) -> list[tuple[Tool | Native, Field]]:
    tools, functions = field.get("tools"), field.get("functions")
    found = [(_tool(one), one) for one in tools.items()] if tools else []
    if functions:
        found += [(_function(one, LEGACY), one) for one in functions.items()]
    return found


def _name(tool: Tool | Native) -> str:
    if isinstance(tool, Tool):
        return tool.name
    custom = tool.fields.get("custom")
    name = custom.get("name") if isinstance(custom, Mapping) else None
    return name if isinstance(name, str) else ""


def _tool(field: Field) -> Tool | Native:
    kind = field.need("type").text(empty=False)
    if kind == "custom":
        field.need("custom").need("name").text(empty=False)
    if kind != "function":
        return Native(NAME, dict(field.fields()))
    function = field.need("function")
    more = field.rest(("type", "function"))
    if inner := function.rest(("name", "description", "parameters", "strict")):
        more["function"] = inner
    return _function(function, Native(NAME, more, HINTS & set(more)) if more else None)


def _function(field: Field, native: Native | None) -> Tool:
    description, strict = field.get("description"), field.get("strict")
    parameters = field.get("parameters")
    return Tool(
        name=field.need("name").text(empty=False),
        description=description.text() if description is not None else None,
        parameters=decode_schema(parameters, of_object=True) if parameters is not None else None,
        strict=strict.flag() if strict is not None else None,
        native=native,
    )


def decode_schema(field: Field, *, of_object: bool = False) -> Mapping[str, object]:
    """A JSON schema, as far as its outermost type tells; `of_object`: only of an object."""
    schema = field.fields()
    check_types(field, ("object",) if of_object else JSON_TYPES)
    return schema


def decode_choice(field: Field, tools: _Tools | None) -> ToolChoice | None:
    """How to choose; None if that is not said, or there is nothing to choose from."""
    found, older = field.get("tool_choice"), field.get("function_call")
    if found is None:
        found, choice = older, _older(older) if older is not None else None
    else:
        choice = _choice(found)
    if found is None or choice is None:
        return None
    if tools is None:
        if choice.mode == "required" or choice.names:
            found.refuse("there are no tools")
        return None
    known = {_name(tool) for tool in tools}
    for name in choice.names:
        if name not in known:
            found.refuse(f"there is no tool {name!r}")
    return choice


def _older(field: Field) -> ToolChoice:
    if isinstance(field.value, str):
        return ToolChoice(field.word(("auto", "none")))
    return ToolChoice("required", (field.need("name").text(empty=False),))


def _choice(field: Field) -> ToolChoice:
    if isinstance(field.value, str):
        return ToolChoice(field.word(_MODES))
    kind = field.need("type").word(("function", "custom", "allowed_tools"))
    if kind != "allowed_tools":
        return ToolChoice("required", (field.need(kind).need("name").text(empty=False),))
    allowed = field.need("allowed_tools")
    modes: Sequence[ChoiceMode] = ("auto", "required")
    tools = allowed.need("tools")
    names = tuple(_allowed(tool) for tool in tools.items())
    if not names:
        tools.refuse("there is no tool among them")
    return ToolChoice(allowed.need("mode").word(modes), names)


def _allowed(field: Field) -> str:
    kind = field.need("type").word(("function", "custom"))
    return field.need(kind).need("name").text(empty=False)
