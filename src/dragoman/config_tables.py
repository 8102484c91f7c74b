"""Tables of a configuration to provider entries: each field checked, each secret looked up.

Every complaint names the place that the table stands in: a file's line, an option of the command
line, or a program's own mapping. `env:NAME` and `file:PATH` stand wherever a secret may.
"""

import math
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from dragoman.account import Setting
from dragoman.errors import InputError
from dragoman.provider_entry import FIELDS, ModelFields, ProviderEntry, ProviderFields
from dragoman.providers.api.rows import FAMILIES
from dragoman.providers.keywords import (
    check_cookies,
    check_header,
    check_line,
    check_url,
    decode_settings,
)
from dragoman.providers.table import PROVIDERS, load_provider, unknown_service

__all__ = [
    "Field",
    "Place",
    "decode_entry",
    "decode_fields",
    "field_types",
    "override",
    "secret_text",
]


class Field(msgspec.Struct, frozen=True):
    """What a field must be, and what it is for."""

    expected: str
    about: str


class Place(Protocol):
    """Where settings stand: a file, or a command line. Relative paths begin beside `path`."""

    path: Path

    def error(self, keys: tuple[str, ...], expected: str) -> InputError:
        """An error about the value under these keys."""
        ...


def decode_fields(
    place: Place,
    where: tuple[str, ...],
    table: Mapping[str, Any],
    known: tuple[Mapping[str, Any], Mapping[str, Field]],
) -> dict[str, Any]:
    """The values of a table of settings; `known` has their types and what is said of each.

    `InputError` names a field that is unknown, or not what it must be.
    """
    types, fields = known
    decoded = {}
    for name, value in table.items():
        if name not in fields:
            raise place.error((*where, name), f"unknown; known: {', '.join(fields)}")
        try:
            decoded[name] = msgspec.convert(value, types[name])
        except msgspec.ValidationError as exc:
            field = fields[name]
            raise place.error((*where, name), f"expected {field.expected}: {field.about}") from exc
    return decoded


def decode_entry(place: Place, name: str, table: object) -> ProviderEntry:
    """The entry that a table is; `InputError` names what is wrong with it."""
    where = ("providers", name)
    if not isinstance(table, dict):
        raise place.error(where, "expected a table, as [providers.NAME]")
    if not name.replace("-", "").replace("_", "").isalnum():
        raise place.error(where, "a provider's name has letters, digits, - and _ only")
    service = table.get("service", name)
    is_known = isinstance(service, str) and service in PROVIDERS
    own = load_provider(service).SETTINGS if is_known else {}
    types = field_types(own)
    given = {
        key: _field(place, (*where, key), value, types[key])
        for key, value in table.items()
        if key in types
    }
    settings = {key: value for key, value in table.items() if key not in types}
    entry = ProviderEntry(name, ProviderFields(**given), {})
    if given.get("dialect") and given["dialect"] not in FAMILIES:
        raise place.error(
            (*where, "dialect"),
            f"unknown dialect {given['dialect']!r}; known: {', '.join(FAMILIES)}",
        )
    if given.get("dialect") and not given.get("service"):
        if not entry.fields.base_url:
            raise place.error(where, "expected base_url: where the dialect is spoken")
    elif entry.service not in PROVIDERS:
        if "service" not in table:
            raise place.error(
                where,
                'no built-in provider: add dialect = "openai_chat" (or another) and base_url, '
                'or service = "..."; `dragoman providers` lists the services',
            )
        raise place.error((*where, "service"), unknown_service(entry.service))
    try:
        entry.provider  # noqa: B018 - a service that cannot be made is told of here
    except InputError as exc:
        raise place.error((*where, "dialect"), exc.message) from exc
    return ProviderEntry(name, ProviderFields(**given), _settings(place, entry, settings))


def override(entry: ProviderEntry, given: Mapping[str, object], place: Place) -> ProviderEntry:
    """The entry with these fields and settings in place of its own; `InputError` names a wrong one.

    All but `service`: another service is another entry.
    """
    types = field_types(entry.provider.SETTINGS)
    fields = {
        key: _field(place, ("providers", entry.name, key), value, types[key])
        for key, value in given.items()
        if key in types
    }
    others = {key: value for key, value in given.items() if key not in types}
    return ProviderEntry(
        entry.name,
        msgspec.structs.replace(entry.fields, **fields, service=entry.service),
        {**entry.settings, **_settings(place, entry, others)},
    )


def field_types(settings: Mapping[str, Setting]) -> dict[str, Any]:
    """The fields of a provider and their types; a setting of the same name hides one."""
    fields = msgspec.structs.fields(ProviderFields)
    return {field.name: field.type for field in fields if field.name not in settings}


def _settings(place: Place, entry: ProviderEntry, given: dict[str, Any]) -> dict[str, Any]:
    table = entry.provider.SETTINGS
    for key, value in given.items():
        where = ("providers", entry.name, key)
        if key not in table:
            known = ", ".join([*FIELDS, *table])
            raise place.error(where, f"unknown; known: {known}")
        if table[key].secret and isinstance(value, str):
            given[key] = secret_text(place, where, value)
        try:
            decode_settings(table, {key: given[key]})
        except InputError as exc:
            raise place.error(where, exc.message) from exc
    return given


def _field(place: Place, where: tuple[str, ...], value: object, kind: Any) -> Any:
    try:
        decoded = msgspec.convert(value, kind)
    except msgspec.ValidationError as exc:
        raise place.error(where, f"expected {_words(kind)}: {FIELDS[where[-1]]}") from exc
    match where[-1]:
        case "api_key" | "proxy":
            decoded = secret_text(place, where, decoded)
        case "cookies":
            decoded = {
                name: secret_text(place, (*where, name), text) for name, text in decoded.items()
            }
        case "cookies_file" | "verify" if isinstance(decoded, str) and decoded:
            return str(place.path.parent / Path(decoded).expanduser())
        case key if key.endswith("_s") and decoded is not None and not 0 < decoded < math.inf:
            raise place.error(where, f"expected a number above 0: {FIELDS[key]}")
    check = _CHECKS.get(where[-1])
    if check is None or not decoded:
        return decoded
    try:
        return check(decoded)
    except InputError as exc:
        # The place says the field's name already.
        raise place.error(where, exc.message.removeprefix(f"{where[-1]} ")) from exc


def _words(kind: Any) -> str:
    """A field's type as a reader writes it."""
    if kind == float | None:
        return "a number"
    if kind == bool | str:
        return "true, false or a path"
    if kind == bool | None:
        return "true or false"
    if kind == dict[str, ModelFields]:
        return "tables of what is known of a model"
    return {"str": "text", "list": "a list of texts", "dict": "a table of texts"}[kind.__name__]


_CHECKS: Mapping[str, Callable[[Any], object]] = {
    "api_key": partial(check_header, "api_key"),
    "base_url": partial(check_url, "base_url"),
    "cookies": check_cookies,
    "proxy": partial(check_line, "proxy"),
    "user_agent": partial(check_header, "user_agent"),
}


def secret_text(place: Place, where: tuple[str, ...], value: str) -> str:
    """The value itself, or what `env:NAME` and `file:PATH` stand for; `InputError` if nothing."""
    kind, _, rest = value.partition(":")
    if kind == "env":
        found = os.environ.get(rest)
        if not found:
            raise place.error(where, f"the environment variable {rest} is not set")
        return found
    if kind == "file":
        path = place.path.parent / Path(rest).expanduser()
        try:
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as exc:
            raise place.error(where, f"{path} cannot be read") from exc
    return value
