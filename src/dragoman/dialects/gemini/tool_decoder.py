"""Gemini's tools and tool configuration to tools and a choice among them.

Functions are the caller's; every other tool is one that the service runs, and native.
Source: the REST reference of Tool, FunctionDeclaration and ToolConfig, read 2026-11-21.
"""

from collections.abc import Iterator, Mapping

from dragoman.dialects.gemini.schemas import decode_json_schema, decode_schema
from dragoman.dialects.gemini.spelling import camel, get, items, native, need, rest
from dragoman.dialects.gemini.tables import NAME, PART_HINTS
from dragoman.dialects.reading import Field
from dragoman.dialects.tool_checks import name_of, unique
from dragoman.native import Native
from dragoman.tools import ChoiceMode, Tool, ToolChoice

__all__ = ["decode_choice", "decode_tools"]

_MODES: Mapping[str, ChoiceMode] = {
    "MODE_UNSPECIFIED": "auto",
    "AUTO": "auto",
    "VALIDATED": "auto",
    "ANY": "required",
    "NONE": "none",
}


def decode_tools(field: Field) -> tuple[Tool | Native, ...] | None:
    """The tools; None for an empty list. `InputError` names a function that is there twice."""
    found = (tool for item in items(field) for tool in _tools(item))
    return unique((tool, name_of(tool), place) for tool, place in found)


def decode_choice(
    field: Field, tools: tuple[Tool | Native, ...]
) -> tuple[ToolChoice | None, dict[str, object]]:
    """The choice, and what else of the configuration is native, by its paths."""
    kept = rest(field, "functionCallingConfig", path="toolConfig.")
    config = get(field, "functionCallingConfig")
    if config is None:
        return None, kept
    kept |= rest(config, "mode", "allowedFunctionNames", path="toolConfig.functionCallingConfig.")
    mode = get(config, "mode")
    word = mode.word(tuple(_MODES)) if mode else "AUTO"
    names = _names(config, tools)
    if mode is not None and word == "ANY" and not any(isinstance(tool, Tool) for tool in tools):
        mode.refuse("there is no function to call")
    if word == "VALIDATED" and not names:
        kept["toolConfig.functionCallingConfig.mode"] = word
    return ToolChoice(_MODES[word], names), kept


def _tools(field: Field) -> Iterator[tuple[Tool | Native, Field]]:
    functions = get(field, "functionDeclarations")
    for item in items(functions) if functions else ():
        yield _function(item), item
    for name, value in rest(field, "functionDeclarations").items():
        yield Native(NAME, {"type": camel(name), name: value}), field


def _function(field: Field) -> Tool:
    description = get(field, "description")
    schema, own = get(field, "parametersJsonSchema"), get(field, "parameters")
    if schema is not None and own is not None:
        own.refuse("stands beside parametersJsonSchema")
    parameters = decode_json_schema(schema) if schema else decode_schema(own) if own else None
    kept = rest(
        field,
        "name",
        "description",
        "parameters",
        "parametersJsonSchema",
        path="functionDeclaration.",
    )
    return Tool(
        name=need(field, "name").text(empty=False),
        description=description.text() if description else None,
        parameters=parameters,
        native=native(kept, PART_HINTS),
    )


def _names(config: Field, tools: tuple[Tool | Native, ...]) -> tuple[str, ...]:
    field = get(config, "allowedFunctionNames")
    known = {tool.name for tool in tools if isinstance(tool, Tool)}
    names = list(field.items()) if field else []
    for name in names:
        if name.text() not in known:
            name.refuse(f"there is no tool {name.value!r}")
    return tuple(name.text() for name in names)
