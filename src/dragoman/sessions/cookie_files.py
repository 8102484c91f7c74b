"""Cookie files that a user names: exports of browser extensions, plain JSON, Netscape cookies.txt.

    [{"name": ..., "value": ..., "domain": ...}]   extensions; also under the key "cookies"
    {"example.org": {"sid": "1"}}                  values by domain and name
    {"sid": "1"}                                   values by name, for any domain
    .example.org  TRUE  /  TRUE  0  sid  1         cookies.txt, seven fields with tabs between

Any bytes give cookies or an `InputError` that says what, where and what to do; never a value.
Source: curl.se/docs/http-cookies.html (the Netscape format), read 2026-11-21.
"""

import json
import math
import os
import stat
from collections.abc import Mapping
from typing import Any

from dragoman.errors import InputError
from dragoman.sessions.cookie_rules import Cookie, cookie_fault

__all__ = ["decode_cookie_file", "read_cookie_file", "read_private_file"]

MAX_FILE_BYTES = 16 * 1024 * 1024

_EXPIRY_KEYS = ("expirationDate", "expires", "expiry", "expires_at")
_HTTP_ONLY = "#HttpOnly_"


def read_cookie_file(path: str, *, domain: str = "") -> list[Cookie]:
    """The cookies of a file; those without a domain get `domain`.

    `InputError` if the file cannot be read, can be read by others, or is of no known format.
    """
    return decode_cookie_file(read_private_file(path), path, domain=domain)


def read_private_file(path: str) -> bytes:
    """The bytes of a file that only its owner may read; `InputError` otherwise."""
    try:
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as exc:
        words = exc.strerror if isinstance(exc, OSError) and exc.strerror else "not a file name"
        raise InputError(f"cookie file {path}: {words.lower()}; give a file you can read") from exc
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise InputError(
            f"cookie file {path}: others on this machine may read it; do: chmod 600 {path}"
        )
    if len(content) > MAX_FILE_BYTES:
        raise InputError(f"cookie file {path}: longer than {MAX_FILE_BYTES} bytes; export it again")
    return content


def decode_cookie_file(content: bytes, name: str, *, domain: str = "") -> list[Cookie]:
    """The cookies that these bytes hold; `name` is what errors call them."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _malformed(name, "", "not a text in UTF-8") from None
    if text.lstrip()[:1] in {"[", "{"}:
        return _decode_json(text, name, domain)
    return _decode_netscape(text, name)


def _malformed(name: str, where: str, what: str) -> InputError:
    return InputError(
        f"cookie file {name}{where}: {what}; export it again as JSON or Netscape cookies.txt"
    )


def _decode_json(text: str, name: str, domain: str) -> list[Cookie]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as exc:
        line = getattr(exc, "lineno", 1)
        raise _malformed(name, f", line {line}", "not JSON") from None
    if isinstance(value, dict) and isinstance(value.get("cookies"), list):
        value = value["cookies"]
    if isinstance(value, list):
        return [
            _exported(entry, f", cookie {at}", name, domain) for at, entry in enumerate(value, 1)
        ]
    found: list[Cookie] = []
    for key, entry in value.items():
        if isinstance(entry, dict):
            where = key.lower().removeprefix(".")
            found += [_pair(name, cookie, inner, where) for cookie, inner in entry.items()]
        else:
            found.append(_pair(name, key, entry, domain))
    return found


def _pair(name: str, key: str, value: Any, domain: str) -> Cookie:
    if not isinstance(value, str):
        raise _malformed(name, f", {key[:40]!r}", "expected a text")
    return _checked(Cookie(name=key, value=value, domain=domain), "", name)


def _exported(entry: Any, where: str, name: str, domain: str) -> Cookie:
    if not isinstance(entry, Mapping):
        raise _malformed(name, where, "expected an object")
    for key in ("name", "value", "domain", "path"):
        if not isinstance(entry.get(key, "" if key in {"domain", "path"} else None), str):
            raise _malformed(name, where, f"no text under {key!r}")
    own = entry.get("domain", "").lower()
    host_only = entry.get("hostOnly", bool(own) and not own.startswith("."))
    cookie = Cookie(
        name=entry["name"],
        value=entry["value"],
        domain=own.removeprefix(".") or domain,
        host_only=host_only is True,
        path=entry.get("path") or "/",
        secure=entry.get("secure") is True,
        expires_at=_expiry(next((entry[key] for key in _EXPIRY_KEYS if key in entry), None)),
    )
    return _checked(cookie, where, name)


def _decode_netscape(text: str, name: str) -> list[Cookie]:
    found: list[Cookie] = []
    for at, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if line.startswith(_HTTP_ONLY):
            line = line.removeprefix(_HTTP_ONLY)
        elif not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 7:
            raise _malformed(name, f", line {at}", "not seven fields with tabs between them")
        domain, subdomains, path, secure, expiry, key, value = fields
        cookie = Cookie(
            name=key,
            value=value,
            domain=domain.lower().removeprefix("."),
            host_only=subdomains.upper() != "TRUE",
            path=path or "/",
            secure=secure.upper() == "TRUE",
            expires_at=_expiry(expiry),
        )
        found.append(_checked(cookie, f", line {at}", name))
    return found


def _checked(cookie: Cookie, where: str, name: str) -> Cookie:
    if fault := cookie_fault(cookie.name[:200], cookie.value):
        raise _malformed(name, where, fault)
    return cookie


def _expiry(value: Any) -> float | None:
    """Unix time; None for a session's cookie, which exports write as nothing, 0 or -1."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None
