"""The transport of every day, on aiohttp.

It keeps connections and no cookie. It does by itself what decides about truth: redirects,
decompression and the limit on silence; aiohttp does the rest.
Source: docs.aiohttp.org, client reference for 3.14, read 2026-11-21.
"""

import asyncio
import base64
import functools
from collections.abc import AsyncIterator, Mapping

import aiohttp
from yarl import URL

from dragoman.errors import ChatError, TransportError
from dragoman.transport.addresses import http_address
from dragoman.transport.base import Limits, Verify
from dragoman.transport.content_codings import ACCEPT_ENCODING
from dragoman.transport.following import FollowingReply
from dragoman.transport.plain_connector import open_connector, require_socks
from dragoman.transport.plain_errors import body_error, head_error, proxy_status
from dragoman.transport.proxies import HTTP_KINDS, SOCKS_KINDS, proxy_kind
from dragoman.transport.request_head import USER_AGENT, cookie_header
from dragoman.transport.tls import InsecureWarnings, ssl_context
from dragoman.wire.http import HttpRequest, ReplyHead

__all__ = ["PlainReply", "PlainTransport"]

# Headers of real sites (policies, many cookies) pass aiohttp's 8 KiB.
MAX_HEADER_BYTES = 64 * 1024
MAX_HEADERS = 512
# A body above this is sent in pieces, so that a peer that stops taking it is noticed.
PIECE_BYTES = 64 * 1024

_DEFAULT_HEADERS = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": ACCEPT_ENCODING}


