"""A question that needs tools: the model's calls are answered until it needs none."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest
from tests.unit.given import asked

from dragoman.chat import ChatReply, ChatRequest
from dragoman.client import Client
from dragoman.config import Config
from dragoman.errors import InputError, ResponseError
from dragoman.event_stream import EventStream
from dragoman.events import Event, Finished, TextDelta, Usage
from dragoman.features import CARRIED, FEATURES
from dragoman.functions import Functions
from dragoman.messages import Message, Messages, Part, Text, ToolCall, ToolResult
from dragoman.providers.call import Call
from dragoman.providers.local.echo import Echo
from dragoman.sync import SyncClient
from dragoman.tool_run import ToolRun, run_tools
from dragoman.tools import ToolChoice
from dragoman.transport.line import Line

QUESTION = Message("user", (Text("2 + 3?"),))


def add(a: int, b: int) -> int:
    return a + b


def said(*parts: Part, usage: Usage | None = None) -> ChatReply:
    return ChatReply(model="m", message=Message("assistant", parts), usage=usage)


CALLS = said(
    Text("Let me see."),
    ToolCall("1", "add", '{"a": 2, "b": 3}'),
    ToolCall("2", "sub", "{}"),
    usage=Usage(10, 5, cached_tokens=1),
)
ANSWER = said(Text("5"), usage=Usage(20, 1, reasoning_tokens=2))
RESULTS = Message(
    "tool",
    (
        ToolResult("1", (Text("5"),)),
        ToolResult("2", (Text("there is no tool sub; known: add"),), is_error=True),
    ),
)


class Model:
    """Says these replies, one a round, and keeps what it was asked."""

    def __init__(self, *replies: ChatReply) -> None:
        self.replies = list(replies)
        self.asked: list[Messages] = []

    def __call__(self, messages: Messages) -> EventStream:
        self.asked.append(messages)
        events = self.replies.pop(0).events()

        async def batches() -> AsyncGenerator[list[Event], None]:
            yield events

        return EventStream(asked(batches()))


async def run(model: Model, messages: str | Messages = "2 + 3?", **more: Any) -> ToolRun:
    options = {"max_rounds": 8, "on_event": None, **more}
    return await run_tools(model, messages, Functions([add]), **options)


async def test_calls_are_answered_until_the_model_needs_none() -> None:
    model = Model(CALLS, ANSWER)

    found = await run(model)

    assert model.asked == [(QUESTION,), (QUESTION, CALLS.message, RESULTS)]
    assert found == ToolRun(
        reply=ANSWER,
        messages=(QUESTION, CALLS.message, RESULTS, ANSWER.message),
        rounds=2,
        usage=Usage(30, 6, cached_tokens=1, reasoning_tokens=2),
    )


async def test_a_conversation_goes_on_where_a_run_ended() -> None:
    first = await run(Model(CALLS, ANSWER))
    model = Model(ANSWER)

    found = await run(model, [*first.messages, {"role": "user", "content": "Sure?"}])

    assert found.rounds == 1
    assert model.asked == [(*first.messages, Message("user", (Text("Sure?"),)))]


@pytest.mark.parametrize(
    ("usages", "total"),
    [
        ((None, None), None),
        ((Usage(1), None), Usage(1)),
        ((None, Usage(1)), Usage(1)),
        ((Usage(1, None), Usage(None, 2)), Usage(1, 2)),
    ],
)
async def test_the_usage_of_all_rounds_is_added_up_as_far_as_it_is_told(
    usages: tuple[Usage | None, Usage | None], total: Usage | None
) -> None:
    first = said(ToolCall("1", "add", "{}"), usage=usages[0])

    found = await run(Model(first, said(Text("x"), usage=usages[1])))

    assert found.usage == total


async def test_every_event_is_seen_as_it_comes() -> None:
    seen: list[Event] = []

    await run(Model(CALLS, ANSWER), on_event=seen.append)

    assert seen == [*CALLS.events(), *ANSWER.events()]


async def test_a_model_that_never_stops_calling_is_an_error() -> None:
    model = Model(CALLS, CALLS, CALLS)

    with pytest.raises(ResponseError, match="still calls tools after 2 rounds") as caught:
        await run(model, max_rounds=2)

    assert caught.value.hint is not None
    assert "max_rounds" in caught.value.hint
    assert len(model.asked) == 2


async def test_there_is_at_least_one_round() -> None:
    with pytest.raises(InputError, match="max_rounds = 0: expected at least 1"):
        await run(Model(), max_rounds=0)


async def test_what_on_event_raises_ends_the_run() -> None:
    def refuse(event: Event) -> None:
        if isinstance(event, TextDelta):
            raise LookupError("seen enough")

    with pytest.raises(LookupError):
        await run(Model(CALLS, ANSWER), on_event=refuse)


class Caller:
    """Stands in the place of `Echo.events`: calls `add` once, and then says what it gave."""

    def __init__(self) -> None:
        self.chats: list[ChatRequest] = []

    def __call__(self, _: object, call: Call, line: Line) -> AsyncGenerator[list[Event], None]:
        self.chats.append(call.chat)
        last = call.chat.messages[-1].parts[0]
        reply = said(ToolCall("1", "add", '{"a":2,"b":3}'))
        if isinstance(last, ToolResult):
            reply = said(Text(last.text))
        return self._batches(reply.events())

    async def _batches(self, events: Sequence[Event]) -> AsyncGenerator[list[Event], None]:
        yield list(events)


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The echo provider as a service that takes tools."""
    caller = Caller()
    monkeypatch.setattr(Echo, "events", lambda *args: caller(*args))
    monkeypatch.setattr(Echo, "says", dict.fromkeys(FEATURES, CARRIED))
    return caller


