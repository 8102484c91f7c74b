"""Parts of content: what they hold, and what they only claim to hold."""

import base64

import pytest

from dragoman.dialects.openai_chat.part_decoder import Manner, decode_part
from dragoman.dialects.openai_chat.tables import HINTS
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.messages import Audio, Document, Image, Part, Refusal, Text
from dragoman.native import Native

PNG = b"\x89PNG\r\n\x1a\nxyz?>"
PDF = b"%PDF-1.7\n"
WAV = b"RIFF0000WAVE"
URL = "https://x.test/i.png"


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def data(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{b64(content)}"


def image(url: object, **more: object) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": url} | more}


def sound(data_: object, form: object = "wav") -> dict[str, object]:
    return {"type": "input_audio", "input_audio": {"data": data_, "format": form}}


def file(**fields: object) -> dict[str, object]:
    return {"type": "file", "file": fields}


def own(fields: dict[str, object], *hints: str) -> Native:
    return Native("openai_chat", fields, frozenset(hints))


@pytest.mark.parametrize(
    ("part", "expect"),
    [
        ({"type": "text", "text": ""}, Text("")),
        (
            {"type": "text", "text": "a", "cache_control": {}, "x": 1},
            Text("a", own({"cache_control": {}, "x": 1}, "cache_control")),
        ),
        ({"type": "refusal", "refusal": "no"}, Refusal("no")),
        (image(URL), Image(url=URL)),
        (image(URL, detail="low"), Image(url=URL, detail="low")),
        ({"type": "image_url", "image_url": URL}, Image(url=URL)),
        (image(data(PNG)), Image(content=PNG, media_type="image/png")),
        (image(data(PNG, "image/jpeg")), Image(content=PNG, media_type="image/png")),
        (image(data(PNG).replace("+", "-").replace("/", "_", 0)),
         Image(content=PNG, media_type="image/png")),
        (image(data(b"<svg>", "image/svg+xml")),
         Image(content=b"<svg>", media_type="image/svg+xml")),
        (sound(b64(WAV)), Audio(WAV, "audio/wav")),
        (sound(b64(WAV), "mp3"), Audio(WAV, "audio/wav")),
        (sound(b64(b"??"), "mp3"), Audio(b"??", "audio/mpeg")),
        (file(file_id="file-1"), Document(file_id="file-1")),
        (file(file_data=data(PDF, "application/pdf"), filename="a.pdf"),
         Document(content=PDF, media_type="application/pdf", name="a.pdf")),
        (file(file_data=b64(PDF)), Document(content=PDF, media_type="application/pdf")),
        (file(file_data=b64(b"hi"), filename="a.txt"),
         Document(content=b"hi", media_type="text/plain", name="a.txt")),
        (file(file_data=b64(b"hi")),
         Document(content=b"hi", media_type="application/octet-stream")),
        ({"type": "video_url", "video_url": {}}, own({"type": "video_url", "video_url": {}})),
    ],
)  # fmt: skip
def test_a_part(part: object, expect: Part) -> None:
    assert decode_part(Field(part, "p"), Manner(HINTS)) == expect


@pytest.mark.parametrize(
    ("part", "place"),
    [
        (7, "p"),
        ({}, "p"),
        ({"type": ["text"]}, "p"),
        ({"type": "text"}, "p.text"),
        ({"type": "text", "text": 7}, "p.text"),
        ({"type": "text", "text": "\ud800"}, "p.text"),
        ({"type": "image_url"}, "p.image_url"),
        ({"type": "image_url", "image_url": {}}, "p.image_url.url"),
        (image(""), "p.image_url.url"),
        (image("ftp://x.test"), "p.image_url.url"),
        (image("data:image/png;base64,?"), "p.image_url.url"),
        (image("data:image/png;base64,"), "p.image_url.url"),
        (image(data(PDF)), "p.image_url.url"),
        (image(data(b"none")), "p.image_url.url"),
        (image(data(b"none", "text/plain")), "p.image_url.url"),
        (image(URL, detail=7), "p.image_url.detail"),
        (sound("?"), "p.input_audio.data"),
        (sound(""), "p.input_audio.data"),
        (sound(b64(PNG)), "p.input_audio.data"),
        (sound(b64(WAV), "midi"), "p.input_audio.format"),
        (file(), "p.file.file_id"),
        (file(file_data="?"), "p.file.file_data"),
        (file(file_data="data:?"), "p.file.file_data"),
        (file(file_data=data(PNG, "application/pdf")), "p.file.file_data"),
        (file(file_data=b64(b"hi"), filename="a.pdf"), "p.file.file_data"),
    ],
)
def test_what_is_wrong_is_placed(part: object, place: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_part(Field(part, "p"), Manner(HINTS))

    assert caught.value.place == place
    assert str(caught.value).startswith(place)


def test_a_python_caller_may_write_values_and_is_told_of_mistakes() -> None:
    caller = Manner()

    assert decode_part(Field(Image(url=URL), "p"), caller) == Image(url=URL)
    assert decode_part(Field(Text("a", own({})), "p"), caller) == Text("a", own({}))
    with pytest.raises(InputError, match="p: unknown part 'video_url'; known: 'text'"):
        decode_part(Field({"type": "video_url"}, "p"), caller)


def test_all_that_a_python_caller_adds_may_be_left_out() -> None:
    part = decode_part(Field({"type": "text", "text": "a", "x": 1}, "p"), Manner())

    assert part == Text("a", own({"x": 1}, "x"))
