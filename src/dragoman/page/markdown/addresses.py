"""Which addresses of a model's text may be followed.

Only absolute http, https and mailto ones: no script, no data, nothing of this very origin. An
address with a name and password before its host ("https://bank.example@evil.example") is refused,
too, since it is read as another. The parser has put a host of other letters into ASCII already.
Source: WHATWG URL, section 4.4 "URL parsing", read 2026-11-21.
"""

import re

__all__ = ["host", "is_picture", "is_safe"]

_HOST = r"(?:[a-z0-9_][a-z0-9._-]*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
_WEB = re.compile(rf"https?://({_HOST})(?:[/?#][^\s\\]*)?", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^\s/\\][^\s\\]*", re.IGNORECASE)


def is_safe(address: str) -> bool:
    """Whether a link may lead there."""
    return bool(_WEB.fullmatch(address) or _MAIL.fullmatch(address))


def is_picture(address: str) -> bool:
    """Whether a picture may be asked for there."""
    return bool(_WEB.fullmatch(address))


def host(address: str) -> str:
    """The host, and port if there is one, of an address that `is_picture` takes."""
    found = _WEB.fullmatch(address)
    return found[1] if found else ""
