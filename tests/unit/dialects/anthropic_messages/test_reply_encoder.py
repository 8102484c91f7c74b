import json

import pytest
from anthropic.types import Message as WireMessage

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.anthropic_messages.natives import mark
from dragoman.dialects.anthropic_messages.reply_decoder import decode_reply
from dragoman.dialects.anthropic_messages.reply_encoder import encode_reply
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.dialects.dialect import Stamp
from dragoman.errors import ResponseError
from dragoman.events import Usage
from dragoman.messages import Image, Message, Part, Reasoning, Refusal, Text, ToolCall
from dragoman.native import Native

CHAT = ChatRequest(model="m", messages=())
CITED = {
    "type": "char_location",
    "cited_text": "green",
    "document_index": 0,
    "document_title": "t",
    "file_id": None,
    "start_char_index": 0,
    "end_char_index": 5,
}


def reply(*parts: Part, **fields: object) -> ChatReply:
    return ChatReply(model="claude-x", message=Message("assistant", parts), **fields)  # type: ignore[arg-type]  # fields of many types


def told(answer: ChatReply) -> WireMessage:
    return WireMessage.model_validate_json(encode_reply(answer, CHAT, Stamp("7", 0.0)))


def blocks(*parts: Part) -> list[dict[str, object]]:
    return [block.model_dump(exclude_none=True) for block in told(reply(*parts)).content]


def test_an_answer_is_what_the_official_client_wants() -> None:
    usage = Usage(input_tokens=9, output_tokens=3, cached_tokens=4, reasoning_tokens=1)

    answer = told(reply(Text("Hi"), usage=usage))

    assert (answer.id, answer.model, answer.role) == ("msg_7", "claude-x", "assistant")
    assert (answer.stop_reason, answer.stop_sequence) == ("end_turn", None)
    assert (answer.usage.input_tokens, answer.usage.cache_read_input_tokens) == (5, 4)
    assert answer.usage.output_tokens_details is not None
    assert told(reply(Text("Hi"), id="resp_1")).id == "resp_1"


def test_parts_are_blocks() -> None:
    assert blocks(
        Reasoning("hm", f"{NAME}:EqQB"),
        Reasoning("", f"{NAME}:redacted:EmwK"),
        Reasoning("aloud"),
        Reasoning("theirs", "gemini:Cg=="),
        Text("Hi"),
        Text(""),
        Image(url="https://x/y"),
        ToolCall("t", "f", '{"a":1}'),
        ToolCall("u", "g", "", "gemini:Cg=="),
    ) == [
        {"type": "thinking", "thinking": "hm", "signature": "EqQB"},
        {"type": "redacted_thinking", "data": "EmwK"},
        {"type": "thinking", "thinking": "aloud", "signature": ""},
        {"type": "thinking", "thinking": "theirs", "signature": "gemini:Cg=="},
        {"type": "text", "text": "Hi"},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
        {"type": "redacted_thinking", "data": "tool:gemini:Cg=="},
        {"type": "tool_use", "id": "u", "name": "g", "input": {}},
    ]


def test_a_thought_that_ends_in_a_hidden_one_is_two_blocks() -> None:
    assert blocks(Reasoning("hm", f"{NAME}:redacted:EmwK"), Text("a")) == [
        {"type": "thinking", "thinking": "hm", "signature": ""},
        {"type": "redacted_thinking", "data": "EmwK"},
        {"type": "text", "text": "a"},
    ]


def test_native_pieces_are_in_their_places() -> None:
    assert blocks(
        mark("citations_delta", {"citation": CITED}),
        mark("text_break"),
        Text("a"),
        mark("citations_delta", {"citation": CITED}),
        mark("citations_delta", {"citation": CITED}),
        mark("tool_use_fields", {"fields": {"toolset_name": "browser"}}),
        Native(NAME, {"type": "container_upload", "file_id": "file_1"}),
        Native("gemini", {"type": "executableCode"}),
        ToolCall("t", "f", "{}"),
    ) == [
        {"type": "text", "text": "", "citations": [without_null(CITED)]},
        {"type": "text", "text": "a", "citations": [without_null(CITED)] * 2},
        {"type": "container_upload", "file_id": "file_1"},
        {"type": "tool_use", "id": "t", "name": "f", "input": {}, "toolset_name": "browser"},
    ]


def without_null(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def test_native_fields_of_an_answer_are_put_back() -> None:
    native = Native(NAME, {"usage": {"service_tier": "standard"}})
    end = mark(
        "message_delta",
        {
            "delta": {"container": {"id": "c", "expires_at": "2026-11-21T00:00:00Z"}},
            "usage": {"server_tool_use": {"web_fetch_requests": 0, "web_search_requests": 1}},
        },
    )

    answer = told(reply(Text("a"), end, native=native))

    assert answer.container is not None
    assert answer.usage.service_tier == "standard"
    assert answer.usage.server_tool_use is not None
    assert told(reply(Text("a"), native=Native("gemini", {"id": "x"}))).id == "msg_7"


def test_a_refusal_is_told_at_the_end() -> None:
    answer = told(reply(Refusal("I will not.")))

    assert answer.content == []
    assert answer.stop_reason == "refusal"
    assert answer.stop_details is not None
    assert answer.stop_details.explanation == "I will not."


def test_arguments_keep_their_text() -> None:
    call = ToolCall("t", "f", '{"n": 1.0, "big": 12345678901234567890123}')

    body = encode_reply(reply(call), CHAT, Stamp("7", 0.0))

    assert decode_reply(body, "m").tool_calls == (call,)
    assert json.loads(body)["content"][0]["input"]["n"] == 1.0


@pytest.mark.parametrize("arguments", ["{", "[]", "1"])
def test_arguments_that_are_no_object_are_an_error(arguments: str) -> None:
    with pytest.raises(ResponseError, match="the model's arguments for the tool f"):
        encode_reply(reply(ToolCall("t", "f", arguments)), CHAT, Stamp("7", 0.0))
