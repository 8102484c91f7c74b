"""Bytes in texts: base64, data URLs, and what kind of file some bytes are.

A declared media type is believed only where the bytes have no mark of their own: a service refuses
what does not fit, far away and in its own words.
Sources: RFC 4648 (base64), RFC 2397 (data URLs), and the formats' own first bytes, read 2026-11-21.
"""

import base64
import binascii
import re

__all__ = [
    "AUDIO_TYPES",
    "IMAGE_TYPES",
    "data_url",
    "decode_base64",
    "decode_data_url",
    "encode_base64",
    "sniff",
]

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""The pictures that every service takes which takes any."""

AUDIO_TYPES = frozenset({"audio/wav", "audio/mpeg", "audio/flac", "audio/ogg"})

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_FTYP = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"avif": "image/avif",
    b"M4A ": "audio/mp4",
}
_DATA_URL = re.compile(
    r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+=[^;,]*)*);base64,", re.ASCII | re.IGNORECASE
)


def sniff(content: bytes) -> str | None:
    """The media type that the first bytes say, or None if they say none."""
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12])
    if content[4:8] == b"ftyp":
        return _FTYP.get(content[8:12], "video/mp4")
    if content[:2] == b"BM" and content[6:10] == b"\x00\x00\x00\x00":
        # Two letters alone begin many a text.
        return "image/bmp"
    return next((kind for start, kind in _STARTS if content.startswith(start)), None)


def encode_base64(content: bytes) -> str:
    """The bytes in the standard alphabet, padded."""
    return base64.b64encode(content).decode("ascii")


def decode_base64(text: str) -> bytes | None:
    """The bytes, from the standard or the URL-safe alphabet, padded or not; None if it is none."""
    plain = text.translate(_STANDARD)
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


_STANDARD = str.maketrans("-_", "+/", "\r\n =")


def decode_data_url(url: str) -> tuple[str, bytes] | None:
    """The media type (perhaps empty) and the bytes of a base64 data URL; None if it is none."""
    head = _DATA_URL.match(url)
    content = decode_base64(url[head.end() :]) if head else None
    return None if head is None or content is None else ((head[1] or "").lower(), content)


def data_url(content: bytes, media_type: str) -> str:
    """The bytes as a data URL."""
    return f"data:{media_type};base64,{encode_base64(content)}"
