"""What `impersonate` means here: the headers in which a browser names itself, and nothing else.

The word comes from clients that also copy a browser's TLS and HTTP/2 fingerprint. This does not: it
is kept so that programs which pass it still run, and is no way through a challenge page.
Source: developer.mozilla.org, "User-Agent" header, read 2026-11-21.
"""

import re

from dragoman.errors import InputError

__all__ = ["browser_headers"]

_NAME = re.compile(r"(chrome|edge|firefox|safari)(\d*)[\w.]*")
_VERSIONS = {"chrome": "131", "edge": "131", "firefox": "133", "safari": "18"}
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
_CHROME = _WINDOWS + ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{0}.0.0.0 Safari/537.36"
_AGENTS = {
    "chrome": _CHROME,
    "edge": _CHROME + " Edg/{0}.0.0.0",
    "firefox": _WINDOWS + "; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
    "safari": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/{0}.0 Safari/605.1.15",
}


def browser_headers(impersonate: str | None) -> dict[str, str]:
    """User-Agent and Accept-Language of a browser such as `chrome110`; nothing for None.

    `InputError` for a browser that is not known.
    """
    if impersonate is None:
        return {}
    found = _NAME.fullmatch(impersonate.lower())
    if found is None:
        raise InputError(
            f"impersonate = {impersonate!r}: known are {', '.join(_AGENTS)}, with a version or not"
        )
    browser, version = found.groups()
    return {
        "User-Agent": _AGENTS[browser].format(version or _VERSIONS[browser]),
        "Accept-Language": "en-US,en;q=0.9",
    }
