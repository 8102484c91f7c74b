"""A whole answer to JSON, which the official SDK's types accept."""

import msgspec
import pytest
from openai.types.chat import ChatCompletion

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.openai_chat.reply_encoder import encode_reply
from dragoman.dialects.openai_chat.tables import LEGACY
from dragoman.events import TokenLogprob, Usage
from dragoman.messages import Message, Part, Reasoning, Refusal, Text, ToolCall
from dragoman.native import Native
from dragoman.tools import Tool

CHAT = ChatRequest(model="m", messages=())
STAMP = Stamp("abc", 7.9)


def reply(*parts: Part, **more: object) -> ChatReply:
    return ChatReply(model="m", message=Message("assistant", parts), **more)  # type: ignore[arg-type]  # rows of many types


def encode(answer: ChatReply, chat: ChatRequest = CHAT) -> dict[str, object]:
    body = encode_reply(answer, chat, STAMP)
    ChatCompletion.model_validate_json(body, strict=True)
    found: dict[str, object] = msgspec.json.decode(body)
    return found


def message(answer: ChatReply, chat: ChatRequest = CHAT) -> dict[str, object]:
    choices = encode(answer, chat)["choices"]
    assert isinstance(choices, list)
    said: dict[str, object] = choices[0]["message"]
    return {name: said[name] for name in said if name != "role"}


def own(**fields: object) -> Native:
    return Native("openai_chat", fields)


def test_an_answer() -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hi", "refusal": None},
              "logprobs": None, "finish_reason": "stop"}  # fmt: skip

    assert encode(reply(Text("Hi"))) == {
        "id": "chatcmpl-abc",
        "object": "chat.completion",
        "created": 7,
        "model": "m",
        "choices": [choice],
    }


def test_what_the_provider_told_of_the_answer_wins() -> None:
    told = encode(reply(Text("Hi"), id="c1", native=own(service_tier="flex", model="x")))

    assert (told["id"], told["service_tier"], told["model"]) == ("c1", "flex", "m")
    assert "x" not in encode(reply(Text("Hi"), native=Native("gemini", {"x": 1})))


CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("parts", "expect"),
    [
        ((Refusal("no"),), {"content": None, "refusal": "no"}),
        ((ToolCall("a", "f", ""),), {"content": None, "refusal": None, "tool_calls": [CALL]}),
        (
            (ToolCall("a", "f", "{}", "openai_chat:QQ"), own(type="custom", id="b",
                                                             custom={"name": "sh", "input": "ls"})),
            {
                "content": None,
                "refusal": None,
                "tool_calls": [
                    CALL | {"extra_content": {"google": {"thought_signature": "QQ"}}},
                    {"type": "custom", "id": "b", "custom": {"name": "sh", "input": "ls"}},
                ],
            },
        ),
        (
            (Reasoning("hm"), Text("a")),
            {"content": "a", "refusal": None, "reasoning_content": "hm"},
        ),
        (
            (Reasoning("hm", "gemini:QQ"), Reasoning("", "openai_chat:QQ"), Text("a")),
            {
                "content": "a",
                "refusal": None,
                "reasoning_content": "hm",
                "reasoning_details": [
                    {"type": "reasoning.text", "text": "hm", "signature": "gemini:QQ", "index": 0},
                    {"type": "reasoning.encrypted", "data": "QQ", "index": 1},
                ],
            },
        ),
        (
            (Text("a"), own(type="annotations", annotations=[]), Native("gemini", {"x": 1})),
            {"content": "a", "refusal": None, "annotations": []},
        ),
    ],
)  # fmt: skip
def test_a_message(parts: tuple[Part, ...], expect: dict[str, object]) -> None:
    assert message(reply(*parts)) == expect


def test_a_program_of_the_older_form_reads_the_older_form() -> None:
    chat = ChatRequest(
        model="m", messages=(), tools=(own(type="custom"), Tool(name="f", native=LEGACY))
    )
    calls = reply(ToolCall("a", "f", ""), ToolCall("b", "f", "{}"), finish_reason="tool_calls")

    assert message(calls, chat)["function_call"] == {"name": "f", "arguments": "{}"}
    assert b'"finish_reason":"function_call"' in encode_reply(calls, chat, STAMP)
    assert "function_call" not in message(reply(Text("a")), chat)


@pytest.mark.parametrize(
    ("usage", "expect"),
    [
        (Usage(), {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
        (
            Usage(3, 2, 1, 0, 2, 4, 5),
            {
                "prompt_tokens": 3,
                "completion_tokens": 2,
                "total_tokens": 5,
                "prompt_tokens_details": {
                    "cached_tokens": 1,
                    "cache_write_tokens": 2,
                    "audio_tokens": 4,
                },
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 5},
            },
        ),
    ],
)
def test_usage(usage: Usage, expect: dict[str, object]) -> None:
    assert encode(reply(Text("Hi"), usage=usage))["usage"] == expect


def test_likelihoods_and_other_answers() -> None:
    tokens = (TokenLogprob("é", -0.5, (TokenLogprob("a", -1.0),)),)
    other = reply(Text("b"), finish_reason="length", finish_word="odd")

    told = encode(reply(Text("a"), logprobs=tokens, others=(other,)))["choices"]

    assert isinstance(told, list)
    assert told[0]["logprobs"] == {
        "content": [
            {
                "token": "é",
                "logprob": -0.5,
                "bytes": [195, 169],
                "top_logprobs": [{"token": "a", "logprob": -1.0, "bytes": [97]}],
            }
        ],
        "refusal": None,
    }
    assert [one["index"] for one in told] == [0, 1]
    assert told[1]["finish_reason"] == "length"


def test_a_stop_for_a_call_is_said_as_it_was() -> None:
    said = reply(ToolCall("a", "f", "{}"), finish_reason="tool_calls", finish_word="stop")

    assert b'"finish_reason":"stop"' in encode_reply(said, CHAT, STAMP)
