"""What is checked of a program's tools in every dialect: the types of a schema, and the names.

Source: JSON Schema 2020-12, section 6.1.1 ("type").
"""

from collections.abc import Iterable, Sequence

from dragoman.dialects.reading import Field
from dragoman.native import Native
from dragoman.tools import Tool

__all__ = ["JSON_TYPES", "check_types", "name_of", "unique"]

JSON_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")


def check_types(schema: Field, types: Sequence[str] = JSON_TYPES) -> None:
    """Refuse a schema whose `type`, one word or a list of them, is none of these."""
    kind = schema.get("type")
    if kind is not None:
        if kind.value == []:
            kind.wrong("at least one type")
        for word in kind.items() if isinstance(kind.value, list) else (kind,):
            word.word(types)


def name_of(tool: Tool | Native) -> str:
    """The name of a function; "" for a tool that the service runs."""
    return tool.name if isinstance(tool, Tool) else ""


def unique(found: Iterable[tuple[Tool | Native, str, Field]]) -> tuple[Tool | Native, ...] | None:
    """The tools, or None if there are none; each comes with its name and the field that says it.

    `InputError` if a name stands for two; "" is no name.
    """
    tools: list[Tool | Native] = []
    names: set[str] = set()
    for tool, name, field in found:
        if name and name in names:
            field.refuse(f"there are two tools {name!r}")
        names.add(name)
        tools.append(tool)
    return tuple(tools) or None
