"""Configuration: one TOML file and the environment, checked whole before anything runs.

Every error names file, line and what was expected. With no file at all each built-in provider is
there under its own name. `env:NAME` and `file:PATH` stand wherever a secret may.
"""

import math
import os
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from dragoman.account import Account
from dragoman.config_file import ConfigFile
from dragoman.errors import InputError
from dragoman.providers.base import Provider
from dragoman.providers.keywords import (
    check_cookies,
    check_header,
    check_line,
    check_url,
    decode_settings,
    environment_base_url,
)
from dragoman.providers.table import PROVIDERS, load_provider
from dragoman.transport.base import Limits
from dragoman.transport.line import LineSettings

__all__ = [
    "DEFAULT_MODEL",
    "FIELDS",
    "Config",
    "Place",
    "ProviderEntry",
    "ProviderFields",
    "load_config",
    "override",
]

DEFAULT_MODEL = "local/smollm2-135m"


class ProviderFields(msgspec.Struct, frozen=True, kw_only=True):
    """What `[providers.NAME]` may say, besides the settings of its service."""

    service: str = ""
    base_url: str = ""
    api_key: str = ""
    cookies: dict[str, str] = {}
    cookies_file: str = ""
    models: list[str] = []
    proxy: str = ""
    verify: bool | str = True
    user_agent: str = ""
    connect_s: float | None = None
    first_token_s: float | None = None
    idle_s: float | None = None
    total_s: float | None = None

    def __repr__(self) -> str:
        # Keys, cookies, a proxy's password: names only.
        given = (name for name in self.__struct_fields__ if getattr(self, name))
        return f"ProviderFields({', '.join(given)})"


FIELDS: Mapping[str, str] = {
    "service": "the built-in service it is one of; the table's own name if left out",
    "base_url": "the address of your installation",
    "api_key": "the key or access token; `env:NAME` or `file:PATH` keep it out of the file",
    "cookies": "a table of cookie names to values; values may be `env:NAME` or `file:PATH`",
    "cookies_file": "a file with cookies, as JSON or in Netscape's format; keep it to yourself",
    "models": "models that this installation has besides the service's own",
    "proxy": "an http, https or socks address for every request; may be `env:NAME` or `file:PATH`",
    "verify": "true, or the path of a file with your own certificate authorities; "
    "false turns verification off for this provider, with a warning",
    "user_agent": "the User-Agent header",
    "connect_s": "seconds for name, connection and TLS together",
    "first_token_s": "seconds until the answer begins",
    "idle_s": "seconds of silence between two chunks",
    "total_s": "seconds for the whole answer",
}
"""Each field of a provider and what it is for; printed in the docs."""


class Place(Protocol):
    """Where settings stand: a file, or a command line. Relative paths begin beside `path`."""

    path: Path

    def error(self, keys: tuple[str, ...], expected: str) -> InputError:
        """An error about the value under these keys."""
        ...


class ProviderEntry:
    """One configured provider: the service's code, our account there, and its limits."""

    def __init__(self, name: str, fields: ProviderFields, settings: Mapping[str, Any]) -> None:
        self.name = name
        self.fields = fields
        self.settings = settings

    def __repr__(self) -> str:
        return f"ProviderEntry({self.name!r}, service={self.service!r})"

    @property
    def service(self) -> str:
        """The built-in service's name."""
        return self.fields.service or self.name

    @property
    def is_own(self) -> bool:
        """Whether it was pointed at an installation of one's own."""
        return bool(self.account.base_url)

    @cached_property
    def provider(self) -> Provider:
        """The service's code."""
        return load_provider(self.service)

    @cached_property
    def account(self) -> Account:
        """Where the installation is and who we are there."""
        fields = self.fields
        return Account.of(
            base_url=fields.base_url or environment_base_url(self.service),
            api_key=fields.api_key or None,
            cookies=fields.cookies,
            settings=decode_settings(self.provider.SETTINGS, self.settings),
            models=fields.models,
        )

    @cached_property
    def limits(self) -> Limits:
        """The provider's limits; those that are not set are the service's own."""
        names = ("connect_s", "first_token_s", "idle_s", "total_s")
        given = {name: getattr(self.fields, name) for name in names}
        given = {name: value for name, value in given.items() if value is not None}
        return msgspec.structs.replace(self.provider.LIMITS, **given)

    @cached_property
    def line(self) -> LineSettings:
        """How its requests reach the world."""
        return LineSettings(proxy=self.fields.proxy or None, verify=self.fields.verify)

    def known_models(self) -> list[str]:
        """The models that can be asked for, as far as is known without asking."""
        return self.provider.known_models(self.account)


class Config:
    """Everything that is configured. `providers` has the built-in ones and those of the file."""

    def __init__(
        self, providers: Mapping[str, ProviderEntry] | None = None, *, model: str = DEFAULT_MODEL
    ) -> None:
        built_in = {name: ProviderEntry(name, ProviderFields(), {}) for name in PROVIDERS}
        self.providers: dict[str, ProviderEntry] = {**built_in, **(providers or {})}
        self.model = model

    def usable(self) -> list[str]:
        """The providers that can be expected to answer: public ones that do, and one's own."""
        return [
            name for name, entry in self.providers.items() if entry.provider.working or entry.is_own
        ]


