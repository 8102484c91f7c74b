"""An answer in one piece: the quick look and the dialect's decoder agree."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.table import load_dialect
from dragoman.errors import ChatError, ResponseError
from dragoman.events import FinishReason, Usage
from dragoman.messages import Message, Text
from dragoman.wire.watch.whole import Look, look_at

OPENAI = load_dialect("openai_chat")
MESSAGE: dict[str, Any] = {"role": "assistant", "content": "hi", "refusal": None, "annotations": []}
CHOICE: dict[str, Any] = {"index": 0, "message": MESSAGE, "finish_reason": "stop"}
REPLY: dict[str, Any] = {
    "id": "c1",
    "model": "gpt",
    "choices": [CHOICE],
    "usage": {"prompt_tokens": 3, "completion_tokens": 4},
}
_ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "é", "length", 5, 1.5, True, [], {}, [{}], {"message": "no"}, "x"]
)
_NAMES = st.sampled_from(
    ["content", "refusal", "tool_calls", "annotations", "audio", "reasoning_content", "new"]
)


@given(
    message=st.dictionaries(_NAMES, _ODD, max_size=2),
    choice=st.dictionaries(st.sampled_from(["index", "finish_reason", "logprobs", "new"]), _ODD),
    reply=st.dictionaries(
        st.sampled_from(["id", "model", "error", "usage", "choices", "system_fingerprint"]), _ODD
    ),
)
def test_it_agrees_with_the_decoder(
    message: dict[str, object], choice: dict[str, object], reply: dict[str, object]
) -> None:
    said = {**CHOICE, "message": {**MESSAGE, **message}, **choice}
    body = json.dumps({**REPLY, "choices": [said], **reply}, ensure_ascii=False).encode()

    try:
        expect: object = looked(OPENAI.decode_reply(body, "asked"))
    except ChatError as error:
        expect = str(error)

    try:
        found: object = look_at(OPENAI, body, "asked")
    except ChatError as error:
        found = str(error)
    assert found == expect


def looked(reply: ChatReply) -> Look:
    return Look(reply.model, reply.id, reply.finish_reason, reply.finish_word, reply.usage)


CHAT = ChatRequest(model="m", messages=(Message("user", (Text("hi"),)),))


@pytest.mark.parametrize(
    "name", ["openai_chat", "openai_responses", "anthropic_messages", "gemini", "ollama"]
)
@pytest.mark.parametrize("reason", ["stop", "length"])
def test_every_dialect_is_looked_at(name: str, reason: FinishReason) -> None:
    dialect = load_dialect(name)
    reply = ChatReply(
        model="m",
        message=Message("assistant", (Text("hi"),)),
        finish_reason=reason,
        usage=Usage(1, 2),
    )

    found = look_at(dialect, dialect.encode_reply(reply, CHAT, Stamp("a", 7.0)), "asked")

    assert (found.model, found.reason) == ("m", reason)
    assert found.usage is not None
    assert (found.usage.input_tokens, found.usage.output_tokens) == (1, 2)


def test_a_reply_that_names_no_model_has_the_one_that_was_asked() -> None:
    body = json.dumps({"choices": [CHOICE]}).encode()

    assert look_at(OPENAI, body, "asked") == Look("asked")


@pytest.mark.parametrize("body", [b'{"error":{"message":"no"}}', b"<html>", b"", b"[]"])
def test_what_is_no_answer_is_an_error(body: bytes) -> None:
    with pytest.raises(ResponseError):
        look_at(OPENAI, body, "asked")


def test_an_empty_answer_is_an_error() -> None:
    choice = {**CHOICE, "message": {**MESSAGE, "content": ""}}

    with pytest.raises(ResponseError, match="empty"):
        look_at(OPENAI, json.dumps({**REPLY, "choices": [choice]}).encode(), "asked")


def test_a_reply_is_text() -> None:
    """No decoder looks into the fields that it does not know."""
    body = json.dumps({**REPLY, "note": "?"}).encode().replace(b"?", b"\xff")

    with pytest.raises(ResponseError, match="UTF-8"):
        look_at(OPENAI, body, "asked")
