"""Images and documents as the wire has them: bytes in base64, addresses, files, plain text.

Source: Claude API docs "Vision", "PDF support", "Files API", the SDK's `ImageBlockParam` and
`DocumentBlockParam`, read 2026-11-21.
"""

import msgspec

from dragoman.dialects.anthropic_messages.natives import merged, native_fields
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.media import IMAGE_TYPES, encode_base64, sniff
from dragoman.messages import Document, Image
from dragoman.native import Native

__all__ = ["decode_document", "decode_image", "encode_document", "encode_image"]

_PDF = "application/pdf"
_PLAIN = "text/plain"


def encode_image(image: Image, place: str) -> dict[str, object]:
    """An image block; `InputError` if the service takes no images of this kind."""
    if image.content is None:
        source = _elsewhere(image, place)
    else:
        kind = sniff(image.content) or image.media_type or "of an unknown kind"
        if kind not in IMAGE_TYPES:
            known = ", ".join(sorted(IMAGE_TYPES))
            raise InputError(
                f"{place}: the image is {kind}; the service takes {known}", place=place
            )
        source = {"type": "base64", "media_type": kind, "data": encode_base64(image.content)}
    return _block("image", source, image.native)


def encode_document(document: Document, place: str) -> dict[str, object]:
    """A document block; `InputError` if it is neither a PDF nor text."""
    source = (
        _elsewhere(document, place)
        if document.content is None
        else _inside(document.content, document.media_type, place)
    )
    block = _block("document", source, document.native)
    return block if document.name is None else {**block, "title": document.name}


def _block(kind: str, source: dict[str, object], native: Native | None) -> dict[str, object]:
    block: dict[str, object] = {"type": kind, "source": source}
    return merged(native.of(NAME), block) if native else block


def _elsewhere(part: Image | Document, place: str) -> dict[str, object]:
    if part.url:
        return {"type": "url", "url": part.url}
    if part.file_id:
        return {"type": "file", "file_id": part.file_id}
    raise InputError(f"{place}: has neither content, address nor file", place=place)


def _inside(content: bytes, media_type: str | None, place: str) -> dict[str, object]:
    found = sniff(content)
    if found == _PDF:
        return {"type": "base64", "media_type": _PDF, "data": encode_base64(content)}
    if found is None and media_type != _PDF:
        try:
            return {"type": "text", "media_type": _PLAIN, "data": content.decode()}
        except UnicodeDecodeError:
            pass
    kind = found or media_type or "of an unknown kind"
    raise InputError(
        f"{place}: the document is {kind}; the service takes {_PDF} and text", place=place
    )


def decode_image(block: Field) -> Image:
    """An image block; `InputError` if what stands there is none."""
    source = block.need("source")
    native = native_fields(block.rest(("type", "source")))
    match source.need("type").word(("base64", "url", "file")):
        case "url":
            return Image(url=source.need("url").text(empty=False), native=native)
        case "file":
            return Image(file_id=source.need("file_id").text(empty=False), native=native)
        case _:
            content, kind = _picture(source)
            return Image(content=content, media_type=kind, native=native)


def _picture(source: Field) -> tuple[bytes, str]:
    source.need("media_type").word(sorted(IMAGE_TYPES))
    data = source.need("data")
    content = data.base64()
    kind = sniff(content)
    if kind not in IMAGE_TYPES:
        data.refuse(f"is no image but {kind}" if kind else "is no image")
    return content, kind


def decode_document(block: Field) -> Document | None:
    """A document block; None if it is made of blocks, which only this dialect can say."""
    source = block.need("source")
    kind = source.need("type").word(("base64", "url", "file", "text", "content"))
    if kind == "content":
        return None
    title = block.get("title")
    found = _document(source, kind)
    return msgspec.structs.replace(
        found,
        name=title.text() if title else None,
        native=native_fields(block.rest(("type", "source", "title"))),
    )


def _document(source: Field, kind: str) -> Document:
    match kind:
        case "url":
            return Document(url=source.need("url").text(empty=False))
        case "file":
            return Document(file_id=source.need("file_id").text(empty=False))
        case "text":
            source.need("media_type").word((_PLAIN,))
            return Document(content=source.need("data").text().encode(), media_type=_PLAIN)
        case _:
            source.need("media_type").word((_PDF,))
            data = source.need("data")
            content = data.base64()
            if sniff(content) != _PDF:
                data.refuse("is no PDF")
            return Document(content=content, media_type=_PDF)
