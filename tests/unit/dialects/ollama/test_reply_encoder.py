"""Answers in Ollama's form, as the official package reads them."""

from typing import Any

import httpx
import msgspec
import ollama
import pytest

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.ollama import DIALECT, GENERATE
from dragoman.errors import RateLimitError, ResponseError
from dragoman.events import (
    Event,
    Finished,
    LogprobsReported,
    NativeReported,
    OtherChoice,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.messages import Message, Reasoning, Refusal, Text, ToolCall
from dragoman.native import Native

CHAT = ChatRequest(model="asked", messages=(Message("user", (Text("hi"),)),))
STAMP = Stamp("7", 1_700_000_000.25)
TIME = "2023-11-14T22:13:20.250000Z"
HEAD = {"model": "m", "created_at": TIME}
NO_TIME = {
    "total_duration": 0,
    "load_duration": 0,
    "prompt_eval_duration": 0,
    "eval_duration": 0,
}
TOKEN = TokenLogprob("é", -0.5, (TokenLogprob("é", -0.5), TokenLogprob("e", -2.0)))
TOKEN_SAID = {
    "token": "é",
    "logprob": -0.5,
    "bytes": [195, 169],
    "top_logprobs": [
        {"token": "é", "logprob": -0.5, "bytes": [195, 169]},
        {"token": "e", "logprob": -2.0, "bytes": [101]},
    ],
}


def lines(events: list[Event], dialect: str = "ollama") -> list[dict[str, Any]]:
    of = DIALECT if dialect == "ollama" else GENERATE
    body = of.encoder(CHAT, STAMP).feed(events)
    assert body.endswith(b"\n")
    return [msgspec.json.decode(line) for line in body.splitlines()]


def said(*events: Event) -> list[dict[str, Any]]:
    """What the lines say beside what they all do, but for the last."""
    *some, _ = lines([Started("m"), *events, Finished()])
    assert all({**line, **HEAD, "done": False} == line for line in some)
    return [{name: line[name] for name in line.keys() - HEAD.keys() - {"done"}} for line in some]


def message(content: str = "", **more: Any) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": content, **more}}


def test_a_stream_is_a_line_a_delta_and_an_end() -> None:
    events: list[Event] = [Started("m", "ignored"), TextDelta("Hel"), TextDelta("lo")]

    assert lines([*events, UsageReported(Usage(3, 2)), Finished()]) == [
        {**HEAD, **message("Hel"), "done": False},
        {**HEAD, **message("lo"), "done": False},
        {
            **HEAD,
            **message(),
            "done": True,
            "done_reason": "stop",
            **NO_TIME,
            "prompt_eval_count": 3,
            "eval_count": 2,
        },
    ]


def test_what_is_fed_at_once_and_apart_is_the_same() -> None:
    events: list[Event] = [Started("m"), TextDelta("a"), ReasoningDelta("b"), Finished()]
    apart = DIALECT.encoder(CHAT, STAMP)

    assert b"".join(apart.feed([event]) for event in events) == DIALECT.encoder(CHAT, STAMP).feed(
        events
    )


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (ReasoningDelta("hm"), message(thinking="hm")),
        (RefusalDelta("No."), message("No.")),
        (LogprobsReported((TOKEN,)), {**message(), "logprobs": [TOKEN_SAID]}),
        (
            NativeReported(Native("ollama", {"type": "images", "images": ["iVBO"]})),
            message(images=["iVBO"]),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_piece_has_its_place(event: Event, line: dict[str, Any]) -> None:
    assert said(event) == [line]


@pytest.mark.parametrize(
    "event",
    [
        ReasoningSigned("gemini:x"),
        OtherChoice(1, TextDelta("b")),
        NativeReported(Native("openai_chat", {"type": "audio"})),
        NativeReported(Native("ollama", {"type": "of a later version"})),
        UsageReported(Usage()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_place_is_left_out(event: Event) -> None:
    assert said(event, TextDelta("a")) == [message("a")]


def test_calls_come_whole_a_line_each_at_the_end() -> None:
    found = said(
        ToolCallStarted(0, "a", "f"),
        ToolCallStarted(1, "b", "g"),
        ToolCallDelta(0, '{"x":\n'),
        TextDelta("Wait."),
        ToolCallDelta(0, "1}"),
    )

    first = {"id": "a", "function": {"index": 0, "name": "f", "arguments": {"x": 1}}}
    second = {"id": "b", "function": {"index": 1, "name": "g", "arguments": {}}}
    assert found == [message("Wait."), message(tool_calls=[first]), message(tool_calls=[second])]


@pytest.mark.parametrize("arguments", ["[1]", '{"x":', "\x00", "[" * 5000])
def test_arguments_that_are_no_object_are_the_models_fault(arguments: str) -> None:
    call: list[Event] = [ToolCallStarted(0, "a", "f"), ToolCallDelta(0, arguments)]
    whole = ChatReply(model="m", message=Message("assistant", (ToolCall("a", "f", arguments),)))

    for attempt in (
        lambda: lines([Started("m"), *call, Finished("tool_calls")]),
        lambda: [DIALECT.encode_reply(whole, CHAT, STAMP)],
    ):
        with pytest.raises(ResponseError, match="arguments for the tool f are no JSON"):
            attempt()


@pytest.mark.parametrize(
    ("finished", "word"),
    [
        (Finished(), "stop"),
        (Finished("length"), "length"),
        (Finished("tool_calls"), "stop"),
        (Finished("content_filter"), "content_filter"),
        (Finished("stop", "unload"), "unload"),
        (Finished("stop", "pause_turn"), "stop"),
        (Finished("length", "stop"), "length"),
    ],
    ids=str,
)
def test_an_end_has_the_services_word(finished: Finished, word: str) -> None:
    (end,) = lines([Started("m"), finished])
    reply = ChatReply(
        model="m",
        message=Message("assistant", ()),
        finish_reason=finished.reason,
        finish_word=finished.word,
    )

    assert end["done_reason"] == word
    assert msgspec.json.decode(DIALECT.encode_reply(reply, CHAT, STAMP))["done_reason"] == word


def test_the_models_own_facts_are_in_every_line() -> None:
    native = Native("ollama", {"remote_host": "https://x"})

    found = lines([Started("m", native=native), TextDelta("a"), Finished()])

    assert [line["remote_host"] for line in found] == ["https://x", "https://x"]
    assert "remote_host" not in lines([Started("m", native=native), Finished()], "generate")[0]


def test_a_name_that_looks_like_the_place_of_the_text_is_a_name() -> None:
    (line, _) = lines([Started("\x00"), TextDelta("a"), Finished()])

    assert (line["model"], line["message"]["content"]) == ("\x00", "a")


def test_generate_has_fields_in_place_of_a_message() -> None:
    def own(kind: str, value: object) -> NativeReported:
        return NativeReported(Native("ollama_generate", {"type": kind, kind: value}))

    events: list[Event] = [ReasoningDelta("hm"), TextDelta("a"), LogprobsReported((TOKEN,))]
    natives: list[Event] = [
        own("image", "iVBO"),
        own("context", [1, 2]),
        ToolCallStarted(0, "a", "f"),
    ]

    found = lines([Started("m"), *events, *natives, Finished()], "generate")

    assert found == [
        {**HEAD, "response": "", "thinking": "hm", "done": False},
        {**HEAD, "response": "a", "done": False},
        {**HEAD, "response": "", "logprobs": [TOKEN_SAID], "done": False},
        {**HEAD, "response": "", "image": "iVBO", "done": False},
        {
            **HEAD,
            "response": "",
            "context": [1, 2],
            "done": True,
            "done_reason": "stop",
            **NO_TIME,
        },
    ]


REPLY = ChatReply(
    model="m",
    message=Message(
        "assistant",
        (
            Reasoning("hm", "gemini:x"),
            Text("Hi"),
            ToolCall("a", "f", '{"x":1}'),
            Refusal(", no"),
            Native("ollama", {"type": "images", "images": ["iVBO"]}),
            Native("ollama_generate", {"type": "context", "context": [1]}),
            Native("ollama_generate", {"type": "image", "image": "iVBO"}),
        ),
    ),
    finish_reason="tool_calls",
    usage=Usage(3, None),
    logprobs=(TOKEN,),
    native=Native("ollama", {"remote_host": "https://x"}),
)


def test_a_whole_answer_has_it_all() -> None:
    body = DIALECT.encode_reply(REPLY, CHAT, STAMP)

    # The package cannot read pictures in an answer.
    reply = ollama.ChatResponse.model_validate_json(body.replace(b'"images":["iVBO"],', b""))
    assert (reply.model, reply.created_at, reply.done) == ("m", TIME, True)
    assert (reply.message.content, reply.message.thinking) == ("Hi, no", "hm")
    call = {"id": "a", "function": {"index": 0, "name": "f", "arguments": {"x": 1}}}
    assert msgspec.json.decode(body) == {
        **HEAD,
        "remote_host": "https://x",
        **message("Hi, no", thinking="hm", images=["iVBO"], tool_calls=[call]),
        "done": True,
        "done_reason": "stop",
        **NO_TIME,
        "prompt_eval_count": 3,
        "logprobs": [TOKEN_SAID],
    }


def test_a_whole_answer_to_generate_has_it_all() -> None:
    body = GENERATE.encode_reply(REPLY, CHAT, STAMP)

    reply = ollama.GenerateResponse.model_validate_json(body)
    assert (reply.response, reply.thinking, reply.context) == ("Hi, no", "hm", [1])
    assert msgspec.json.decode(body)["image"] == "iVBO"
    assert "remote_host" not in msgspec.json.decode(body)


def test_a_short_answer_is_short() -> None:
    reply = ChatReply(model="m", message=Message("assistant", (Text("Hi"),)))

    assert msgspec.json.decode(DIALECT.encode_reply(reply, CHAT, STAMP)) == {
        **HEAD,
        **message("Hi"),
        "done": True,
        "done_reason": "stop",
        **NO_TIME,
    }


def reader(body: bytes) -> ollama.Client:
    """The official client, to which this body is said."""
    reply = httpx.Response(200, content=body)
    return ollama.Client(transport=httpx.MockTransport(lambda _: reply))


def test_the_official_client_reads_a_stream_whatever_its_texts() -> None:
    """It takes U+2028, U+0085 and others for line ends, so they must not stand in a line."""
    texts = ["a\u2028b", "\x85", "\u2029\x0b\x1c\r\n\t", "\N{GRINNING FACE}", "\x00"]
    events: list[Event] = [Started("m\x85"), *map(TextDelta, texts), Finished()]

    body = DIALECT.encoder(CHAT, STAMP).feed(events)
    parts = list(reader(body).chat("m", [{"role": "user", "content": "Hi"}], stream=True))

    assert [part.message.content for part in parts] == [*texts, ""]
    assert parts[-1].model == "m\x85"


def test_the_official_client_reads_an_error_inside_a_stream() -> None:
    encoder = DIALECT.encoder(CHAT, STAMP)
    body = encoder.feed([Started("m"), TextDelta("a")]) + encoder.fail(RateLimitError("slow\x85"))
    parts = reader(body).chat("m", [{"role": "user", "content": "Hi"}], stream=True)

    assert next(parts).message.content == "a"
    with pytest.raises(ollama.ResponseError, match="slow\x85"):
        next(parts)


def test_there_is_no_ping() -> None:
    """Every line is taken for a piece of the answer."""
    assert DIALECT.encoder(CHAT, STAMP).ping() == b""
