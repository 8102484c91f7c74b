"""The cookies of one session: what its servers set, for those servers only.

In memory, bounded, forgotten with the session.
"""

from collections.abc import Iterable

from dragoman.sessions.cookie_rules import Cookie, cookies_for, decode_set_cookie, is_live

__all__ = ["CookieJar"]

MAX_COOKIES = 1000


class CookieJar:
    """Cookies by domain, path and name. `now` is Unix time everywhere."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[str, str, str], Cookie] = {}

    def __len__(self) -> int:
        return len(self._cookies)

    def __repr__(self) -> str:
        return f"CookieJar({len(self)} cookies)"

    def take(self, set_cookies: Iterable[tuple[str, str]], now: float) -> None:
        """Keep what replies set: pairs of address and `Set-Cookie` header."""
        for url, header in set_cookies:
            cookie = decode_set_cookie(header, url, now)
            if cookie is None:
                continue
            key = (cookie.domain, cookie.path, cookie.name)
            # Out and in again: the oldest stands first, and goes first when there are too many.
            self._cookies.pop(key, None)
            if is_live(cookie, now):
                self._cookies[key] = cookie
        while len(self._cookies) > MAX_COOKIES:
            del self._cookies[next(iter(self._cookies))]

    def cookies_for(self, url: str, now: float) -> dict[str, str]:
        """What a request to `url` carries."""
        return cookies_for(self._cookies.values(), url, now) if self._cookies else {}
