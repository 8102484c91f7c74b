"""What is wrong with the functions of a request, their schemas, and which of them must be called.

Source: the REST reference of Tool, Schema and ToolConfig, and "Function calling" of the Gemini API
docs, read 2026-11-21.
"""

import re
from collections.abc import Iterator

from dragoman.emulators.api_schema import schema_problem
from dragoman.emulators.gemini_errors import Violation, WrongRequestError
from dragoman.emulators.service import Json

__all__ = ["check_json_schema", "check_schema", "check_tools", "declarations", "forced"]

Declaration = dict[str, Json]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")
_FORCING = "ANY"
_NARROWED = frozenset({"ANY", "VALIDATED"})


def declarations(request: dict[str, Json]) -> list[Declaration]:
    """All functions that a request declares."""
    return [
        declaration
        for tool in request.get("tools", ())
        for declaration in tool.get("functionDeclarations", ())
    ]


def check_tools(request: dict[str, Json]) -> None:
    """Raise `WrongRequestError` for the first thing that the service would refuse."""
    seen: set[str] = set()
    for at, tool in enumerate(request.get("tools", ())):
        for number, declaration in enumerate(tool.get("functionDeclarations", ())):
            path = f"tools[{at}].function_declarations[{number}]"
            _check_declaration(declaration, path)
            if declaration["name"] in seen:
                what = f"Duplicate function declaration found: {declaration['name']}"
                raise _wrong(f"{path}.name", what)
            seen.add(declaration["name"])
    _check_config(_config(request), seen)


def forced(request: dict[str, Json]) -> Declaration | None:
    """The function that the model has to call, the first of those it may choose among."""
    config = _config(request)
    if config.get("mode") != _FORCING:
        return None
    allowed = config.get("allowedFunctionNames")
    return next(one for one in declarations(request) if not allowed or one["name"] in allowed)


def check_schema(schema: dict[str, Json], path: str) -> None:
    """Raise `WrongRequestError` unless it is a whole schema of the service's own kind."""
    for place, one in _walk(schema, path):
        problem = _schema_problem(one)
        if problem:
            raise _wrong(place, problem)


def check_json_schema(schema: Json, path: str) -> None:
    """Raise `WrongRequestError` unless it is a JSON Schema."""
    problem = schema_problem(schema) if isinstance(schema, dict) else "must be an object"
    if problem:
        raise _wrong(path, problem)


def _wrong(path: str, what: str) -> WrongRequestError:
    field = f"GenerateContentRequest.{path}"
    return WrongRequestError(f"* {field}: {what}\n", violations=(Violation(path, what),))


def _config(request: dict[str, Json]) -> dict[str, Json]:
    config: dict[str, Json] = request.get("toolConfig", {}).get("functionCallingConfig", {})
    return config


def _check_declaration(declaration: Declaration, path: str) -> None:
    if not _NAME.fullmatch(declaration.get("name", "")):
        raise _wrong(
            f"{path}.name",
            "Invalid function name. Must start with a letter or an underscore. Must be "
            "alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), "
            "with a maximum length of 128.",
        )
    if "parameters" in declaration and "parametersJsonSchema" in declaration:
        raise _wrong(path, "parameters and parameters_json_schema are mutually exclusive.")
    if "parameters" in declaration:
        check_schema(declaration["parameters"], f"{path}.parameters")
        if declaration["parameters"].get("type") != "OBJECT":
            raise _wrong(f"{path}.parameters", "schema should be of type OBJECT")
    if "parametersJsonSchema" in declaration:
        check_json_schema(declaration["parametersJsonSchema"], f"{path}.parameters_json_schema")


def _check_config(config: dict[str, Json], names: set[str]) -> None:
    path = "tool_config.function_calling_config"
    mode = config.get("mode", "AUTO")
    allowed = config.get("allowedFunctionNames", [])
    if mode in _NARROWED and not names:
        raise _wrong(path, "Function calling config is set without function_declarations.")
    if allowed and mode not in _NARROWED:
        what = "allowed_function_names should only be set when the mode is ANY or VALIDATED"
        raise _wrong(f"{path}.allowed_function_names", what)
    for name in allowed:
        if name not in names:
            raise _wrong(
                f"{path}.allowed_function_names", f"'{name}' is no function that is declared"
            )


def _walk(schema: dict[str, Json], path: str) -> Iterator[tuple[str, dict[str, Json]]]:
    yield path, schema
    for name, one in schema.get("properties", {}).items():
        yield from _walk(one, f"{path}.properties[{name}]")
    for at, one in enumerate(schema.get("anyOf", ())):
        yield from _walk(one, f"{path}.any_of[{at}]")
    if "items" in schema:
        yield from _walk(schema["items"], f"{path}.items")


def _schema_problem(schema: dict[str, Json]) -> str:
    kind = schema.get("type")
    if kind is None:
        return "" if "anyOf" in schema else "schema didn't specify the schema type field"
    if kind == "ARRAY" and "items" not in schema:
        return "items: missing field."
    if "enum" in schema and kind not in ("STRING", "INTEGER", "NUMBER"):
        return "enum: only allowed for STRING type"
    if "properties" in schema and kind != "OBJECT":
        return "properties: only allowed for OBJECT type"
    properties = schema.get("properties", {})
    for at, name in enumerate(schema.get("required", ())):
        if name not in properties:
            return f"required[{at}]: property is not defined"
    return ""
