"""Contents to messages: parts of every kind, and results at their calls."""

from typing import Any, NamedTuple

import pytest

from dragoman.dialects.gemini.content_decoder import decode_contents, decode_system
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.messages import (
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native

PNG = "iVBORw0KGgo="
PIXELS = b"\x89PNG\r\n\x1a\n"


def read(*contents: object) -> list[Message]:
    return decode_contents(Field(list(contents), "contents"))


def user(*parts: object) -> dict[str, object]:
    return {"role": "user", "parts": list(parts)}


def model(*parts: object) -> dict[str, object]:
    return {"role": "model", "parts": list(parts)}


def call(name: str = "f", **more: object) -> dict[str, object]:
    return {"functionCall": {"name": name, **more}}


def response(name: str = "f", **more: object) -> dict[str, object]:
    return {"functionResponse": {"name": name, "response": {"output": name}, **more}}


def native(hints: frozenset[str] = frozenset(), **fields: object) -> Native:
    return Native("gemini", fields, hints)


class Case(NamedTuple):
    claim: str
    part: dict[str, Any]
    parts: tuple[Part, ...]


CASES = [
    Case("text", {"text": "a"}, (Text("a"),)),
    Case("no text", {"text": ""}, (Text(""),)),
    Case("a thought", {"text": "a", "thought": True}, (Reasoning("a"),)),
    Case(
        "a signed thought",
        {"text": "a", "thought": True, "thought_signature": "QUJD"},
        (Reasoning("a", "gemini:QUJD"),),
    ),
    Case("a thought of nothing", {"text": "", "thought": True}, ()),
    Case(
        "signed text",
        {"text": "a", "thought": False, "thoughtSignature": "QUJD"},
        (Text("a"), Reasoning("", "gemini:QUJD")),
    ),
    Case(
        "a signature by itself",
        {"text": "", "thoughtSignature": "QUJD"},
        (Reasoning("", "gemini:QUJD"),),
    ),
    Case(
        "text with a note",
        {"text": "a", "partMetadata": {"x": 1}, "new": 2},
        (Text("a", native(frozenset({"partMetadata"}), partMetadata={"x": 1}, new=2)),),
    ),
    Case(
        "a picture with notes",
        {
            "inlineData": {"mimeType": "image/png", "data": PNG, "displayName": "p"},
            "mediaResolution": {"level": "LOW"},
        },
        (
            Image(
                content=PIXELS,
                media_type="image/png",
                native=Native(
                    "gemini",
                    {"mediaResolution": {"level": "LOW"}, "inlineData.displayName": "p"},
                    frozenset({"mediaResolution", "inlineData.displayName"}),
                ),
            ),
        ),
    ),
    Case(
        "a video of which some is meant",
        {"file_data": {"file_uri": "files/a"}, "video_metadata": {"start_offset": "1s"}},
        (Document(file_id="files/a", native=native(video_metadata={"start_offset": "1s"})),),
    ),
    Case(
        "code of the service's",
        {"executableCode": {"code": "1+1"}, "thoughtSignature": "QUJD", "thought": None},
        (native(type="executableCode", executableCode={"code": "1+1"}, thoughtSignature="QUJD"),),
    ),
    Case("what we do not know", {"new_thing": {}}, (native(type="newThing", new_thing={}),)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_parts_of_every_kind_are_known(case: Case) -> None:
    first, *_ = read(model({"text": "x"}, case.part))

    assert first.parts[1:] == case.parts


def test_a_content_without_a_role_is_the_users_and_keeps_what_we_do_not_know() -> None:
    assert read({"parts": {"text": "a"}, "new": 1}) == [
        Message("user", (Text("a"),), native(new=1))
    ]
    assert read(user({"text": "", "thought": True}), user({"text": "a"})) == [
        Message("user", (Text("a"),))
    ]


def test_results_become_messages_of_their_own() -> None:
    found = read(
        user({"text": "a"}),
        model(call(id="1", args={"x": 1}), call("g")),
        user(response("g"), response(id="1"), {"text": "and now?"}),
        {"role": "function", "parts": [response(id="1")]},
    )

    assert found == [
        Message("user", (Text("a"),)),
        Message("assistant", (ToolCall("1", "f", '{"x":1}'), ToolCall("call_1", "g", "{}"))),
        Message("tool", (ToolResult("call_1", (Text("g"),)), ToolResult("1", (Text("f"),)))),
        Message("user", (Text("and now?"),)),
        Message("tool", (ToolResult("1", (Text("f"),)),)),
    ]


def test_calls_without_ids_are_answered_in_their_order() -> None:
    *_, results = read(
        model(call(id="call_1"), call(), call(id="")), user(response(), response(), response())
    )

    assert [part.call_id for part in results.parts if isinstance(part, ToolResult)] == [
        "call_1",
        "call_2",
        "call_3",
    ]


def test_a_call_keeps_its_signature_and_its_notes() -> None:
    found = read(model({**call(new=1), "thoughtSignature": "QUJD", "partMetadata": {}}))

    notes = Native(
        "gemini", {"partMetadata": {}, "functionCall.new": 1}, frozenset({"partMetadata"})
    )
    assert found[0].parts == (ToolCall("call_0", "f", "{}", "gemini:QUJD", notes),)


def test_a_result_has_its_text_its_media_and_its_notes() -> None:
    media = [
        {"inlineData": {"mimeType": "image/png", "data": PNG}},
        {"inlineData": {"mimeType": "audio/wav", "data": "QUJD"}, "new": 1},
        {"fileData": {"fileUri": "https://a.test/b.pdf"}},
        {"somethingElse": {}},
    ]
    _, found = read(
        model(call()),
        user({"functionResponse": {"name": "f", "id": "", "parts": media, "scheduling": "SILENT"}}),
    )

    assert found.parts == (
        ToolResult(
            "call_0",
            (
                Image(content=PIXELS, media_type="image/png"),
                Document(content=b"ABC", media_type="audio/wav", native=native(new=1)),
                Document(url="https://a.test/b.pdf"),
                native(type="somethingElse", somethingElse={}),
            ),
            native=Native(
                "gemini",
                {"functionResponse.scheduling": "SILENT"},
                frozenset({"functionResponse.scheduling"}),
            ),
        ),
    )


def test_a_result_may_have_an_id_and_no_name() -> None:
    _, found = read(model(call(id="1")), user({"functionResponse": {"id": "1"}}))

    assert found.parts == (ToolResult("1", ()),)


@pytest.mark.parametrize(
    ("contents", "place"),
    [
        ([], "contents"),
        ([user()], "contents[0].parts"),
        ([{"role": "user"}], "contents[0].parts"),
        ([user({"text": "", "thought": True})], "contents"),
        ([{"role": "robot", "parts": []}], "contents[0].role"),
        ([user({})], "contents[0].parts[0]"),
        ([user({"thought": True})], "contents[0].parts[0]"),
        ([user({"a": {}, "b": {}})], "contents[0].parts[0]"),
        ([user("text")], "contents[0].parts[0]"),
        ([user({"text": "a", "fileData": {}})], "contents[0].parts[0]"),
        ([user({"text": 1})], "contents[0].parts[0].text"),
        ([user({"inlineData": {"mimeType": "image/png"}})], "contents[0].parts[0].inlineData.data"),
        ([user(call())], "contents[0].parts[0].functionCall"),
        ([model(call(name=""))], "contents[0].parts[0].functionCall.name"),
        ([model(call(args=[]))], "contents[0].parts[0].functionCall.args"),
        ([model(call(), response())], "contents[0].parts[1].functionResponse"),
        ([user(response())], "contents[0].parts[0].functionResponse.name"),
        ([user(response(id="1"))], "contents[0].parts[0].functionResponse.id"),
        ([user({"functionResponse": {}})], "contents[0].parts[0].functionResponse.name"),
        (
            [model(call(id="1")), user(response("g", id="1"))],
            "contents[1].parts[0].functionResponse.name",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_place(contents: list[object], place: str) -> None:
    with pytest.raises(InputError) as caught:
        read(*contents)

    assert caught.value.place == place


def test_a_system_instruction_is_text_alone() -> None:
    found = decode_system(Field({"role": "user", "parts": [{"text": "a"}, {"text": "b"}]}))

    assert found == (Text("a"), Text("b"))
    with pytest.raises(InputError, match="text alone"):
        decode_system(Field({"parts": [{"fileData": {}}]}))
    with pytest.raises(InputError, match="is empty"):
        decode_system(Field({"parts": []}))
