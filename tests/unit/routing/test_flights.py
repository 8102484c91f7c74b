"""Several readers of one answer, each at its own pace."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import pytest

from dragoman.chat import ChatRequest
from dragoman.errors import ChatError, StreamTruncatedError, TransportError
from dragoman.events import Event, Finished, Started, TextDelta
from dragoman.messages import Message, Text
from dragoman.routing.attempt import Attempt, Rescued
from dragoman.routing.flights import Flights, flight_key

SAID: list[list[Event]] = [[Started("m"), TextDelta("a")], [TextDelta("b")], [Finished()]]


class Answer:
    """An answer that says how far it was read, and whether it was closed."""

    attempts: Sequence[Attempt] = ()
    rescued: Rescued = ""

    def __init__(self, *, error: ChatError | None = None, stalls_at: int = 99) -> None:
        self.read = 0
        self.closed = False
        self._error = error
        self._stalls_at = stalls_at

    async def batches(self) -> AsyncGenerator[list[Event], None]:
        try:
            for batch in SAID:
                if self.read == self._stalls_at:
                    await asyncio.Event().wait()
                self.read += 1
                yield batch
                if self._error is not None:
                    raise self._error
        finally:
            self.closed = True


def _chat(**options: object) -> ChatRequest:
    return ChatRequest(model="", messages=(Message("user", (Text("hi"),)),), **options)  # type: ignore[arg-type] # options of a chat


def test_only_what_has_one_answer_is_shared() -> None:
    assert flight_key("r", _chat(), whole=False) is None
    assert flight_key("r", _chat(temperature=0.7), whole=False) is None
    assert flight_key("r", _chat(temperature=0.0), whole=False) is not None
    assert flight_key("r", _chat(temperature=0.7, seed=1), whole=False) is not None


def test_the_key_is_what_was_asked_of_whom() -> None:
    same = flight_key("r", _chat(seed=1), whole=False)

    assert flight_key("r", _chat(seed=1, stream=True), whole=False) == same
    others = [
        flight_key("other", _chat(seed=1), whole=False),
        flight_key("r", _chat(seed=2), whole=False),
        flight_key("r", _chat(seed=1, max_tokens=5), whole=False),
        flight_key("r", _chat(seed=1), whole=True),
    ]
    assert len({same, *others}) == 5


async def test_all_readers_hear_all_of_one_answer_also_a_late_one() -> None:
    flights: Flights[Answer] = Flights()
    made: list[Answer] = []

    def make() -> Answer:
        made.append(Answer())
        return made[-1]

    first = flights.join(b"k", make).batches()
    begun = [await anext(first), await anext(first)]
    late = [batch async for batch in flights.join(b"k", make).batches()]
    rest = [batch async for batch in first]

    assert late == SAID
    assert begun + rest == SAID
    assert len(made) == 1


async def test_what_is_over_is_not_joined() -> None:
    flights: Flights[Answer] = Flights()
    flying = [flights.join(b"k", Answer)]
    assert [batch async for batch in flying[0].batches()] == SAID

    flying.append(flights.join(b"k", Answer))
    assert [batch async for batch in flying[1].batches()] == SAID

    assert flying[0] is not flying[1]


async def test_nothing_is_read_before_a_reader_wants_it() -> None:
    answer = Answer()
    reading = Flights[Answer]().join(b"k", lambda: answer).batches()

    await anext(reading)
    for _ in range(5):
        await asyncio.sleep(0)

    assert answer.read == 1
    await reading.aclose()


async def test_a_slow_reader_holds_no_other_up() -> None:
    flights: Flights[Answer] = Flights()
    slow = flights.join(b"k", Answer).batches()
    await anext(slow)

    quick = [batch async for batch in flights.join(b"k", Answer).batches()]

    assert quick == SAID
    assert [batch async for batch in slow] == SAID[1:]


async def test_the_last_to_leave_closes_the_answer_and_none_before() -> None:
    flights: Flights[Answer] = Flights()
    answer = Answer(stalls_at=1)
    one, other = (flights.join(b"k", lambda: answer).batches() for _ in range(2))
    await anext(one)
    await anext(other)

    await one.aclose()
    assert not answer.closed

    await other.aclose()
    assert answer.closed


async def test_who_is_cancelled_while_waiting_does_not_end_the_others() -> None:
    flights: Flights[Answer] = Flights()
    answer = Answer(stalls_at=1)
    staying = flights.join(b"k", lambda: answer).batches()
    await anext(staying)

    async def read() -> None:
        async with aclosing(flights.join(b"k", lambda: answer).batches()) as batches:
            async for _ in batches:
                pass

    leaving = asyncio.create_task(read())
    await asyncio.sleep(0.01)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving

    assert not answer.closed
    await staying.aclose()


async def test_an_error_is_every_readers() -> None:
    flights: Flights[Answer] = Flights()
    error = StreamTruncatedError("cut")
    readers = [flights.join(b"k", lambda: Answer(error=error)).batches() for _ in range(2)]

    for reader in readers:
        assert await anext(reader) == SAID[0]
    for reader in readers:
        with pytest.raises(StreamTruncatedError) as caught:
            await anext(reader)
        assert caught.value is error


async def test_the_end_of_the_program_is_no_end_of_the_answer() -> None:
    """A loop that closes cancels every task, and also the one that reads for all."""
    answer = Answer(stalls_at=1)
    flight = Flights[Answer]().join(b"k", lambda: answer)
    reading = flight.batches()
    await anext(reading)
    waiting = asyncio.ensure_future(anext(reading))
    await asyncio.sleep(0)

    for task in asyncio.all_tasks() - {asyncio.current_task(), waiting}:
        task.cancel()

    with pytest.raises(TransportError):
        await waiting
