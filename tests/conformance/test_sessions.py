"""Handshakes: one for all who may share it, renewed once, and never shared across loops."""

import asyncio
import threading

import pytest

from dragoman.errors import AuthError, ChatError
from tests.conformance.proxy import ForwardingProxy
from tests.conformance.subject import ASK, ONCE, SAID, Subject


async def _steps(subject: Subject) -> int:
    """How many requests one handshake takes, measured with a client of its own."""
    await subject.ask_class(user_agent="measure", cookies={"cf_clearance": "let-me-in", "own": "1"})
    steps = subject.handshakes
    subject.emulator.scenario()
    subject.emulator.clear_journal()
    return steps


async def test_parallel_calls_share_one_handshake(subject: Subject) -> None:
    steps = await _steps(subject)

    async with subject.client() as client:
        calls = (client.complete(ONCE, ASK) for _ in range(8))
        replies = await asyncio.gather(*calls)

    assert all(SAID in reply.text for reply in replies)
    assert subject.emulator.chats == 8
    assert subject.handshakes == steps


async def test_a_failed_handshake_is_not_tried_by_everyone(subject: Subject) -> None:
    if not await _steps(subject):
        pytest.skip("has no handshake")
    # Until all of them have come.
    subject.emulator.scenario(status=500, slow={"before_headers_s": 1})

    async with subject.client() as client:
        calls = (client.complete(ONCE, ASK) for _ in range(8))
        results = await asyncio.gather(*calls, return_exceptions=True)

    assert all(isinstance(result, ChatError) for result in results)
    assert len(subject.emulator.journal) == 1


async def test_a_stale_session_is_renewed_once_and_the_answer_arrives(subject: Subject) -> None:
    steps = await _steps(subject)
    if subject.expiring is None:
        pytest.skip("has no session that could go stale")
    subject.emulator.scenario(subject.expiring)

    async with subject.client() as client:
        await client.complete(ONCE, ASK)
        reply = await client.complete(ONCE, ASK)

    assert SAID in reply.text
    assert subject.emulator.chats == 3
    assert subject.handshakes <= 2 * steps + 1


async def test_parallel_calls_share_the_renewal(subject: Subject) -> None:
    steps = await _steps(subject)
    if subject.expiring is None:
        pytest.skip("has no session that could go stale")
    name, knob = next(iter(subject.expiring.items()))
    assert isinstance(knob, dict)
    async with subject.client() as client:
        await client.complete(ONCE, ASK)
        before = subject.handshakes
        subject.emulator.scenario({name: {**knob, "uses": 0}, "on": [1, 2, 3, 4]})

        calls = (client.complete(ONCE, ASK) for _ in range(4))
        results = await asyncio.gather(*calls, return_exceptions=True)

    renewed = subject.handshakes - before + subject.emulator.chats
    assert not [r for r in results if isinstance(r, BaseException) and not isinstance(r, ChatError)]
    assert renewed <= steps + 1 + subject.emulator.chats


async def test_a_session_that_stays_dead_is_an_error_after_two_chats(subject: Subject) -> None:
    if subject.expiring is None:
        pytest.skip("has no session that could go stale")
    name, knob = next(iter(subject.expiring.items()))
    assert isinstance(knob, dict)
    subject.emulator.scenario({name: {**knob, "uses": 0}})

    async with subject.client() as client:
        with pytest.raises(AuthError):
            await client.complete(ONCE, ASK)

    assert subject.emulator.chats <= 3


async def test_every_request_goes_through_the_proxy(subject: Subject) -> None:
    async with ForwardingProxy() as proxy:
        answer = await subject.ask_class(proxy=proxy.url)

    assert SAID in answer
    assert proxy.requests == len(subject.emulator.journal) > 0


def test_two_loops_one_after_the_other_share_nothing(threaded: Subject) -> None:
    for _ in range(2):
        assert SAID in asyncio.run(threaded.ask_class())


def test_two_threads_with_a_loop_each_do_not_disturb_each_other(threaded: Subject) -> None:
    answers: list[str] = []

    def ask() -> None:
        answers.append(asyncio.run(threaded.ask_class()))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [SAID in answer for answer in answers] == [True, True]
