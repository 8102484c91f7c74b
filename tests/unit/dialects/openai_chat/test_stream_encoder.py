"""Events to chunks, which the official SDK's types accept."""

import msgspec
import pytest
from openai.types.chat import ChatCompletionChunk

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.openai_chat.stream_encoder import Encoder
from dragoman.dialects.openai_chat.tables import LEGACY
from dragoman.errors import RateLimitError
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
from dragoman.native import Native
from dragoman.tools import Tool

STAMP = Stamp("abc", 7.9)
CHAT = ChatRequest(model="m", messages=())
DONE = "[DONE]"
END: dict[str, object] = {}


def own(**fields: object) -> Native:
    return Native("openai_chat", fields)


COUNTED = ChatRequest(model="m", messages=(), native=own(stream_options={"include_usage": True}))
OLDER = ChatRequest(model="m", messages=(), tools=(Tool(name="f", native=LEGACY),))


def messages(wire: bytes) -> list[str]:
    return [text.removeprefix("data: ") for text in wire.decode().split("\n\n") if text]


def chunks(events: list[Event], chat: ChatRequest = CHAT) -> list[dict[str, object]]:
    """The chunks before `[DONE]`."""
    *texts, end = messages(Encoder(chat, STAMP).feed(events))
    assert end == DONE
    for text in texts:
        ChatCompletionChunk.model_validate_json(text, strict=True)
    return [msgspec.json.decode(text) for text in texts]


def deltas(*events: Event, chat: ChatRequest = CHAT) -> list[object]:
    """The deltas between the first chunk and the last."""
    said = chunks([Started("m"), *events, Finished()], chat)
    return [one["choices"][0]["delta"] for one in said[1:-1]]  # type: ignore[index]  # JSON


def test_a_whole_stream() -> None:
    head = {"id": "chatcmpl-abc", "object": "chat.completion.chunk", "created": 7, "model": "m"}

    said = chunks([Started("m"), TextDelta('a"'), UsageReported(Usage(1, 2)), Finished("length")])

    assert said == [
        {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}]}
        for delta, end in [
            ({"role": "assistant", "content": "", "refusal": None}, None),
            ({"content": 'a"'}, None),
            ({}, "length"),
        ]
    ]


@pytest.mark.parametrize("events", [[UsageReported(Usage(1, 2))], []])
def test_usage_is_told_to_who_asks_for_it(events: list[Event]) -> None:
    *said, last = chunks([Started("m"), TextDelta("a"), *events, Finished()], COUNTED)

    assert all(one["usage"] is None for one in said)
    assert last["choices"] == []
    counts = [1, 2, 3] if events else [0, 0, 0]
    assert list(last["usage"].values()) == counts  # type: ignore[attr-defined]  # JSON


def test_what_the_provider_told_of_the_answer_is_in_every_chunk() -> None:
    native = own(service_tier="flex", model="x")

    said = chunks([Started("m", "c1", (), native), TextDelta("a"), Finished()])

    assert {(one["id"], one["service_tier"], one["model"]) for one in said} == {("c1", "flex", "m")}


def detail(**fields: object) -> dict[str, object]:
    return {"reasoning_details": [fields]}


ENCRYPTED = "reasoning.encrypted"


@pytest.mark.parametrize(
    ("events", "expect"),
    [
        ([RefusalDelta("no")], [{"refusal": "no"}]),
        (
            [ReasoningDelta("hm"), ReasoningSigned("openai_chat:QQ"), ReasoningSigned("gemini:RR")],
            [
                {"reasoning_content": "hm"},
                detail(type="reasoning.text", signature="QQ", index=0),
                detail(type=ENCRYPTED, data="gemini:RR", index=1),
            ],
        ),
        (
            [ToolCallStarted(0, "a", "f", "gemini:QQ"), ToolCallDelta(0, "{}")],
            [
                {
                    "tool_calls": [
                        {
                            "index": 0,
                            "id": "a",
                            "type": "function",
                            "function": {"name": "f", "arguments": ""},
                            "extra_content": {"google": {"thought_signature": "gemini:QQ"}},
                        }
                    ]
                },
                {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]},
            ],
        ),
        ([NativeReported(own(type="annotations", annotations=[]))], [{"annotations": []}]),
        ([NativeReported(own(type="audio", audio={"id": "a"}))], [{"audio": {"id": "a"}}]),
        ([NativeReported(own(type="other"))], []),
        ([NativeReported(Native("gemini", {"type": "audio"}))], []),
    ],
)
def test_deltas(events: list[Event], expect: list[object]) -> None:
    assert deltas(*events) == expect


