"""A whole answer as a response object."""

import msgspec
import pytest
from openai.types.responses import Response

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.openai_responses.reply_encoder import encode_reply
from dragoman.dialects.openai_responses.tables import NAME
from dragoman.events import FinishReason, TokenLogprob, Usage
from dragoman.messages import Image, Message, Part, Reasoning, Refusal, Text, ToolCall
from dragoman.native import Native
from dragoman.tools import JsonObject, Tool, ToolChoice

ASKED = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),))
STAMP = Stamp("7", 1763700000.5)


def replied(*parts: Part, **fields: object) -> dict[str, object]:
    """The answer as its JSON, which the official package takes."""
    return answered(ASKED, *parts, **fields)


def answered(asked: ChatRequest, *parts: Part, **fields: object) -> dict[str, object]:
    reply = ChatReply(model="m-1", message=Message("assistant", parts))
    body = encode_reply(msgspec.structs.replace(reply, **fields), asked, STAMP)
    Response.model_validate_json(body)
    found: dict[str, object] = msgspec.json.decode(body)
    return found


def output(*parts: Part, **fields: object) -> object:
    return replied(*parts, **fields)["output"]


def own(**fields: object) -> Native:
    return Native(NAME, fields)


def said(text: str, **fields: object) -> dict[str, object]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": [], **fields}


def spoken(number: int, *content: object, **fields: object) -> dict[str, object]:
    return {
        "id": f"msg_7_{number}",
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": list(content),
        **fields,
    }


def thought(item_id: str, text: str, encrypted: str | None) -> dict[str, object]:
    return {
        "id": item_id,
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": text}] if text else [],
        "encrypted_content": encrypted,
    }


class Case(msgspec.Struct):
    name: str
    parts: tuple[Part, ...]
    output: list[dict[str, object]]


