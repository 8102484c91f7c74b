"""A reply as users of `StreamSession` see it: read whole, by lines, by events or as it comes."""

import codecs
import time
from collections.abc import AsyncIterator
from email.message import Message
from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy

from dragoman.errors import InputError
from dragoman.transport.base import Reply, read_all, read_start
from dragoman.wire.http import HttpReply, ReplyHead
from dragoman.wire.lines import LineDecoder
from dragoman.wire.sse import SseDecoder, SseMessage
from dragoman.wire.status import status_error

__all__ = ["StreamResponse", "raise_for_status"]

MAX_ERROR_BYTES = 64 * 1024


class StreamResponse:
    """One reply, inside of its `async with`.

    The body comes once: after one of the iterators there is nothing left to read. `read`, `text`
    and `json` keep it, hold at most 16 MiB (`ResponseError`), and may be called again.
    All of them raise what `Reply.read` raises.
    """

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._whole: bytes | None = None
        self._taken = False

    def __repr__(self) -> str:
        return f"StreamResponse({self.status} {self.url.partition('?')[0]})"

    @property
    def head(self) -> ReplyHead:
        """Status and headers as one value."""
        return self._reply.head

    @property
    def status(self) -> int:
        """The status code."""
        return self.head.status

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.head.status < 400

    @property
    def reason(self) -> str:
        """The words after the status; may be empty."""
        return self.head.reason

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The headers; names match in any case, the last of equals wins."""
        return CIMultiDictProxy(CIMultiDict(self.head.headers))

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that this reply set, by name."""
        return dict(self.head.cookies)

    @property
    def url(self) -> str:
        """Where redirects ended."""
        return self.head.url

    async def read(self) -> bytes:
        """The whole body."""
        if self._whole is None:
            self._take()
            self._whole = (await read_all(self._reply)).body
        return self._whole

    async def text(self) -> str:
        """The whole body in the charset of its header, else UTF-8; what is none is replaced."""
        return (await self.read()).decode(_charset(self.head), "replace")

    async def json(self) -> Any:
        """The whole body as JSON, whatever its media type; `ResponseError` if it is none."""
        return HttpReply(self.head, await self.read()).json()

    async def iter_content(self) -> AsyncIterator[bytes]:
        """Bytes as they come."""
        if self._whole is not None:
            yield self._whole
            return
        self._take()
        while chunk := await self._reply.read():
            yield chunk

    async def iter_lines(self) -> AsyncIterator[bytes]:
        r"""Lines without their ends, which are `\n`, `\r\n` or `\r`; at most 16 MiB each."""
        decoder = LineDecoder()
        async for chunk in self.iter_content():
            for line in decoder.feed(chunk):
                yield line
        for line in decoder.close():
            yield line

    async def sse(self) -> AsyncIterator[SseMessage]:
        """Server-sent events; what their data means is the reader's affair."""
        decoder = SseDecoder()
        async for chunk in self.iter_content():
            for message in decoder.feed(chunk):
                yield message
        for message in decoder.close():
            yield message

    async def read_start(self) -> bytes:
        """The first 64 KiB of the body, or all of it; for error bodies."""
        if self._whole is None:
            self._take()
            self._whole = await read_start(self._reply, MAX_ERROR_BYTES)
        return self._whole

    def _take(self) -> None:
        if self._taken:
            raise InputError(
                "this body was read already; read it once, or by read(), text(), json()"
            )
        self._taken = True


async def raise_for_status(response: StreamResponse, message: str | None = None) -> None:
    """Raise the error that this reply is, if it is one: by its status, or as a challenge page.

    `message` stands in place of the body's own words. `AuthError`, `RateLimitError`,
    `PaymentRequiredError`, `ChallengeError` or `ResponseStatusError`.
    """
    head = response.head
    body = b""
    if not 200 <= head.status < 300:
        body = await response.read_start()
    elif head.media_type == "text/html":
        # A challenge page may come with status 200; the body stays readable.
        body = await response.read()
    error = status_error(HttpReply(head, body), time.time())
    if error is None:
        return
    if message:
        error.message = f"{head.status}: {message}"
    raise error


def _charset(head: ReplyHead) -> str:
    parser = Message()
    parser["content-type"] = head.headers.get("content-type", "")
    name = parser.get_content_charset() or "utf-8"
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return "utf-8"
    return name
