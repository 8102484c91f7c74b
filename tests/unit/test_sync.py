"""The synchronous twin does what the asynchronous client does, call by call."""

import asyncio
import builtins
import inspect
import signal
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.test_client import BAD, CONFIG, EVENTS, REPLY, Count

from dragoman import client as asynchronous
from dragoman import sync as synchronous
from dragoman.chat import ChatReply
from dragoman.client import Client
from dragoman.config import Config
from dragoman.errors import ChatError, InputError
from dragoman.event_stream import EventStream
from dragoman.events import Event, Started, TextDelta
from dragoman.features import CARRIED, FEATURES
from dragoman.providers.local.echo import Echo
from dragoman.sync import SyncClient


def public(kind: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(member)
        for name, member in vars(kind).items()
        if callable(member) and (not name.startswith("_") or name == "__init__")
    }


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (synchronous.SyncClient, asynchronous.Client),
        (synchronous.SyncEventStream, EventStream),
    ],
)
def test_the_twin_has_the_same_calls_with_the_same_arguments(ours: type, theirs: type) -> None:
    mine, other = public(ours), public(theirs)
    if theirs is EventStream:
        mine.pop("__init__")
        other.pop("__init__")

    assert list(mine) == list(other)
    for name in mine:
        assert list(mine[name].parameters.values()) == list(other[name].parameters.values()), name


CALLS: dict[str, tuple[Callable[[SyncClient], Any], Callable[[Client], Any]]] = {
    "complete": (lambda c: c.complete("echo", "one two"), lambda c: c.complete("echo", "one two")),
    "models": (lambda c: c.models(), lambda c: c.models()),
    "models of one": (lambda c: c.models("echo"), lambda c: c.models("echo")),
    "probe": (lambda c: c.probe("echo", timeout=1), lambda c: c.probe("echo", timeout=1)),
    "config": (lambda c: c.config().model, lambda c: _model(c)),
    "cards": (lambda c: c.cards("echo"), lambda c: c.cards("echo")),
    "the cards of an unknown one": (lambda c: c.cards("x"), lambda c: c.cards("x")),
    "price": (lambda c: c.price("echo", REPLY), lambda c: c.price("echo", REPLY)),
    "an answer that may be no value": (
        lambda c: c.complete("echo", "{}", output=dict[str, int]),
        lambda c: c.complete("echo", "{}", output=dict[str, int]),
    ),
    "run_tools": (
        lambda c: c.run_tools("echo", "hi", [_tool], max_rounds=1),
        lambda c: c.run_tools("echo", "hi", [_tool], max_rounds=1),
    ),
    "an unknown provider": (lambda c: c.models("x"), lambda c: c.models("x")),
    "an unknown probe": (lambda c: c.probe("x"), lambda c: c.probe("x")),
}


def _tool() -> None:
    return None


async def _model(client: Client) -> str:
    return (await client.config()).model


@pytest.mark.parametrize(("ours", "theirs"), CALLS.values(), ids=CALLS)
def test_the_twin_says_the_same(
    ours: Callable[[SyncClient], Any], theirs: Callable[[Client], Any]
) -> None:
    async def ask() -> object:
        async with Client(CONFIG) as client:
            return await theirs(client)

    with SyncClient(CONFIG) as client:
        assert _outcome(lambda: ours(client)) == _outcome(lambda: asyncio.run(ask()))


@pytest.mark.parametrize("row", BAD, ids=lambda row: row[0])
def test_the_twin_raises_the_same(row: Any) -> None:
    _, model, messages, options, _, _ = row

    async def ask() -> object:
        async with Client(CONFIG) as client:
            return await client.complete(model, messages, **options)

    with SyncClient(CONFIG) as client:
        ours = _outcome(lambda: client.complete(model, messages, **options))

    assert ours == _outcome(lambda: asyncio.run(ask()))


def test_an_answer_of_a_type_has_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Echo, "says", dict.fromkeys(FEATURES, CARRIED))

    with SyncClient(CONFIG) as client:
        assert client.complete("echo", '{"a":1}', output=dict[str, int]).value == {"a": 1}
        assert client.complete("echo", '{"a":1}', output=Count).value == Count(1)
        assert type(client.complete("echo", '{"a":1}', output="json")) is ChatReply


def _outcome(call: Callable[[], object]) -> object:
    try:
        return call()
    except ChatError as error:
        return type(error), str(error)


