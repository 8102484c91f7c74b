"""How a stream becomes a reply."""

from collections.abc import AsyncIterator

import pytest

from dragoman.chat import ChatReply
from dragoman.errors import ResponseError, StreamTruncatedError
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
from dragoman.gathered import Gathered, collect
from dragoman.messages import Message, Part, Reasoning, Refusal, Text, ToolCall
from dragoman.native import Native


async def stream(*events: Event, error: Exception | None = None) -> AsyncIterator[Event]:
    for event in events:
        yield event
    if error is not None:
        raise error


async def test_a_stream_becomes_a_reply() -> None:
    reply = await collect(
        stream(
            Started("m", "id", ("seed",)),
            ReasoningDelta("let me "),
            ReasoningDelta("think"),
            TextDelta("Hel"),
            TextDelta("lo"),
            ToolCallStarted(0, "c1", "f"),
            ToolCallStarted(1, "c2", "g"),
            ToolCallDelta(0, '{"a":'),
            ToolCallDelta(1, "{}"),
            ToolCallDelta(0, "1}"),
            UsageReported(Usage(1, 1)),
            UsageReported(Usage(1, 2)),
            Finished("tool_calls"),
        )
    )

    assert reply == ChatReply(
        model="m",
        message=Message(
            "assistant",
            (
                Reasoning("let me think"),
                Text("Hello"),
                ToolCall("c1", "f", '{"a":1}'),
                ToolCall("c2", "g", "{}"),
            ),
        ),
        id="id",
        finish_reason="tool_calls",
        usage=Usage(1, 2),
        dropped=("seed",),
    )


NATIVE = Native("gemini", {"code": "1 + 1"})
CALL = ToolCallStarted(0, "c", "f")

ORDERS: list[tuple[str, tuple[Event, ...], tuple[Part, ...]]] = [
    (
        "text goes on until something else is said",
        (TextDelta("a"), TextDelta("b"), ReasoningDelta("c"), TextDelta("d")),
        (Text("ab"), Reasoning("c"), Text("d")),
    ),
    (
        "a signature closes the thought before it",
        (ReasoningDelta("a"), ReasoningSigned("s"), ReasoningDelta("b")),
        (Reasoning("a", "s"), Reasoning("b")),
    ),
    (
        "a signature without a thought is a hidden one",
        (ReasoningSigned("s"), ReasoningSigned("t"), TextDelta("a")),
        (Reasoning("", "s"), Reasoning("", "t"), Text("a")),
    ),
    (
        "a refusal is told apart from text",
        (TextDelta("a"), RefusalDelta("b"), RefusalDelta("c")),
        (Text("a"), Refusal("bc")),
    ),
    (
        "what is native stands in its place and divides text",
        (TextDelta("a"), NativeReported(NATIVE), TextDelta("b")),
        (Text("a"), NATIVE, Text("b")),
    ),
    (
        "a call keeps its place, its proof and its arguments",
        (
            ToolCallStarted(0, "c", "f", "s"),
            LogprobsReported(()),
            ToolCallDelta(0, "{"),
            UsageReported(Usage()),
            ToolCallDelta(0, "}"),
            TextDelta("a"),
        ),
        (ToolCall("c", "f", "{}", "s"), Text("a")),
    ),
    ("a call without arguments is one", (CALL,), (ToolCall("c", "f", ""),)),
    ("nothing said is no part", (), ()),
]


@pytest.mark.parametrize(
    ("events", "parts"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS]
)
async def test_parts_are_in_the_order_in_which_they_came(
    events: tuple[Event, ...], parts: tuple[Part, ...]
) -> None:
    reply = await collect(stream(Started("m"), *events, Finished()))

    assert reply.message == Message("assistant", parts)


async def test_what_is_told_of_an_answer_is_kept() -> None:
    a, b = TokenLogprob("a", -1.0), TokenLogprob("b", -2.0, (TokenLogprob("c", -3.0),))

    reply = await collect(
        stream(
            Started("m", native=NATIVE),
            LogprobsReported((a,)),
            TextDelta("ab"),
            LogprobsReported((b,)),
            Finished("stop", "end_turn", "\n"),
        )
    )

    assert reply.logprobs == (a, b)
    assert (reply.finish_word, reply.stop_sequence, reply.native) == ("end_turn", "\n", NATIVE)


async def test_other_choices_are_answers_of_their_own_in_the_order_of_their_numbers() -> None:
    reply = await collect(
        stream(
            Started("m", "i"),
            OtherChoice(2, TextDelta("two")),
            OtherChoice(1, CALL),
            TextDelta("zero"),
            OtherChoice(1, ToolCallDelta(0, "{}")),
            OtherChoice(2, Finished("length")),
            OtherChoice(1, Finished("tool_calls")),
            Finished(),
        )
    )

    assert reply.text == "zero"
    assert [(other.model, other.finish_reason) for other in reply.others] == [
        ("m", "tool_calls"),
        ("m", "length"),
    ]
    assert reply.others[0].tool_calls == (ToolCall("c", "f", "{}"),)
    assert reply.others[1].text == "two"


async def test_another_choice_without_its_end_is_no_success() -> None:
    with pytest.raises(StreamTruncatedError, match="choice 1") as caught:
        await collect(
            stream(Started("m"), TextDelta("a"), OtherChoice(1, TextDelta("b")), Finished())
        )

    assert caught.value.text == "a"


def test_the_text_so_far_can_be_read_at_any_time() -> None:
    gathered = Gathered()

    gathered.add([Started("m"), TextDelta("a"), CALL, TextDelta("b")])

    assert gathered.text == "ab"


@pytest.mark.parametrize("events", [(), (Started("m"),), (Started("m"), TextDelta("half"))])
async def test_a_stream_without_its_end_is_never_a_short_success(events: tuple[Event, ...]) -> None:
    with pytest.raises(StreamTruncatedError) as caught:
        await collect(stream(*events))

    assert caught.value.text == ("half" if len(events) == 2 else "")


async def test_an_illegal_stream_is_refused() -> None:
    with pytest.raises(ResponseError, match="TextDelta may not come after the beginning"):
        await collect(stream(TextDelta("a"), Finished()))


async def test_what_the_stream_raises_is_raised() -> None:
    error = ResponseError("no")

    with pytest.raises(ResponseError) as caught:
        await collect(stream(Started("m"), error=error))

    assert caught.value is error


async def test_a_reader_of_whole_answers_gets_a_rewritten_one_as_it_was_in_the_end() -> None:
    error = ResponseError("answer was rewritten")
    error.final_text = "the end"

    reply = await collect(stream(Started("m"), TextDelta("the begin"), error=error))

    assert reply == ChatReply(model="m", message=Message("assistant", (Text("the end"),)))


async def test_a_rewritten_answer_keeps_what_was_no_text() -> None:
    error = ResponseError("answer was rewritten")
    error.final_text = "new"
    before = (ReasoningDelta("hm"), TextDelta("old"), NativeReported(NATIVE), TextDelta("older"))

    reply = await collect(stream(Started("m"), *before, error=error))

    assert reply.message.parts == (Reasoning("hm"), NATIVE, Text("new"))
