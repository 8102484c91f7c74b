"""The examples of Ollama's documentation, as both halves read them."""

from pathlib import Path

import pytest

from dragoman.dialects.ollama import DIALECT, GENERATE
from dragoman.errors import ResponseError
from dragoman.events import Event, Finished, NativeReported, Started, TextDelta, Usage
from dragoman.messages import Image, Message, Text, ToolCall, ToolResult
from dragoman.tools import JsonSchema, Tool

SAMPLES = Path(__file__).parents[3] / "samples" / "ollama"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def user(text: str) -> Message:
    return Message("user", (Text(text),))


def test_a_chat() -> None:
    chat = DIALECT.decode_request(sample("request_chat.json"))
    reply = DIALECT.decode_reply(sample("chat.json"), "other")

    assert (chat.model, chat.stream) == ("gemma4", True)
    assert chat.messages == (user("why is the sky blue?"),)
    assert (reply.text, reply.finish_reason) == ("Hello! How can I help you today?", "stop")
    assert reply.usage == Usage(11, 18)


def test_an_answer_in_a_form() -> None:
    chat = DIALECT.decode_request(sample("request_schema.json"))
    reply = DIALECT.decode_reply(sample("schema.json"), "other")

    assert isinstance(chat.output, JsonSchema)
    assert chat.output.schema["required"] == ["age", "available"]
    assert (chat.temperature, chat.stream) == (0.0, False)
    assert reply.text == '{"age": 22, "available": false}'


def test_a_tool() -> None:
    chat = DIALECT.decode_request(sample("request_tools.json"))
    reply = DIALECT.decode_reply(sample("tools.json"), "other")

    assert chat.tools is not None
    (tool,) = chat.tools
    assert isinstance(tool, Tool)
    assert (tool.name, tool.native) == ("get_current_weather", None)
    (call,) = reply.tool_calls
    assert call.name == "get_current_weather"
    assert call.arguments == '{"format":"celsius","location":"Paris, FR"}'
    assert reply.finish_reason == "tool_calls"


def test_results_of_several_calls() -> None:
    chat = DIALECT.decode_request(sample("request_results.json"))

    parts = [part for message in chat.messages for part in message.parts]
    calls = {part.id: part for part in parts if isinstance(part, ToolCall)}
    results = [part for part in parts if isinstance(part, ToolResult)]
    assert [
        (calls[result.call_id].name, calls[result.call_id].arguments, result.text)
        for result in results
    ] == [
        ("get_temperature", '{"city":"New York"}', "22°C"),
        ("get_conditions", '{"city":"New York"}', "Partly cloudy"),
        ("get_temperature", '{"city":"London"}', "15°C"),
        ("get_conditions", '{"city":"London"}', "Rainy"),
    ]


def test_an_image_and_how_much_to_think() -> None:
    seen = DIALECT.decode_request(sample("request_image.json"))
    thought = DIALECT.decode_request(sample("request_think.json"))

    image = Image(content=b"\x89PNG\r\n\x1a\n", media_type="image/png")
    assert seen.messages == (Message("user", (Text("What is in this image?"), image)),)
    assert thought.reasoning_effort == "low"


def test_a_stream() -> None:
    decoder = DIALECT.decoder("other")

    events = decoder.feed(sample("chat.ndjson")) + decoder.close()

    assert events[:3] == [Started("llama3.2"), TextDelta("The"), TextDelta(" sky")]
    assert events[-1] == Finished()


def test_a_prompt() -> None:
    chat = GENERATE.decode_request(sample("request_generate.json"))
    reply = GENERATE.decode_reply(sample("generate.json"), "other")

    assert chat.messages == (user("Why is the sky blue?"),)
    assert reply.text == "The sky is blue because it is the color of the sky."
    assert reply.usage == Usage(26, 290)


def test_every_option() -> None:
    body = sample("request_options.json")

    chat = GENERATE.decode_request(body)

    assert (chat.seed, chat.max_tokens, chat.stop) == (42, 100, ("\n", "user:"))
    assert chat.native is not None
    assert len(chat.native.fields) == 19
    assert chat.native.hints == chat.native.fields.keys()


def test_a_text_to_fill_in() -> None:
    chat = GENERATE.decode_request(sample("request_suffix.json"))

    assert chat.native is not None
    assert (dict(chat.native.fields), chat.native.hints) == (
        {"suffix": "    return result"},
        frozenset(),
    )


def test_a_stream_of_generate() -> None:
    decoder = GENERATE.decoder("other")

    events = decoder.feed(sample("generate.ndjson")) + decoder.close()

    assert events[:2] == [Started("llama3.2"), TextDelta("The")]
    assert [type(event) for event in events].count(NativeReported) == 1


def test_an_error_inside_a_stream() -> None:
    decoder = GENERATE.decoder("other")

    events: list[Event] = decoder.feed(sample("error.ndjson"))

    assert events == [Started("gemma4"), TextDelta(" Yes"), TextDelta(".")]
    with pytest.raises(ResponseError, match="an error was encountered while running the model"):
        decoder.close()
