"""What `[gateway]` of a configuration says: where it listens, who may ask, and how much.

Every complaint names file and line. Keys are hashed as they are read: no value here holds one.
"""

import hashlib
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from dragoman.account import Reticent
from dragoman.config_tables import Place, secret_text

__all__ = [
    "FIELDS",
    "KEY_FIELDS",
    "Field",
    "GatewayKey",
    "GatewaySettings",
    "decode_gateway",
    "digest_of",
]

_Count = Annotated[int, Meta(ge=1)]
_Name = Annotated[str, Meta(pattern=r"\A[\w.@-]{1,64}\Z")]


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

    host: Annotated[str, Meta(pattern=r"\A[\w.:%-]{1,253}\Z")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8484
    keys: tuple[GatewayKey, ...] = ()
    body_limit_bytes: _Count = 32 * 1024 * 1024
    concurrency: Annotated[int, Meta(ge=0)] = 0
    ping_s: Annotated[float, Meta(gt=0, le=86400)] = 10.0
    drain_s: Annotated[float, Meta(ge=0, le=86400)] = 30.0
    fetch_images: bool = True
    log: bool = True


class _KeyTable(Reticent, frozen=True, kw_only=True):
    """What a key's table may say."""

    key: str
    name: _Name = ""
    models: Annotated[tuple[str, ...], Meta(min_length=1)] = ()
    requests_per_minute: _Count | None = None
    tokens_per_minute: _Count | None = None
    concurrency: _Count | None = None


class Field(msgspec.Struct, frozen=True):
    """What a field must be, and what it is for."""

    expected: str
    about: str


_COUNT = "a whole number above 0"

FIELDS: Mapping[str, Field] = {
    "host": Field("an address or a name", "where to listen; any but this machine's needs keys"),
    "port": Field("a whole number from 0 to 65535", "the port; 0 takes a free one"),
    "keys": Field("a list of texts and tables", "the keys that open the gateway"),
    "body_limit_bytes": Field(_COUNT, "the longest body of a request that is taken"),
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
    "log": Field("true or false", "whether each request is a line of JSON on standard error"),
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

_LATER = ("redis_url", "database_url")
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
    decoded = _decode(place, ("gateway",), given, (types, FIELDS))
    return GatewaySettings(**{**decoded, "keys": _keys(place, decoded.get("keys", []))})


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
    decoded = _decode(place, where, table, (types, KEY_FIELDS))
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


def _decode(
    place: Place,
    where: tuple[str, ...],
    table: dict[str, Any],
    known: tuple[Mapping[str, Any], Mapping[str, Field]],
) -> dict[str, Any]:
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
