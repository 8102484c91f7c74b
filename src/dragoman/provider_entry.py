"""One configured provider: the service's code, our account there, and its limits."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec

from dragoman.account import Account, Reticent
from dragoman.providers.base import Provider
from dragoman.providers.keywords import decode_settings, environment_base_url
from dragoman.providers.table import load_provider
from dragoman.transport.base import Limits
from dragoman.transport.line import LineSettings

__all__ = ["FIELDS", "ProviderEntry", "ProviderFields"]


class ProviderFields(Reticent, frozen=True, kw_only=True):
    """What `[providers.NAME]` may say, besides the settings of its service."""

    service: str = ""
    base_url: str = ""
    api_key: str = ""
    cookies: dict[str, str] = msgspec.field(default_factory=dict)
    cookies_file: str = ""
    models: list[str] = msgspec.field(default_factory=list)
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
