"""Handshake results: made once, shared, replaced once, and never poisoned."""

import asyncio
import gc
import threading
import time
import weakref

import pytest

from dragoman.errors import AuthError, HandshakeError
from dragoman.sessions.store import MAX_RESULTS, Facts, SessionStore

HOUR_S = 3600.0


class Nonce(Facts, frozen=True, kw_only=True):
    nonce: str


class Maker:
    """Makes numbered facts; each flight waits until it is let go, and may be told to fail."""

    def __init__(self, *, lives_s: float | None = None) -> None:
        self.flights = 0
        self.in_flight = 0
        self.most = 0
        self.go = asyncio.Event()
        self.go.set()
        self.began = asyncio.Event()
        self.error: Exception | None = None
        self._lives_s = lives_s

    async def __call__(self) -> Nonce:
        self.flights += 1
        number = self.flights
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        self.began.set()
        try:
            await self.go.wait()
        finally:
            self.in_flight -= 1
        if self.error is not None:
            raise self.error
        expires_at = None if self._lives_s is None else time.time() + self._lives_s
        return Nonce(nonce=f"n{number}", expires_at=expires_at)


async def everyone_waits() -> None:
    """Let every task run until it waits for something."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_result_is_made_once_and_then_shared() -> None:
    store, make = SessionStore(), Maker()

    first = await store.get("k", make)
    second = await store.get("k", make)

    assert first == (Nonce(nonce="n1"), True)
    assert second == (Nonce(nonce="n1"), False)
    assert second[0] is first[0]


async def test_another_key_is_another_result() -> None:
    store, make = SessionStore(), Maker()

    results = [(await store.get(key, make))[0].nonce for key in ("a", "b", "a")]

    assert results == ["n1", "n2", "n1"]


async def test_a_hundred_callers_share_one_flight() -> None:
    store, make = SessionStore(), Maker()
    make.go.clear()

    callers = [asyncio.create_task(store.get("k", make)) for _ in range(100)]
    await everyone_waits()
    make.go.set()
    results = await asyncio.gather(*callers)

    assert make.flights == 1
    assert {facts.nonce for facts, _ in results} == {"n1"}
    assert [fresh for _, fresh in results].count(True) == 1


async def test_callers_who_waited_share_a_result_that_dies_young() -> None:
    """Else a service with short tokens would get a handshake from every caller, one by one."""
    store, make = SessionStore(), Maker(lives_s=-1.0)
    make.go.clear()

    callers = [asyncio.create_task(store.get("k", make)) for _ in range(10)]
    await everyone_waits()
    make.go.set()
    await asyncio.gather(*callers)

    assert make.flights == 1
    assert (await store.get("k", make))[0].nonce == "n2"


async def test_an_error_is_shared_with_those_who_waited_and_with_nobody_else() -> None:
    store, make = SessionStore(), Maker()
    make.error = HandshakeError("no nonce").located(provider="p", host="h", step="page")
    make.go.clear()

    callers = [asyncio.create_task(store.get("k", make)) for _ in range(10)]
    await everyone_waits()
    make.go.set()
    results = await asyncio.gather(*callers, return_exceptions=True)

    assert make.flights == 1
    assert {str(error) for error in results} == {"p at h: page: no nonce"}
    assert len({id(error) for error in results}) == len(results)
    make.error = None
    assert await store.get("k", make) == (Nonce(nonce="n2"), True)


async def test_a_cancelled_flight_poisons_nobody() -> None:
    store, make = SessionStore(), Maker()
    make.go.clear()
    leader = asyncio.create_task(store.get("k", make))
    await make.began.wait()
    waiters = [asyncio.create_task(store.get("k", make)) for _ in range(5)]
    await everyone_waits()

    leader.cancel()
    await asyncio.wait([leader])
    make.go.set()
    results = await asyncio.gather(*waiters)

    assert leader.cancelled()
    assert {facts.nonce for facts, _ in results} == {"n2"}
    assert make.flights == 2


async def test_a_cancelled_waiter_leaves_the_flight_alone() -> None:
    store, make = SessionStore(), Maker()
    make.go.clear()
    leader = asyncio.create_task(store.get("k", make))
    await make.began.wait()
    waiter = asyncio.create_task(store.get("k", make))
    await everyone_waits()

    waiter.cancel()
    await asyncio.wait([waiter])
    make.go.set()

    assert await leader == (Nonce(nonce="n1"), True)


async def test_a_bug_in_a_flight_is_not_shared() -> None:
    """Only a `ChatError` is the service's answer; the next caller tries for itself."""
    store, make = SessionStore(), Maker()
    make.error = KeyError("bug")
    make.go.clear()
    callers = [asyncio.create_task(store.get("k", make)) for _ in range(3)]
    await everyone_waits()

    make.go.set()
    results = await asyncio.gather(*callers, return_exceptions=True)

    assert [type(error) for error in results] == [KeyError] * 3
    assert make.flights == 3


