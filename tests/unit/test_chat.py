"""A chat as values: what was asked for, and an answer as the events that would have brought it."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.law.strategies import normal_reply, replies

from dragoman.chat import ChatReply, ChatRequest
from dragoman.events import (
    Event,
    Finished,
    Grammar,
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
from dragoman.features import CARRIED, REPLY_FEATURES
from dragoman.gathered import Gathered
from dragoman.messages import (
    Audio,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native
from dragoman.tools import JsonObject, Tool, ToolChoice

ASK = ChatRequest(model="m", messages=(Message("user", (Text("hi"),)),))
EVERYTHING = dict.fromkeys(REPLY_FEATURES, CARRIED)


def gathered(events: Sequence[Event]) -> ChatReply:
    """What a reader makes of a legal stream."""
    grammar = Grammar()
    grammar.check(events)
    assert grammar.finished
    found = Gathered()
    found.add(events)
    return found.reply()


def said(*parts: Part) -> ChatReply:
    return ChatReply(model="m", message=Message("assistant", parts))


def test_a_request_knows_what_was_asked_for() -> None:
    asked = msgspec.structs.replace(ASK, temperature=0.0, stop=("x",))

    assert ASK.given() == frozenset()
    assert asked.given() == {"temperature", "stop"}


def test_tools_and_output_are_asked_for_and_the_manner_of_the_answer_is_not() -> None:
    asked = msgspec.structs.replace(
        ASK,
        tools=(Tool(name="f"),),
        tool_choice=ToolChoice(),
        output=JsonObject(),
        stream=False,
        native=Native("gemini", {"a": 1}),
    )

    assert asked.given() == {"tools", "tool_choice", "output"}


def test_a_reply_is_read_by_what_its_parts_are() -> None:
    call = ToolCall("c", "f", "{}")
    reply = said(
        Reasoning("I "),
        Text("Hel"),
        Refusal("No"),
        Reasoning("see"),
        call,
        Text("lo"),
        Refusal("."),
    )

    assert (reply.text, reply.reasoning, reply.refusal) == ("Hello", "I see", "No.")
    assert reply.tool_calls == (call,)


def test_a_reply_is_the_events_that_would_have_brought_it() -> None:
    native = Native("gemini", {"x": 1})
    tokens = (TokenLogprob("Hi", -0.5),)
    other = msgspec.structs.replace(said(Text("Ho")), finish_reason="length")
    reply = ChatReply(
        model="m",
        message=Message(
            "assistant",
            (
                Reasoning("hm", "s"),
                Reasoning("", "hidden"),
                Text("Hi"),
                ToolCall("a", "f", "{}", "t"),
                native,
                ToolCall("b", "g", ""),
                Refusal("no"),
            ),
        ),
        finish_reason="tool_calls",
        finish_word="calls",
        stop_sequence="x",
        usage=Usage(1, 2),
        dropped=("seed",),
        id="i",
        logprobs=tokens,
        others=(other,),
        native=native,
    )

    assert reply.events() == [
        Started("m", "i", ("seed",), native),
        ReasoningDelta("hm"),
        ReasoningSigned("s"),
        ReasoningSigned("hidden"),
        TextDelta("Hi"),
        ToolCallStarted(0, "a", "f", "t"),
        ToolCallDelta(0, "{}"),
        NativeReported(native),
        ToolCallStarted(1, "b", "g"),
        RefusalDelta("no"),
        LogprobsReported(tokens),
        OtherChoice(1, TextDelta("Ho")),
        OtherChoice(1, Finished("length")),
        UsageReported(Usage(1, 2)),
        Finished("tool_calls", "calls", "x"),
    ]
    assert gathered(reply.events()) == reply


@pytest.mark.parametrize(
    "part",
    [
        Text(""),
        Refusal(""),
        Reasoning(""),
        Image(url="https://x.test"),
        Audio(b"", "audio/wav"),
        Document(file_id="f"),
        ToolResult("c", ()),
    ],
)
def test_what_no_event_brings_is_not_in_the_stream(part: Part) -> None:
    assert said(part).events() == [Started("m"), Finished()]


@given(replies(EVERYTHING, signer="gemini"))
def test_a_reply_made_a_stream_and_gathered_is_the_same_reply(drawn: ChatReply) -> None:
    reply = normal_reply(drawn, EVERYTHING)

    assert gathered(reply.events()) == reply


_SHORT = st.text(max_size=3)
_PARTS = st.one_of(
    st.builds(Text, _SHORT),
    st.builds(Refusal, _SHORT),
    st.builds(Reasoning, _SHORT, st.none() | _SHORT),
    st.builds(ToolCall, _SHORT, _SHORT, _SHORT, st.none() | _SHORT),
    st.builds(Native, _SHORT, st.dictionaries(_SHORT, st.integers())),
    st.builds(Image, _SHORT),
)
_ANY = st.builds(
    ChatReply,
    model=_SHORT,
    message=st.builds(Message, st.just("assistant"), st.lists(_PARTS, max_size=6).map(tuple)),
    others=st.lists(
        st.builds(
            ChatReply,
            model=_SHORT,
            message=st.builds(
                Message, st.just("assistant"), st.lists(_PARTS, max_size=3).map(tuple)
            ),
        ),
        max_size=3,
    ).map(tuple),
)


@given(_ANY)
def test_any_reply_is_a_legal_stream_that_loses_no_word(reply: ChatReply) -> None:
    found = gathered(reply.events())

    assert found.events() == gathered(found.events()).events()
    for first, second in ((reply, found), *zip(reply.others, found.others, strict=True)):
        assert (first.text, first.refusal) == (second.text, second.refusal)
        assert first.reasoning == second.reasoning
        assert [call.arguments for call in first.tool_calls] == [
            call.arguments for call in second.tool_calls
        ]
