"""The published examples, as a program and a service send them."""

from pathlib import Path

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.openai_chat import DIALECT
from dragoman.events import TokenLogprob, Usage
from dragoman.messages import Audio, Document, Image, Message, Text, ToolCall, ToolResult
from dragoman.native import Native
from dragoman.tools import Tool, ToolChoice

SAMPLES = Path(__file__).parents[3] / "samples" / "openai_chat"
BOSTON = '{\n"location": "Boston, MA"\n}'


def own(fields: dict[str, object]) -> Native:
    return Native("openai_chat", fields, frozenset(fields))


def request(name: str) -> ChatRequest:
    return DIALECT.decode_request((SAMPLES / name).read_bytes())


def reply(name: str) -> ChatReply:
    return DIALECT.decode_reply((SAMPLES / name).read_bytes(), "asked")


def test_a_request_with_parts_of_all_kinds() -> None:
    user = Message(
        "user",
        (
            Text("What is in this image?"),
            Image(url="https://pictures.example/boardwalk.jpg", detail="low"),
            Audio(b"RIFF$\x00\x00\x00WAVE", "audio/wav"),
            Document(content=b"%PDF-1.7\n", media_type="application/pdf", name="draft.pdf"),
        ),
        own({"name": "reader"}),
    )

    assert request("request_parts.json") == ChatRequest(
        model="gpt-example",
        messages=(Message("system", (Text("You are a helpful assistant."),)), user),
        max_tokens=300,
        reasoning_effort="low",
        stream=False,
        native=own({"store": True, "metadata": {"topic": "demo"}}),
    )


def test_a_request_with_tools() -> None:
    chat = request("request_tools.json")

    (tool,) = chat.tools or ()
    assert isinstance(tool, Tool)
    assert (tool.name, tool.strict) == ("get_current_weather", None)
    assert (chat.tool_choice, chat.logprobs, chat.stream) == (ToolChoice("auto"), 2, True)
    assert chat.native == own({"stream_options": {"include_usage": True}})
    assert chat.messages[1:] == (
        Message("assistant", (ToolCall("call_sample1", "get_current_weather", BOSTON),)),
        Message("tool", (ToolResult("call_sample1", (Text('{"celsius": 21}'),)),)),
    )


def test_a_request_survives_the_way_to_a_service_of_the_same_dialect() -> None:
    chat = request("request_tools.json")

    body = DIALECT.encode_request(chat)

    assert request("request_tools.json") == chat
    assert body["stream_options"] == {"include_usage": True}
    assert body["tool_choice"] == "auto"


def test_a_reply_with_likelihoods() -> None:
    hello = TokenLogprob("Hello", -0.31725305)
    top = (hello, TokenLogprob("Hi", -1.3190403))

    assert reply("reply_text.json") == ChatReply(
        model="gpt-example",
        message=Message("assistant", (Text("Hello! How can I assist you today?"),)),
        usage=Usage(19, 10, 0, 0, None, 0, 0),
        id="chatcmpl-sample1",
        logprobs=(TokenLogprob(hello.token, hello.logprob, top),),
        native=own({"service_tier": "default", "system_fingerprint": "fp_sample"}),
    )


def test_a_reply_that_calls_a_tool() -> None:
    assert reply("reply_tools.json") == ChatReply(
        model="gpt-example",
        message=Message("assistant", (ToolCall("call_sample2", "get_current_weather", BOSTON),)),
        finish_reason="tool_calls",
        usage=Usage(82, 17),
        id="chatcmpl-sample2",
    )
