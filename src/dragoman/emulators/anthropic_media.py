"""Images and documents in a Messages request: what is no base64, no image or no PDF is refused.

The first bytes tell what an image is; it is not decoded further.
Source: Claude API docs "Vision", "PDF support", error texts from public issue reports, read
2026-11-21.
"""

import binascii
from base64 import b64decode

from dragoman.emulators.anthropic_shape import (
    Check,
    Refused,
    array,
    one_of,
    shape,
    string,
    tagged,
    text_or,
)
from dragoman.emulators.service import Json

__all__ = ["document_source", "image_source", "size_bytes"]

_IMAGES = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}
_KIND = string()


def size_bytes(data: str) -> int:
    """How many bytes a checked base64 text stands for."""
    return len(b64decode(data))


def _decoded(data: str, where: str) -> bytes:
    try:
        return b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"{where}.data: invalid base64 data") from None


def _base64_image(value: Json, where: str) -> None:
    media_type = one_of(*_IMAGES)
    shape({"type": _KIND, "media_type": media_type, "data": string()})(value, where)
    data = _decoded(value["data"], where)
    if not data:
        raise Refused(f"{where}: image cannot be empty")
    kind = _image_kind(data)
    if not kind:
        raise Refused("Could not process image")
    if kind != value["media_type"]:
        raise Refused(
            f"{where}.data: Image does not match the provided media type {value['media_type']}"
        )


def _image_kind(data: bytes) -> str:
    kind = next((kind for kind, heads in _IMAGES.items() if data.startswith(heads)), "")
    # RIFF is a container; its form stands behind the length.
    return "" if kind == "image/webp" and data[8:12] != b"WEBP" else kind


def _url(value: Json, where: str) -> None:
    shape({"type": _KIND, "url": string(at_least=1)})(value, where)
    if not value["url"].startswith("https://"):
        raise Refused(f"{where}.url: Only HTTPS URLs are supported.")


def _base64_pdf(value: Json, where: str) -> None:
    pdf = one_of("application/pdf")
    shape({"type": _KIND, "media_type": pdf, "data": string()})(value, where)
    if not _decoded(value["data"], where).startswith(b"%PDF-"):
        raise Refused(f"{where}.data: The PDF specified was not valid.")


_FILE = shape({"type": _KIND, "file_id": string(at_least=1)})
_TEXT = shape({"type": _KIND, "media_type": one_of("text/plain"), "data": string(at_least=1)})

image_source: Check = tagged({"base64": _base64_image, "url": _url, "file": _FILE})


def document_source(block: Check) -> Check:
    """Where a document comes from; `block` checks the blocks of one made of content."""
    content = shape({"type": _KIND, "content": text_or(array(block))})
    return tagged(
        {"base64": _base64_pdf, "url": _url, "file": _FILE, "text": _TEXT, "content": content}
    )