def test_a_stream_is_read_in_every_way() -> None:
    with SyncClient(CONFIG) as client:
        with client.stream("echo", "one two") as events:
            assert list(events) == EVENTS
        with client.stream("echo", "one two") as events:
            assert list(events.text()) == ["one", " two"]
        with client.stream("echo", "one two") as events:
            assert [event for batch in events.batches() for event in batch] == EVENTS
        with client.stream("echo", "one two") as events:
            assert events.reply() == REPLY


def test_reading_goes_on_after_a_break() -> None:
    with SyncClient(CONFIG) as client, client.stream("echo", "one two") as events:
        for event in events:
            if isinstance(event, Started):
                break
        for text in events.text():
            assert text == "one"
            break
        rest = [event for batch in events.batches() for event in batch]

        assert [*EVENTS[:2], *rest] == EVENTS
        assert events.reply() == REPLY


def test_a_break_inside_a_batch_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(*_: object) -> AsyncGenerator[list[Event], None]:
        yield EVENTS

    monkeypatch.setattr(Echo, "events", at_once)
    with SyncClient(CONFIG) as client, client.stream("echo", "x") as events:
        assert next(events) == EVENTS[0]
        assert list(events.batches()) == [EVENTS[1:]]


def test_a_stream_is_read_only_inside_its_with() -> None:
    with SyncClient(CONFIG) as client:
        stream = client.stream("echo", "hi")
        with pytest.raises(InputError, match="inside"):
            next(stream)
        stream = client.stream("echo", "hi")
        with stream:
            next(stream)
        with pytest.raises(InputError, match="inside"):
            stream.reply()


def test_a_client_is_used_only_inside_its_with() -> None:
    client = SyncClient(CONFIG)
    with pytest.raises(InputError, match="inside `with`"):
        client.models()

    with client:
        client.models()
    client.close()

    with pytest.raises(InputError, match="inside `with`"):
        client.stream("echo", "hi")
    with client:
        assert client.complete("echo", "again").text == "again"


def test_a_client_that_cannot_begin_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()

    with pytest.raises(InputError, match=r"none\.toml: cannot be read"):
        SyncClient(tmp_path / "none.toml").__enter__()

    assert threading.active_count() == before


def test_many_threads_share_one_client() -> None:
    texts: dict[int, str] = {}

    with SyncClient(CONFIG) as client:

        def ask(number: int) -> None:
            texts[number] = client.complete("echo", f"n {number}").text

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert texts == {number: f"n {number}" for number in range(16)}


@pytest.fixture
def hears_interrupts() -> Iterator[None]:
    """As in a terminal: what a shell starts in its background is deaf to them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_interrupts")
def test_an_interrupt_ends_the_answer_and_then_the_program_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl-C while a model thinks: the connection closes and `KeyboardInterrupt` comes through.

    The signal does not wake the thread that waits: another one got it.
    """
    closed = threading.Event()

    async def thinking(*_: object) -> AsyncGenerator[list[Event], None]:
        try:
            yield [Started("echo")]
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()
            yield [TextDelta("never")]
        finally:
            await asyncio.sleep(0)
            closed.set()

    monkeypatch.setattr(Echo, "events", thinking)

    with SyncClient(CONFIG) as client:
        with pytest.raises(KeyboardInterrupt), client.stream("echo", "x") as events:
            list(events)
        assert closed.is_set()
        monkeypatch.undo()
        assert client.complete("echo", "still here").text == "still here"


def test_a_limit_of_the_work_is_not_the_waiting_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(*_: object) -> AsyncGenerator[list[Event], None]:
        yield [Started("echo")]
        await asyncio.sleep(0.05)
        raise builtins.TimeoutError("too slow")

    monkeypatch.setattr("dragoman.sync._LISTENS_S", 0.01)
    monkeypatch.setattr(Echo, "events", slow)

    with (
        SyncClient(CONFIG) as client,
        client.stream("echo", "x") as events,
        pytest.raises(builtins.TimeoutError, match="too slow"),
    ):
        list(events)


def test_the_configuration_may_be_a_path(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("model = 'echo'")

    with SyncClient(path) as client:
        assert isinstance(client.config(), Config)
        assert client.complete(None, "hi").text == "hi"


def test_closing_in_another_thread_is_an_error_of_ours_for_whoever_reads() -> None:
    """The loop on which the reader waits is gone: that must not be its own affair."""
    client = SyncClient(CONFIG)
    client.__enter__()
    stream = client.stream("echo", "hello")
    stream.__enter__()
    next(stream)
    closing = threading.Thread(target=client.close)

    closing.start()
    closing.join()

    with pytest.raises(ChatError, match="closed"):
        list(stream)
    stream.__exit__(None, None, None)