CITED = {"type": "file_path", "file_id": "f", "index": 0}
CASES = [
    Case("a text", (Text("Hi"),), [spoken(0, said("Hi"))]),
    Case(
        "texts and a refusal",
        (Text("Hi"), Refusal("No.")),
        [spoken(0, said("Hi"), {"type": "refusal", "refusal": "No."})],
    ),
    Case(
        "thoughts, calls and texts in their order",
        (Reasoning("Hm"), Text("Wait"), ToolCall("c", "f", "{}"), Text("There")),
        [
            thought("rs_7_0", "Hm", None),
            spoken(1, said("Wait")),
            {
                "id": "fc_7_2",
                "type": "function_call",
                "status": "completed",
                "arguments": "{}",
                "call_id": "c",
                "name": "f",
            },
            spoken(3, said("There")),
        ],
    ),
    Case(
        "a thought of the same service",
        (Reasoning("Hm", "openai_responses:rs_1:gAAA"),),
        [thought("rs_1", "Hm", "gAAA")],
    ),
    Case(
        "a thought of the same service, whose id is lost",
        (Reasoning("", "openai_responses:gAAA"),),
        [thought("rs_7_0", "", "openai_responses:gAAA")],
    ),
    Case(
        "a thought that was shown",
        (Reasoning("Hm", "openai_responses:rs_1:"),),
        [thought("rs_1", "Hm", "openai_responses:rs_1:")],
    ),
    Case(
        "a thought of another service",
        (Reasoning("Hm", "gemini:x"),),
        [thought("rs_7_0", "Hm", "gemini:x")],
    ),
    Case(
        "citations",
        (own(**CITED), Text("A"), own(**CITED), own(**CITED)),
        [spoken(0, said("A", annotations=[CITED, CITED]))],
    ),
    Case(
        "a phase",
        (Text("A"), own(type="message", phase="final_answer"), Text("B")),
        [spoken(0, said("A")), spoken(1, said("B"), phase="final_answer")],
    ),
    Case(
        "a tool of the service",
        (Text("A"), own(type="mcp_list_tools", id="l", server_label="s", tools=[]), Text("B")),
        [
            spoken(0, said("A")),
            {"type": "mcp_list_tools", "id": "l", "server_label": "s", "tools": []},
            spoken(2, said("B")),
        ],
    ),
    Case(
        "what this dialect cannot say",
        (Native("gemini", {"type": "x"}), Image(url="u"), Text("A")),
        [spoken(0, said("A"))],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_parts_are_items(case: Case) -> None:
    assert output(*case.parts) == case.output


def test_a_part_of_a_new_kind_goes_back_to_its_place() -> None:
    reply = ChatReply(
        model="m-1", message=Message("assistant", (Text("A"), own(type="output_video")))
    )

    found = msgspec.json.decode(encode_reply(reply, ASKED, STAMP))

    assert found["output"] == [spoken(0, said("A"), {"type": "output_video"})]


def test_a_call_without_arguments_has_an_empty_object() -> None:
    assert output(ToolCall("c", "f", ""))[0]["arguments"] == "{}"  # type: ignore[index]  # JSON


def test_an_answer_has_a_name_and_the_time() -> None:
    found = replied(Text("Hi"))

    assert found["id"] == "resp_7"
    assert found["created_at"] == 1763700000
    assert found["model"] == "m-1"
    assert replied(Text("Hi"), id="resp_theirs")["id"] == "resp_theirs"


def test_an_answer_repeats_the_settings_of_the_request() -> None:
    asked = msgspec.structs.replace(
        ASKED,
        temperature=0.5,
        max_tokens=9,
        tools=(Tool(name="f"),),
        tool_choice=ToolChoice("required", ("f",)),
        output=JsonObject(),
        reasoning_effort="low",
        native=Native(NAME, {"store": True, "metadata": {"a": "b"}, "text.verbosity": "low"}),
    )

    found = answered(asked, Text("{}"))

    assert found["temperature"] == 0.5
    assert found["max_output_tokens"] == 9
    assert found["tools"] == [{"type": "function", "name": "f", "parameters": None, "strict": None}]
    assert found["tool_choice"] == {"type": "function", "name": "f"}
    assert found["text"] == {"format": {"type": "json_object"}, "verbosity": "low"}
    assert found["reasoning"] == {"effort": "low"}
    assert found["store"] is True
    assert found["metadata"] == {"a": "b"}


def test_an_answer_does_not_repeat_what_no_response_has() -> None:
    asked = msgspec.structs.replace(ASKED, native=own(stream_options={}, include=["x"]))

    found = answered(asked, Text("Hi"))

    assert not found.keys() & {"stream_options", "include"}


def test_own_fields_of_an_answer_go_back_to_their_place() -> None:
    assert replied(Text("Hi"), native=own(service_tier="flex"))["service_tier"] == "flex"
    assert "x" not in replied(Text("Hi"), native=Native("gemini", {"x": 1}))


def test_likelihoods_stand_at_the_text() -> None:
    tokens = (TokenLogprob("Hi", -0.5, (TokenLogprob("é", -1.0),)),)
    wire = {
        "token": "Hi",
        "logprob": -0.5,
        "bytes": [72, 105],
        "top_logprobs": [{"token": "é", "logprob": -1.0, "bytes": [195, 169]}],
    }

    assert output(Text("Hi"), logprobs=tokens) == [spoken(0, said("Hi", logprobs=[wire]))]
    assert output(Refusal("No."), logprobs=tokens) == [
        spoken(0, {"type": "refusal", "refusal": "No."}, said("", logprobs=[wire]))
    ]


@pytest.mark.parametrize(
    ("usage", "wire"),
    [
        (None, None),
        (
            Usage(5, 9, cached_tokens=3, cache_write_tokens=1, reasoning_tokens=8),
            {
                "input_tokens": 5,
                "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 1},
                "output_tokens": 9,
                "output_tokens_details": {"reasoning_tokens": 8},
                "total_tokens": 14,
            },
        ),
        (
            Usage(),
            {
                "input_tokens": 0,
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens": 0,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 0,
            },
        ),
    ],
)
def test_an_answer_tells_what_it_used(usage: Usage | None, wire: object) -> None:
    assert replied(Text("Hi"), usage=usage)["usage"] == wire


@pytest.mark.parametrize(
    ("reason", "word", "told"),
    [
        ("stop", None, None),
        ("stop", "end_turn", None),
        ("stop", "steered", "steered"),
        ("stop", "max_messages", None),
        ("tool_calls", None, None),
        ("length", None, "max_output_tokens"),
        ("length", "max_messages", "max_messages"),
        ("content_filter", "SAFETY", "content_filter"),
    ],
)
def test_an_answer_tells_why_it_ended(
    reason: FinishReason, word: str | None, told: str | None
) -> None:
    found = replied(Text("Hi"), finish_reason=reason, finish_word=word)

    status = "incomplete" if told else "completed"
    assert found["status"] == status
    assert found["incomplete_details"] == ({"reason": told} if told else None)
    assert found["output"] == [spoken(0, said("Hi"), status=status)]


def test_nothing_said_is_no_item() -> None:
    assert output(finish_reason="content_filter") == []
