"""Bytes in texts: nothing that is given raises, and a file is known by its own first bytes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.media import (
    AUDIO_TYPES,
    IMAGE_TYPES,
    data_url,
    decode_base64,
    decode_data_url,
    encode_base64,
    sniff,
)

STARTS = [
    (b"\x89PNG\r\n\x1a\nrest", "image/png"),
    (b"\xff\xd8\xff\xe0", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-1.7", "application/pdf"),
    (b"ID3\x04", "audio/mpeg"),
    (b"\xff\xfb\x90", "audio/mpeg"),
    (b"\xff\xf3\x90", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
    (b"RIFF\x00\x00\x00\x00AVI ", None),
    (b"\x00\x00\x00\x18ftypheic", "image/heic"),
    (b"\x00\x00\x00\x18ftypheix", "image/heic"),
    (b"\x00\x00\x00\x18ftypmif1", "image/heif"),
    (b"\x00\x00\x00\x18ftypavif", "image/avif"),
    (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
    (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
    (b"BMW is a maker of cars", None),
    (b"BM", None),
    (b"hello", None),
    (b"", None),
]


@pytest.mark.parametrize(("content", "kind"), STARTS, ids=[repr(row[0][:12]) for row in STARTS])
def test_a_file_is_known_by_its_first_bytes(content: bytes, kind: str | None) -> None:
    assert sniff(content) == kind


def test_every_kind_that_services_take_has_a_mark() -> None:
    assert {kind for _, kind in STARTS} >= IMAGE_TYPES | AUDIO_TYPES


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("aGk=", b"hi"),
        ("aGk", b"hi"),
        ("", b""),
        ("-_-_", b"\xfb\xff\xbf"),
        ("+/+/", b"\xfb\xff\xbf"),
        ("aG\r\nk =", b"hi"),
        ("a", None),
        ("aG!k", None),
        ("aGk\u00e9", None),
        ("\ud800", None),
    ],
)
def test_base64_is_read_in_both_alphabets_padded_or_not(text: str, content: bytes | None) -> None:
    assert decode_base64(text) == content


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("data:image/png;base64,aGk=", ("image/png", b"hi")),
        ("DATA:Image/PNG;BASE64,aGk=", ("image/png", b"hi")),
        ("data:;base64,aGk", ("", b"hi")),
        ("data:text/plain;charset=utf-8;name=a.txt;base64,aGk", ("text/plain", b"hi")),
        ("data:application/vnd.x+json;base64,", ("application/vnd.x+json", b"")),
        ("data:image/png,aGk=", None),
        ("data:image/png;base64,!", None),
        ("data:im\u00e1ge/png;base64,aGk=", None),
        ("data:png;base64,aGk=", None),
        ("https://x.test/i.png", None),
        ("", None),
    ],
)
def test_a_data_url_is_a_kind_and_bytes(url: str, found: tuple[str, bytes] | None) -> None:
    assert decode_data_url(url) == found


@given(st.binary(), st.sampled_from(sorted(IMAGE_TYPES)))
def test_bytes_survive_a_data_url(content: bytes, kind: str) -> None:
    assert decode_data_url(data_url(content, kind)) == (kind, content)


@given(st.binary(max_size=40))
def test_bytes_survive_base64(content: bytes) -> None:
    assert decode_base64(encode_base64(content)) == content
    assert decode_base64(base64.urlsafe_b64encode(content).decode().rstrip("=")) == content


@given(st.text(st.characters(codec=None)), st.binary())
def test_nothing_raises(text: str, content: bytes) -> None:
    sniff(content)
    decode_base64(text)
    decode_data_url(text)
    decode_data_url(f"data:{text};base64,{text}")


def test_a_long_url_that_is_none_is_told_at_once() -> None:
    """What a program sends may be megabytes of almost a data URL."""
    assert decode_data_url("data:a/b" + ";a=b" * 200_000) is None
