"""Configuration: one TOML file and the environment, checked whole before anything runs.

Every error names file, line and what was expected. With no file at all each built-in provider is
there under its own name.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from dragoman.config_file import ConfigFile
from dragoman.config_tables import Place, decode_entry
from dragoman.errors import InputError
from dragoman.gateway_settings import GatewaySettings, decode_gateway
from dragoman.provider_entry import ProviderEntry, ProviderFields
from dragoman.providers.table import PROVIDERS
from dragoman.routing.health_settings import HealthSettings, decode_health
from dragoman.routing.route import Route
from dragoman.routing.route_tables import decode_routes

__all__ = ["DEFAULT_MODEL", "Config", "find_config", "load_config"]

DEFAULT_MODEL = "local/smollm2-135m"


class Config:
    """Everything that is configured. `providers` has the built-in ones and those of the file.

    `routes` are by their names.
    """

    def __init__(
        self,
        providers: Mapping[str, ProviderEntry] | None = None,
        *,
        model: str = DEFAULT_MODEL,
        gateway: GatewaySettings | None = None,
        routes: Mapping[str, Route] | None = None,
        health: HealthSettings | None = None,
    ) -> None:
        self.providers: dict[str, ProviderEntry] = _with_built_in(providers or {})
        self.model = model
        self.gateway = gateway or GatewaySettings()
        self.routes: dict[str, Route] = dict(routes or {})
        self.health = health or HealthSettings()

    @classmethod
    def of(
        cls,
        providers: Mapping[str, Mapping[str, object]],
        *,
        model: str = DEFAULT_MODEL,
        gateway: Mapping[str, object] | None = None,
        routes: Mapping[str, Mapping[str, object]] | None = None,
        health: Mapping[str, object] | None = None,
    ) -> "Config":
        """A configuration from mappings, each with what `[providers.NAME]` of a file may say.

            Config.of({"mine": {"service": "fakegpt", "base_url": "https://chat.example"}})

        `gateway` has what `[gateway]` may say, `routes` what `[routes.NAME]` may, by name, and
        `health` what `[health]` may.

        `InputError` names what is wrong.
        """
        tables = {
            "providers": dict(providers),
            "gateway": gateway or {},
            "routes": dict(routes or {}),
            "health": health or {},
        }
        return cls._of(_Program(), tables, model)

    @classmethod
    def _of(cls, place: Place, tables: Mapping[str, object], model: str) -> "Config":
        providers = tables.get("providers", {})
        if not isinstance(providers, dict):
            raise place.error(("providers",), "expected tables, as [providers.NAME]")
        entries = {name: decode_entry(place, name, table) for name, table in providers.items()}
        return cls(
            entries,
            model=model,
            gateway=decode_gateway(place, tables.get("gateway", {})),
            routes=decode_routes(place, tables.get("routes", {}), _with_built_in(entries)),
            health=decode_health(place, tables.get("health", {})),
        )

    def usable(self) -> list[str]:
        """The providers that can be expected to answer: public ones that do, and one's own."""
        return [name for name, entry in self.providers.items() if entry.is_usable]


def _with_built_in(entries: Mapping[str, ProviderEntry]) -> dict[str, ProviderEntry]:
    built_in = {name: ProviderEntry(name, ProviderFields(), {}) for name in PROVIDERS}
    return {**built_in, **entries}


class _Program:
    """The place of mappings that a program makes; relative paths begin where it runs."""

    path = Path("-")

    def error(self, keys: tuple[str, ...], expected: str) -> InputError:
        """An error about the value under these keys."""
        return InputError(f"{'.'.join(keys)}: {expected}")


def load_config(path: str | Path | None = None) -> Config:
    """The configuration from a file and the environment.

    The file is `path`, else `$DRAGOMAN_CONFIG`, else `dragoman.toml` here, else
    `dragoman/dragoman.toml` in the user's configuration folder; none at all is fine.
    `$DRAGOMAN_MODEL` is the default model. Raises `InputError`.
    """
    found = find_config(path)
    if found is None:
        return Config(model=os.environ.get("DRAGOMAN_MODEL") or DEFAULT_MODEL)
    file = ConfigFile(found)
    for key in file.tables:
        if key not in _KNOWN:
            raise file.error((key,), f"unknown; known: {', '.join(_KNOWN.values())}")
    model = file.tables.get("model", DEFAULT_MODEL)
    if not isinstance(model, str):
        raise file.error(("model",), "expected a model's name as text")
    return Config._of(file, file.tables, os.environ.get("DRAGOMAN_MODEL") or model)


_KNOWN: Mapping[str, str] = {
    "model": "model",
    "providers": "[providers.NAME]",
    "routes": "[routes.NAME]",
    "health": "[health]",
    "gateway": "[gateway]",
}


def find_config(path: str | Path | None = None) -> Path | None:
    """The file that `load_config` would read; None if there is none."""
    named = path or os.environ.get("DRAGOMAN_CONFIG")
    if named:
        return Path(named).expanduser()
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = (Path("dragoman.toml"), home / "dragoman" / "dragoman.toml")
    return next((place for place in places if place.is_file()), None)
