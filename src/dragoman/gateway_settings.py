"""What `[gateway]` of a configuration says: where it listens, who may ask, and how much.

Every complaint names file and line. Keys are hashed as they are read: no value here holds one.
"""

import hashlib
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from dragoman.account import Reticent
from dragoman.config_tables import Field, Place, decode_fields, secret_text

__all__ = [
    "FIELDS",
    "KEY_FIELDS",
    "GatewayKey",
    "GatewaySettings",
    "decode_gateway",
    "digest_of",
]

_Count = Annotated[int, Meta(ge=1)]
_Days = Annotated[int, Meta(ge=0, le=36500)]
_Name = Annotated[str, Meta(pattern=r"\A[\w.@-]{1,64}\Z")]
_Host = Annotated[str, Meta(pattern=r"\A[\w.:%-]{1,253}\Z")]
_Origin = Annotated[str, Meta(pattern=r"\A(\*|null|[a-z][a-z0-9+.-]*://[^\s/?#@A-Z]+)\Z")]


class GatewayKey(Reticent, frozen=True, kw_only=True):
    """One key that opens the gateway, as its SHA-256 digest, and what it may; None is no limit.

    `name` is what metrics and the log call it. `models` are patterns of `provider/model-id`;
    without any it may ask every model.
    """

    name: str
    digest: bytes
    models: tuple[str, ...] = ()
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrency: int | None = None

    def __repr__(self) -> str:
        # A digest is no secret of a good key, but a weak one can be guessed from it.
        return f"GatewayKey({self.name!r})"

    def allows(self, model: str) -> bool:
        """Whether it may ask a model, named `provider/model-id`."""
        return not self.models or any(fnmatchcase(model, pattern) for pattern in self.models)


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway was told; see `FIELDS`."""

    host: _Host = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8484
    keys: tuple[GatewayKey, ...] = ()
    hosts: tuple[_Host, ...] = ()
    origins: tuple[_Origin, ...] = ()
    head_limit_bytes: _Count = 64 * 1024
    body_limit_bytes: _Count = 32 * 1024 * 1024
    read_s: Annotated[float, Meta(gt=0, le=86400)] = 60.0
    concurrency: Annotated[int, Meta(ge=0)] = 0
    ping_s: Annotated[float, Meta(gt=0, le=86400)] = 10.0
    drain_s: Annotated[float, Meta(ge=0, le=86400)] = 30.0
    fetch_images: bool = True
    relay: Literal["on", "off"] = "on"
    log: bool = True
    usage: bool = True
    usage_days: _Days = 400
    health_days: _Days = 30
    database_url: str = ""


class _KeyTable(Reticent, frozen=True, kw_only=True):
    """What a key's table may say."""

    key: str
    name: _Name = ""
    models: Annotated[tuple[str, ...], Meta(min_length=1)] = ()
    requests_per_minute: _Count | None = None
    tokens_per_minute: _Count | None = None
    concurrency: _Count | None = None


_COUNT = "a whole number above 0"
_DAYS = "a whole number from 0 to 36500"

FIELDS: Mapping[str, Field] = {
    "host": Field("an address or a name", "where to listen; any but this machine's needs keys"),
    "port": Field("a whole number from 0 to 65535", "the port; 0 takes a free one"),
    "keys": Field("a list of texts and tables", "the keys that open the gateway"),
    "hosts": Field(
        "a list of names and addresses",
        "more names that this machine may be called by where no key is asked for",
    ),
    "origins": Field(
        "a list of texts as `https://chat.example`, or `*`",
        "web pages of other addresses that may ask; `*` is every page",
    ),
    "head_limit_bytes": Field(_COUNT, "the longest address and headers of a request together"),
    "body_limit_bytes": Field(_COUNT, "the longest body of a request that is taken"),
    "read_s": Field(
        "a number above 0, at most 86400",
        "seconds in which a request must have come; its body has one more for each 16 KiB",
    ),
    "concurrency": Field(
        "a whole number", "requests that are answered at the same time; 0 is no limit"
    ),
    "ping_s": Field(
        "a number above 0, at most 86400",
        "seconds of silence in a stream after which a sign of life is sent",
    ),
    "drain_s": Field(
        "a number from 0 to 86400", "seconds that a stop waits for the requests that run"
    ),
    "fetch_images": Field(
        "true or false",
        "whether pictures and PDFs by address are fetched for a provider that takes only bytes",
    ),
    "relay": Field(
        "`on` or `off`",
        "whether what needs no translation takes the short way; off: all goes the ordinary way",
    ),
    "log": Field("true or false", "whether each request is a line of JSON on standard error"),
    "usage": Field(
        "true or false",
        "whether each request is a row of `dragoman usage`; without the extra `store` none is",
    ),
    "usage_days": Field(_DAYS, "how long a row of usage is kept; 0: until you delete it"),
    "health_days": Field(
        _DAYS, "how long it is kept how providers did, minute by minute; 0: until you delete it"
    ),
    "database_url": Field(
        "`sqlite:///PATH`",
        "where keys and usage are kept; empty: `dragoman.db` in the data folder",
    ),
}
"""Each field of `[gateway]`; printed in the docs."""

