"""Parts of messages and of tools' results, as the content lists of items.

Source: OpenAI API reference, "Create a model response" (`input`), and the types of the package
openai 3.54.0, read 2026-11-21.
"""

from collections.abc import Sequence
from typing import assert_never

from dragoman.dialects.openai_responses.tables import DEFAULT_NAME, NAME
from dragoman.errors import InputError
from dragoman.media import IMAGE_TYPES, data_url, sniff
from dragoman.messages import Audio, Document, Image, Refusal, Text
from dragoman.native import Native

__all__ = ["encode_content", "encode_parts", "own_fields"]

_Object = dict[str, object]

_EXTENSIONS = {
    "application/pdf": ".pdf",
    "application/json": ".json",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
}


def own_fields(native: Native | None) -> dict[str, object]:
    """The fields that are this dialect's own, if there are any."""
    return dict(native.of(NAME)) if native else {}


def encode_parts(parts: Sequence[Text | Image | Document | Native], place: str) -> object:
    """What a tool gave: a text where it is only that, else a list of parts."""
    match parts:
        case (Text(text, None),):
            return text
        case _:
            found = (
                encode_content(part, "user", f"{place}.content[{at}]")
                for at, part in enumerate(parts)
            )
            return [part for part in found if part]


def encode_content(
    part: Text | Refusal | Image | Document | Audio | Native, role: str, place: str
) -> _Object:
    """One part; empty if it is another dialect's. `InputError` if the service takes none such."""
    match part:
        case Text(text):
            return _text(text, role) | own_fields(part.native)
        case Refusal(text):
            return {"type": "refusal", "refusal": text}
        case Image():
            return _image(part, place) | own_fields(part.native)
        case Document():
            return _document(part) | own_fields(part.native)
        case Native():
            return own_fields(part)
        case Audio():
            raise InputError(f"{place}: {NAME} takes no sound", place=place)
        case _:
            assert_never(part)


def _text(text: str, role: str) -> _Object:
    if role == "assistant":
        return {"type": "output_text", "text": text, "annotations": []}
    return {"type": "input_text", "text": text}


def _image(image: Image, place: str) -> _Object:
    part: _Object = {"type": "input_image"}
    if image.url is not None:
        part["image_url"] = image.url
    elif image.content is not None:
        kind = image.media_type or sniff(image.content)
        if kind not in IMAGE_TYPES:
            known = ", ".join(sorted(IMAGE_TYPES))
            raise InputError(f"{place}: a picture of {kind}; {NAME} takes {known}", place=place)
        part["image_url"] = data_url(image.content, kind)
    else:
        part["file_id"] = image.file_id
    return part if image.detail is None else {**part, "detail": image.detail}


def _document(document: Document) -> _Object:
    part: _Object = {"type": "input_file"}
    name = document.name
    if document.url is not None:
        part["file_url"] = document.url
    elif document.content is not None:
        kind = document.media_type or sniff(document.content) or "application/octet-stream"
        part["file_data"] = data_url(document.content, kind)
        name = name or DEFAULT_NAME + _EXTENSIONS.get(kind, "")
    else:
        part["file_id"] = document.file_id
    return part if name is None else {**part, "filename": name}
