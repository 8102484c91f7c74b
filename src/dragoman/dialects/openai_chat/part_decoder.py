"""The parts of a message's content, as JSON values: text, images, sounds, files, refusals.

A part of another type is kept as `Native`: services that speak this dialect add their own.
Bytes are told by their own first bytes where they have a mark; a declared media type that does not
fit them is an error here, and not far away.
Source: OpenAI API reference, "Create chat completion", with "Images and vision" and "File inputs",
read 2026-11-21.
"""

import mimetypes
import re
from collections.abc import Callable, Mapping

import msgspec

from dragoman.dialects.openai_chat.tables import DEFAULT_NAME, NAME
from dragoman.dialects.reading import Field
from dragoman.media import IMAGE_TYPES, decode_data_url, sniff
from dragoman.messages import Audio, Document, Image, Part, Refusal, Text
from dragoman.native import Native

__all__ = ["Manner", "decode_part"]

_HTTP = re.compile(r"https?://[^/]", re.IGNORECASE)
_SOUNDS = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
}


class Manner(msgspec.Struct, frozen=True):
    """Who wrote the messages: a program at a face, or a Python caller.

    `hints` are the names of fields of the dialect's own that change nothing; None is all of them.
    A Python caller's mistakes are told at once: a part of an unknown type is one.
    """

    hints: frozenset[str] | None = None

    @property
    def is_strict(self) -> bool:
        """Whether a program wrote them, which has to keep to the format."""
        return self.hints is not None

    def native(self, fields: Mapping[str, object]) -> Native | None:
        """Fields that we do not know; None if there are none."""
        if not fields:
            return None
        names = frozenset(fields)
        return Native(NAME, fields, names if self.hints is None else names & self.hints)


def decode_part(field: Field, manner: Manner) -> Part:
    """One part; `InputError` names the place of what is wrong with it."""
    value = field.value
    if isinstance(value, Part):
        # A Python caller may mix values and mappings.
        return _text_value(field, value) if isinstance(value, Text) else value
    kind = value.get("type") if isinstance(value, Mapping) else type(value).__name__
    decode = _PARTS.get(kind) if isinstance(kind, str) else None
    if decode is not None:
        return decode(field, manner)
    if not isinstance(kind, str) or not manner.is_strict:
        field.refuse(f"unknown part {kind!r}; known: {', '.join(map(repr, _PARTS))}")
    return Native(NAME, dict(field.fields()))


def _text_value(field: Field, text: Text) -> Part:
    return Text(Field(text.text, field.place).text(), text.native)


def _text(field: Field, manner: Manner) -> Part:
    return Text(field.need("text").text(), manner.native(field.rest(("type", "text"))))


def _refusal(field: Field, _manner: Manner) -> Part:
    return Refusal(field.need("refusal").text())


def _image(field: Field, manner: Manner) -> Part:
    native = manner.native(field.rest(("type", "image_url")))
    inner = field.need("image_url")
    if isinstance(inner.value, str):
        # The address alone is what some programs send.
        url, detail = inner, None
    else:
        url, detail = inner.need("url"), inner.get("detail")
    closely = detail.text(empty=False) if detail else None
    if _HTTP.match(url.text()):
        return Image(url=url.text(), detail=closely, native=native)
    content, declared = _data(url, "an http(s) address or a base64 data URL")
    kind = _kind(url, content, declared)
    if not kind.startswith("image/"):
        url.refuse(f"is no image but {kind}")
    return Image(content=content, media_type=kind, detail=closely, native=native)


def _audio(field: Field, manner: Manner) -> Part:
    native = manner.native(field.rest(("type", "input_audio")))
    inner = field.need("input_audio")
    declared = _SOUNDS[inner.need("format").word(tuple(_SOUNDS))]
    data = inner.need("data")
    kind = sniff(content := data.base64()) or declared
    if not kind.startswith("audio/"):
        data.refuse(f"is no sound but {kind}")
    return Audio(content, kind, native)


def _file(field: Field, manner: Manner) -> Part:
    native = manner.native(field.rest(("type", "file")))
    inner = field.need("file")
    named = inner.get("filename")
    name = named.text(empty=False) if named else None
    shown = None if name and name.partition(".")[0] == DEFAULT_NAME else name
    data = inner.get("file_data")
    if data is None:
        file_id = inner.need("file_id").text(empty=False)
        return Document(file_id=file_id, name=shown, native=native)
    if data.text().startswith("data:"):
        content, declared = _data(data, "a base64 data URL")
    else:
        content, declared = data.base64(), ""
    kind = _kind(data, content, declared or mimetypes.guess_type(name or "")[0] or "")
    return Document(content=content, media_type=kind, name=shown, native=native)


def _data(field: Field, expected: str) -> tuple[bytes, str]:
    """The bytes and the declared media type of a data URL."""
    found = decode_data_url(field.text())
    if found is None or not found[1]:
        field.wrong(expected)
    return found[1], found[0]


def _kind(field: Field, content: bytes, declared: str) -> str:
    """The media type: that of the bytes' own mark, else the declared one."""
    kind = sniff(content)
    is_other = declared == "application/pdf" and kind != declared
    if is_other or (kind is None and declared in IMAGE_TYPES):
        field.refuse(f"is not what it is declared as, {declared}")
    return kind or declared or "application/octet-stream"


_PARTS: Mapping[str, Callable[[Field, Manner], Part]] = {
    "text": _text,
    "image_url": _image,
    "input_audio": _audio,
    "file": _file,
    "refusal": _refusal,
}
