"""The Python door, on the provider that needs no far side."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.given import asked

from dragoman.account import Account
from dragoman.call_options import Options
from dragoman.chat import ChatReply
from dragoman.client import Client
from dragoman.config import Config
from dragoman.errors import (
    ChatError,
    InputError,
    ModelNotSupportedError,
    ResponseError,
    StreamTruncatedError,
)
from dragoman.event_stream import EventStream
from dragoman.events import Event, Finished, Started, TextDelta, Usage, UsageReported
from dragoman.features import CARRIED, FEATURES
from dragoman.messages import Message, Messages, Text
from dragoman.provider_entry import ProviderEntry, ProviderFields
from dragoman.providers.local.echo import Echo

CONFIG = Config(model="echo")


class Count(msgspec.Struct):
    a: int


EVENTS: list[Event] = [
    Started("echo"),
    TextDelta("one"),
    TextDelta(" two"),
    UsageReported(Usage(2, 2)),
    Finished(),
]
REPLY = ChatReply(model="echo", message=Message("assistant", (Text("one two"),)), usage=Usage(2, 2))


async def batches(
    *said: list[Event], error: ChatError | None = None
) -> AsyncGenerator[list[Event], None]:
    for batch in said:
        yield batch
    if error is not None:
        raise error


async def test_events_come_in_order_and_end_in_finished() -> None:
    async with Client(CONFIG) as client, client.stream("echo", "one two") as events:
        assert [event async for event in events] == EVENTS


async def test_text_is_the_text_alone() -> None:
    async with Client(CONFIG) as client, client.stream("echo", "one two") as events:
        assert [text async for text in events.text()] == ["one", " two"]


async def test_batches_are_the_events_as_they_came() -> None:
    async with Client(CONFIG) as client, client.stream("echo", "one two") as events:
        came = [batch async for batch in events.batches()]

    assert [event for batch in came for event in batch] == EVENTS
    assert len(came) > 1


async def test_a_reply_is_whole_whatever_has_been_read_of_it() -> None:
    async with Client(CONFIG) as client:
        for read in range(len(EVENTS)):
            async with client.stream("echo", "one two") as events:
                for _ in range(read):
                    await anext(events)
                assert await events.reply() == REPLY
        assert await client.complete("echo", "one two") == REPLY


async def test_reading_goes_on_after_a_break() -> None:
    """Also in the middle of a batch, and with another of the three ways to read."""
    said: list[Event] = [Started("m"), TextDelta("a"), TextDelta("b"), TextDelta("c")]

    async with EventStream(asked(batches(said, [TextDelta("d"), Finished()]))) as events:
        async for event in events:
            if event == TextDelta("a"):
                break
        async for text in events.text():
            if text == "b":
                break
        rest = [batch async for batch in events.batches()]

    assert rest == [[TextDelta("c")], [TextDelta("d"), Finished()]]


async def test_a_stream_is_read_only_inside_its_with() -> None:
    stream = EventStream(asked(batches([Started("m"), Finished()])))

    with pytest.raises(InputError, match="inside `async with`"):
        await anext(stream)
    async with stream:
        await anext(stream)
    for read in (stream.reply(), anext(stream.text()), anext(stream.batches())):
        with pytest.raises(InputError, match="inside `async with`"):
            await read


async def test_a_stream_is_entered_once() -> None:
    """A second time it would be empty, and look like a success."""
    async with EventStream(asked(batches([Started("m"), Finished()]))) as stream:
        await stream.reply()

    with pytest.raises(InputError, match="entered once"):
        await stream.__aenter__()


async def test_leaving_a_stream_closes_what_it_reads_from() -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncGenerator[list[Event], None]:
        try:
            yield [Started("m")]
            while True:
                yield [TextDelta("a")]
        finally:
            closed.set()

    async with EventStream(asked(endless())) as events:
        async for _ in events:
            break

    assert closed.is_set()


async def test_a_stream_without_its_end_makes_no_reply() -> None:
    async with EventStream(asked(batches([Started("m"), TextDelta("half")]))) as events:
        with pytest.raises(StreamTruncatedError) as caught:
            await events.reply()

    assert caught.value.text == "half"


async def test_a_reply_is_the_answer_as_its_service_rewrote_it() -> None:
    error = ResponseError("answer was rewritten")
    error.final_text = "new"

    async with EventStream(asked(batches([Started("m"), TextDelta("old")], error=error))) as events:
        assert (await events.reply()).text == "new"


@pytest.mark.parametrize(
    ("model", "expected"),
    [("echo", "echo"), ("echo/echo", "echo"), ("echo:echo", "echo"), (None, "echo"), ("", "echo")],
)
async def test_a_model_is_named_in_every_way(model: str | None, expected: str) -> None:
    async with Client(CONFIG) as client:
        assert (await client.complete(model, "x")).model == expected


@pytest.mark.parametrize(
    "messages",
    [
        "hi",
        [{"role": "user", "content": "hi"}],
        [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        [Message("user", (Text("hi"),))],
        [{"role": "user", "content": "before"}, {"role": "user", "content": "hi"}],
    ],
)
async def test_messages_are_written_in_every_way(messages: str | Messages) -> None:
    async with Client(CONFIG) as client:
        assert (await client.complete("echo", messages)).text == "hi"


@pytest.mark.parametrize("output", [dict[str, int], Count], ids=["alias", "class"])
async def test_an_answer_of_a_type_has_its_value(
    output: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Echo, "says", dict.fromkeys(FEATURES, CARRIED))
    expected = msgspec.json.decode('{"a":1}', type=output)

    async with Client(CONFIG) as client:
        assert (await client.complete("echo", '{"a":1}', output=output)).value == expected
        with pytest.raises(ResponseError, match="the answer is no ") as caught:
            await client.complete("echo", '{"a":"x"}', output=output)
        plain = await client.complete("echo", '{"a":1}', output={"type": "object"})

    assert caught.value.text == '{"a":"x"}'
    assert type(plain) is ChatReply


async def test_the_system_text_stands_before_the_messages() -> None:
    async with Client(CONFIG) as client:
        reply = await client.complete("echo", "hi", system="be brief")

    assert reply.usage == Usage(input_tokens=3, output_tokens=1)


async def test_options_that_cannot_be_expressed_are_named() -> None:
    async with Client(CONFIG) as client:
        reply = await client.complete("echo", "hi", temperature=1, seed=7, timeout=5, total_s=9)

    assert reply.dropped == ("seed", "temperature")


BAD: list[tuple[str, str | None, str | Messages, dict[str, Any], type[ChatError], str]] = [
    ("model", "echo/other", "hi", {}, ModelNotSupportedError, "has no model 'other'; it has: echo"),
    ("name", "ecco", "hi", {}, ModelNotSupportedError, "did you mean .*echo"),
    ("no message", "echo", [], {}, InputError, "no message"),
    ("blank", "echo", " ", {}, InputError, "nothing to echo"),
    ("role", "echo", [{"role": "x", "content": "y"}], {}, InputError, "unknown role"),
    ("temperature", "echo", "hi", {"temperature": 3}, InputError, "temperature = 3: it is"),
    ("system", "echo", "hi", {"system": 7}, InputError, "must be text or a list of parts"),
    ("proxy", "echo", "hi", {"proxy": "http://p\n"}, InputError, "proxy must be one line"),
    ("timeout", "echo", "hi", {"timeout": 0}, InputError, "timeout = 0"),
    *[
        (f"total_s {value}", "echo", "hi", {"total_s": value}, InputError, "seconds above 0")
        for value in (0, -1, True, "5", float("nan"), float("inf"))
    ],
    ("first_token_s", "echo", "hi", {"first_token_s": 0}, InputError, "first_token_s = 0"),
]


@pytest.mark.parametrize(
    ("model", "messages", "options", "kind", "words"),
    [row[1:] for row in BAD],
    ids=[row[0] for row in BAD],
)
async def test_what_is_wrong_is_said_when_reading_begins(
    model: str | None,
    messages: str | Messages,
    options: Options,
    kind: type[ChatError],
    words: str,
) -> None:
    async with Client(CONFIG) as client, client.stream(model, messages, **options) as events:
        with pytest.raises(kind, match=words):
            await anext(events)


async def test_an_unknown_option_is_a_type_error_at_once() -> None:
    async with Client(CONFIG) as client:
        with pytest.raises(TypeError, match="unknown option 'temprature'; known: first_token_s"):
            client.stream("echo", "hi", temprature=1)  # type: ignore[call-arg]  # the claim


async def test_models_are_named_as_they_are_asked_for() -> None:
    async with Client(CONFIG) as client:
        assert await client.models("echo") == ["echo/echo"]
        assert "echo/echo" in await client.models()
        with pytest.raises(InputError, match="unknown provider 'ecco'; known: local, echo"):
            await client.models("ecco")


async def test_a_probe_tells_of_every_step() -> None:
    async with Client(CONFIG) as client:
        assert await client.probe("echo", timeout=1) == []
        with pytest.raises(InputError, match="unknown provider"):
            await client.probe("ecco")


async def test_an_entry_of_ones_own_brings_its_account() -> None:
    fields = ProviderFields(service="echo", models=["parrot"], cookies={"a": "b"})
    entry = ProviderEntry("mine", fields, {})

    async with Client(Config({"mine": entry})) as client:
        assert await client.models("mine") == ["mine/echo", "mine/parrot"]
        assert (await client.complete("mine/parrot", "hi")).model == "parrot"
        assert (await client.complete("parrot", "hi")).model == "parrot"

    assert entry.account == Account.of(models=["parrot"], cookies={"a": "b"})


async def test_the_configuration_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("model = 'echo'")

    async with Client(path) as client:
        assert (await client.config()).model == "echo"
        assert (await client.complete(None, "hi")).text == "hi"
    with pytest.raises(InputError, match=r"none\.toml: cannot be read"):
        await Client(str(tmp_path / "none.toml")).__aenter__()


async def test_many_answers_come_at_once() -> None:
    async with Client(CONFIG) as client:
        replies = await asyncio.gather(*[client.complete("echo", f"n {n}") for n in range(50)])

    assert [reply.text for reply in replies] == [f"n {n}" for n in range(50)]


async def test_a_closed_client_opens_nothing() -> None:
    """Nobody would close it any more."""
    client = Client(Config.of({"fakegpt": {"base_url": "http://127.0.0.1:1"}}))
    await client.close()

    with pytest.raises(ChatError, match="closed"):
        await client.complete("fakegpt", "hello")
