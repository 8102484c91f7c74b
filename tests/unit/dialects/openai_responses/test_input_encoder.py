"""Messages as input items."""

import msgspec
import pytest

from dragoman.dialects.openai_responses.input_encoder import encode_input
from dragoman.dialects.openai_responses.tables import NAME
from dragoman.errors import InputError
from dragoman.messages import (
    Audio,
    Image,
    Message,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native

ASKED = Message("user", (Text("Hi"),))
CITED = Native(NAME, {"type": "url_citation", "url": "https://x.test"})


def own(**fields: object) -> Native:
    return Native(NAME, fields)


def said(text: str) -> dict[str, object]:
    return {"type": "output_text", "text": text, "annotations": []}


def spoken(*content: object, **fields: object) -> dict[str, object]:
    return {"type": "message", "role": "assistant", "content": list(content), **fields}


class Case(msgspec.Struct):
    name: str
    message: Message
    wire: list[dict[str, object]]


CALL = ToolCall("call_1", "clock", '{"zone":"UTC"}')
CALLED: dict[str, object] = {
    "type": "function_call",
    "call_id": "call_1",
    "name": "clock",
    "arguments": '{"zone":"UTC"}',
}
PROVEN = "openai_responses:rs_1:gAAA"
THOUGHT: dict[str, object] = {"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA"}
CASES = [
    Case("one text", ASKED, [{"role": "user", "content": "Hi"}]),
    Case(
        "several parts",
        Message("user", (Text("See"), Image(file_id="f"))),
        [
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "See"},
                    {"type": "input_image", "file_id": "f"},
                ],
            }
        ],
    ),
    Case(
        "fields of the message",
        Message("user", (Text("Hi"),), own(status="completed")),
        [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "Hi"}],
                "status": "completed",
            }
        ],
    ),
    Case("nothing said", Message("assistant", ()), [spoken()]),
    Case(
        "a turn of many items",
        Message("assistant", (Reasoning("Hm", PROVEN), Text("Wait"), CALL, Text("There"))),
        [
            {**THOUGHT, "summary": [{"type": "summary_text", "text": "Hm"}]},
            spoken(said("Wait")),
            CALLED,
            spoken(said("There")),
        ],
    ),
    Case(
        "fields of a call",
        Message("assistant", (msgspec.structs.replace(CALL, native=own(id="fc_1")),)),
        [{**CALLED, "id": "fc_1"}],
    ),
    Case(
        "only the first message item has the turn's own fields",
        Message("assistant", (Text("A"), CALL, Refusal("B")), own(id="msg_1")),
        [spoken(said("A"), id="msg_1"), CALLED, spoken({"type": "refusal", "refusal": "B"})],
    ),
    Case(
        "a hidden thought",
        Message("assistant", (Reasoning("", PROVEN),)),
        [{**THOUGHT, "summary": []}],
    ),
    Case(
        "a thought without an id",
        Message("assistant", (Reasoning("", "openai_responses:gAAA"),)),
        [{"type": "reasoning", "summary": [], "encrypted_content": "gAAA"}],
    ),
    Case(
        "a thought that is shown",
        Message("assistant", (Reasoning("Hm", "openai_responses:rs_1:"),)),
        [
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [],
                "content": [{"type": "reasoning_text", "text": "Hm"}],
            }
        ],
    ),
    Case(
        "a thought of another service",
        Message("assistant", (Reasoning("Hm", "gemini:x"), Text("A"))),
        [spoken(said("A"))],
    ),
    Case("a thought without proof", Message("assistant", (Reasoning("Hm"),)), []),
    Case(
        "results",
        Message("tool", (ToolResult("call_1", (Text("13"),), native=own(status="completed")),)),
        [
            {
                "type": "function_call_output",
                "call_id": "call_1",
                "output": "13",
                "status": "completed",
            }
        ],
    ),
    Case(
        "an item of a tool of the service",
        Message("assistant", (own(type="web_search_call", id="ws_1"), Text("A"))),
        [{"type": "web_search_call", "id": "ws_1"}, spoken(said("A"))],
    ),
    Case(
        "an item of another dialect",
        Message("assistant", (Native("gemini", {"type": "x"}), Text("A"))),
        [spoken(said("A"))],
    ),
    Case(
        "a citation of the text before it",
        Message("assistant", (Text("A"), CITED, Text("B"))),
        [spoken({**said("A"), "annotations": [CITED.fields]}, said("B"))],
    ),
    Case("a citation of nothing", Message("assistant", (CITED, Text("B"))), [spoken(said("B"))]),
    Case(
        "a part that only this dialect knows",
        Message("user", (Text("A"), own(type="input_video", url="u"))),
        [
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "A"},
                    {"type": "input_video", "url": "u"},
                ],
            }
        ],
    ),
    Case(
        "a phase of what follows",
        Message("assistant", (Text("A"), own(type="message", phase="final_answer"), Text("B"))),
        [spoken(said("A")), spoken(said("B"), phase="final_answer")],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_message_is_its_items(case: Case) -> None:
    assert encode_input((case.message,)) == (None, case.wire)


def test_a_first_system_message_is_the_instructions() -> None:
    rules = Message("system", (Text("Be brief."),))

    instructions, items = encode_input((rules, ASKED, rules))

    assert instructions == "Be brief."
    assert items == [
        {"role": "user", "content": "Hi"},
        {"role": "system", "content": "Be brief."},
    ]


def test_a_system_message_of_several_texts_is_an_item() -> None:
    instructions, items = encode_input((Message("system", (Text("A"), Text("B"))),))

    assert instructions is None
    assert len(items) == 1


def test_no_message_is_nothing() -> None:
    assert encode_input(()) == (None, [])


@pytest.mark.parametrize(
    ("message", "place"),
    [
        (Message("tool", (Text("13"),)), "messages[1]"),
        (Message("user", (Text("A"), Audio(b"", "audio/wav"))), "messages[1].content[1]"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_place(message: Message, place: str) -> None:
    with pytest.raises(InputError) as caught:
        encode_input((ASKED, message))

    assert caught.value.place == place
