"""Tools, the choice among them and schemas: what OpenAI refuses of them.

Source: OpenAI API reference, "Function calling" and "Structured outputs" (the rules of `strict`),
read 2026-11-21.
"""

from collections.abc import Iterator, Sequence

from dragoman.emulators.api_schema import schema_problem
from dragoman.emulators.openai_errors import RefusedError, not_valid
from dragoman.emulators.openai_fields import Schema, Tool
from dragoman.emulators.service import Json

__all__ = ["check_named", "check_output_schema", "check_tools"]


def check_tools(tools: Sequence[tuple[Tool, str]]) -> None:
    """Refuse a function that is declared twice or has no right schema; each with its path."""
    seen: set[str] = set()
    for tool, path in tools:
        if tool.name in seen:
            raise not_valid(f"{path}.name", f"{tool.name!r} is declared twice")
        seen.add(tool.name)
        problem = _problem(tool.parameters, strict=bool(tool.strict))
        if tool.parameters is not None and problem:
            raise RefusedError(
                f"Invalid schema for function '{tool.name}': {problem}.",
                f"{path}.parameters",
                code="invalid_function_parameters",
            )


def check_named(names: Sequence[str], declared: Sequence[str], *, param: str) -> None:
    """Refuse a choice of a tool that the request does not declare."""
    if not declared:
        raise RefusedError(f"'{param}' is only allowed when 'tools' are specified.", param)
    for name in names:
        if name not in declared:
            raise RefusedError(f"Tool choice '{name}' not found in 'tools' parameter.", param)


def check_output_schema(name: str, schema: Schema | None, *, strict: bool, param: str) -> None:
    """Refuse a schema for the answer that is none, or breaks the rules of `strict`."""
    problem = _problem(schema, strict=strict)
    if schema is not None and not problem and str(schema.get("type", "object")) != "object":
        problem = "schema must be of type 'object'"
    if problem:
        raise RefusedError(f"Invalid schema for {param} '{name}': {problem}.", param)


def _problem(schema: Json, *, strict: bool) -> str:
    problem = schema_problem(schema)
    return problem or (next(_loose(schema, ()), "") if strict else "")


def _loose(schema: Json, path: tuple[str, ...]) -> Iterator[str]:
    """Where a schema leaves open what `strict` wants closed."""
    if isinstance(schema, list):
        for at, each in enumerate(schema):
            yield from _loose(each, (*path, str(at)))
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties", {})
    if schema.get("type") == "object" or properties:
        if schema.get("additionalProperties") is not False:
            yield f"In context={path}, 'additionalProperties' is required to be false"
        if missing := [name for name in properties if name not in schema.get("required", ())]:
            yield f"In context={path}, 'required' has to hold every property; missing {missing[0]}"
    for group in ("properties", "$defs"):
        for name, each in schema.get(group, {}).items():
            yield from _loose(each, (*path, group, name))
    for word in ("items", "anyOf", "allOf"):
        yield from _loose(schema.get(word), (*path, word))
