"""Samples after the published examples: what programs send, and what the service answers."""

from pathlib import Path

import msgspec
import pytest

from dragoman.dialects.openai_responses import DIALECT
from dragoman.errors import ResponseStatusError
from dragoman.events import (
    Event,
    Finished,
    Grammar,
    ReasoningDelta,
    ReasoningSigned,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.messages import Document, Image, Message, Reasoning, Text, ToolCall, ToolResult
from dragoman.native import Native
from dragoman.tools import JsonSchema

SAMPLES = Path(__file__).parents[3] / "samples" / "openai_responses"
MODEL = "gpt-5.6-2026-09-01"
SIGNED = "openai_responses:rs_0a1:gAAAAABsample"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def test_a_question_about_a_picture_and_a_paper() -> None:
    chat = DIALECT.decode_request(sample("images.request.json"))

    assert chat.messages == (
        Message(
            "user",
            (
                Text("What is in this picture?"),
                Image(url="https://pictures.test/path/boardwalk.jpg"),
                Document(url="https://papers.test/letter.pdf"),
            ),
        ),
    )


def test_a_question_with_a_form_for_its_answer() -> None:
    chat = DIALECT.decode_request(sample("structured.request.json"))

    assert isinstance(chat.output, JsonSchema)
    assert (chat.output.name, chat.output.strict) == ("event", True)
    assert chat.messages[0] == Message("system", (Text("Take the event out of the text."),))
    assert chat.native is not None
    assert chat.native.hints == {"text.verbosity"}


def test_a_conversation_with_tools() -> None:
    chat = DIALECT.decode_request(sample("tools.request.json"))

    _, _, turn, result = chat.messages
    thought, call = turn.parts
    assert thought == Reasoning("**Looking it up**\n\nI need the weather.", SIGNED)
    assert isinstance(call, ToolCall)
    assert call.id == "call_0a2"
    assert result.parts == (ToolResult("call_0a2", (Text("-3, snow"),)),)
    assert chat.tools is not None
    assert chat.tools[1] == Native(DIALECT.name, {"type": "web_search"})
    assert chat.stream


@pytest.mark.parametrize("name", ["images", "structured", "tools"])
def test_a_request_is_sent_on_with_all_that_it_says(name: str) -> None:
    body = sample(f"{name}.request.json")
    said = msgspec.json.decode(body)

    sent = DIALECT.encode_request(DIALECT.decode_request(body))

    assert said.keys() <= sent.keys() | {"instructions"}
    again = DIALECT.decode_request(msgspec.json.encode(sent))
    assert again.messages == DIALECT.decode_request(body).messages


def test_an_answer_in_text() -> None:
    reply = DIALECT.decode_reply(sample("text.reply.json"), "m")

    assert (reply.id, reply.model) == ("resp_0a0", MODEL)
    assert reply.text == "Once a small unicorn found a lake of stars."
    assert reply.usage == Usage(36, 87, cached_tokens=0, reasoning_tokens=0)
    assert reply.native is None


def test_an_answer_that_calls() -> None:
    reply = DIALECT.decode_reply(sample("call.reply.json"), "m")

    assert reply.finish_reason == "tool_calls"
    assert reply.tool_calls == (
        ToolCall("call_0a2", "current_weather", '{"place":"Oslo","unit":"celsius"}'),
    )


def test_an_answer_with_a_search_and_its_source() -> None:
    reply = DIALECT.decode_reply(sample("search.reply.json"), "m")

    search, thought, text, source = reply.message.parts
    assert isinstance(search, Native)
    assert search.fields["type"] == "web_search_call"
    assert thought == Reasoning("Compare the sources.", SIGNED)
    assert text == Text("It snowed in Oslo today.")
    assert isinstance(source, Native)
    assert source.fields["url"] == "https://news.test/oslo"
    assert reply.native == Native(DIALECT.name, {"service_tier": "default"})


def test_an_answer_that_stopped_at_its_limit() -> None:
    assert DIALECT.decode_reply(sample("incomplete.reply.json"), "m").finish_reason == "length"


STREAMS: dict[str, list[Event]] = {
    "text": [
        Started(MODEL, "resp_0a0"),
        TextDelta("Hi"),
        TextDelta(" there!"),
        UsageReported(Usage(37, 11, cached_tokens=0, reasoning_tokens=0)),
        Finished("stop"),
    ],
    "call": [
        Started(MODEL, "resp_0a0"),
        ReasoningDelta("**Lo"),
        ReasoningDelta("oking it up**"),
        ReasoningDelta("\n\n**As"),
        ReasoningDelta("king**"),
        ReasoningSigned(SIGNED),
        ToolCallStarted(0, "call_0a2", "current_weather"),
        ToolCallDelta(0, '{"place":"Oslo"'),
        ToolCallDelta(0, ',"unit":"celsius"}'),
        UsageReported(Usage(291, 53, cached_tokens=0, reasoning_tokens=30)),
        Finished("tool_calls"),
    ],
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream(name: str) -> None:
    decoder = DIALECT.decoder("m")

    events = decoder.feed(sample(f"{name}.stream")) + decoder.close()

    Grammar().check(events)
    assert events == STREAMS[name]


def test_a_stream_that_fails() -> None:
    decoder = DIALECT.decoder("m")
    assert decoder.feed(sample("failed.stream")) == [Started(MODEL, "resp_0a0")]

    with pytest.raises(ResponseStatusError, match="had an error") as caught:
        decoder.close()

    assert caught.value.status == 500
