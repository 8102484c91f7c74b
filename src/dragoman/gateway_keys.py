"""Who may come in at the gateway: keys compared by their digests, in constant time.

A program sends its key where its own dialect has it: OpenAI's and Ollama's as `Authorization:
Bearer`, Anthropic's as `x-api-key`, Gemini's as `x-goog-api-key` or `?key=`. Each is taken
everywhere.
Sources: the API references of OpenAI, Anthropic and Google, read 2026-11-21.
"""

import hmac
import ipaddress
from collections.abc import Iterator, Mapping, Sequence

from dragoman.errors import AuthError, InputError, ResponseStatusError, excerpt
from dragoman.gateway_settings import GatewayKey, GatewaySettings, digest_of

__all__ = ["NOBODYS", "GatewayKeyError", "KeyRing", "check_address", "is_open_to_others"]

NOBODYS = GatewayKey(name="", digest=b"")
"""A key that nobody can have: where it is the only one, a key is asked for and none fits."""


class GatewayKeyError(AuthError, ResponseStatusError):
    """The gateway does not know the key, or was given none: status 401.

    `code` tells it from a provider's refusal of our own key.
    """

    def __init__(self, message: str) -> None:
        ResponseStatusError.__init__(self, message, status=401, code="invalid_gateway_key")


class KeyRing:
    """The keys that open a gateway; it holds their digests only."""

    def __init__(self, keys: Sequence[GatewayKey] = ()) -> None:
        self._keys = tuple(keys)

    def check(self, headers: Mapping[str, str], query_key: str | None) -> GatewayKey | None:
        """The key that a request came with, or None where none is asked for.

        `headers` have names in small letters; `query_key` is `key` of the address. Of several
        keys one that fits is enough. Raises `GatewayKeyError`.
        """
        if not self._keys:
            return None
        given = [digest_of(text) for text in _given(headers, query_key)]
        if not given:
            raise GatewayKeyError(
                "this gateway wants a key: send it as `Authorization: Bearer KEY`, `x-api-key` "
                "or `x-goog-api-key`"
            )
        fitting = None
        # Every pair is compared to its end, so that the time tells nothing about a key.
        for key in self._keys:
            for digest in given:
                if hmac.compare_digest(key.digest, digest):
                    fitting = key
        if fitting is None:
            raise GatewayKeyError("this key does not open this gateway")
        return fitting

    def named(self, name: str) -> GatewayKey | None:
        """The key of a name, if there is one."""
        return next((key for key in self._keys if key.name == name), None)

    def may(self, key: GatewayKey | None, model: str) -> None:
        """Raise `ResponseStatusError` with status 403 if a key may not ask this model.

        `model` is what the caller's name for it was resolved to: `provider/model-id`.
        """
        if key is not None and not key.allows(model):
            raise ResponseStatusError(
                f"the key {key.name} may not ask {excerpt(model)}",
                status=403,
                code="model_not_allowed",
            )


def check_address(settings: GatewaySettings, stored: Sequence[GatewayKey] = ()) -> None:
    """Raise `InputError` if others than this machine could come in without a key.

    `stored` are the keys beside those of the configuration.
    """
    if not stored and is_open_to_others(settings):
        raise InputError(
            f"gateway: {settings.host or 'an empty host'} can be reached from other machines: "
            'add keys = ["env:NAME"] under [gateway], make one (dragoman keys create NAME), or '
            "listen at 127.0.0.1"
        )


def is_open_to_others(settings: GatewaySettings) -> bool:
    """Whether others than this machine could come in, as far as the configuration says."""
    return not settings.keys and not _is_loopback(settings.host)


def _given(headers: Mapping[str, str], query_key: str | None) -> Iterator[str]:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        yield token.strip()
    for text in (headers.get("x-api-key"), headers.get("x-goog-api-key"), query_key):
        if text:
            yield text


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # No other name: what it stands for is the resolver's to say, and may change.
        return host.lower() == "localhost"
