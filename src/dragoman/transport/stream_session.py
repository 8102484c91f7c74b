"""`StreamSession`: the HTTP client that providers written for other frameworks expect.

    async with StreamSession(timeout=120) as session:
        async with session.post(url, json={...}) as response:
            await raise_for_status(response)
            async for line in response.iter_lines(): ...

Cookies that servers set are kept while the session lives and go back to those servers only.
"""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self, TypedDict, Unpack
from urllib.parse import urlencode

import msgspec

from dragoman.errors import InputError
from dragoman.sessions.cookie_jar import CookieJar
from dragoman.transport.base import Limits, Verify, decode_timeout
from dragoman.transport.browser_headers import browser_headers
from dragoman.transport.open import open_transport
from dragoman.transport.proxies import choose_proxy
from dragoman.transport.stream_response import StreamResponse, raise_for_status
from dragoman.wire.http import HttpRequest, Method, form

__all__ = ["StreamResponse", "StreamSession", "raise_for_status"]

Data = bytes | str | Mapping[str, str] | None
Timeout = float | tuple[float, float] | None


class RequestOptions(TypedDict, total=False):
    """What every request method takes; see `StreamSession.request`."""

    params: Mapping[str, str] | None
    json: object
    data: Data
    headers: Mapping[str, str] | None
    cookies: Mapping[str, str] | None
    timeout: Timeout


class StreamSession:
    """Connections, headers and cookies that requests share; one per event loop.

    Args:
        headers: sent with every request; a request's own win.
        cookies: sent with every request; those that a server set win.
        timeout: seconds of silence, and to connect; a pair is `(connect, silence)`; None is 60.
        proxy: an http, https or socks URL for every request.
        proxies: the same by `all`, `https` or `http`; InputError if it differs from `proxy`.
        verify: False, a CA file or an SSLContext in place of the system's authorities.
        impersonate: a browser whose User-Agent and Accept-Language are sent; no fingerprint.
        transport: `plain` or `curl`.
    """

    def __init__(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        timeout: Timeout = None,
        proxy: str | None = None,
        proxies: Mapping[str, str | None] | None = None,
        verify: Verify = True,
        impersonate: str | None = None,
        transport: str = "plain",
    ) -> None:
        self._headers = _merged(browser_headers(impersonate), headers or {})
        self._cookies = dict(cookies or {})
        self._limits = decode_timeout(timeout)
        self._jar = CookieJar()
        self._transport = open_transport(
            transport, proxy=choose_proxy(proxy, proxies), verify=verify
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
        data: Data = None,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        timeout: Timeout = None,
    ) -> "Requesting":
        """One request, for `async with`; the connection is freed when that is left.

        `data` is sent as it is, or as a form if it is a mapping; `json` as JSON; InputError if both
        are given. `params` are added to the query. `timeout` replaces the session's.
        """
        if json is not None and data is not None:
            raise InputError("json and data: give one of them")
        body, media_type = _body(json, data)
        own = {**({"Content-Type": media_type} if media_type else {}), **self._headers}
        request = HttpRequest(
            _method(method),
            _with_query(url, params),
            _merged(own, headers or {}),
            body,
            {**self._cookies, **self._jar.cookies_for(url, time.time()), **(cookies or {})},
        )
        limits = self._limits if timeout is None else decode_timeout(timeout)
        return Requesting(self, request, limits)

    def get(self, url: str, **options: Unpack[RequestOptions]) -> "Requesting":
        """A GET; redirects are followed."""
        return self.request("GET", url, **options)

    def head(self, url: str, **options: Unpack[RequestOptions]) -> "Requesting":
        """A HEAD; redirects are followed."""
        return self.request("HEAD", url, **options)

    def options(self, url: str, **options: Unpack[RequestOptions]) -> "Requesting":
        """An OPTIONS."""
        return self.request("OPTIONS", url, **options)

    def post(self, url: str, **options: Unpack[RequestOptions]) -> "Requesting":
        """A POST; a redirect is its reply."""
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Unpack[RequestOptions]) -> "Requesting":
        """A PUT; a redirect is its reply."""
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Unpack[RequestOptions]) -> "Requesting":
        """A PATCH; a redirect is its reply."""
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Unpack[RequestOptions]) -> "Requesting":
        """A DELETE; a redirect is its reply."""
        return self.request("DELETE", url, **options)


class Requesting:
    """A request that is sent by `async with`."""

    def __init__(self, session: StreamSession, request: HttpRequest, limits: Limits) -> None:
        self._session = session
        self._sending = session._transport.send(request, limits)

    async def __aenter__(self) -> StreamResponse:
        reply = await self._sending.__aenter__()
        self._session._jar.take(reply.set_cookies, time.time())
        return StreamResponse(reply)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._sending.__aexit__(kind, error, trace)


def _method(name: str) -> Method:
    match name.upper():
        case "GET" | "POST" | "PUT" | "DELETE" | "HEAD" | "OPTIONS" | "PATCH" as method:
            return method
        case _:
            raise InputError(f"unknown method {name!r}")


def _body(json: object, data: Data) -> tuple[bytes, str]:
    match data:
        case None if json is not None:
            try:
                return msgspec.json.encode(json), "application/json"
            except (TypeError, ValueError, RecursionError) as exc:
                raise InputError("json: holds something that is no JSON") from exc
        case None:
            return b"", ""
        case bytes():
            return data, ""
        case str():
            return data.encode(), "text/plain; charset=utf-8"
        case _:
            return form(data), "application/x-www-form-urlencoded"


def _with_query(url: str, params: Mapping[str, str] | None) -> str:
    if not params:
        return url
    address, hash_sign, fragment = url.partition("#")
    mark = "&" if "?" in address else "?"
    return f"{address}{mark}{urlencode(params)}{hash_sign}{fragment}"


def _merged(*layers: Mapping[str, str]) -> dict[str, str]:
    """One mapping of headers; the later wins, in whatever case it is written."""
    found: dict[str, tuple[str, str]] = {}
    for layer in layers:
        found |= {name.lower(): (name, value) for name, value in layer.items()}
    return dict(found.values())
