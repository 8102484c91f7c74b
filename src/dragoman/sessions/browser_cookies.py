"""Cookies of the browsers on this machine, for a user who has switched that on.

By extra `browser`. A browser that is not there, is locked or keeps its cookies in a way that cannot
be read is passed over.
Source: github.com/borisbabic/browser_cookie3, its README, read 2026-11-21.
"""

import logging

from dragoman.errors import MissingRequirementsError
from dragoman.sessions.cookie_rules import Cookie, cookie_fault

__all__ = ["read_browser_cookies"]

_log = logging.getLogger(__name__)


def read_browser_cookies(domain: str, *, single: bool = False) -> list[Cookie]:
    """The cookies for a domain and its parents; of equal ones the first browser's.

    `single`: stop at the first browser that has any. `MissingRequirementsError` without the extra.
    """
    try:
        import browser_cookie3
    except ImportError as exc:
        raise MissingRequirementsError(
            "cookies of browsers need browser_cookie3: pip install 'dragoman[browser]'"
        ) from exc
    found: dict[tuple[str, str, str], Cookie] = {}
    for load in browser_cookie3.all_browsers:
        try:
            # The library matches by substring: asked for the registrable end, it finds parents too.
            jar = load(domain_name=".".join(domain.split(".")[-2:]))
        except Exception as exc:
            # Every browser fails in its own way; the class says enough, and holds no path.
            _log.debug("no cookies from %s: %s", load.__name__, type(exc).__name__)
            continue
        for cookie in map(_decode, jar):
            if not cookie_fault(cookie.name, cookie.value):
                found.setdefault((cookie.domain, cookie.path, cookie.name), cookie)
        if single and found:
            break
    return list(found.values())


def _decode(cookie: "object") -> Cookie:
    import http.cookiejar

    assert isinstance(cookie, http.cookiejar.Cookie)  # noqa: S101 - what a cookie jar holds
    return Cookie(
        name=cookie.name,
        value=cookie.value or "",
        domain=cookie.domain.lower().removeprefix("."),
        host_only=not cookie.domain.startswith("."),
        path=cookie.path or "/",
        secure=bool(cookie.secure),
        expires_at=float(cookie.expires) if cookie.expires else None,
    )