async def test_the_client_runs_tools(caller: Caller) -> None:
    async with Client(Config(model="echo")) as client:
        found = await client.run_tools("echo", "2 + 3?", [add], system="Be brief.", seed=1)

    assert (found.reply.text, found.rounds) == ("5", 2)
    assert [chat.seed for chat in caller.chats] == [1, 1]
    assert [chat.messages[0].role for chat in caller.chats] == ["system", "system"]
    # What the caller goes on with has no system text: it is given with each call.
    assert found.messages[0] == QUESTION
    assert [tool.name for tool in caller.chats[1].tools or ()] == ["add"]  # type: ignore[union-attr]  # no native one is among them


def test_its_twin_does_the_same(caller: Caller) -> None:
    seen: list[Event] = []

    with SyncClient(Config(model="echo")) as client:
        found = client.run_tools(None, "2 + 3?", [add], on_event=seen.append, max_rounds=2)

    assert (found.reply.text, found.rounds) == ("5", 2)
    assert sum(isinstance(event, Finished) for event in seen) == 2


@pytest.mark.parametrize(
    ("choice", "later"),
    [
        ("required", None),
        ("add", None),
        (ToolChoice("required", ("add",)), None),
        ("auto", ToolChoice("auto")),
        ("none", ToolChoice("none")),
        (ToolChoice("auto", ("add",)), ToolChoice("auto", ("add",))),
        (None, None),
    ],
)
async def test_a_forced_call_is_forced_once(
    caller: Caller, choice: Any, later: ToolChoice | None
) -> None:
    """Forced in every round, the calls would have no end."""
    options = {} if choice is None else {"tool_choice": choice}
    async with Client(Config(model="echo")) as client:
        await client.run_tools("echo", "x", [add], **options)

    first, second = (chat.tool_choice for chat in caller.chats)
    assert (first is None) == (choice is None)
    assert second == later


async def test_tools_are_given_in_one_way() -> None:
    async with Client(Config(model="echo")) as client:
        with pytest.raises(TypeError, match="run_tools takes the tools as `functions`"):
            await client.run_tools("echo", "x", [add], tools=[add])
        with pytest.raises(TypeError, match="unknown option 'temprature'"):
            await client.run_tools("echo", "x", [add], temprature=1)  # type: ignore[call-arg]  # the claim
        with pytest.raises(InputError, match="tool_choice: expected auto, none, required"):
            await client.run_tools("echo", "x", [add], tool_choice=7)  # type: ignore[arg-type]  # the claim