async def test_a_refused_result_is_replaced_once() -> None:
    """All were refused with the same result; the second sees that it is already replaced."""
    store, make = SessionStore(), Maker()
    refused, _ = await store.get("k", make)

    results = await asyncio.gather(*[store.get("k", make, instead_of=refused) for _ in range(10)])

    assert make.flights == 2
    assert {facts.nonce for facts, _ in results} == {"n2"}
    assert await store.get("k", make, instead_of=refused) == (Nonce(nonce="n2"), False)


async def test_a_new_caller_waits_for_the_refresh_and_does_not_get_the_refused() -> None:
    store, make = SessionStore(), Maker()
    refused, _ = await store.get("k", make)
    make.go.clear()
    refresh = asyncio.create_task(store.get("k", make, instead_of=refused))
    await everyone_waits()

    newcomer = asyncio.create_task(store.get("k", make))
    await everyone_waits()
    make.go.set()

    assert (await newcomer)[0] is (await refresh)[0]


async def test_a_failed_refresh_is_told_to_those_who_waited_and_then_tried_anew() -> None:
    store, make = SessionStore(), Maker()
    refused, _ = await store.get("k", make)
    make.error = AuthError("dead")
    make.go.clear()

    callers = [asyncio.create_task(store.get("k", make, instead_of=refused)) for _ in range(3)]
    await everyone_waits()
    make.go.set()
    results = await asyncio.gather(*callers, return_exceptions=True)
    make.error = None

    assert [str(error) for error in results] == ["dead"] * 3
    assert make.flights == 2
    assert await store.get("k", make) == (Nonce(nonce="n3"), True)


@pytest.mark.parametrize(("lives_s", "flights"), [(None, 1), (HOUR_S, 1), (0.0, 2), (-HOUR_S, 2)])
async def test_a_result_says_until_when_it_is_good(lives_s: float | None, flights: int) -> None:
    store, make = SessionStore(), Maker(lives_s=lives_s)

    await store.get("k", make)
    await store.get("k", make)

    assert make.flights == flights


async def test_a_forgotten_result_is_made_anew() -> None:
    store, make = SessionStore(), Maker()
    await store.get("k", make)

    store.forget("k")
    store.forget("never heard of")

    assert (await store.get("k", make))[0].nonce == "n2"


async def test_the_longest_unused_results_go_first() -> None:
    store, make = SessionStore(), Maker()
    for key in range(MAX_RESULTS):
        await store.get(key, make)
    await store.get(0, make)

    await store.get("one more", make)

    assert (await store.get(0, make))[1] is False
    assert (await store.get(1, make))[1] is True
    assert len(store._slots) == MAX_RESULTS


async def test_a_result_in_the_making_is_never_thrown_out() -> None:
    store, make, slow = SessionStore(), Maker(), Maker()
    slow.go.clear()
    leader = asyncio.create_task(store.get("slow", slow))
    await slow.began.wait()

    for key in range(MAX_RESULTS + 10):
        await store.get(key, make)
    waiter = asyncio.create_task(store.get("slow", slow))
    await everyone_waits()
    slow.go.set()

    assert (await leader)[0] is (await waiter)[0]
    assert slow.flights == 1


async def test_when_all_are_in_the_making_none_is_thrown_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dragoman.sessions.store.MAX_RESULTS", 2)
    store, make = SessionStore(), Maker()
    make.go.clear()

    callers = [asyncio.create_task(store.get(key, make)) for key in range(3)]
    await everyone_waits()
    make.go.set()
    await asyncio.gather(*callers)

    assert make.flights == 3


def test_two_loops_share_nothing() -> None:
    async def ask() -> str:
        store, make = SessionStore.of_running_loop(), Maker()
        assert SessionStore.of_running_loop() is store
        results = await asyncio.gather(*[store.get("k", make) for _ in range(3)])
        assert make.flights == 1
        return results[0][0].nonce

    assert [asyncio.run(ask()), asyncio.run(ask())] == ["n1", "n1"]


def test_two_threads_with_a_loop_each_share_nothing() -> None:
    together = threading.Barrier(8)
    stores: list[SessionStore] = []

    async def ask() -> None:
        store, make = SessionStore.of_running_loop(), Maker()
        stores.append(store)
        await asyncio.gather(*[store.get("k", make) for _ in range(20)])
        assert make.flights == 1

    def run() -> None:
        together.wait()
        asyncio.run(ask())

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({id(store) for store in stores}) == 8


def test_a_store_goes_with_its_loop_also_if_somebody_waited() -> None:
    """A lock that was waited for refers to its loop, so that weak keys alone are not enough."""

    async def ask() -> weakref.ref[asyncio.AbstractEventLoop]:
        store, make = SessionStore.of_running_loop(), Maker()
        make.go.clear()
        callers = [asyncio.create_task(store.get("k", make)) for _ in range(3)]
        await everyone_waits()
        make.go.set()
        await asyncio.gather(*callers)
        return weakref.ref(asyncio.get_running_loop())

    gone = asyncio.run(ask())
    asyncio.run(ask())
    gc.collect()

    assert gone() is None


def test_no_fact_is_in_a_repr() -> None:
    assert repr(Nonce(nonce="s3cr3t")) == "Nonce(expires_at, nonce)"