KEY_FIELDS: Mapping[str, Field] = {
    "key": Field(
        "visible ASCII without spaces",
        "the key, as `env:NAME`, `file:PATH`, `sha256:HEX` (its digest) or itself",
    ),
    "name": Field(
        "up to 64 letters, digits, `.`, `_`, `@` and `-`",
        "what metrics and the log call it; `key-1` and so on if left out",
    ),
    "models": Field(
        "a list of at least one text",
        "patterns of the models that it may ask, as `openai/*`; every model if left out",
    ),
    "requests_per_minute": Field(_COUNT, "requests in any 60 seconds"),
    "tokens_per_minute": Field(_COUNT, "tokens in 60 seconds, in and out together"),
    "concurrency": Field(_COUNT, "requests at the same time"),
}
"""Each field of a key that is a table; printed in the docs."""

_LATER = ("redis_url",)
_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql", "postgres")
_WORD = re.compile(r"[!-~]+")
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")


def decode_gateway(place: Place, table: object) -> GatewaySettings:
    """The settings that a table is; `InputError` names what is wrong with it."""
    if not isinstance(table, dict):
        raise place.error(("gateway",), "expected a table, as [gateway]")
    # Empty, they ask for nothing: state is kept in this process.
    given = {name: value for name, value in table.items() if name not in _LATER or value != ""}
    for name in _LATER:
        if name in given:
            raise place.error(("gateway", name), "not built yet; leave it out")
    types = {field.name: field.type for field in msgspec.structs.fields(GatewaySettings)}
    types["keys"] = list[str | dict[str, Any]]
    decoded = decode_fields(place, ("gateway",), given, (types, FIELDS))
    if url := decoded.get("database_url"):
        decoded["database_url"] = _database(place, url)
    return GatewaySettings(**{**decoded, "keys": _keys(place, decoded.get("keys", []))})


def _database(place: Place, url: str) -> str:
    """The address with its file's whole path; a relative one begins beside the configuration."""
    where = ("gateway", "database_url")
    # Nothing of it is said: an address may hold a password.
    if url.partition(":")[0].partition("+")[0] in _POSTGRESQL:
        raise place.error(where, "PostgreSQL is not built yet; leave it out, or say sqlite:///PATH")
    path = url.removeprefix(_SQLITE)
    if path in ("", url):
        raise place.error(where, f"expected {FIELDS['database_url'].expected}")
    return f"{_SQLITE}{(place.path.parent / Path(path).expanduser()).absolute()}"


def digest_of(key: str) -> bytes:
    """The SHA-256 digest that a key is known by."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _keys(place: Place, given: list[str | dict[str, Any]]) -> tuple[GatewayKey, ...]:
    keys: list[GatewayKey] = []
    for number, item in enumerate(given, 1):
        where = ("gateway", "keys", str(number))
        key = _key(place, where, {"key": item} if isinstance(item, str) else item)
        for known in keys:
            if known.name == key.name:
                raise place.error(where, f"a second key of the name {key.name}")
            if known.digest == key.digest:
                raise place.error(where, f"the same key as {known.name}")
        keys.append(key)
    return tuple(keys)


def _key(place: Place, where: tuple[str, ...], table: dict[str, Any]) -> GatewayKey:
    types = {field.name: field.type for field in msgspec.structs.fields(_KeyTable)}
    decoded = decode_fields(place, where, table, (types, KEY_FIELDS))
    if "key" not in decoded:
        raise place.error(where, f"expected key: {KEY_FIELDS['key'].about}")
    digest = _digest(place, (*where, "key"), decoded.pop("key"))
    return GatewayKey(digest=digest, **{"name": f"key-{where[-1]}", **decoded})


def _digest(place: Place, where: tuple[str, ...], text: str) -> bytes:
    text = secret_text(place, where, text)
    kind, colon, digits = text.partition(":")
    if colon and kind == "sha256":
        if not _DIGEST.fullmatch(digits):
            raise place.error(where, "expected 64 hexadecimal digits after sha256:")
        return bytes.fromhex(digits)
    if not _WORD.fullmatch(text):
        raise place.error(where, f"expected {KEY_FIELDS['key'].expected}")
    return digest_of(text)
