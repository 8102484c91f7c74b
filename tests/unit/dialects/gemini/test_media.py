"""Pictures, sounds and files: how they are known, and how they are told."""

import base64
from typing import NamedTuple

import pytest

from dragoman.dialects.gemini.media import Media, decode_blob, decode_file, encode_media
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.messages import Audio, Document, Image

PNG = b"\x89PNG\r\n\x1a\nrest"
PDF = b"%PDF-1.7\n"
OWN = "https://generativelanguage.googleapis.com/v1beta/files/abc"


class Case(NamedTuple):
    claim: str
    part: Media
    wire: dict[str, object]


def blob(kind: str, content: bytes, **more: str) -> dict[str, object]:
    return {"inlineData": {"mimeType": kind, "data": base64.b64encode(content).decode(), **more}}


CASES = [
    Case("a picture", Image(content=PNG, media_type="image/png"), blob("image/png", PNG)),
    Case("a sound", Audio(b"abc", "audio/L16;rate=24000"), blob("audio/L16;rate=24000", b"abc")),
    Case(
        "a named document",
        Document(content=PDF, media_type="application/pdf", name="a.pdf"),
        blob("application/pdf", PDF, displayName="a.pdf"),
    ),
    Case(
        "a text that begins as a picture would",
        Document(content=b"BM is short", media_type="text/plain"),
        blob("text/plain", b"BM is short"),
    ),
    Case(
        "a video",
        Document(content=b"0000ftypisom", media_type="video/mp4"),
        blob("video/mp4", b"0000ftypisom"),
    ),
    Case(
        "a picture whose bytes have no mark",
        Image(content=b"<svg/>", media_type="image/svg+xml"),
        blob("image/svg+xml", b"<svg/>"),
    ),
    Case(
        "an address whose ending tells the type",
        Image(url="https://a.test/b.webp?size=2"),
        {"fileData": {"mimeType": "image/webp", "fileUri": "https://a.test/b.webp?size=2"}},
    ),
    Case(
        "an address of a picture without an ending",
        Image(url="https://a.test/b"),
        {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://a.test/b"}},
    ),
    Case(
        "a picture of another type than its ending",
        Image(url="https://a.test/b.png", media_type="image/webp"),
        {"fileData": {"mimeType": "image/webp", "fileUri": "https://a.test/b.png"}},
    ),
    Case(
        "an address of a document without an ending",
        Document(url="https://a.test/b"),
        {"fileData": {"mimeType": "application/pdf", "fileUri": "https://a.test/b"}},
    ),
    Case(
        "a text at an address",
        Document(url="https://a.test/b.txt"),
        {"fileData": {"mimeType": "text/plain", "fileUri": "https://a.test/b.txt"}},
    ),
    Case(
        "a video at an address that has no type",
        Document(url="https://www.youtube.com/watch?v=1"),
        {"fileData": {"fileUri": "https://www.youtube.com/watch?v=1"}},
    ),
    Case(
        "a file of the service's, a name and no address",
        Document(file_id=OWN, media_type="audio/mpeg", name="x"),
        {"fileData": {"mimeType": "audio/mpeg", "fileUri": OWN, "displayName": "x"}},
    ),
    Case(
        "a file of unknown type", Document(file_id="files/a"), {"fileData": {"fileUri": "files/a"}}
    ),
    Case(
        "a picture that the service has",
        Image(file_id="files/a"),
        {"fileData": {"mimeType": "image/jpeg", "fileUri": "files/a"}},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_media_are_told_and_known_again(case: Case) -> None:
    assert encode_media(case.part, "here") == case.wire

    (name, inner), *_ = case.wire.items()
    decode = decode_blob if name == "inlineData" else decode_file
    assert decode(Field(inner)) == case.part


def test_bytes_without_a_type_have_the_one_of_their_mark() -> None:
    wire = encode_media(Document(content=PDF), "here")

    assert wire["inlineData"]["mimeType"] == "application/pdf"
    with pytest.raises(InputError, match="media type is unknown") as caught:
        encode_media(Document(content=b"?"), "messages[0].content[1]")
    assert caught.value.place == "messages[0].content[1]"


def test_the_bytes_own_mark_wins_among_pictures() -> None:
    found = decode_blob(Field({"mime_type": "image/jpeg", "data": "iVBORw0KGgo"}))

    assert found == Image(content=PNG[:8], media_type="image/png")


def test_an_address_without_a_type_is_known_by_its_ending() -> None:
    assert decode_file(Field({"fileUri": "https://a.test/b.png"})) == Image(
        url="https://a.test/b.png"
    )


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("image/png", "not base64!", r"data: expected base64 of some bytes"),
        ("image/png", "", r"data: expected base64 of some bytes"),
        ("image/png", "JVBERi0xLjc=", "the bytes are no image but application/pdf"),
        ("image/png", "AAAA", "the bytes are no image"),
        ("application/pdf", "iVBORw0KGgo=", "the bytes are image/png, not application/pdf"),
        ("audio/wav", "JVBERi0xLjc=", "the bytes are application/pdf, not audio/wav"),
        ("", "AAAA", "mimeType: expected text that is not empty"),
    ],
)
def test_bytes_that_are_not_what_is_said_are_refused(kind: str, data: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        decode_blob(Field({"mimeType": kind, "data": data}))


def test_sounds_are_not_compared_by_their_names() -> None:
    found = decode_blob(
        Field({"mimeType": "audio/mp3", "data": base64.b64encode(b"ID3x").decode()})
    )

    assert found == Audio(b"ID3x", "audio/mp3")
