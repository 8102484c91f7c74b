"""What every request carries that its maker need not know: User-Agent and Cookie.

Nothing that comes from outside can put a line break into a header.
Source: RFC 9110 section 10.1.5 (User-Agent), RFC 6265 section 4.2 (Cookie), read 2026-11-21.
"""

from collections.abc import Mapping

from dragoman import __version__
from dragoman.errors import InputError
from dragoman.sessions.cookie_rules import cookie_fault

__all__ = ["USER_AGENT", "cookie_header"]


USER_AGENT = f"dragoman/{__version__}"


def cookie_header(cookies: Mapping[str, str]) -> str:
    """The `Cookie` header; `InputError` names a cookie that no header can carry."""
    for name, value in cookies.items():
        if fault := cookie_fault(name, value):
            raise InputError(fault)
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
