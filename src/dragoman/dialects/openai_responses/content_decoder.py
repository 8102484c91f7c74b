"""The content lists of items as parts, checked, with the place of whatever is wrong.

Source: OpenAI API reference, "Create a model response" (`input`), and the types of the package
openai 3.54.0, read 2026-11-21.
"""

from collections.abc import Callable, Mapping

from dragoman.dialects.openai_responses.tables import CONTENT_HINTS, DEFAULT_NAME, NAME
from dragoman.dialects.reading import Field
from dragoman.media import IMAGE_TYPES, decode_data_url, sniff
from dragoman.messages import Audio, Document, Image, Part, Refusal, Text
from dragoman.native import Native

__all__ = ["decode_content", "decode_output", "native_of"]

_SOUNDS = {"mp3": "audio/mpeg", "wav": "audio/wav"}
_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "html": "text/html",
    "md": "text/markdown",
    "pdf": "application/pdf",
    "txt": "text/plain",
}


def native_of(field: Field, known: frozenset[str], hints: frozenset[str]) -> Native | None:
    """The fields that this package has no word for, if there are any."""
    rest = field.rest(known)
    return Native(NAME, rest, hints & rest.keys()) if rest else None


def decode_content(content: Field) -> tuple[Part, ...]:
    """The parts of a message: one text, or a list."""
    if isinstance(content.value, str):
        return (Text(content.text()),)
    return tuple(_part(part) for part in content.items())


def decode_output(output: Field) -> tuple[Text | Image | Document | Native, ...]:
    """What a tool gave: one text, or a list of texts, images and files."""
    if isinstance(output.value, str):
        return (Text(output.text()),)
    found: list[Text | Image | Document | Native] = []
    for field in output.items():
        part = _part(field)
        if not isinstance(part, Text | Image | Document | Native):
            field.need("type").wrong("a text, an image or a file")
        found.append(part)
    return tuple(found)


def _part(part: Field) -> Part:
    kind = part.need("type")
    decode = _PARTS.get(kind.text())
    if decode is not None:
        return decode(part)
    if not kind.text().startswith(("input_", "output_")):
        kind.wrong(f"one of {', '.join(_PARTS)}")
    return Native(NAME, part.rest(()))


def _text(part: Field) -> Part:
    text = part.need("text").text()
    # An empty list says nothing, and every answer that is sent back has one.
    rest = {name: value for name, value in part.rest(("type", "text")).items() if value != []}
    return Text(text, Native(NAME, rest, CONTENT_HINTS & rest.keys()) if rest else None)


def _refusal(part: Field) -> Part:
    return Refusal(part.need("refusal").text())


def _image(part: Field) -> Part:
    detail = part.get("detail")
    known = frozenset({"type", "image_url", "file_id", "detail"})
    native = native_of(part, known, CONTENT_HINTS)
    word = detail.text() if detail else None
    url = part.get("image_url")
    if url is None:
        return Image(file_id=part.need("file_id").text(empty=False), detail=word, native=native)
    address = url.text(empty=False)
    if address[:5].lower() != "data:":
        return Image(url=address, detail=word, native=native)
    found = decode_data_url(address)
    if found is None:
        url.refuse("a data URL whose base64 is broken")
    declared, content = found
    kind = sniff(content)
    if kind not in IMAGE_TYPES:
        url.refuse(f"{kind or declared or 'it'} is no image of a kind that is taken: {_LISTED}")
    return Image(content=content, media_type=kind, detail=word, native=native)


_LISTED = ", ".join(sorted(IMAGE_TYPES))


def _file(part: Field) -> Part:
    known = frozenset({"type", "file_data", "file_id", "file_url", "filename"})
    native = native_of(part, known, CONTENT_HINTS)
    filename = part.get("filename")
    name = filename.text(empty=False) if filename else None
    shown = None if name and name.partition(".")[0] == DEFAULT_NAME else name
    source = part.get("file_url", "file_data")
    if source is None:
        file_id = part.need("file_id").text(empty=False)
        return Document(file_id=file_id, name=shown, native=native)
    if source.place.endswith("file_url"):
        return Document(url=source.text(empty=False), name=shown, native=native)
    kind, content = _bytes(source)
    return Document(
        content=content,
        media_type=sniff(content) or kind or _TYPES.get((name or "").rpartition(".")[2].lower()),
        name=shown,
        native=native,
    )


def _bytes(field: Field) -> tuple[str, bytes]:
    """The media type, perhaps empty, and the bytes, from a data URL or bare base64."""
    return decode_data_url(field.text(empty=False)) or ("", field.base64())


def _audio(part: Field) -> Part:
    audio = part.need("input_audio")
    kind = _SOUNDS[audio.need("format").word(tuple(_SOUNDS))]
    _, content = _bytes(audio.need("data"))
    found = sniff(content) or kind
    if not found.startswith("audio/"):
        audio.need("data").refuse(f"it is {found}, and no sound")
    native = native_of(part, frozenset({"type", "input_audio"}), CONTENT_HINTS)
    return Audio(content, found, native)


_PARTS: Mapping[str, Callable[[Field], Part]] = {
    "input_text": _text,
    "output_text": _text,
    "input_image": _image,
    "input_file": _file,
    "input_audio": _audio,
    "refusal": _refusal,
}
