"""The same contract for the providers that need no far side: what runs on this machine.

They have no wire to cut, so their rules are those about events, leaving, loops and wrong input.
"""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from dragoman.client import Client
from dragoman.config import Config
from dragoman.errors import InputError, ModelNotSupportedError
from dragoman.events import Started, TextDelta
from dragoman.features import Hint
from dragoman.providers.local.pull import pull
from dragoman.providers.local.weights import DEFAULT_MODEL, find_weights
from dragoman.providers.table import PROVIDERS, load_provider
from tests.conformance.subject import ASK, assert_legal

HERE = [name for name, row in PROVIDERS.items() if row and not load_provider(name).url]
"""Every provider without a far side. There is no list to edit."""

# The real model is loaded by most of these; on a busy machine that takes seconds.
pytestmark = [pytest.mark.timeout(120), pytest.mark.parametrize("name", HERE)]


@pytest.fixture(autouse=True)
def _weights(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = os.environ["DRAGOMAN_TEST_CACHE"]
    asyncio.run(pull(find_weights(DEFAULT_MODEL), folder=Path(cache, "dragoman", "models")))
    monkeypatch.setenv("XDG_CACHE_HOME", cache)


async def test_every_sequence_of_events_is_legal_and_ends_in_finished(name: str) -> None:
    async with Client(Config()) as client, client.stream(name, ASK, max_tokens=8) as stream:
        events = [event async for event in stream]

    assert_legal(events)
    assert all(event.text for event in events if isinstance(event, TextDelta))


async def test_what_it_cannot_express_is_named(name: str) -> None:
    config = Config()
    provider = config.providers[name].provider

    async with Client(config) as client, client.stream(name, ASK, top_p=0.9, seed=1) as stream:
        started = await anext(stream)

    assert isinstance(started, Started)
    hints = {name for name in ("top_p", "seed") if isinstance(provider.says[name], Hint)}
    assert set(started.dropped) == hints


async def test_leaving_early_and_cancelling_leave_no_task(name: str) -> None:
    before = asyncio.all_tasks()
    async with Client(Config()) as client:
        async with client.stream(name, ASK) as stream:
            await anext(stream)
        cancelled = asyncio.ensure_future(client.complete(name, ASK))
        await asyncio.wait([cancelled], timeout=0.01)
        cancelled.cancel()
        await asyncio.wait([cancelled])

    assert {task for task in asyncio.all_tasks() - before if not task.done()} == set()


async def test_an_unknown_model_and_wrong_messages_are_refused(name: str) -> None:
    async with Client(Config()) as client:
        with pytest.raises(ModelNotSupportedError):
            await client.complete(f"{name}/no-such-model", ASK)
        with pytest.raises(InputError):
            await client.complete(name, [])
        with pytest.raises(TypeError, match="temprature"):
            await client.complete(name, ASK, temprature=1)  # type: ignore[call-overload]  # the point of it


def test_two_loops_one_after_the_other_and_two_threads_at_once(name: str) -> None:
    answers: list[str] = []

    async def ask() -> None:
        async with Client(Config()) as client:
            answers.append((await client.complete(name, ASK, max_tokens=4)).text)

    asyncio.run(ask())
    threads = [threading.Thread(target=asyncio.run, args=(ask(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 3
    assert all(answers)
