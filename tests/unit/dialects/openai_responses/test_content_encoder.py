"""Parts of messages as the content of items."""

import msgspec
import pytest

from dragoman.dialects.openai_responses.content_encoder import (
    encode_content,
    encode_parts,
    own_fields,
)
from dragoman.dialects.openai_responses.tables import NAME
from dragoman.errors import InputError
from dragoman.messages import Audio, Document, Image, Refusal, Text
from dragoman.native import Native

PNG = b"\x89PNG\r\n\x1a\n"
PNG_URL = "data:image/png;base64,iVBORw0KGgo="
OWN = Native(NAME, {"prompt_cache_breakpoint": {"mode": "explicit"}})
OTHER = Native("gemini", {"video_metadata": {}})


class Case(msgspec.Struct):
    name: str
    part: Text | Refusal | Image | Document | Native
    wire: dict[str, object]
    role: str = "user"


CASES = [
    Case("a text", Text("Hi"), {"type": "input_text", "text": "Hi"}),
    Case(
        "a text of the model's",
        Text("Hi"),
        {"type": "output_text", "text": "Hi", "annotations": []},
        "assistant",
    ),
    Case("own fields", Text("Hi", OWN), {"type": "input_text", "text": "Hi", **OWN.fields}),
    Case("another's fields", Text("Hi", OTHER), {"type": "input_text", "text": "Hi"}),
    Case("a refusal", Refusal("No."), {"type": "refusal", "refusal": "No."}, "assistant"),
    Case(
        "an image by its address",
        Image(url="https://x.test/a.png", detail="low"),
        {"type": "input_image", "image_url": "https://x.test/a.png", "detail": "low"},
    ),
    Case(
        "an image as bytes",
        Image(content=PNG, media_type="image/png"),
        {"type": "input_image", "image_url": PNG_URL},
    ),
    Case(
        "an image whose bytes say what it is",
        Image(content=PNG),
        {"type": "input_image", "image_url": PNG_URL},
    ),
    Case("an image by name", Image(file_id="file-1"), {"type": "input_image", "file_id": "file-1"}),
    Case(
        "a document as bytes",
        Document(content=b"%PDF-", media_type="application/pdf", name="a.pdf"),
        {
            "type": "input_file",
            "file_data": "data:application/pdf;base64,JVBERi0=",
            "filename": "a.pdf",
        },
    ),
    Case(
        "a document without a name",
        Document(content=b"%PDF-"),
        {
            "type": "input_file",
            "file_data": "data:application/pdf;base64,JVBERi0=",
            "filename": "unnamed-file.pdf",
        },
    ),
    Case(
        "a document of no known kind",
        Document(content=b"?"),
        {
            "type": "input_file",
            "file_data": "data:application/octet-stream;base64,Pw==",
            "filename": "unnamed-file",
        },
    ),
    Case(
        "a document by its address",
        Document(url="https://x.test/a.pdf"),
        {"type": "input_file", "file_url": "https://x.test/a.pdf"},
    ),
    Case(
        "a document by name",
        Document(file_id="file-1"),
        {"type": "input_file", "file_id": "file-1"},
    ),
    Case("an own part", Native(NAME, {"type": "input_video"}), {"type": "input_video"}),
    Case("another's part", OTHER, {}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_part_has_its_words(case: Case) -> None:
    assert encode_content(case.part, case.role, "here") == case.wire


def test_a_result_that_is_one_text_is_text() -> None:
    assert encode_parts((Text("13"),), "here") == "13"


def test_a_result_of_several_parts_is_a_list_without_what_is_anothers() -> None:
    wire = encode_parts((Text("13"), Image(file_id="f"), OTHER), "here")

    assert wire == [
        {"type": "input_text", "text": "13"},
        {"type": "input_image", "file_id": "f"},
    ]


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (Image(content=b"BM..", media_type="image/bmp"), "image/bmp"),
        (Image(content=b"?"), "None"),
        (Audio(b"ID3", "audio/mpeg"), "no sound"),
    ],
)
def test_what_the_service_does_not_take_is_refused_with_its_place(
    part: Image | Audio, why: str
) -> None:
    with pytest.raises(InputError, match=why) as caught:
        encode_content(part, "user", "messages[0].content[1]")

    assert caught.value.place == "messages[0].content[1]"


def test_there_are_no_own_fields_in_nothing() -> None:
    assert own_fields(None) == {}
