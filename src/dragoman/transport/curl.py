"""The transport on libcurl, by extra `curl`: the same contract over another library.

HTTP/1.1, no cookie engine, no redirects of libcurl's own, no decompression of its own: those rules
are ours. A POST always has a fresh connection, because libcurl sends a request again by itself when
a kept connection turns out to be dead, and a chat must not be sent twice.
Source: curl.se/libcurl/c and curl-cffi.readthedocs.io, read 2026-11-21.
"""

import asyncio
import re
import ssl
from typing import Any

from yarl import URL

from dragoman.errors import (
    InputError,
    MissingRequirementsError,
    TransportError,
)
from dragoman.transport.addresses import http_address
from dragoman.transport.base import Limits, Verify
from dragoman.transport.content_codings import ACCEPT_ENCODING
from dragoman.transport.curl_transfer import Transfer
from dragoman.transport.following import FollowingReply
from dragoman.transport.plain_errors import proxy_status
from dragoman.transport.proxies import HTTP_KINDS, proxy_kind
from dragoman.transport.request_head import USER_AGENT, cookie_header
from dragoman.transport.tls import InsecureWarnings, ca_file
from dragoman.wire.http import HttpRequest, ReplyHead

try:
    import curl_cffi
    from curl_cffi import CurlHttpVersion, CurlOpt
except ImportError as exc:
    raise MissingRequirementsError(
        "the transport 'curl' needs curl_cffi: pip install 'dragoman[curl]'"
    ) from exc

__all__ = ["CurlReply", "CurlTransport"]

# libcurl's own default is five minutes, and 0 means that default.
NO_LIMIT_MS = 2**31 - 1

_BAD_HEADER = re.compile(r"[\r\n\0]")


class CurlTransport:
    """Requests over libcurl; see `Transport`.

    `verify` cannot be an SSLContext here: `InputError`.
    """

    def __init__(self, *, proxy: str | None = None, verify: Verify = True) -> None:
        self.http_proxy = bool(proxy) and proxy_kind(proxy or "") in HTTP_KINDS
        if isinstance(verify, ssl.SSLContext):
            raise InputError("verify: the transport 'curl' takes True, False or a path")
        self._options = _tls_options(verify) | {
            # Empty, and not unset: libcurl would read the environment.
            CurlOpt.PROXY: _named_by_proxy(proxy or ""),
            CurlOpt.NOPROXY: "",
            CurlOpt.SUPPRESS_CONNECT_HEADERS: 1,
            CurlOpt.HTTP_VERSION: CurlHttpVersion.V1_1,
            CurlOpt.TCP_NODELAY: 1,
            CurlOpt.NOSIGNAL: 1,
        }
        self._insecure = InsecureWarnings() if verify is False else None
        self._multi: curl_cffi.AsyncCurl | None = None
        self._idle: list[curl_cffi.Curl] = []
        self._closed = False

    def send(self, request: HttpRequest, limits: Limits) -> "CurlReply":
        """Send one request; see `Transport.send`."""
        return CurlReply(self, request, limits)

    async def close(self) -> None:
        """Close every connection; no request can be sent afterwards."""
        self._closed = True
        if self._multi is not None:
            await self._multi.close()  # type: ignore[no-untyped-call]  # it ships no types here
        for curl in self._idle:
            curl.close()
        self._idle.clear()

    def start(self, curl: "curl_cffi.Curl") -> "asyncio.Future[None]":
        """Let libcurl work; the future ends with the transfer."""
        multi = self._multi
        assert multi is not None  # noqa: S101 - lend opened it
        running: asyncio.Future[None] = multi.add_handle(curl)
        return running

    def lend(self, address: URL) -> "curl_cffi.Curl":
        """A handle with this transport's options; to be given back."""
        if self._closed:
            raise TransportError("this transport is closed")
        if self._multi is None:
            self._multi = curl_cffi.AsyncCurl()
        if self._insecure is not None and address.scheme == "https":
            self._insecure.say(address.host or "")
        curl = self._idle.pop() if self._idle else curl_cffi.Curl()
        for option, value in self._options.items():
            curl.setopt(option, value)
        return curl

    def take_back(self, curl: "curl_cffi.Curl") -> None:
        """Stop a handle's transfer if it still runs, which cuts its connection, and keep it."""
        if self._closed or self._multi is None:
            curl.close()
            return
        self._multi.remove_handle(curl)
        curl.clean_handles_and_buffers()
        curl.reset()
        self._idle.append(curl)


