"""What the service's own documents show, heard and said again."""

from pathlib import Path

import msgspec
import pytest

from dragoman.chat import ChatReply
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.gemini import DIALECT
from dragoman.errors import AuthError, InputError, RateLimitError
from dragoman.events import Usage
from dragoman.features import CARRIED, FEATURES, fit
from dragoman.messages import Document, Image, Message, Reasoning, Text, ToolCall, ToolResult
from dragoman.native import Native
from dragoman.tools import Tool, ToolChoice
from dragoman.wire.http import HttpReply, ReplyHead

SAMPLES = Path(__file__).parents[3] / "samples" / "gemini"
ANSWERS = sorted([*SAMPLES.glob("*.sse"), *SAMPLES.glob("[!.]*.json")])
ANSWERS = [path for path in ANSWERS if not {".request", ".error"} & set(path.suffixes)]
REQUESTS = sorted(SAMPLES.glob("*.request.json"))
EVERYTHING = dict.fromkeys(FEATURES, CARRIED)


def answer(name: str) -> ChatReply:
    return DIALECT.decode_reply((SAMPLES / name).read_bytes(), "other")


def asked(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def test_a_text_is_the_same_in_both_forms_of_a_stream() -> None:
    assert answer("text.sse") == answer("text.list.json")
    assert answer("text.sse").text == "AI learns from data."
    assert answer("text.json").usage == Usage(8, 12)


def test_thoughts_have_their_signature_after_the_text() -> None:
    found = answer("thinking.sse")

    assert found.message.parts == (
        Reasoning("**Weighing it**\n\nTwo ways."),
        Text("It is the simplest one."),
        Reasoning("", "gemini:bW9jay1zaWduYXR1cmU="),
    )
    assert found.usage == Usage(9, 37, reasoning_tokens=31)


def test_parallel_calls_have_one_signature() -> None:
    first, second = answer("calls.json").tool_calls

    assert first == ToolCall(
        "call_mock-Response_3_0",
        "get_current_temperature",
        '{"location":"Paris"}',
        "gemini:bW9jay1zaWduYXR1cmU=",
    )
    assert second.signature is None


def test_what_the_service_ran_and_found_is_native() -> None:
    code, search = answer("code.json"), answer("search.json")

    kinds = [part.fields["type"] for part in code.message.parts if isinstance(part, Native)]
    assert kinds == ["executableCode", "codeExecutionResult"]
    assert code.text == "I will compute it.The sum is 10."
    assert isinstance(search.message.parts[-1], Native)
    assert search.message.parts[-1].hints == {"groundingMetadata"}
    assert search.usage == Usage(80, 17)


def test_a_refusal_of_the_service_is_an_answer() -> None:
    blocked, filtered = answer("blocked.json"), answer("filtered.sse")

    assert (blocked.finish_reason, blocked.finish_word) == ("content_filter", "PROHIBITED_CONTENT")
    assert (filtered.finish_reason, filtered.text) == ("content_filter", "Once")


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.name)
def test_an_answer_that_was_heard_is_heard_again(path: Path) -> None:
    heard = answer(path.name)
    chat = DIALECT.decode_request(asked("ask.request.json"), model="m")
    encoder = DIALECT.encoder(chat, Stamp("made", 0.0))

    whole = DIALECT.encode_reply(heard, chat, Stamp("made", 0.0))
    stream = encoder.feed(heard.events())

    named = msgspec.structs.replace(heard, id=heard.id or "made")
    assert DIALECT.decode_reply(whole, "other") == named
    assert DIALECT.decode_reply(stream, "other") == named


def test_errors_are_known() -> None:
    key = DIALECT.decode_failure(
        HttpReply(ReplyHead(400, {}, ""), asked("invalid_key.error.json")), 0.0
    )
    quota = DIALECT.decode_failure(
        HttpReply(ReplyHead(429, {}, ""), asked("quota.error.json")), 0.0
    )

    assert isinstance(key, AuthError)
    assert isinstance(quota, RateLimitError)
    assert quota.retry_after == pytest.approx(34.07, abs=0.01)


def test_a_question_with_options_is_read() -> None:
    chat = DIALECT.decode_request(asked("ask.request.json"), model="m", stream=True)

    assert chat.messages == (
        Message("system", (Text("You are a cat. Your name is Neko."),)),
        Message("user", (Text("Hello there"),)),
    )
    assert (chat.stop, chat.temperature, chat.top_p, chat.top_k) == (("Title",), 1.0, 0.8, 10)
    assert chat.reasoning_budget == 0


def test_results_are_matched_with_calls_that_have_no_ids() -> None:
    chat = DIALECT.decode_request(asked("calls.request.json"), model="m")

    _, called, answered = chat.messages
    assert [part.id for part in called.parts if isinstance(part, ToolCall)] == ["call_0", "call_1"]
    assert answered == Message(
        "tool",
        (
            ToolResult("call_0", (Text('{"result":"15C"}'),)),
            ToolResult("call_1", (Text("no such town"),), is_error=True),
        ),
    )
    assert chat.tool_choice == ToolChoice("required", ("get_current_temperature",))
    assert chat.tools is not None
    assert isinstance(chat.tools[0], Tool)


def test_media_are_images_and_documents() -> None:
    chat = DIALECT.decode_request(asked("media.request.json"), model="m")

    image, file, video, _ = chat.messages[0].parts
    assert isinstance(image, Image)
    assert image.media_type == "image/png"
    assert isinstance(file, Image)
    assert file.file_id == "https://generativelanguage.googleapis.com/v1beta/files/mock-1"
    assert isinstance(video, Document)
    assert video.url == "https://www.youtube.com/watch?v=mock"


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.name)
def test_a_question_that_was_heard_is_said_and_heard_again(path: Path) -> None:
    heard = DIALECT.decode_request(path.read_bytes(), model="m")

    said = msgspec.json.encode(DIALECT.encode_request(heard))

    assert DIALECT.decode_request(said, model="m") == heard


def test_another_dialect_refuses_a_search_by_its_name_and_leaves_safety_out() -> None:
    chat = DIALECT.decode_request(asked("search.request.json"), model="m")

    with pytest.raises(InputError, match="of type 'googleSearch' is gemini's own"):
        fit(chat, "another", EVERYTHING, "ollama")
    _, dropped = fit(msgspec.structs.replace(chat, tools=None), "another", EVERYTHING, "ollama")
    assert dropped == ("safetySettings",)
