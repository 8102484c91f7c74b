"""One configured provider: the service's code, our account there, and its limits."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

import msgspec

from dragoman.account import Account, Reticent
from dragoman.catalog import ModelCard, card_of, joined
from dragoman.errors import InputError
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.rows import FAMILIES, own_provider, provider_class
from dragoman.providers.base import Provider
from dragoman.providers.keywords import decode_settings, environment_base_url, environment_key
from dragoman.providers.table import load_provider
from dragoman.transport.base import Limits
from dragoman.transport.line import LineSettings

__all__ = ["FIELDS", "ModelFields", "ProviderEntry", "ProviderFields"]


class ModelFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `[providers.NAME.model."ID"]` may say of a model; see `catalog.ModelCard`."""

    context: Annotated[int, msgspec.Meta(ge=1)] | None = None
    max_output: Annotated[int, msgspec.Meta(ge=1)] | None = None
    tools: bool | None = None
    images: bool | None = None
    audio: bool | None = None
    documents: bool | None = None
    schema: bool | None = None
    reasoning: bool | None = None
    prefill: bool | None = None


class ProviderFields(Reticent, frozen=True, kw_only=True):
    """What `[providers.NAME]` may say, besides the settings of its service."""

    service: str = ""
    dialect: str = ""
    base_url: str = ""
    api_key: str = ""
    cookies: dict[str, str] = msgspec.field(default_factory=dict)
    cookies_file: str = ""
    models: list[str] = msgspec.field(default_factory=list)
    model: dict[str, ModelFields] = msgspec.field(default_factory=dict)
    prefill: bool | None = None
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
    "dialect": f"what it speaks, for a service that is not built in: one of {', '.join(FAMILIES)}",
    "base_url": "the address of your installation",
    "api_key": "the key or access token; `env:NAME` or `file:PATH` keep it out of the file",
    "cookies": "a table of cookie names to values; values may be `env:NAME` or `file:PATH`",
    "cookies_file": "a file with cookies, as JSON or in Netscape's format; keep it to yourself",
    "models": "models that this installation has besides the service's own",
    "model": 'what is known of a model, as tables `[providers.NAME.model."ID"]` with '
    f"{', '.join(ModelFields.__struct_fields__)}",
    "prefill": "whether its models go on with an answer that was begun",
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
        dialect = self.fields.dialect
        if not dialect:
            return load_provider(self.service)
        if not self.fields.service:
            return own_provider(self.name, dialect)
        known = load_provider(self.service)
        if not isinstance(known, DialectProvider):
            raise InputError(f"{self.service} speaks its own way and no other dialect")
        return provider_class(msgspec.structs.replace(known.SERVICE, dialect=dialect))()

    @cached_property
    def account(self) -> Account:
        """Where the installation is and who we are there."""
        fields = self.fields
        own_url = fields.base_url or environment_base_url(self.service)
        return Account.of(
            base_url=own_url,
            api_key=fields.api_key or self._environment_key(own_url),
            cookies=fields.cookies,
            settings=decode_settings(self.provider.SETTINGS, self.settings),
            models=fields.models,
        )

    def _environment_key(self, own_url: str | None) -> str | None:
        provider = self.provider
        return environment_key(provider.KEY_VARIABLE, own_url if provider.url else None)

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

    @property
    def is_usable(self) -> bool:
        """Whether it can be expected to answer: a public service with its key, or one's own.

        A server at its usual place on this machine is not looked for: it may not be there.
        """
        if self.is_own or (self.account.api_key is not None and self.provider.url):
            return True
        return self.provider.working and not isinstance(self.provider, DialectProvider)

    @property
    def lacks(self) -> str:
        """What it cannot be asked without, as far as is known: a variable's name, or `base_url`.

        Empty if nothing is known to be missing.
        """
        provider, account = self.provider, self.account
        if provider.KEY_VARIABLE and provider.needs_auth and not self.is_own:
            return "" if account.api_key is not None else provider.KEY_VARIABLE
        is_far = isinstance(provider, DialectProvider)
        return "base_url" if is_far and not provider.base_url(account) else ""

    def told(self, model: str) -> ModelCard:
        """What the configuration says of a model."""
        fields = self.fields.model.get(model, ModelFields())
        given = {name: getattr(fields, name) for name in ModelFields.__struct_fields__}
        if given["prefill"] is None:
            given["prefill"] = self.fields.prefill
        return ModelCard(name=model, **given)

    def card(self, model: str) -> ModelCard:
        """What is known of a model without asking."""
        return joined(card_of(model), self.told(model))

    @property
    def prices(self) -> str:
        """What the list of prices calls the service; empty if it does not have it."""
        provider = self.provider
        return provider.SERVICE.prices if isinstance(provider, DialectProvider) else ""

    def known_models(self) -> list[str]:
        """The models that can be asked for, as far as is known without asking."""
        return self.provider.known_models(self.account)
