"""The content of items as parts."""

import base64

import msgspec
import pytest

from dragoman.dialects.openai_responses.content_decoder import decode_content, decode_output
from dragoman.dialects.openai_responses.tables import NAME
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.messages import Audio, Document, Image, Part, Refusal, Text
from dragoman.native import Native

PNG = b"\x89PNG\r\n\x1a\n"
PNG_TEXT = base64.b64encode(PNG).decode()
PDF_TEXT = base64.b64encode(b"%PDF-1").decode()


class Case(msgspec.Struct):
    name: str
    wire: dict[str, object]
    part: Part


def image(url: str, **more: object) -> dict[str, object]:
    return {"type": "input_image", "image_url": url, **more}


def file(**fields: object) -> dict[str, object]:
    return {"type": "input_file", **fields}


CASES = [
    Case("a text", {"type": "input_text", "text": "Hi"}, Text("Hi")),
    Case(
        "a text of the model's, and what it says nothing with",
        {"type": "output_text", "text": "Hi", "annotations": [], "logprobs": []},
        Text("Hi"),
    ),
    Case(
        "a text with annotations",
        {"type": "output_text", "text": "Hi", "annotations": [{"type": "file_path"}]},
        Text(
            "Hi",
            Native(NAME, {"annotations": [{"type": "file_path"}]}, frozenset({"annotations"})),
        ),
    ),
    Case("a refusal", {"type": "refusal", "refusal": "No."}, Refusal("No.")),
    Case(
        "an image by its address",
        image("https://x.test/a.png", detail="low"),
        Image(url="https://x.test/a.png", detail="low"),
    ),
    Case(
        "an image as bytes",
        image(f"data:image/png;base64,{PNG_TEXT}"),
        Image(content=PNG, media_type="image/png"),
    ),
    Case(
        "an image whose bytes know better",
        image(f"data:image/jpeg;base64,{PNG_TEXT}"),
        Image(content=PNG, media_type="image/png"),
    ),
    Case(
        "an image by name",
        {"type": "input_image", "file_id": "f", "prompt_cache_breakpoint": {}},
        Image(
            file_id="f",
            native=Native(
                NAME,
                {"prompt_cache_breakpoint": {}},
                frozenset({"prompt_cache_breakpoint"}),
            ),
        ),
    ),
    Case("a file by name", file(file_id="f"), Document(file_id="f")),
    Case(
        "a file by its address",
        file(file_url="https://x.test/a.pdf", filename="a.pdf"),
        Document(url="https://x.test/a.pdf", name="a.pdf"),
    ),
    Case(
        "a file as a data URL",
        file(file_data=f"data:application/pdf;base64,{PDF_TEXT}", filename="a.pdf"),
        Document(content=b"%PDF-1", media_type="application/pdf", name="a.pdf"),
    ),
    Case(
        "a file as bare base64, under a name that is none",
        file(file_data=PDF_TEXT, filename="unnamed-file.pdf"),
        Document(content=b"%PDF-1", media_type="application/pdf"),
    ),
    Case(
        "a file whose name says what it is",
        file(file_data="SGk=", filename="a.TXT"),
        Document(content=b"Hi", media_type="text/plain", name="a.TXT"),
    ),
    Case("a file that says nothing", file(file_data="SGk="), Document(content=b"Hi")),
    Case(
        "a sound",
        {"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}},
        Audio(b"ID3", "audio/mpeg"),
    ),
    Case(
        "a sound whose bytes say nothing",
        {"type": "input_audio", "input_audio": {"data": "SGk=", "format": "wav"}},
        Audio(b"Hi", "audio/wav"),
    ),
    Case(
        "a part that only this dialect knows",
        {"type": "input_video", "url": "u"},
        Native(NAME, {"type": "input_video", "url": "u"}),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_part_is_what_it_says(case: Case) -> None:
    assert decode_content(Field([case.wire], "here")) == (case.part,)


def test_a_text_is_a_message_and_a_result() -> None:
    assert decode_content(Field("Hi")) == (Text("Hi"),)
    assert decode_output(Field("Hi")) == (Text("Hi"),)


def test_a_result_has_texts_images_and_files() -> None:
    wire = [{"type": "input_text", "text": "A"}, {"type": "input_image", "file_id": "f"}]

    assert decode_output(Field(wire)) == (Text("A"), Image(file_id="f"))


class Wrong(msgspec.Struct):
    name: str
    wire: object
    place: str
    why: str


WRONG = [
    Wrong("no list", 7, "c", "a list"),
    Wrong("no type", [{}], "c[0].type", "missing"),
    Wrong("a part of another API", [{"type": "text"}], "c[0].type", "input_text"),
    Wrong("no text", [{"type": "input_text"}], "c[0].text", "missing"),
    Wrong("an image of nothing", [{"type": "input_image"}], "c[0].file_id", "missing"),
    Wrong("broken base64", [image("data:image/png;base64,?")], "c[0].image_url", "broken"),
    Wrong(
        "a PDF as an image",
        [image(f"data:image/png;base64,{PDF_TEXT}")],
        "c[0].image_url",
        "application/pdf",
    ),
    Wrong("an image of no kind", [image("data:;base64,SGk=")], "c[0].image_url", "no image"),
    Wrong("a file of nothing", [file()], "c[0].file_id", "missing"),
    Wrong("a file that is no base64", [file(file_data="?")], "c[0].file_data", "base64"),
    Wrong("a broken data URL", [file(file_data="data:x,y")], "c[0].file_data", "base64"),
    Wrong(
        "a picture as a sound",
        [{"type": "input_audio", "input_audio": {"data": PNG_TEXT, "format": "mp3"}}],
        "c[0].input_audio.data",
        "no sound",
    ),
    Wrong(
        "a sound of no kind",
        [{"type": "input_audio", "input_audio": {"data": "SGk=", "format": "ogg"}}],
        "c[0].input_audio.format",
        "mp3, wav",
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.name)
def test_what_is_wrong_is_named_with_its_place(case: Wrong) -> None:
    with pytest.raises(InputError, match=case.why) as caught:
        decode_content(Field(case.wire, "c"))

    assert caught.value.place == case.place


def test_a_refusal_is_no_result() -> None:
    with pytest.raises(InputError) as caught:
        decode_output(Field([{"type": "refusal", "refusal": "No."}], "output"))

    assert caught.value.place == "output[0].type"
