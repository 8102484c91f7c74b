import base64

import pytest

from dragoman.dialects.anthropic_messages.sources import (
    decode_document,
    decode_image,
    encode_document,
    encode_image,
)
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.messages import Document, Image
from dragoman.native import Native

PNG = b"\x89PNG\r\n\x1a\n1234"
PDF = b"%PDF-1.7 1234"


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def native(**fields: object) -> Native:
    return Native(NAME, fields, frozenset({"cache_control"}) & fields.keys())


IMAGES: list[tuple[Image, dict[str, object]]] = [
    (
        Image(content=PNG, media_type="image/png"),
        {"source": {"type": "base64", "media_type": "image/png", "data": b64(PNG)}},
    ),
    (Image(url="https://x/y.png"), {"source": {"type": "url", "url": "https://x/y.png"}}),
    (
        Image(file_id="file_1", native=native(cache_control={"type": "ephemeral"})),
        {"source": {"type": "file", "file_id": "file_1"}, "cache_control": {"type": "ephemeral"}},
    ),
]
DOCUMENTS: list[tuple[Document, dict[str, object]]] = [
    (
        Document(content=PDF, media_type="application/pdf", name="a.pdf"),
        {
            "source": {"type": "base64", "media_type": "application/pdf", "data": b64(PDF)},
            "title": "a.pdf",
        },
    ),
    (
        Document(content=b"plain", media_type="text/plain", native=native(context="c")),
        {
            "source": {"type": "text", "media_type": "text/plain", "data": "plain"},
            "context": "c",
        },
    ),
    (Document(url="https://x/y.pdf"), {"source": {"type": "url", "url": "https://x/y.pdf"}}),
    (Document(file_id="file_1"), {"source": {"type": "file", "file_id": "file_1"}}),
]


@pytest.mark.parametrize(("image", "block"), IMAGES)
def test_an_image_is_the_same_on_both_sides(image: Image, block: dict[str, object]) -> None:
    assert encode_image(image, "p") == {"type": "image", **block}
    assert decode_image(Field({"type": "image", **block})) == image


@pytest.mark.parametrize(("document", "block"), DOCUMENTS)
def test_a_document_is_the_same_on_both_sides(document: Document, block: dict[str, object]) -> None:
    assert encode_document(document, "p") == {"type": "document", **block}
    assert decode_document(Field({"type": "document", **block})) == document


def test_what_the_bytes_say_of_themselves_is_believed() -> None:
    sent = encode_image(Image(content=PNG, media_type="image/jpeg"), "p")
    source = {"type": "base64", "media_type": "image/jpeg", "data": b64(PNG)}

    assert sent["source"] == {**source, "media_type": "image/png"}
    assert decode_image(Field({"source": source})).media_type == "image/png"


@pytest.mark.parametrize(
    "image",
    [
        Image(content=b"II*\x001234", media_type="image/png"),
        Image(content=b"1234", media_type="image/svg+xml"),
        Image(content=b"1234"),
        Image(),
    ],
)
def test_an_image_that_the_service_does_not_take_is_refused_by_its_place(image: Image) -> None:
    with pytest.raises(InputError) as caught:
        encode_image(image, "messages[0].content[1]")

    assert caught.value.place == "messages[0].content[1]"


@pytest.mark.parametrize(
    "document",
    [
        Document(content=PNG, media_type="application/pdf"),
        Document(content=b"no mark", media_type="application/pdf"),
        Document(content=b"\xff\xfe\xfd", media_type="text/plain"),
        Document(content=b"\xff\xfe\xfd"),
    ],
)
def test_a_document_that_is_neither_pdf_nor_text_is_refused_by_its_place(
    document: Document,
) -> None:
    with pytest.raises(InputError) as caught:
        encode_document(document, "messages[0].content[1]")

    assert caught.value.place == "messages[0].content[1]"


def test_a_document_of_blocks_is_left_to_its_own_dialect() -> None:
    block = {"type": "document", "source": {"type": "content", "content": "x"}}

    assert decode_document(Field(block)) is None


WRONG = [
    ("image", {"type": "base64", "media_type": "image/png", "data": "%%%"}, "data"),
    ("image", {"type": "base64", "media_type": "image/png", "data": b64(PDF)}, "data"),
    ("image", {"type": "base64", "media_type": "image/png", "data": b64(b"1234")}, "data"),
    ("image", {"type": "base64", "media_type": "image/bmp", "data": b64(PNG)}, "media_type"),
    ("image", {"type": "text", "data": "x"}, "type"),
    ("image", {"type": "url"}, "url"),
    ("document", {"type": "base64", "media_type": "application/pdf", "data": b64(PNG)}, "data"),
    ("document", {"type": "text", "media_type": "text/html", "data": "x"}, "media_type"),
]


@pytest.mark.parametrize(("kind", "source", "place"), WRONG)
def test_what_is_no_image_or_document_is_refused_by_its_place(
    kind: str, source: dict[str, object], place: str
) -> None:
    block = Field({"type": kind, "source": source}, "messages[0].content[0]")

    with pytest.raises(InputError) as caught:
        decode_image(block) if kind == "image" else decode_document(block)

    assert caught.value.place == f"messages[0].content[0].source.{place}"
