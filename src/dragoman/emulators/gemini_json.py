"""JSON as protocol buffers read it: camel or snake case, numbers as text, no unknown field.

`read_message` gives back the fields in camel case, bytes decoded, enums in capitals, and no field
that is null. Everything that is wrong is told at once, in the form of the service.
Source: "ProtoJSON Format" of protobuf.dev, read 2026-11-21.
"""

import base64
import binascii
from collections.abc import Callable

import msgspec

from dragoman.emulators.gemini_errors import Violation, WrongRequestError
from dragoman.emulators.gemini_fields import ENUMS, MESSAGES, snake
from dragoman.emulators.service import Json

__all__ = ["read_message"]

# By either of its names: a field's camel case name and its kind.
_FIELDS = {
    message: {
        name: (camel, kind) for camel, kind in fields.items() for name in (camel, snake(camel))
    }
    for message, fields in MESSAGES.items()
}
_PAYLOAD = "Invalid JSON payload received. "


def read_message(value: Json, message: str) -> dict[str, Json]:
    """The fields of a message; `message` is its name in the table of fields.

    Raises:
        WrongRequestError: unknown fields or wrong values, all of them.
    """
    if not isinstance(value, dict):
        raise WrongRequestError(_PAYLOAD + "The body must be a JSON object.")
    reader = _Reader()
    fields = reader.message(value, message, "")
    if reader.violations:
        text = "\n".join(one.description for one in reader.violations)
        raise WrongRequestError(text, violations=tuple(reader.violations))
    return fields


class _Reader:
    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def message(self, value: Json, message: str, path: str) -> dict[str, Json]:
        if not isinstance(value, dict):
            self._invalid(value, message, path)
            return {}
        known = _FIELDS[message]
        fields: dict[str, Json] = {}
        for name, item in value.items():
            if name not in known:
                self._unknown(name, path)
            elif item is not None:
                camel, kind = known[name]
                below = f"{path}.{snake(camel)}" if path else snake(camel)
                fields[camel] = self._value(item, kind, below)
        return fields

    def _value(self, item: Json, kind: str, path: str) -> Json:
        if kind.endswith("[]"):
            return self._list(item, kind[:-2], path)
        if kind.endswith("{}"):
            return self._map(item, kind[:-2], path)
        if kind in MESSAGES:
            return self.message(item, kind, path)
        try:
            return _enum(item, kind) if kind in ENUMS else _SCALARS[kind](item)
        except (ValueError, TypeError):
            self._invalid(item, kind, path)
            return None

    def _list(self, items: Json, kind: str, path: str) -> list[Json]:
        if not isinstance(items, list):
            self._invalid(items, f"list of {kind}", path)
            return []
        return [self._value(item, kind, f"{path}[{at}]") for at, item in enumerate(items)]

    def _map(self, items: Json, kind: str, path: str) -> dict[str, Json]:
        if not isinstance(items, dict):
            self._invalid(items, f"map to {kind}", path)
            return {}
        return {
            name: self._value(item, kind, f"{path}[{at}].value")
            for at, (name, item) in enumerate(items.items())
        }

    def _unknown(self, name: str, path: str) -> None:
        where = f" at '{path}'" if path else ""
        text = f'{_PAYLOAD}Unknown name "{name}"{where}: Cannot find field.'
        self.violations.append(Violation(path, text))

    def _invalid(self, value: Json, kind: str, path: str) -> None:
        shown = msgspec.json.encode(value).decode()[:80]
        self.violations.append(Violation(path, f"Invalid value at '{path}' ({kind}), {shown}"))


def _enum(value: Json, kind: str) -> str:
    word = _text(value).upper()
    if word not in ENUMS[kind]:
        raise ValueError(word)
    return word


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("no string")
    return value


def _float(value: Json) -> float:
    if isinstance(value, bool):
        raise TypeError("no number")
    return float(value)


def _int(value: Json) -> int:
    number = _float(value)
    if number != int(number):
        raise ValueError("no whole number")
    return int(number)


def _bool(value: Json) -> bool:
    if not isinstance(value, bool):
        raise TypeError("no boolean")
    return value


def _bytes(value: Json) -> bytes:
    text = _text(value).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as exc:
        raise ValueError("no base64") from exc


def _struct(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


def _any(value: Json) -> Json:
    return value


_SCALARS: dict[str, Callable[[Json], Json]] = {
    "string": _text,
    "float": _float,
    "int": _int,
    "bool": _bool,
    "bytes": _bytes,
    "struct": _struct,
    "any": _any,
}
