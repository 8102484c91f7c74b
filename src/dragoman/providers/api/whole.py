"""Decoders for what is no stream: an answer in one piece, of a bounded size; and a page."""

from dragoman.dialects.dialect import DecodeReply
from dragoman.errors import ResponseError
from dragoman.events import Event
from dragoman.providers.call import Call, Decoder
from dragoman.wire.http import ReplyHead
from dragoman.wire.status import html_error

__all__ = ["MAX_REPLY_BYTES", "PageDecoder", "WholeDecoder"]

MAX_REPLY_BYTES = 64 * 1024 * 1024
MAX_PAGE_BYTES = 64 * 1024


class WholeDecoder:
    """Gathers a body, and gives its events when it is whole."""

    def __init__(self, decode_reply: DecodeReply, call: Call) -> None:
        self._decode_reply = decode_reply
        self._model = call.chat.model
        self._dropped = call.dropped
        self._chunks: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Nothing yet."""
        self._size += len(chunk)
        if self._size > MAX_REPLY_BYTES:
            raise ResponseError(f"an answer of more than {MAX_REPLY_BYTES} bytes")
        self._chunks.append(chunk)
        return []

    def close(self) -> list[Event]:
        """The answer's events."""
        body = b"".join(self._chunks)
        return self._decode_reply(body, self._model, dropped=self._dropped).events()


class PageDecoder:
    """For a reply that says it is HTML: a page is told as such, anything else is read as usual.

    Some servers in between call every stream so; a page begins with `<`.
    """

    def __init__(self, decoder: Decoder, head: ReplyHead) -> None:
        self._decoder = decoder
        self._head = head
        self._start = b""
        self._is_page: bool | None = None

    @property
    def skipped(self) -> int:
        """How many broken events were passed over."""
        return getattr(self._decoder, "skipped", 0)

    def feed(self, chunk: bytes) -> list[Event]:
        """The events of what is no page."""
        if self._is_page is False:
            return self._decoder.feed(chunk)
        self._start += chunk
        if self._is_page is None and (begun := self._start.lstrip(_BLANK)):
            self._is_page = begun.startswith(b"<")
        if self._is_page is False:
            return self._decoder.feed(self._start)
        if len(self._start) > MAX_PAGE_BYTES:
            raise html_error(self._head, self._start, "an answer")
        return []

    def close(self) -> list[Event]:
        """The last events of what is no page."""
        if self._is_page:
            raise html_error(self._head, self._start, "an answer")
        return self._decoder.close()


_BLANK = b"\xef\xbb\xbf \t\r\n"