class CurlReply(FollowingReply):
    """A reply from libcurl."""

    __slots__ = ("_transfer", "_transport")

    def __init__(self, transport: CurlTransport, request: HttpRequest, limits: Limits) -> None:
        super().__init__(request, limits)
        self._transport = transport
        self._transfer: Transfer | None = None

    async def _open(self, request: HttpRequest) -> None:
        address = http_address(request.url)
        lines = _header_lines(request)
        curl = self._transport.lend(address)
        transfer = self._transfer = Transfer(curl, self.limits)
        curl.setopt(CurlOpt.URL, str(address))
        _set_request(curl, request, lines, self.limits)
        await transfer.run(self._transport.start(curl))
        if transfer.status == 407 and self._transport.http_proxy:
            raise proxy_status(407)
        pairs = transfer.headers()
        values = [value for name, value in pairs if name == "set-cookie"]
        self.head = ReplyHead(
            transfer.status,
            dict(pairs),
            request.url,
            transfer.reason,
            self._take_cookies(request.url, values) if values else {},
        )

    def _begin_body(self) -> None:
        """Nothing: libcurl goes on by itself."""

    async def _read_raw(self) -> bytes:
        assert self._transfer is not None  # noqa: S101 - set by _open
        return await self._transfer.read()

    def _close(self) -> None:
        transfer, self._transfer = self._transfer, None
        if transfer is not None:
            self._transport.take_back(transfer.curl)


def _set_request(
    curl: "curl_cffi.Curl", request: HttpRequest, lines: list[bytes], limits: Limits
) -> None:
    connect_s, method = limits.connect_s, request.method
    connect_ms = max(1, int(connect_s * 1000)) if connect_s else NO_LIMIT_MS
    curl.setopt(CurlOpt.CONNECTTIMEOUT_MS, connect_ms)
    if request.body or method in {"POST", "PUT", "PATCH"}:
        curl.setopt(CurlOpt.POSTFIELDS, request.body)
        curl.setopt(CurlOpt.POSTFIELDSIZE_LARGE, len(request.body))
    if method == "HEAD":
        curl.setopt(CurlOpt.NOBODY, 1)
    elif method != "GET" or request.body:
        curl.setopt(CurlOpt.CUSTOMREQUEST, method)
    if method not in {"GET", "HEAD"}:
        curl.setopt(CurlOpt.FRESH_CONNECT, 1)
        curl.setopt(CurlOpt.FORBID_REUSE, 1)
    curl.setopt(CurlOpt.HTTPHEADER, lines)


def _named_by_proxy(proxy: str) -> str:
    # A name must not be asked for beside the proxy.
    for ours, theirs in (("socks5://", "socks5h://"), ("socks4://", "socks4a://")):
        if proxy.startswith(ours):
            return theirs + proxy.removeprefix(ours)
    return proxy


def _tls_options(verify: bool | str) -> dict[Any, Any]:
    match verify:
        case True:
            return {}
        case False:
            return {
                CurlOpt.SSL_VERIFYPEER: 0,
                CurlOpt.SSL_VERIFYHOST: 0,
                CurlOpt.PROXY_SSL_VERIFYPEER: 0,
                CurlOpt.PROXY_SSL_VERIFYHOST: 0,
            }
        case str():
            path = ca_file(verify)
            return {CurlOpt.CAINFO: path, CurlOpt.PROXY_CAINFO: path}


def _header_lines(request: HttpRequest) -> list[bytes]:
    headers = {
        "user-agent": ("User-Agent", USER_AGENT),
        "accept": ("Accept", "*/*"),
        "accept-encoding": ("Accept-Encoding", ACCEPT_ENCODING),
    }
    if request.body:
        headers["content-type"] = ("Content-Type", "application/octet-stream")
    headers |= {name.lower(): (name, value) for name, value in request.headers.items()}
    if request.cookies:
        headers["cookie"] = ("Cookie", cookie_header(request.cookies))
    for name, value in headers.values():
        if _BAD_HEADER.search(name) or _BAD_HEADER.search(value):
            raise InputError("a header or the address holds characters that cannot be sent")
    # libcurl waits for a "100 Continue" before a long body unless told not to.
    lines = ["Expect:"]
    lines += [f"{name}: {value}" if value else f"{name};" for name, value in headers.values()]
    return [line.encode() for line in lines]
