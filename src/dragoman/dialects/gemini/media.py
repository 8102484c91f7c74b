"""Pictures, sounds and files as Gemini writes them: `inlineData` with bytes, `fileData` with a URI.

A part has a media type and no kind: images and sounds are known by it, all else is a document.
Where a URI came without one its ending tells, and a type that its ending tells is not kept, so that
what had none gets none back. A URI of the service's own files is a file's name, no address.
Source: the REST reference of Blob and FileData, and "Files API", "Image understanding" and "Video
understanding" of the Gemini API docs, read 2026-11-21.
"""

from collections.abc import Mapping
from typing import Any

from dragoman.dialects.gemini.spelling import get, need
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.media import IMAGE_TYPES, encode_base64, sniff
from dragoman.messages import Audio, Document, Image

__all__ = ["Media", "decode_blob", "decode_file", "encode_media"]

Media = Image | Audio | Document

_OWN_FILES = "https://generativelanguage.googleapis.com/"
_VIDEO_SITES = ("https://www.youtube.com/", "https://youtube.com/", "https://youtu.be/")
_ENDINGS: Mapping[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "html": "text/html",
    "csv": "text/csv",
    "json": "application/json",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mpeg": "video/mpeg",
}


def encode_media(part: Media, place: str) -> dict[str, Any]:
    """The part; `InputError` if bytes have no media type."""
    content = None if isinstance(part, Image | Document) and part.url else part.content
    named = {"displayName": part.name} if isinstance(part, Document) and part.name else {}
    if content is not None:
        kind = part.media_type or sniff(content)
        if kind is None:
            raise InputError(f"{place}: its media type is unknown; give one", place=place)
        return {"inlineData": {"mimeType": kind, "data": encode_base64(content), **named}}
    uri = (part.url or part.file_id or "") if isinstance(part, Image | Document) else ""
    kind = part.media_type or _usual_type(uri, image=isinstance(part, Image))
    return {"fileData": {**({"mimeType": kind} if kind else {}), "fileUri": uri, **named}}


def decode_blob(blob: Field) -> Media:
    """Bytes by their media type, which their first bytes must not contradict."""
    declared = need(blob, "mimeType")
    kind = declared.text(empty=False)
    base = kind.partition(";")[0].strip().lower()
    field = need(blob, "data")
    content = field.base64()
    mark = sniff(content)
    if base.startswith("image/"):
        return Image(content=content, media_type=_image_type(field, base, mark))
    if not base.startswith(("text/", "video/")) and mark is not None and mark != base:
        _check_mark(field, base, mark)
    if base.startswith("audio/"):
        return Audio(content, kind)
    name = get(blob, "displayName")
    return Document(content=content, media_type=kind, name=name.text() if name else None)


def decode_file(file: Field) -> Image | Document:
    """A file of the service's, or an address."""
    uri = need(file, "fileUri").text(empty=False)
    declared = get(file, "mimeType")
    said = declared.text() if declared else ""
    is_image = (said or _by_ending(uri) or "").lower().startswith("image/")
    kind = said if said and said != _usual_type(uri, image=is_image) else None
    is_address = uri.startswith(("http://", "https://")) and not uri.startswith(_OWN_FILES)
    url, file_id = (uri, None) if is_address else (None, uri)
    if is_image:
        return Image(url=url, file_id=file_id, media_type=kind)
    name = get(file, "displayName")
    return Document(url=url, file_id=file_id, media_type=kind, name=name.text() if name else None)


def _image_type(field: Field, base: str, mark: str | None) -> str:
    if mark is None and base not in IMAGE_TYPES:
        return base
    if mark is None or not mark.startswith("image/"):
        field.refuse(f"the bytes are no image{f' but {mark}' if mark else ''}")
    return mark


def _check_mark(field: Field, base: str, mark: str) -> None:
    """What is a picture or a PDF is nothing else; sounds have too many names to compare."""
    if mark.startswith("image/") or "application/pdf" in (base, mark):
        field.refuse(f"the bytes are {mark}, not {base}")


def _by_ending(uri: str) -> str | None:
    return _ENDINGS.get(uri.partition("?")[0].rpartition(".")[2].lower())


def _usual_type(uri: str, *, image: bool) -> str | None:
    """The media type to give where none is known: an image must be called one."""
    found = _by_ending(uri)
    if image:
        return found if found and found.startswith("image/") else "image/jpeg"
    if found and not found.startswith("image/"):
        return found
    if uri.startswith(("http://", "https://")) and not uri.startswith((_OWN_FILES, *_VIDEO_SITES)):
        # Other formats have no media type for an address of a document, which is a PDF there.
        return "application/pdf"
    return None
