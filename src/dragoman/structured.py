"""Answers of a given shape: a Python type becomes a JSON schema, and the answer becomes a value."""

from collections.abc import Mapping
from typing import Any, Generic, TypeGuard, TypeVar

import msgspec

from dragoman.chat import ChatReply
from dragoman.errors import InputError, ResponseError, excerpt, quoted
from dragoman.strict_schema import is_strict, object_schema
from dragoman.tools import JsonObject, JsonSchema, Output

__all__ = ["ValuedReply", "check_schema", "decode_output", "is_kind", "schema_of", "valued"]

T = TypeVar("T")

_KINDS = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})


class ValuedReply(ChatReply, Generic[T], frozen=True, kw_only=True):
    """A whole answer with the value that its text is."""

    value: T


def is_kind(output: object) -> TypeGuard[type[Any]]:
    """Whether an `output` is a type, so that the answer becomes a value."""
    return output is not None and not isinstance(output, JsonObject | JsonSchema | Mapping | str)


def decode_output(output: object) -> Output:
    """What a caller may give as `output`: a type, a JSON schema, `"json"`, or one of the values.

    A type is a `msgspec.Struct`, a dataclass, a `TypedDict`, or whatever else msgspec reads;
    `InputError` if it is none of these.
    """
    match output:
        case JsonObject():
            return output
        case JsonSchema(schema=schema):
            check_schema(schema, "output.schema")
            return output
        case "json":
            return JsonObject()
        case Mapping():
            check_schema(output, "output")
            return JsonSchema(schema=dict(output))
        case str():
            raise InputError(
                f'output: {quoted(output)} is neither "json" nor a type nor a JSON schema',
                place="output",
            )
        case _:
            return schema_of(output)


def schema_of(kind: Any) -> JsonSchema:
    """The JSON schema of a type: no field is left out or added.

    It is strict, unless something in it is open, as `Any`, a `dict` or a tuple of several types.
    """
    try:
        schema = object_schema(kind)
    except Exception as exc:
        # A type brings code of its own, which may raise anything.
        raise InputError(f"output: {excerpt(str(exc))}", place="output") from exc
    if schema is None:
        raise InputError(
            f"output: {_name(kind)} is no object; a service wants one: put it in a field of a "
            "struct",
            place="output",
        )
    return JsonSchema(schema=schema, strict=True if is_strict(schema) else None)


def check_schema(schema: object, place: str) -> None:
    """Refuse what is no JSON schema, as far as its types tell; `InputError` says where."""
    if not isinstance(schema, Mapping):
        raise InputError(f"{place}: expected a JSON schema, not {quoted(schema)}", place=place)
    try:
        msgspec.json.encode(schema)
    except (TypeError, ValueError, RecursionError) as exc:
        raise InputError(f"{place}: it cannot be JSON: {exc}", place=place) from exc
    _check_types(schema, place)


def _check_types(schema: Mapping[str, Any], place: str) -> None:
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind] if kind is not None else []
    for word in kinds:
        if not isinstance(word, str) or word not in _KINDS:
            raise InputError(
                f"{place}.type: {quoted(word)} is no type of JSON; "
                f"known: {', '.join(sorted(_KINDS))}",
                place=f"{place}.type",
            )
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping):
        raise InputError(f"{place}.properties: expected an object", place=f"{place}.properties")
    for name, inner in properties.items():
        where = f"{place}.properties.{name}"
        if isinstance(inner, Mapping):
            _check_types(inner, where)
        elif not isinstance(inner, bool):
            raise InputError(f"{where}: expected a schema", place=where)


def valued(reply: ChatReply, kind: type[T]) -> ValuedReply[T]:
    """The reply with its value; `ResponseError`, with the text, if the answer is no such thing."""
    try:
        value = msgspec.json.decode(reply.text, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as exc:
        said = excerpt(reply.text or reply.refusal)
        error = ResponseError(f"the answer is no {_name(kind)}: {exc}: {said!r}")
        error.text = reply.text
        if reply.finish_reason == "length":
            error.hint = "The answer stopped at its limit: allow more with max_tokens"
        raise error from exc
    fields = {name: getattr(reply, name) for name in ChatReply.__struct_fields__}
    return ValuedReply(**fields, value=value)


def _name(kind: object) -> str:
    return kind.__name__ if isinstance(kind, type) else excerpt(repr(kind))