class PlainTransport:
    """Requests over aiohttp; see `Transport`.

    `proxy` is an http, https or socks URL. `InputError` for a kind that is unknown and for a file
    of authorities that cannot be read, `MissingRequirementsError` for socks without its extra.
    """

    def __init__(self, *, proxy: str | None = None, verify: Verify = True) -> None:
        kind = proxy_kind(proxy) if proxy else None
        # aiohttp shows a proxy's login in the names of its connections, and so in warnings and
        # logs: it gets the header, and not the login.
        self.proxy: URL | None = None
        self.proxy_login = ""
        if proxy and kind in HTTP_KINDS:
            address = URL(proxy)
            self.proxy, self.proxy_login = address.with_user(None), _login(address)
        self._socks = proxy if kind in SOCKS_KINDS else None
        if self._socks:
            require_socks()
        self._context = ssl_context(verify)
        self._insecure = InsecureWarnings() if verify is False else None
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    def send(self, request: HttpRequest, limits: Limits) -> "PlainReply":
        """Send one request; see `Transport.send`."""
        return PlainReply(self, request, limits)

    async def close(self) -> None:
        """Close every connection; no request can be sent afterwards."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    def session(self) -> aiohttp.ClientSession:
        """The session of the running loop, opened with the first request."""
        if self._closed:
            raise TransportError("this transport is closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=open_connector(self._context, self._socks),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_DEFAULT_HEADERS,
                auto_decompress=False,
                max_line_size=MAX_HEADER_BYTES,
                max_field_size=MAX_HEADER_BYTES,
                max_headers=MAX_HEADERS,
            )
        return self._session

    def check_host(self, url: URL) -> None:
        """Say so, once, where a certificate is not verified."""
        if self._insecure is not None and url.scheme == "https":
            self._insecure.say(url.host or "")


class PlainReply(FollowingReply):
    """A reply from aiohttp."""

    __slots__ = (
        "_content",
        "_error",
        "_loop",
        "_pieces",
        "_response",
        "_timer",
        "_transport",
        "_waits_since",
    )

    def __init__(self, transport: PlainTransport, request: HttpRequest, limits: Limits) -> None:
        super().__init__(request, limits)
        self._transport = transport
        self._response: aiohttp.ClientResponse | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waits_since: float | None = None
        self._error: ChatError | None = None

    async def _open(self, request: HttpRequest) -> None:
        url = http_address(request.url)
        self._transport.check_host(url)
        headers = request.headers
        if request.cookies:
            headers = {**headers, "Cookie": cookie_header(request.cookies)}
        try:
            if len(request.body) <= PIECE_BYTES:
                response = await self._send(request, url, headers, request.body or None)
            else:
                response = await self._send_pieces(request, url, headers)
        except ChatError:
            raise
        except Exception as exc:
            error = head_error(exc, self.limits)
        else:
            self._response = response
            self.head = self._decode_head(request.url, response)
            return
        # Not inside of `except`: aiohttp's error, which holds the headers and the proxy's password,
        # would be this one's context.
        raise error

    async def _send(
        self,
        request: HttpRequest,
        url: URL,
        headers: Mapping[str, str],
        body: bytes | AsyncIterator[bytes] | None,
    ) -> aiohttp.ClientResponse:
        transport = self._transport
        login = {"Proxy-Authorization": transport.proxy_login} if transport.proxy_login else None
        if login and url.scheme == "http":
            headers = {**headers, **login}
        return await transport.session().request(
            request.method,
            url,
            data=body,
            headers=headers,
            allow_redirects=False,
            timeout=_timeout(self.limits),
            proxy=transport.proxy,
            proxy_headers=login,
        )

    async def _send_pieces(
        self, request: HttpRequest, url: URL, headers: Mapping[str, str]
    ) -> aiohttp.ClientResponse:
        # aiohttp counts silence only from the end of the request; a peer that takes no more of a
        # long one would hold it forever.
        idle_s = self.limits.idle_s
        body, loop = request.body, asyncio.get_running_loop()
        answered = False

        async def pieces(deadline: asyncio.Timeout) -> AsyncIterator[bytes]:
            for start in range(0, len(body), PIECE_BYTES):
                # A server may answer before it has everything.
                if idle_s is not None and not answered:
                    deadline.reschedule(loop.time() + idle_s)
                yield body[start : start + PIECE_BYTES]

        async with asyncio.timeout(None) as deadline:
            headers = {**headers, "Content-Length": str(len(body))}
            response = await self._send(request, url, headers, pieces(deadline))
            answered = True
        return response

    def _decode_head(self, url: str, response: aiohttp.ClientResponse) -> ReplyHead:
        if response.status == 407 and self._transport.proxy is not None:
            raise proxy_status(407)
        headers = {name.lower(): value for name, value in response.headers.items()}
        cookies: Mapping[str, str] = {}
        if "set-cookie" in headers:
            cookies = self._take_cookies(url, response.headers.getall("Set-Cookie"))
        return ReplyHead(response.status, headers, url, response.reason or "", cookies)

    def _begin_body(self) -> None:
        response = self._response
        assert response is not None  # noqa: S101 - set by _open
        content = self._content = response.content
        # A body that is known to be empty has no buffer.
        self._pieces = getattr(content, "_buffer", None)
        connection = response.connection
        if connection is not None and connection.protocol is not None:
            # From here on silence is counted by _read_raw: while somebody waits, and not while a
            # slow reader has not yet taken what came.
            connection.protocol.read_timeout = None
            connection.protocol.start_timeout()
        if self.limits.idle_s is not None and not content.is_eof():
            self._loop = asyncio.get_running_loop()
            self._timer = self._loop.call_later(self.limits.idle_s, self._check_silence)

    async def _read_raw(self) -> bytes:
        content, pieces = self._content, self._pieces
        try:
            if self._timer is not None:
                self._waits_since = self._loop.time()
            if pieces is not None:
                if not (pieces or content.is_eof() or content.exception()):
                    await content._wait("read")
                if len(pieces) > 1:
                    # aiohttp keeps the chunks of the wire apart and hands them out one by one,
                    # which costs as much as decoding them.
                    whole = b"".join(pieces)
                    pieces.clear()
                    pieces.append(whole)
            return await content.readany()
        except Exception as exc:
            error = body_error(exc, self.limits)
        finally:
            self._waits_since = None
        return self._last_words(content, error)

    def _last_words(self, content: aiohttp.StreamReader, error: ChatError) -> bytes:
        # What came before the connection broke is still in the buffer, which refuses to be read
        # once it has an error; perhaps it is just the end sign of the answer.
        if self._error is None:
            self._error = error
            if self._pieces:
                return content._read_nowait(-1)
        raise self._error

    def _check_silence(self) -> None:
        idle_s = self.limits.idle_s or 0.0
        since, now = self._waits_since, self._loop.time()
        if since is not None and now - since >= idle_s:
            self._content.set_exception(aiohttp.SocketTimeoutError())
            return
        at = (now if since is None else since) + idle_s
        self._timer = self._loop.call_at(at, self._check_silence)

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._response is not None:
            # Finished, it gave its connection back when its last byte came; unfinished, it is cut.
            self._response.close()
            self._response = None


def _login(proxy: URL) -> str:
    if proxy.user is None:
        return ""
    return f"Basic {base64.b64encode(f'{proxy.user}:{proxy.password or str()}'.encode()).decode()}"


@functools.lru_cache(maxsize=256)
def _timeout(limits: Limits) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None,
        connect=limits.connect_s,
        sock_connect=limits.connect_s,
        sock_read=limits.idle_s,
    )
