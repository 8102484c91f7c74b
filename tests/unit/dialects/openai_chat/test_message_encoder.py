"""Messages to JSON."""

import pytest

from dragoman.dialects.openai_chat.message_encoder import encode_messages
from dragoman.errors import InputError
from dragoman.messages import (
    Audio,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native

PNG = b"\x89PNG"
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}


def own(**fields: object) -> Native:
    return Native("openai_chat", fields)


FOREIGN = Native("gemini", {"type": "video"})


@pytest.mark.parametrize(
    ("part", "expect"),
    [
        (Text("a"), {"type": "text", "text": "a"}),
        (Text("a", own(cache_control={})), {"type": "text", "text": "a", "cache_control": {}}),
        (Text("a", FOREIGN), {"type": "text", "text": "a"}),
        (Image(content=PNG, media_type="image/png"), PICTURE),
        (Image(content=PNG), PICTURE),
        (
            Image(url="https://x.test/i", detail="low"),
            {"type": "image_url", "image_url": {"url": "https://x.test/i", "detail": "low"}},
        ),
        (
            Audio(b"a", "audio/mpeg", own(x=1)),
            {"type": "input_audio", "input_audio": {"data": "YQ==", "format": "mp3"}, "x": 1},
        ),
        (Document(file_id="file-1"), {"type": "file", "file": {"file_id": "file-1"}}),
        (
            Document(file_id="file-1", name="a"),
            {"type": "file", "file": {"file_id": "file-1", "filename": "a"}},
        ),
        (
            Document(content=b"a", media_type="text/x", name="a.x"),
            {"type": "file", "file": {"filename": "a.x", "file_data": "data:text/x;base64,YQ=="}},
        ),
        (
            Document(content=b"a"),
            {
                "type": "file",
                "file": {
                    "filename": "unnamed-file.pdf",
                    "file_data": "data:application/pdf;base64,YQ==",
                },
            },
        ),
        (own(type="video_url", video_url={}), {"type": "video_url", "video_url": {}}),
    ],
)
def test_a_part(part: Part, expect: dict[str, object]) -> None:
    (message,) = encode_messages([Message("user", (part, Text("b")))])

    assert message == {"role": "user", "content": [expect, {"type": "text", "text": "b"}]}


CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
SPOKEN = own(type="audio", audio={"id": "au", "data": "QQ"})


@pytest.mark.parametrize(
    ("role", "parts", "expect"),
    [
        ("user", (), {"content": ""}),
        ("user", (Text("a"),), {"content": "a"}),
        ("system", (Text("a"),), {"content": "a"}),
        ("tool", (Text("a"),), {"content": "a"}),
        (
            "user",
            (Text("a", own(x=1)),),
            {"content": [{"type": "text", "text": "a", "x": 1}]},
        ),
        ("user", (FOREIGN, Text("a")), {"content": "a"}),
        ("assistant", (ToolCall("a", "f", ""),), {"content": None, "tool_calls": [CALL]}),
        (
            "assistant",
            (ToolCall("a", "f", "{}", "openai_chat:QQ", own(x=1)), own(type="custom", id="b")),
            {
                "content": None,
                "tool_calls": [
                    CALL | {"extra_content": {"google": {"thought_signature": "QQ"}}, "x": 1},
                    {"type": "custom", "id": "b"},
                ],
            },
        ),
        (
            "assistant",
            (Text("a"), ToolCall("a", "f", "{}", "gemini:QQ")),
            {"content": "a", "tool_calls": [CALL]},
        ),
        (
            "assistant",
            (Refusal("n"), Refusal("o")),
            {"content": None, "refusal": "no"},
        ),
        ("assistant", (SPOKEN,), {"content": None, "audio": {"id": "au"}}),
        ("assistant", (own(type="audio"),), {"content": None, "audio": None}),
        ("assistant", (Text("a"), own(type="annotations", annotations=[])), {"content": "a"}),
        (
            "assistant",
            (Reasoning("h"), Reasoning("m", "gemini:QQ"), Reasoning("", "gemini:QQ"), Text("a")),
            {"content": "a", "reasoning_content": "hm"},
        ),
        (
            "assistant",
            (Reasoning("hm", "openai_chat:QQ"), Text("a")),
            {
                "content": "a",
                "reasoning_content": "hm",
                "reasoning_details": [
                    {"type": "reasoning.text", "text": "hm", "signature": "QQ", "index": 0}
                ],
            },
        ),
        (
            "assistant",
            (Reasoning("", "openai_chat:QQ"),),
            {
                "content": None,
                "reasoning_details": [{"type": "reasoning.encrypted", "data": "QQ", "index": 0}],
            },
        ),
    ],
)
def test_a_message(role: Role, parts: tuple[Part, ...], expect: dict[str, object]) -> None:
    assert encode_messages([Message(role, parts)]) == [{"role": role, **expect}]


def test_fields_of_the_dialects_own_come_back() -> None:
    (message,) = encode_messages([Message("user", (Text("a"),), own(name="n"))])

    assert message == {"role": "user", "content": "a", "name": "n"}


def result(call_id: str, *parts: Text | Image | Native) -> ToolResult:
    return ToolResult(call_id, parts)


def test_each_result_is_a_message_and_its_pictures_follow_behind_the_last() -> None:
    picture = Image(content=PNG)
    said = [
        Message("tool", (result("a", Text("1"), picture), result("b", picture))),
        Message("tool", (result("c"), result("d", Text("2"), Text("3")), Text("then"))),
        Message("user", (result("e", Text("4")),)),
    ]

    assert encode_messages(said) == [
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "It is in the message after the results."},
        {"role": "tool", "tool_call_id": "c", "content": ""},
        {
            "role": "tool",
            "tool_call_id": "d",
            "content": [{"type": "text", "text": "2"}, {"type": "text", "text": "3"}],
        },
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "The result of a:"},
                PICTURE,
                {"type": "text", "text": "The result of b:"},
                PICTURE,
            ],
        },
        {"role": "tool", "content": "then"},
        {"role": "tool", "tool_call_id": "e", "content": "4"},
    ]


def test_pictures_of_the_last_result_are_not_forgotten() -> None:
    said = [Message("tool", (result("a", Image(content=PNG)),))]

    assert encode_messages(said)[1:] == [
        {"role": "user", "content": [{"type": "text", "text": "The result of a:"}, PICTURE]}
    ]


def test_a_sound_that_cannot_be_sent_is_placed() -> None:
    with pytest.raises(
        InputError, match=r"messages\[1\].content\[1\]: .* not as audio/ogg"
    ) as caught:
        encode_messages(
            [Message("user", ()), Message("user", (Text("a"), Audio(b"", "audio/ogg")))]
        )

    assert caught.value.place == "messages[1].content[1]"
