"""What the published examples say is heard, and said again as it was."""

import json
from pathlib import Path

import msgspec
import pytest
from tests.unit.dialects import kit

from dragoman.chat import ChatRequest
from dragoman.dialects.anthropic_messages import DIALECT
from dragoman.dialects.dialect import Stamp
from dragoman.errors import ResponseStatusError
from dragoman.events import Event, Finished, Grammar, TextDelta, Usage, UsageReported
from dragoman.gathered import Gathered
from dragoman.messages import Reasoning, Refusal, Text, ToolCall
from dragoman.native import Native
from dragoman.wire.sse import SseDecoder

SAMPLES = Path(__file__).parents[3] / "samples" / "anthropic_messages"
NAME = DIALECT.name
STAMP = Stamp("7", 0.0)


def heard(body: bytes) -> list[Event]:
    return kit.heard(DIALECT.decoder("m"), body)


def sample(name: str) -> list[Event]:
    return heard((SAMPLES / name).read_bytes())


def blocks(body: bytes) -> list[str]:
    """The type of each block of a stream."""
    found = [json.loads(message.data) for message in SseDecoder().feed(body)]
    return [fields["content_block"]["type"] for fields in found if "content_block" in fields]


def test_a_text_is_heard() -> None:
    events = sample("text.sse")

    assert [event.text for event in events if isinstance(event, TextDelta)] == [
        "Once upon",
        " a time – fin.",
    ]
    usage = Usage(input_tokens=125, output_tokens=15, cached_tokens=100, cache_write_tokens=0)
    assert [event for event in events if isinstance(event, UsageReported)][-1].usage == usage
    assert events[-1] == Finished()


def test_thoughts_and_calls_are_heard() -> None:
    gathered = Gathered()
    gathered.add(sample("thinking_and_tools.sse"))

    assert gathered.reply().message.parts == (
        Reasoning("I should look outside.", f"{NAME}:EqQBCgIYAhIM"),
        Reasoning("", f"{NAME}:redacted:EmwKAhgBEgy3"),
        ToolCall("toolu_1", "weather", '{"city": "Oslo"}'),
        ToolCall("toolu_2", "time", "{}"),
    )


def test_a_refusal_is_heard() -> None:
    reply = DIALECT.decode_reply((SAMPLES / "refusal.json").read_bytes(), "m")

    assert reply.message.parts == (Refusal("I will not."),)
    assert (reply.finish_reason, reply.finish_word) == ("content_filter", "bio")


def test_an_error_in_the_middle_comes_after_what_was_said() -> None:
    decoder = DIALECT.decoder("m")

    assert decoder.feed((SAMPLES / "overloaded.sse").read_bytes())[-1] == TextDelta("Once")
    with pytest.raises(ResponseStatusError) as caught:
        decoder.close()
    assert (caught.value.status, caught.value.retryable) == (529, True)


@pytest.mark.parametrize("name", ["text.sse", "thinking_and_tools.sse", "web_search.sse"])
def test_a_stream_is_said_again_as_it_was(name: str) -> None:
    events = sample(name)
    Grammar().check(events)

    body = DIALECT.encoder(ChatRequest(model="m", messages=()), STAMP).feed(events)

    assert heard(body) == events
    assert blocks(body) == blocks((SAMPLES / name).read_bytes())


def test_a_citation_stays_with_its_text() -> None:
    gathered = Gathered()
    gathered.add(sample("web_search.sse"))

    body = DIALECT.encode_reply(gathered.reply(), ChatRequest(model="m", messages=()), STAMP)

    texts = [block for block in json.loads(body)["content"] if block["type"] == "text"]
    assert [(text["text"], len(text.get("citations", ()))) for text in texts] == [
        ("They say ", 0),
        ("grass is green", 1),
    ]
    chat = ChatRequest(model="m", messages=(gathered.reply().message,))
    turns = json.loads(msgspec.json.encode(DIALECT.encode_request(chat)))["messages"]
    assert turns[0]["content"] == json.loads(body)["content"]


def test_a_request_is_heard_and_said_again_as_it_was() -> None:
    body = (SAMPLES / "request.json").read_bytes()

    chat = DIALECT.decode_request(body)

    assert [message.role for message in chat.messages] == [
        "system",
        "user",
        "system",
        "assistant",
        "tool",
        "user",
    ]
    assert chat.messages[-1].parts[-1] == Text("Well?")
    assert (chat.reasoning_effort, chat.reasoning_summary) == ("medium", "auto")
    assert (chat.parallel_tool_calls, chat.stop, chat.user) == (False, ("END",), "user-1")
    assert chat.native == Native(NAME, {"service_tier": "auto"}, frozenset({"service_tier"}))
    assert json.loads(msgspec.json.encode(DIALECT.encode_request(chat))) == json.loads(body)
