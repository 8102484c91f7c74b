"""What the replies of both transports share: redirects followed, the body decompressed.

A transport opens one request, reads raw bytes and closes; the rules are here, so that they are the
same whichever library moves the bytes.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Self

from dragoman.errors import InputError, ResponseError
from dragoman.sessions.cookie_rules import named_values
from dragoman.transport.base import Limits
from dragoman.transport.content_codings import ContentDecoder, content_decoder
from dragoman.transport.redirects import MAX_REDIRECTS, REDIRECT_STATUSES, redirected
from dragoman.wire.http import HttpRequest, ReplyHead, origin

__all__ = ["FollowingReply"]


class FollowingReply(ABC):
    """One request and its reply; once entered, it has been sent and its head is there.

    `set_cookies` are the `Set-Cookie` headers of this reply and of the redirects before it, each
    with the address that sent it.
    """

    __slots__ = ("_decoder", "_request", "head", "limits", "set_cookies")

    head: ReplyHead

    def __init__(self, request: HttpRequest, limits: Limits) -> None:
        self._request = request
        self._decoder: ContentDecoder | None = None
        self.limits = limits
        self.set_cookies: list[tuple[str, str]] = []

    @abstractmethod
    async def _open(self, request: HttpRequest) -> None:
        """Send the request and set `head`."""

    @abstractmethod
    def _begin_body(self) -> None:
        """The head is the one that is handed out; its body is read from now on."""

    @abstractmethod
    async def _read_raw(self) -> bytes:
        """The next bytes as they came; empty at the end."""

    @abstractmethod
    def _close(self) -> None:
        """Give the connection back, or cut it if the reply is unfinished; may come twice."""

    async def __aenter__(self) -> Self:
        try:
            await self._open(self._request)
            if self.head.status in REDIRECT_STATUSES:
                await self._follow()
            coding = self.head.headers.get("content-encoding")
            if coding and self._request.method != "HEAD":
                self._decoder = content_decoder(coding)
            self._begin_body()
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close()

    async def read(self) -> bytes:
        """The next bytes of the body; see `Reply.read`."""
        decoder = self._decoder
        if decoder is None:
            return await self._read_raw()
        while True:
            if decoder.waiting:
                # Nothing of this waits for a socket: without it a small body that unfolds to
                # gigabytes would stop the loop, and with it every limit.
                await asyncio.sleep(0)
                text = decoder.feed(b"")
            elif chunk := await self._read_raw():
                text = decoder.feed(chunk)
            else:
                decoder.close()
                return b""
            if text:
                return text

    def _take_cookies(self, url: str, headers: Iterable[str]) -> Mapping[str, str]:
        values = list(headers)
        self.set_cookies.extend((url, value) for value in values)
        return named_values(values, time.time())

    async def _follow(self) -> None:
        request = self._request
        for _ in range(MAX_REDIRECTS):
            following = redirected(request, self.head)
            if following is None:
                return
            self._close()
            before = self.head
            try:
                await self._open(following)
            except InputError:
                # It is the server who made this address.
                raise ResponseError("a redirect to something that is no http address") from None
            if before.cookies and origin(following.url) == origin(before.url):
                self._keep_cookies(before.cookies)
            request = following
        if redirected(request, self.head) is not None:
            raise ResponseError(f"more than {MAX_REDIRECTS} redirects")

    def _keep_cookies(self, earlier: Mapping[str, str]) -> None:
        # A session that begins with a cookie and a redirect is a session all the same.
        head = self.head
        self.head = ReplyHead(
            head.status, head.headers, head.url, head.reason, {**earlier, **head.cookies}
        )
