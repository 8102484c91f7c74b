"""The service's side of a request on the short way: what the head of its reply says."""

from functools import lru_cache
from http import HTTPStatus

from dragoman.wire.http import ReplyHead

__all__ = ["STREAMS", "media_type", "reply_head", "stream_head"]

STREAMS = frozenset({"text/event-stream", "application/x-ndjson"})
"""The media types of an answer that comes piece by piece."""

_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@lru_cache(256)
def media_type(value: bytes) -> str:
    """What a `content-type` says, without its parameters."""
    return value.decode("latin-1").partition(";")[0].strip().lower()


def reply_head(url: str, status: int, headers: list[tuple[bytes, bytes]]) -> ReplyHead:
    """The head as the rest of the gateway knows it."""
    found = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    return ReplyHead(status, found, url, _PHRASES.get(status, ""))


@lru_cache(256)
def stream_head(url: str, status: int, kind: bytes) -> ReplyHead:
    """All of a stream's head that its decoder is chosen by."""
    return ReplyHead(status, {"content-type": kind.decode("latin-1")}, url)
