"""The keywords of a call on a provider class, checked before anything is sent.

The classes' documented signatures end in `**kwargs`, which swallows typing errors too; here an
unknown keyword is a `TypeError` and a wrong value an `InputError`.
"""

import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from dragoman.account import Account, Secret, Setting
from dragoman.errors import InputError
from dragoman.options import OPTIONS, decode_options
from dragoman.transport.base import Limits, decode_timeout
from dragoman.transport.line import LineSettings

__all__ = [
    "KEYWORDS",
    "Keywords",
    "check_cookies",
    "check_header",
    "check_line",
    "check_url",
    "decode_keywords",
    "decode_settings",
    "environment_base_url",
    "environment_key",
]

KEYWORDS: Mapping[str, str] = {
    "api_key": "the key or access token of an installation",
    "base_url": "the address of your own installation",
    "cookies": "a mapping of cookie names to values",
    "proxy": "an http, https or socks URL; used for every request of the call",
    "stream": "accepted and without effect: the service decides",
    "timeout": "seconds of silence and for connecting, or (connect, silence)",
    "user_agent": "the User-Agent header",
    "verify": "True, or the path of a file with your own certificate authorities",
}
"""Keywords that every provider class takes, besides the options of a chat and its own settings."""


_COOKIE_NAME = re.compile(r"[!#-+\--:<>-~]+")
"""Visible ASCII but `"`, `,`, `;` and `=`: wider than the standard, as sites are."""


class Keywords(msgspec.Struct, frozen=True):
    """What the keywords of one call mean."""

    options: Mapping[str, object]
    account: Account
    limits: Limits | None
    line: LineSettings
    user_agent: str | None


def decode_keywords(
    provider: str,
    settings: Mapping[str, Setting],
    keywords: Mapping[str, object],
    *,
    key_variable: str = "",
    public_url: str | None = None,
) -> Keywords:
    """The keywords of one call; `TypeError` names an unknown one, `InputError` a wrong value.

    The environment's key is that of `public_url`; without one, that of whatever address is given.
    """
    known = OPTIONS.keys() | KEYWORDS.keys() | settings.keys()
    for name in keywords:
        if name not in known:
            raise TypeError(
                f"{provider}: unknown keyword {name!r}; known: {', '.join(sorted(known))}"
            )
    base_url = _line("base_url", keywords)
    if base_url:
        base_url = check_url("base_url", base_url)
    own_url = base_url or environment_base_url(provider)
    timeout = keywords.get("timeout")
    return Keywords(
        options=decode_options({name: keywords[name] for name in OPTIONS if name in keywords}),
        account=Account.of(
            base_url=own_url,
            api_key=_header("api_key", keywords)
            or environment_key(key_variable, own_url if public_url else None),
            cookies=check_cookies(keywords.get("cookies") or {}),
            settings=decode_settings(
                settings, {name: keywords[name] for name in settings if name in keywords}
            ),
        ),
        limits=None if timeout is None else decode_timeout(timeout),
        line=LineSettings(proxy=_line("proxy", keywords), verify=_verify(keywords.get("verify"))),
        user_agent=_header("user_agent", keywords),
    )


def decode_settings(
    settings: Mapping[str, Setting], given: Mapping[str, object]
) -> dict[str, str | int | Secret]:
    """Settings of an installation, checked by their table; those that are None are left out."""
    decoded: dict[str, str | int | Secret] = {}
    for name, value in given.items():
        setting = settings.get(name)
        if setting is None:
            raise InputError(f"unknown setting {name!r}; known: {', '.join(settings) or 'none'}")
        if value is None:
            continue
        if not isinstance(value, setting.type) or isinstance(value, bool):
            raise InputError(f"{name} must be {setting.type.__name__}: {setting.about}")
        if isinstance(value, str):
            check_line(name, value)
        decoded[name] = Secret(str(value)) if setting.secret else value
    return decoded


def environment_base_url(provider: str) -> str | None:
    """The address that the environment names for calls without one: `DRAGOMAN_NAME_BASE_URL`.

    So a program whose calls give no address can be pointed at an own installation.
    """
    variable = f"DRAGOMAN_{provider.upper().replace('-', '_')}_BASE_URL"
    url = os.environ.get(variable)
    return check_url(variable, url) if url else None


def environment_key(variable: str, own_url: str | None) -> str | None:
    """The key that the environment holds, for a service at its own address.

    A key goes only where it belongs: another address has its own `api_key`. Where every
    installation has an address of its own, there is no other; then `own_url` is None.
    """
    key = os.environ.get(variable) if variable and not own_url else None
    return check_header(variable, key) if key else None


def check_url(name: str, url: str) -> str:
    """An absolute http or https address without credentials, query or fragment."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url or "\\" in url:
        raise InputError(f"{name} must be an absolute http or https address")
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise InputError(f"{name} must have no credentials, query or fragment")
    return url.rstrip("/")


def check_line(name: str, value: object) -> str:
    """One line of text without control characters, or `InputError`, which does not quote it."""
    if isinstance(value, str) and value.isprintable():
        return value
    raise InputError(f"{name} must be one line of text")


def check_header(name: str, value: object) -> str:
    """A text that a header can hold, or `InputError`, which does not quote it."""
    if isinstance(value, str) and value.isprintable() and value.isascii():
        return value
    raise InputError(f"{name} must be one line of text in ASCII")


def check_cookies(cookies: object) -> dict[str, str]:
    """Cookie names and values that one `Cookie` header can hold; `InputError` quotes no value."""
    if not isinstance(cookies, Mapping):
        raise InputError("cookies must be a mapping of names to values")
    for name, value in cookies.items():
        if not isinstance(name, str) or not _COOKIE_NAME.fullmatch(name):
            raise InputError(f"{name!r} is no name of a cookie")
        if not isinstance(value, str) or not value.isprintable() or ";" in value:
            raise InputError(f"the cookie {name} must be one line of text without a semicolon")
    return dict(cookies)


def _line(name: str, keywords: Mapping[str, object]) -> str | None:
    value = keywords.get(name)
    return check_line(name, value) or None if value is not None else None


def _header(name: str, keywords: Mapping[str, object]) -> str | None:
    value = keywords.get(name)
    return check_header(name, value) or None if value is not None else None


def _verify(value: object) -> bool | str:
    if value is None or value is True:
        return True
    if isinstance(value, str) and value:
        return value
    raise InputError(f"verify must be {KEYWORDS['verify']}")
