import json

import pytest

from dragoman.dialects.anthropic_messages.reply_decoder import decode_reply
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.errors import RateLimitError, ResponseError
from dragoman.events import Usage
from dragoman.messages import Refusal, Text, ToolCall
from dragoman.native import Native

MESSAGE: dict[str, object] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-x",
    "content": [{"type": "text", "text": "Hi"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 2, "service_tier": "standard"},
}


def body(**fields: object) -> bytes:
    return json.dumps({**MESSAGE, **fields}).encode()


def test_a_reply_has_its_texts_calls_counts_and_end() -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}

    reply = decode_reply(
        body(content=[{"type": "text", "text": "Hi"}, call], stop_reason="tool_use"),
        "m",
        dropped=("seed",),
    )

    assert reply.message.parts == (Text("Hi"), ToolCall("toolu_1", "f", "{}"))
    assert (reply.id, reply.model, reply.dropped) == ("msg_1", "claude-x", ("seed",))
    assert reply.usage == Usage(input_tokens=3, output_tokens=2)
    assert reply.finish_reason == "tool_calls"


def test_what_the_middle_has_no_name_for_is_native() -> None:
    reply = decode_reply(body(container={"id": "c"}), "m")

    assert reply.native == Native(
        NAME, {"container": {"id": "c"}, "usage": {"service_tier": "standard"}}
    )


def test_a_reply_without_name_and_counts_has_what_is_known() -> None:
    reply = decode_reply(body(model=None, usage=None, stop_reason=None), "m")

    assert (reply.model, reply.usage, reply.finish_reason) == ("m", None, "stop")
    assert reply.native is None


def test_a_refusal_is_an_answer() -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "I will not."}

    told = decode_reply(body(content=[], stop_reason="refusal", stop_details=details), "m")
    bare = decode_reply(body(content=[], stop_reason="refusal"), "m")

    assert told.message.parts == (Refusal("I will not."),)
    assert (told.finish_reason, told.finish_word) == ("content_filter", "bio")
    assert (bare.message.parts, bare.finish_reason) == ((), "content_filter")


@pytest.mark.parametrize("kind", ["thinking", "redacted_thinking"])
def test_thoughts_that_used_up_the_limit_are_an_answer(kind: str) -> None:
    thought = {"type": kind, "thinking": "hm"}

    reply = decode_reply(body(content=[thought], stop_reason="max_tokens"), "m")

    assert (reply.text, reply.finish_reason) == ("", "length")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (body(content=[]), "an empty answer"),
        (body(content=[{"type": "thinking", "thinking": "hm"}]), "an empty answer"),
        (body(content=[], stop_reason="max_tokens"), "an empty answer .finish reason 'length'"),
        (body(content="Hi"), "makes no sense"),
        (b"<html>", "makes no sense"),
        (b"{}", "no message"),
        (b'{"type":"error","error":{"type":"later","message":"so"}}', "so"),
    ],
)
def test_what_is_no_answer_is_an_error(wrong: bytes, words: str) -> None:
    with pytest.raises(ResponseError, match=words):
        decode_reply(wrong, "m")


def test_an_error_with_status_200_is_that_error() -> None:
    with pytest.raises(RateLimitError):
        decode_reply(b'{"type":"error","error":{"type":"rate_limit_error","message":"w"}}', "m")
