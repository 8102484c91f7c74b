"""What `-o NAME=VALUE` says: options of the chat, limits of the call, settings of the provider.

Every value comes as text and gets the type that its name asks for; an error names the option and
what was expected. A setting holds for this run alone.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from dragoman.call_options import Options
from dragoman.config import Config, load_config
from dragoman.config_tables import field_types, override
from dragoman.errors import InputError
from dragoman.names import resolve_name
from dragoman.options import OPTIONS
from dragoman.provider_entry import FIELDS, ProviderEntry

__all__ = ["Asked", "decode_asked", "open_config"]

_OF_THE_CALL = ("timeout", "first_token_s", "total_s", "proxy")
_TEXTS = frozenset({"stop", "proxy", "user"})
_FLAGS = frozenset({"parallel_tool_calls"})
_WORDS = {"true": True, "false": False}
# A table cannot be said in one word, and another service is another provider.
_NOT_HERE = frozenset({"cookies", "model", "service"})


class Asked(msgspec.Struct, frozen=True):
    """The options of the call, and settings of its provider as texts."""

    options: Options
    settings: dict[str, str]


class _CommandLine:
    """The place of a setting, for errors; a path begins where the program was started."""

    path = Path("-o")

    def error(self, keys: tuple[str, ...], expected: str) -> InputError:
        """An error about an option."""
        return InputError(f"-o {keys[-1]}: {expected}")


def decode_asked(given: Sequence[str]) -> Asked:
    """The options as they stand on the command line, in order; of equal names the last wins.

    `stop` may be given several times.
    """
    options: dict[str, object] = {}
    settings: dict[str, str] = {}
    for item in given:
        name, sign, value = item.partition("=")
        if not sign or not name:
            raise InputError(f"-o {item}: expected NAME=VALUE, as -o temperature=0.2")
        if name == "stop":
            options["stop"] = [*_list(options.get("stop")), value]
        elif name in OPTIONS or name in _OF_THE_CALL:
            options[name] = _of_chat(name, value)
        else:
            settings[name] = value
    asked: Any = options
    return Asked(asked, settings)


def open_config(path: str | None, model: str | None, settings: Mapping[str, str]) -> Config:
    """The configuration, with these settings for the provider of `model`."""
    config = load_config(path)
    if settings:
        name = resolve_name(model, config).provider
        config.providers[name] = _overridden(config.providers[name], settings)
    return config


def _overridden(entry: ProviderEntry, settings: Mapping[str, str]) -> ProviderEntry:
    own = entry.provider.SETTINGS
    types = field_types(own)
    given: dict[str, object] = {}
    for name, value in settings.items():
        if name in types and name not in _NOT_HERE:
            given[name] = _as_field(value, types[name])
        elif name in own:
            given[name] = _number(value) if own[name].type is int else value
        else:
            known = [*OPTIONS, *_OF_THE_CALL, *(FIELDS.keys() - _NOT_HERE), *own]
            raise _unknown(name, known, entry.name)
    return override(entry, given, _CommandLine())


def _unknown(name: str, known: Iterable[str], provider: str) -> InputError:
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    return InputError(f"unknown option {name!r} for {provider}; {guess}known: {', '.join(names)}")


def _of_chat(name: str, value: str) -> object:
    if name in _FLAGS:
        return _WORDS.get(value.lower(), value)
    return value if name in _TEXTS else _number(value)


def _as_field(value: str, kind: Any) -> object:
    if kind == list[str]:
        return [name for name in value.split(",") if name]
    if kind in (bool | str, bool | None):
        return _WORDS.get(value.lower(), value)
    return value if kind is str else _number(value)


def _number(value: str) -> object:
    """The number that the text is; else the text, which the option's own check then refuses."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
