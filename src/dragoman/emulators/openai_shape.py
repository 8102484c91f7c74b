"""Requests of OpenAI's API read by their types: a wrong one is refused, a strange field is told.

The types are msgspec structs, so the published shape stands in one place and a fault names its
field. Fields that no type knows are left to the caller to complain of: compatible services take
fields of their own.
"""

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from dragoman.emulators.openai_errors import RefusedError, refused_by_type
from dragoman.emulators.service import Json, Request

__all__ = ["read_body", "read_value"]

S = TypeVar("S")


def read_body(request: Request, shape: type[S]) -> S:
    """The body of a request by its type, with a complaint for each field that is strange.

    Raises:
        RefusedError: the body is no JSON object, or a field is missing or wrong.
    """
    if not isinstance(request.body, dict):
        raise RefusedError("The body of your request is no JSON object.")
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind != "application/json":
        request.complain(f"content type {kind!r} instead of application/json")
    return read_value(request, request.body, shape)


def read_value(request: Request, value: Json, shape: type[S], path: str = "") -> S:
    """One value of a request by its type; `path` is where it stands. Errors as of `read_body`."""
    try:
        read = msgspec.convert(value, shape)
    except msgspec.ValidationError as exc:
        raise refused_by_type(exc, path) from exc
    for strange in _strange(value, read, f"{path}." if path else ""):
        request.complain(f"the service has no field {strange!r}")
    return read


def _strange(raw: Json, read: object, path: str) -> Iterator[str]:
    """The paths of all fields that the types do not have."""
    if isinstance(read, msgspec.Struct):
        names = dict(zip(read.__struct_encode_fields__, read.__struct_fields__, strict=True))
        tag = read.__struct_config__.tag_field
        for name in raw:
            if name in names:
                yield from _strange(raw[name], getattr(read, names[name]), f"{path}{name}.")
            elif name != tag:
                yield f"{path}{name}"
    elif isinstance(read, tuple):
        for at, (one, value) in enumerate(zip(raw, read, strict=True)):
            yield from _strange(one, value, f"{path.removesuffix('.')}[{at}].")
