"""Messages to contents: turns, calls with their results, and signatures where they belong."""

from typing import Any, NamedTuple

import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.gemini.content_encoder import encode_contents
from dragoman.errors import InputError
from dragoman.messages import (
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

ASKED = Message("user", (Text("a"),))


def contents(*messages: Message, model: str = "m") -> list[dict[str, Any]]:
    return encode_contents(ChatRequest(model=model, messages=messages))[1]


def said(*parts: Part, role: Role = "assistant", model: str = "m") -> list[dict[str, Any]]:
    return contents(Message(role, parts), model=model)[0]["parts"]  # type: ignore[no-any-return]  # parts of a wire


class Case(NamedTuple):
    claim: str
    parts: tuple[Part, ...]
    wire: list[dict[str, Any]]


CASES = [
    Case("text and refusal", (Text("a"), Refusal("b")), [{"text": "a"}, {"text": "b"}]),
    Case(
        "a thought without a proof, or with another's",
        (Reasoning("a"), Reasoning("b", "ollama:x"), Reasoning("", "ollama:x")),
        [{"text": "a", "thought": True}, {"text": "b", "thought": True}],
    ),
    Case(
        "a thought with its proof",
        (Reasoning("a", "gemini:QUJD"),),
        [{"text": "a", "thought": True, "thoughtSignature": "QUJD"}],
    ),
    Case(
        "a proof goes to the text before it",
        (Text("a"), Reasoning("", "gemini:QUJD")),
        [{"text": "a", "thoughtSignature": "QUJD"}],
    ),
    Case(
        "a proof after a thought, or after another proof, stands by itself",
        (Reasoning("a"), Reasoning("", "gemini:QUJD"), Reasoning("", "gemini:REVG")),
        [
            {"text": "a", "thought": True},
            {"text": "", "thoughtSignature": "QUJD"},
            {"text": "", "thoughtSignature": "REVG"},
        ],
    ),
    Case(
        "a call with its proof and its notes",
        (ToolCall("1", "f", '{"a": 1}', "gemini:QUJD", Native("gemini", {"functionCall.x": 2})),),
        [
            {
                "functionCall": {"id": "1", "name": "f", "args": {"a": 1}, "x": 2},
                "thoughtSignature": "QUJD",
            }
        ],
    ),
    Case(
        "a call without arguments",
        (ToolCall("1", "f", ""),),
        [{"functionCall": {"id": "1", "name": "f", "args": {}}}],
    ),
    Case(
        "a part of the service's own, but nothing that told of an answer, nor another dialect's",
        (
            Native("gemini", {"type": "executableCode", "executableCode": {"code": "1"}}),
            Native("gemini", {"type": "safetyRatings", "safetyRatings": []}),
            Native("ollama", {"type": "x", "x": 1}),
        ),
        [{"executableCode": {"code": "1"}}],
    ),
    Case(
        "a picture that it made",
        (Image(file_id="files/a", native=Native("gemini", {"thoughtSignature": "QUJD"})),),
        [
            {
                "fileData": {"mimeType": "image/jpeg", "fileUri": "files/a"},
                "thoughtSignature": "QUJD",
            }
        ],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_the_models_parts_are_said(case: Case) -> None:
    assert said(*case.parts) == case.wire


def test_the_users_parts_are_said() -> None:
    parts = (Text("a", Native("gemini", {"new": 1})), Native("gemini", {"x": {}}), Native("o", {}))

    assert said(*parts, role="user") == [{"text": "a", "new": 1}, {"x": {}}]


def test_system_messages_at_the_beginning_are_the_instruction_and_later_ones_a_users_turn() -> None:
    system, found = encode_contents(
        ChatRequest(
            model="m",
            messages=(
                Message("system", (Text("be"),)),
                Message("system", (Text("kind"),)),
                ASKED,
                Message("system", (Text("be"), Text(" brief"))),
            ),
        )
    )

    assert system == [{"text": "be"}, {"text": "kind"}]
    assert [content["role"] for content in found] == ["user", "user"]
    assert found[1]["parts"] == [{"text": "<system>\nbe brief\n</system>"}]


def test_results_of_one_step_are_one_content_with_what_follows() -> None:
    found = contents(
        ASKED,
        Message("assistant", (ToolCall("1", "f", "{}"), ToolCall("2", "g", "{}"))),
        Message("tool", (ToolResult("2", (Text("b"), Text("c"))),)),
        Message("tool", (ToolResult("1", (), is_error=True),)),
        Message("user", (Text("and?"),)),
        Message("user", (Text("now"),)),
    )

    assert [content["role"] for content in found] == ["user", "model", "user", "user"]
    assert found[2]["parts"] == [
        {"functionResponse": {"id": "2", "name": "g", "response": {"output": "bc"}}},
        {"functionResponse": {"id": "1", "name": "f", "response": {"error": ""}}},
        {"text": "and?"},
    ]


def test_a_message_with_fields_of_its_own_stays_a_content() -> None:
    found = contents(
        Message("assistant", (ToolCall("1", "f", "{}"),)),
        Message("tool", (ToolResult("1", ()),)),
        Message("user", (Text("and?"),), Native("gemini", {"new": 1})),
    )

    assert found[2] == {"role": "user", "parts": [{"text": "and?"}], "new": 1}


def test_a_result_has_its_media_beside_its_text() -> None:
    result = ToolResult(
        "1",
        (
            Document(file_id="files/a", native=Native("gemini", {"new": 1})),
            Text("a"),
            Native("gemini", {"type": "x", "x": {}}),
        ),
        native=Native("gemini", {"functionResponse.scheduling": "SILENT"}),
    )

    found = contents(Message("assistant", (ToolCall("1", "f", "{}"),)), Message("tool", (result,)))

    assert found[1]["parts"] == [
        {
            "functionResponse": {
                "id": "1",
                "name": "f",
                "response": {"output": "a"},
                "parts": [{"fileData": {"fileUri": "files/a"}, "new": 1}, {"x": {}}],
                "scheduling": "SILENT",
            }
        }
    ]


def test_calls_that_another_model_made_have_the_word_for_it_where_signatures_are_wanted() -> None:
    calls = (ToolCall("1", "f", "{}", "ollama:x"), ToolCall("2", "g", "{}"))

    first, second = said(*calls, model="gemini-3-pro")

    assert first["thoughtSignature"] == "skip_thought_signature_validator"
    assert "thoughtSignature" not in second
    assert "thoughtSignature" not in said(*calls, model="gemini-2.5-pro")[0]
    own = ToolCall("1", "f", "{}", "gemini:QUJD")
    assert said(own, model="gemini-3-pro")[0]["thoughtSignature"] == "QUJD"


def test_a_turn_of_which_nothing_can_be_said_is_none() -> None:
    assert len(contents(ASKED, Message("assistant", (Reasoning("", "ollama:x"),)), ASKED)) == 2


CALL = Message("assistant", (ToolCall("1", "f", "{}"),))


@pytest.mark.parametrize(
    ("messages", "place"),
    [
        ((Message("system", (Text("a"),)),), "messages"),
        ((Message("system", (Image(file_id="a"),)), ASKED), "messages[0].content[0]"),
        ((ASKED, Message("tool", (ToolResult("1", ()),))), "messages[1].content[0]"),
        ((CALL, Message("tool", (Text("a"),))), "messages[1].content[0]"),
        ((ASKED, Message("assistant", (ToolCall("1", "f", "[]"),))), "messages[1].content[0]"),
        ((ASKED, Message("assistant", (ToolCall("1", "f", "{"),))), "messages[1].content[0]"),
        ((Message("assistant", (ToolResult("1", ()),)),), "messages[0].content[0]"),
        ((Message("user", (Text("a"), ToolCall("1", "f", ""))),), "messages[0].content[1]"),
        ((Message("user", (Image(content=b"?"),)),), "messages[0].content[0]"),
    ],
)
def test_what_cannot_be_said_is_named_by_its_place(
    messages: tuple[Message, ...], place: str
) -> None:
    with pytest.raises(InputError) as caught:
        contents(*messages)

    assert caught.value.place == place
