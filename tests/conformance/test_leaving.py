"""Leaving early, in every way there is, closes the connection and leaves nothing behind."""

import asyncio
from contextlib import aclosing

import pytest

from tests.conformance.subject import ASK, ONCE, Subject

CLOSED_WITHIN_S = 10.0
"""A generous bound for a busy machine; the condition is awaited, not the clock."""


async def _first_answer_under_way(subject: Subject) -> None:
    await subject.emulator.wait_until(lambda emulator: emulator.answers > 0)


async def test_leaving_the_stream_closes_the_connection(subject: Subject) -> None:
    subject.emulator.scenario(slow={"between_events_s": 60}, answer="one two three")

    async with subject.client() as client:
        stream = client.stream(ONCE, ASK)
        async with stream:
            first = asyncio.ensure_future(anext(aiter(stream)))
            await _first_answer_under_way(subject)
            first.cancel()
            await asyncio.wait([first])

        await subject.emulator.wait_idle(CLOSED_WITHIN_S)


async def test_cancelling_the_task_closes_the_connection(subject: Subject) -> None:
    subject.emulator.scenario(slow={"before_first_s": 60})
    async with subject.client() as client:
        task = asyncio.ensure_future(client.complete(ONCE, ASK))
        await _first_answer_under_way(subject)

        task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await task
        await subject.emulator.wait_idle(CLOSED_WITHIN_S)


async def test_cancelling_before_the_headers_closes_the_connection(subject: Subject) -> None:
    subject.emulator.scenario(slow={"before_headers_s": 60})
    async with subject.client() as client:
        task = asyncio.ensure_future(client.complete(ONCE, ASK))
        await subject.emulator.wait_until(lambda emulator: bool(emulator.journal), 5)

        task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await task
        await subject.emulator.wait_closed(CLOSED_WITHIN_S)


async def test_breaking_out_under_aclosing_closes_the_connection(subject: Subject) -> None:
    if not subject.streams:
        pytest.skip("gives its answer in one piece: there is nothing to break out of")
    subject.emulator.scenario(slow={"between_events_s": 0.01}, answer="word " * 1000)

    generator = subject.kind.create_async_generator(subject.model, ASK, **subject.keywords)  # type: ignore[attr-defined]  # `streams` says so
    async with aclosing(generator) as texts:
        async for _ in texts:
            break

    await subject.emulator.wait_closed(CLOSED_WITHIN_S)


async def test_nothing_is_sent_before_the_first_step(subject: Subject) -> None:
    if not subject.streams:
        pytest.skip("gives its answer in one piece")

    generator = subject.kind.create_async_generator(subject.model, ASK, **subject.keywords)  # type: ignore[attr-defined]  # `streams` says so
    await generator.aclose()

    assert subject.emulator.journal == []


async def test_a_class_leaves_no_connection_behind(subject: Subject) -> None:
    await subject.ask_class()

    await subject.emulator.wait_closed(CLOSED_WITHIN_S)
