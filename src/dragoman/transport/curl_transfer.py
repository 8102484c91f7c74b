"""One transfer of libcurl: its callbacks fill this, a reader empties it.

libcurl calls back on the loop's own thread. A reader that is slower than its server pauses the
transfer, so that memory stays bounded and the server has to wait.
Source: curl.se/libcurl/c (CURLOPT_WRITEFUNCTION, curl_easy_pause), read 2026-11-21.
"""

import asyncio
import builtins

from curl_cffi import Curl, CurlInfo, CurlOpt

from dragoman.transport.base import Limits
from dragoman.transport.curl_errors import body_error, head_error
from dragoman.transport.plain_errors import idle_timeout

__all__ = ["Transfer"]

HIGH_WATER_BYTES = 256 * 1024

_PAUSE = 0x10000001
_PAUSE_NOTHING = 0


class Transfer:
    """A transfer on a handle that is this one's alone until it is given back."""

    def __init__(self, curl: Curl, limits: Limits) -> None:
        self.curl = curl
        self.status = 0
        self.reason = ""
        self._limits = limits
        self._running: asyncio.Future[None] | None = None
        self._wake: asyncio.Future[None] | None = None
        self._lines: list[bytes] = []
        self._chunks: list[bytes] = []
        self._size = 0
        self._headed = self._done = self._paused = False
        curl.setopt(CurlOpt.HEADERFUNCTION, self._take_header)
        curl.setopt(CurlOpt.WRITEFUNCTION, self._take_chunk)

    async def run(self, running: "asyncio.Future[None]") -> None:
        """Until the reply's head is there; `running` ends with the transfer."""
        self._running = running
        running.add_done_callback(self._finish)
        await self._wait_for_head()
        if not self._headed:
            code = self._number(CurlInfo.HTTP_CONNECTCODE)
            raise head_error(self._failure(), code, self._limits)

    def headers(self) -> list[tuple[str, str]]:
        """Names, lower-case, and values, in order."""
        text = (line.decode("utf-8", "surrogateescape") for line in self._lines[1:])
        parts = (line.partition(":") for line in text)
        return [(name.strip().lower(), value.strip()) for name, _, value in parts]

    async def read(self) -> bytes:
        """The next bytes; empty at the end."""
        while not self._chunks:
            if self._done:
                failure = self._failure()
                if failure is not None:
                    raise body_error(failure)
                return b""
            if not await self._wait(self._limits.idle_s):
                raise idle_timeout(self._limits)
        chunk = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        if self._paused:
            self._paused = False
            self.curl.pause(_PAUSE_NOTHING)
        return chunk

    async def _wait_for_head(self) -> None:
        # libcurl keeps the connect limit. Silence begins when it is connected, or when the peer
        # last took something of the request.
        idle_s = self._limits.idle_s
        loop = asyncio.get_running_loop()
        since, before = loop.time(), (False, 0)
        while not (self._headed or self._done):
            if await self._wait(idle_s / 4 if idle_s else None):
                continue
            connected = self._number(CurlInfo.PRETRANSFER_TIME_T) > 0
            now = (connected, self._number(CurlInfo.SIZE_UPLOAD_T))
            if not connected or now != before:
                since, before = loop.time(), now
            elif idle_s and loop.time() - since >= idle_s * 0.75:
                raise idle_timeout(self._limits)

    async def _wait(self, limit_s: float | None) -> bool:
        """Until a callback came; False if the limit was first."""
        self._wake = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(limit_s):
                await self._wake
        except builtins.TimeoutError:
            return False
        finally:
            self._wake = None
        return True

    def _notify(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _take_header(self, line: bytes) -> int:
        if self._headed:
            return len(line)  # A trailer.
        if line.startswith(b"HTTP/"):
            self._lines = [line]
            words = line.decode("utf-8", "replace").split(maxsplit=2)
            self.status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
            self.reason = words[2].strip() if len(words) > 2 else ""
        elif line.strip():
            self._lines.append(line)
        elif self.status >= 200 or self.status == 101:
            self._headed = True
            self._notify()
        return len(line)

    def _take_chunk(self, chunk: bytes) -> int:
        if self._size >= HIGH_WATER_BYTES:
            self._paused = True
            return _PAUSE
        self._chunks.append(chunk)
        self._size += len(chunk)
        self._notify()
        return len(chunk)

    def _finish(self, running: "asyncio.Future[None]") -> None:
        self._done = True
        if not running.cancelled():
            running.exception()  # Looked at, so that nobody complains that it never was.
        self._notify()

    def _failure(self) -> BaseException | None:
        running = self._running
        if running is None or not running.done():
            return None
        return asyncio.CancelledError() if running.cancelled() else running.exception()

    def _number(self, name: CurlInfo) -> int:
        found = self.curl.getinfo(name)
        return int(found) if isinstance(found, int | float) else 0