def load_config(path: str | Path | None = None) -> Config:
    """The configuration from a file and the environment.

    The file is `path`, else `$DRAGOMAN_CONFIG`, else `dragoman.toml` here, else
    `dragoman/dragoman.toml` in the user's configuration folder; none at all is fine.
    `$DRAGOMAN_MODEL` is the default model. Raises `InputError`.
    """
    found = _find(path)
    if found is None:
        return Config(model=os.environ.get("DRAGOMAN_MODEL") or DEFAULT_MODEL)
    file = ConfigFile(found)
    for key in file.tables:
        if key not in {"model", "providers"}:
            raise file.error((key,), "unknown; known: model, [providers.NAME]")
    model = file.tables.get("model", DEFAULT_MODEL)
    if not isinstance(model, str):
        raise file.error(("model",), "expected a model's name as text")
    tables = file.tables.get("providers", {})
    if not isinstance(tables, dict):
        raise file.error(("providers",), "expected tables, as [providers.NAME]")
    entries = {name: _entry(file, name, table) for name, table in tables.items()}
    return Config(entries, model=os.environ.get("DRAGOMAN_MODEL") or model)


def _find(path: str | Path | None) -> Path | None:
    named = path or os.environ.get("DRAGOMAN_CONFIG")
    if named:
        return Path(named).expanduser()
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = (Path("dragoman.toml"), home / "dragoman" / "dragoman.toml")
    return next((place for place in places if place.is_file()), None)


def _entry(file: ConfigFile, name: str, table: object) -> ProviderEntry:
    where = ("providers", name)
    if not isinstance(table, dict):
        raise file.error(where, "expected a table, as [providers.NAME]")
    if not name.replace("-", "").replace("_", "").isalnum():
        raise file.error(where, "a provider's name has letters, digits, - and _ only")
    types = {field.name: field.type for field in msgspec.structs.fields(ProviderFields)}
    given = {
        key: _field(file, (*where, key), value, types[key])
        for key, value in table.items()
        if key in types
    }
    settings = {key: value for key, value in table.items() if key not in types}
    entry = ProviderEntry(name, ProviderFields(**given), {})
    if entry.service not in PROVIDERS:
        raise file.error(
            (*where, "service") if "service" in table else where,
            f"unknown service {entry.service!r}; known: {', '.join(PROVIDERS)}",
        )
    return ProviderEntry(name, ProviderFields(**given), _settings(file, entry, settings))


def override(entry: ProviderEntry, given: Mapping[str, object], place: Place) -> ProviderEntry:
    """The entry with these fields and settings in place of its own; `InputError` names a wrong one.

    All but `service`: another service is another entry.
    """
    types = {field.name: field.type for field in msgspec.structs.fields(ProviderFields)}
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


def _settings(file: Place, entry: ProviderEntry, given: dict[str, Any]) -> dict[str, Any]:
    table = entry.provider.SETTINGS
    for key, value in given.items():
        where = ("providers", entry.name, key)
        if key not in table:
            known = ", ".join([*FIELDS, *table])
            raise file.error(where, f"unknown; known: {known}")
        if table[key].secret and isinstance(value, str):
            given[key] = _secret(file, where, value)
        try:
            decode_settings(table, {key: given[key]})
        except InputError as exc:
            raise file.error(where, exc.message) from exc
    return given


def _field(file: Place, where: tuple[str, ...], value: object, kind: Any) -> Any:
    try:
        decoded = msgspec.convert(value, kind)
    except msgspec.ValidationError as exc:
        raise file.error(where, f"{exc}; {FIELDS[where[-1]]}") from exc
    match where[-1]:
        case "api_key" | "proxy":
            decoded = _secret(file, where, decoded)
        case "cookies":
            decoded = {name: _secret(file, (*where, name), text) for name, text in decoded.items()}
        case "cookies_file" | "verify" if isinstance(decoded, str) and decoded:
            return str(file.path.parent / Path(decoded).expanduser())
        case key if key.endswith("_s") and decoded is not None and not 0 < decoded < math.inf:
            raise file.error(where, f"expected seconds above 0; {FIELDS[key]}")
    check = _CHECKS.get(where[-1])
    if check is None or not decoded:
        return decoded
    try:
        return check(decoded)
    except InputError as exc:
        raise file.error(where, exc.message) from exc


_CHECKS: Mapping[str, Callable[[Any], object]] = {
    "api_key": partial(check_header, "api_key"),
    "base_url": partial(check_url, "base_url"),
    "cookies": check_cookies,
    "proxy": partial(check_line, "proxy"),
    "user_agent": partial(check_header, "user_agent"),
}


def _secret(file: Place, where: tuple[str, ...], value: str) -> str:
    """The value itself, or what `env:NAME` and `file:PATH` stand for."""
    kind, _, rest = value.partition(":")
    if kind == "env":
        found = os.environ.get(rest)
        if not found:
            raise file.error(where, f"the environment variable {rest} is not set")
        return found
    if kind == "file":
        path = file.path.parent / Path(rest).expanduser()
        try:
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as exc:
            raise file.error(where, f"{path} cannot be read") from exc
    return value