def test_a_call_without_arguments_is_given_an_empty_object() -> None:
    """A program reads the arguments as JSON, and nothing is none."""
    said = deltas(
        ToolCallStarted(0, "a", "f"), ToolCallStarted(1, "b", "f"), ToolCallDelta(1, "{}")
    )

    assert said[-1] == {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}


def test_custom_calls_and_functions_are_counted_together() -> None:
    custom = own(type="custom", id="a", custom={"name": "sh", "input": "ls"})
    events: list[Event] = [
        NativeReported(custom),
        ToolCallStarted(0, "b", "f"),
        ToolCallDelta(0, "{}"),
    ]

    said = chunks_of_calls(events)

    assert [call["index"] for call in said] == [0, 1, 1]
    assert said[0] == {"index": 0, **custom.fields}


def chunks_of_calls(events: list[Event]) -> list[dict[str, object]]:
    texts = messages(Encoder(CHAT, STAMP).feed([Started("m"), *events]))[1:]
    found = [msgspec.json.decode(text)["choices"][0]["delta"]["tool_calls"] for text in texts]
    return [call for calls in found for call in calls]


def test_a_program_of_the_older_form_reads_one_call() -> None:
    events: list[Event] = [
        ToolCallStarted(0, "a", "f"),
        ToolCallDelta(0, "{}"),
        ToolCallStarted(1, "b", "f"),
        ToolCallDelta(1, "{}"),
    ]

    said = chunks([Started("m"), *events, Finished("tool_calls")], OLDER)

    choices = [one["choices"][0] for one in said[1:]]  # type: ignore[index]  # JSON
    assert [one["delta"] for one in choices] == [
        {"function_call": {"name": "f", "arguments": ""}},
        {"function_call": {"arguments": "{}"}},
        {},
    ]
    assert choices[-1]["finish_reason"] == "function_call"


def test_likelihoods_have_a_chunk_of_their_own() -> None:
    said = chunks([Started("m"), LogprobsReported((TokenLogprob("a", -1.0),)), Finished()])

    token = {"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}
    assert said[1]["choices"] == [
        {
            "index": 0,
            "delta": {"content": ""},
            "logprobs": {"content": [token], "refusal": None},
            "finish_reason": None,
        }
    ]


def test_another_choice_begins_for_itself() -> None:
    said = chunks(
        [
            Started("m"),
            OtherChoice(1, TextDelta("b")),
            OtherChoice(1, Finished("length")),
            TextDelta("a"),
            Finished(),
        ]
    )

    told = [one["choices"][0] for one in said]  # type: ignore[index]  # JSON
    assert [(one["index"], one["delta"].get("content"), one["finish_reason"]) for one in told] == [
        (0, "", None),
        (1, "", None),
        (1, "b", None),
        (1, None, "length"),
        (0, "a", None),
        (0, None, "stop"),
    ]


def test_an_error_ends_the_stream_without_its_end_sign() -> None:
    encoder = Encoder(CHAT, STAMP)
    encoder.feed([Started("m"), TextDelta("a")])

    (said,) = messages(encoder.fail(RateLimitError("slow down")))

    assert msgspec.json.decode(said)["error"]["code"] == "rate_limit_exceeded"


def test_a_ping_is_no_message() -> None:
    assert Encoder(CHAT, STAMP).ping() == b": ping\n\n"
