"""The user's own cookies for a site, from the first place that has any.

    1  set_cookies(...) of this process
    2  the file that DRAGOMAN_COOKIES names
    3  what `dragoman login` keeps
    4  the browsers of this machine, only if DRAGOMAN_BROWSER_COOKIES=1 or the caller says so

Cookies that a caller passes explicitly are not asked for here. Expired ones are left out, and
`Secure` ones where the site is plain http.
"""

import os
import time
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from dragoman.errors import InputError, MissingRequirementsError
from dragoman.sessions.browser_cookies import read_browser_cookies
from dragoman.sessions.cookie_files import read_cookie_file
from dragoman.sessions.cookie_rules import Cookie, cookie_fault, cookies_for, host_matches
from dragoman.sessions.cookie_store import CookieStore

__all__ = ["BROWSERS_VARIABLE", "FILE_VARIABLE", "PROCESS_COOKIES", "get_cookies", "set_cookies"]

FILE_VARIABLE = "DRAGOMAN_COOKIES"
BROWSERS_VARIABLE = "DRAGOMAN_BROWSER_COOKIES"


class ProcessCookies:
    """What this process was given, and what it found in browsers. The one place with such state."""

    def __init__(self) -> None:
        self.given: dict[str, dict[str, str]] = {}
        self.of_browsers: dict[str, list[Cookie]] = {}

    def __repr__(self) -> str:
        return f"ProcessCookies({sorted(self.given)})"

    def clear(self) -> None:
        """Forget everything."""
        self.given.clear()
        self.of_browsers.clear()


PROCESS_COOKIES = ProcessCookies()


def set_cookies(domain_name: str, cookies: Mapping[str, str] | None = None) -> None:
    """Use these cookies for a domain and its subdomains in this process; None removes them.

    `InputError` names a cookie that no header can carry.
    """
    host = _host(domain_name)
    if cookies is None:
        PROCESS_COOKIES.given.pop(host, None)
        return
    for name, value in cookies.items():
        if fault := cookie_fault(name, value):
            raise InputError(fault)
    PROCESS_COOKIES.given[host] = dict(cookies)


def get_cookies(
    domain_name: str = "",
    raise_requirements_error: bool = True,
    single_browser: bool = False,
    cache_result: bool = True,
    *,
    browsers: bool | None = None,
) -> dict[str, str]:
    """The cookies for a host, by name; a new dict each time, empty if there are none.

    `domain_name` may be an address; an http one gets no `Secure` cookies. `browsers` switches the
    browsers on or off for this call; `single_browser` stops at the first that has any; what they
    gave is kept for the process if `cache_result`, unless it is nothing. Without the extra
    `browser` that is a `MissingRequirementsError`, or nothing if not `raise_requirements_error`.
    `InputError` for a cookie file that is no use. Reads files: in a thread, if a loop is running.
    """
    host, url = _host(domain_name), _url(domain_name)
    now = time.time()
    for source in (_given, _of_file, _of_store):
        if found := cookies_for(source(), url, now):
            return found
    if browsers is None:
        browsers = os.environ.get(BROWSERS_VARIABLE) == "1"
    if not browsers or not host:
        return {}
    try:
        kept = _of_browsers(host, single_browser=single_browser, cache_result=cache_result)
    except MissingRequirementsError:
        if raise_requirements_error:
            raise
        return {}
    return cookies_for(kept, url, now)


def _url(domain_name: str) -> str:
    return domain_name if "://" in domain_name else f"https://{domain_name.removeprefix('.')}"


def _host(domain_name: str) -> str:
    try:
        return (urlsplit(_url(domain_name)).hostname or "").lower()
    except ValueError:
        raise InputError(f"not a domain: {domain_name!r}") from None


def _given() -> Iterable[Cookie]:
    return [
        Cookie(name=name, value=value, domain=domain)
        for domain, cookies in PROCESS_COOKIES.given.items()
        for name, value in cookies.items()
    ]


def _of_file() -> Iterable[Cookie]:
    path = os.environ.get(FILE_VARIABLE)
    return read_cookie_file(os.path.expanduser(path)) if path else []


def _of_store() -> Iterable[Cookie]:
    return CookieStore().load()


def _of_browsers(host: str, *, single_browser: bool, cache_result: bool) -> list[Cookie]:
    kept = PROCESS_COOKIES.of_browsers.get(host)
    if kept is None:
        read = read_browser_cookies(host, single=single_browser)
        kept = [cookie for cookie in read if host_matches(host, cookie)]
        if kept and cache_result:
            PROCESS_COOKIES.of_browsers[host] = kept
    return kept
