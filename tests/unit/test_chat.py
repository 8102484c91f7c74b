"""Options, and how a stream becomes a reply."""

import math
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.chat import OPTIONS, ChatReply, ChatRequest, collect, decode_options
from dragoman.errors import InputError, ResponseError, StreamTruncatedError
from dragoman.events import (
    Event,
    Finished,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.messages import Message, Text, ToolCall

ASK = ChatRequest(model="m", messages=(Message("user", (Text("hi"),)),))


async def stream(*events: Event, error: Exception | None = None) -> AsyncIterator[Event]:
    for event in events:
        yield event
    if error is not None:
        raise error


def test_options_are_the_fields_of_a_request_in_their_order() -> None:
    assert ChatRequest.__struct_fields__ == ("model", "messages", *OPTIONS)


def test_a_request_knows_what_was_asked_for() -> None:
    assert ASK.given() == frozenset()
    assert ChatRequest(model="m", messages=ASK.messages, temperature=0.0, stop=("x",)).given() == {
        "temperature",
        "stop",
    }


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("temperature", 0, 0.0),
        ("temperature", 2, 2.0),
        ("top_p", 0.5, 0.5),
        ("presence_penalty", -2, -2.0),
        ("frequency_penalty", 1.5, 1.5),
        ("max_tokens", 1, 1),
        ("seed", -1, -1),
        ("seed", 2**63 - 1, 2**63 - 1),
        ("stop", "x", ("x",)),
        ("stop", ["x", "y"], ("x", "y")),
        ("stop", ("x",), ("x",)),
    ],
)
def test_an_option_becomes_what_a_request_has(name: str, value: object, expected: object) -> None:
    decoded = decode_options({name: value})

    assert decoded == {name: expected}
    assert type(decoded[name]) is type(expected)


@pytest.mark.parametrize("name", OPTIONS)
def test_none_was_not_asked_for(name: str) -> None:
    assert decode_options({name: None}) == {}


@pytest.mark.parametrize("value", [[], ()])
def test_no_stop_was_not_asked_for(value: object) -> None:
    assert decode_options({"stop": value}) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", 2.1),
        ("temperature", True),
        ("temperature", "1"),
        ("temperature", math.nan),
        ("temperature", math.inf),
        ("temperature", 10**400),
        ("temperature", []),
        ("top_p", 1.1),
        ("presence_penalty", -2.1),
        ("frequency_penalty", 2.1),
        ("max_tokens", 0),
        ("max_tokens", 1.0),
        ("max_tokens", True),
        ("max_tokens", 2**63),
        ("seed", 0.5),
        ("seed", False),
        ("seed", -(2**63) - 1),
        ("stop", ""),
        ("stop", [""]),
        ("stop", ["x", 7]),
        ("stop", ["\ud800"]),
        ("stop", 7),
        ("stop", {"x"}),
    ],
)
def test_a_wrong_option_is_named_with_what_was_expected(name: str, value: object) -> None:
    if value == [] and name != "stop":
        assert decode_options({name: value}) == {}
        return

    with pytest.raises(InputError) as caught:
        decode_options({name: value})

    assert str(caught.value).startswith(f"{name} = ")
    assert str(caught.value).endswith(f": it is {OPTIONS[name]}")
    assert len(str(caught.value)) < 350


def test_an_unknown_option_is_named_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match="unknown option 'tempersture'; known: temperature, top_p"):
        decode_options({"tempersture": 1})


@given(
    st.dictionaries(
        st.sampled_from(sorted(OPTIONS)),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
    )
)
def test_any_value_is_an_option_or_an_input_error(options: dict[str, object]) -> None:
    try:
        decoded = decode_options(options)
    except InputError:
        return
    assert decode_options(decoded) == decoded


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
        text="Hello",
        reasoning="let me think",
        tool_calls=(ToolCall("c1", "f", '{"a":1}'), ToolCall("c2", "g", "{}")),
        finish_reason="tool_calls",
        usage=Usage(1, 2),
        dropped=("seed",),
    )


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

    assert reply == ChatReply(model="m", text="the end")
