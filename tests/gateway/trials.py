"""What is tried at each face with each provider: a column of the matrix in the docs.

A trial gives the word that stands in the matrix; what it may not be is an assertion.
"""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, Literal

import msgspec
import pytest

from dragoman.emulators.emulator import Emulator
from tests.emulators.openai_wire import PNG as PNG_URL
from tests.gateway.asked import SCHEMA, Asked, Said
from tests.gateway.clients import Talker

__all__ = ["TRIALS", "Kind", "Trial", "outcome"]

Kind = Literal["dialect", "service", "echo", "local"]
Word = str

YES, NO, REFUSED = "yes", "–", "refused"
GAP_S = 0.05
WAIT_S = 30
WORDS = "one two three four five six"
PNG = base64.b64decode(PNG_URL.partition(",")[2])
UNICODE = "Größe und 大きさ: 👩‍👩‍👧 ok"
CITY = '{"city":"Paris"}'


class Trial(msgspec.Struct, frozen=True):
    """A face's SDK, the model it asks, and the far side, if that is an emulator."""

    talker: Talker
    model: str
    kind: Kind
    far: Emulator[Any] | None

    def scenario(self, **knobs: Any) -> None:
        if self.far is not None:
            self.far.scenario(**knobs)

    async def send(self, *turns: str, **more: Any) -> Said:
        if self.kind == "local" and "schema" not in more:
            # Each word of a real model takes its time.
            more = {"limit": 24, **more}
        return await self.talker.send(self.model, Asked(turns=turns, **more))

    async def arrivals(self, text: str) -> tuple[list[str], float]:
        """The deltas, and the seconds between the first and the last."""
        said: list[str] = []
        first = last = 0.0
        async with aclosing(self.talker.deltas(self.model, text)) as deltas:
            async for delta in deltas:
                last = time.monotonic()
                first = first or last
                said.append(delta)
        return said, last - first

    def heard(self) -> str:
        """The last chat that the far side was asked, as JSON."""
        assert self.far is not None
        body = self.far.journal[-1]["body"]
        return body if isinstance(body, str) else msgspec.json.encode(body).decode()


async def text(trial: Trial) -> Word:
    said = await trial.send(WORDS)

    assert said.text.strip() == WORDS if trial.kind != "local" else said.text.strip()
    return YES


async def stream(trial: Trial) -> Word:
    trial.scenario(slow={"between_events_s": GAP_S})
    said, spread_s = await trial.arrivals(WORDS)

    assert trial.kind == "local" or "".join(said).strip() == WORDS
    if len(said) == 1:
        assert trial.kind == "service"
        return "in one piece"
    assert len(said) > 2
    assert trial.far is None or spread_s >= 2 * GAP_S
    return YES


async def turns(trial: Trial) -> Word:
    said = await trial.send("first", "second", "third", system="Be brief.")

    if trial.far is not None:
        heard = trial.heard()
        assert all(each in heard for each in ("first", "second", "third", "Be brief."))
    assert trial.kind == "local" or "third" in said.text
    return YES


async def unicode(trial: Trial) -> Word:
    if trial.kind == "local":
        return NO
    whole = await trial.send(UNICODE)
    said, _ = await trial.arrivals(UNICODE)

    assert whole.text.strip() == UNICODE
    assert "".join(said).strip() == UNICODE
    return YES


async def tool(trial: Trial) -> Word:
    if trial.kind == "local":
        # So small a model calls nothing of itself.
        return NO
    call = {"name": "weather", "arguments": {"city": "Paris"}}
    if trial.kind == "dialect":
        trial.scenario(answer=[{"tool_call": call}])
    name, arguments, answer = await trial.talker.call_tool(trial.model)

    given = msgspec.json.decode(arguments) if isinstance(arguments, str) else dict(arguments)
    assert (name, given, answer) == ("weather", {"city": "Paris"}, "It rains.")
    return YES


async def structured(trial: Trial) -> Word:
    if trial.kind == "dialect":
        trial.scenario(answer=[{"text": CITY}])
    said = await trial.send("The capital of France, as JSON.", schema=SCHEMA)

    assert isinstance(msgspec.json.decode(said.text)["city"], str)
    if trial.far is not None:
        assert all(f'"{word}"' in trial.heard() for word in ("city", "properties"))
    return YES


async def image(trial: Trial) -> Word:
    await trial.send("What is this?", image=PNG)

    # Google's SDK writes the other alphabet, which is passed on.
    heard = trial.heard().replace("-", "+").replace("_", "/")
    assert base64.b64encode(PNG).decode() in heard
    return YES


async def usage(trial: Trial) -> Word:
    if trial.kind == "dialect":
        counts = {"input_tokens": 11, "output_tokens": 7}
        trial.scenario(answer=[{"text": "Hi"}, {"usage": counts}])
    said = await trial.send("one two three")

    if trial.kind == "service":
        assert not said.read
        assert not said.written
        return "not counted"
    if trial.kind == "dialect":
        assert (said.read, said.written) == (11, 7)
    assert said.read
    assert said.written
    return YES


async def finish(trial: Trial) -> Word:
    if trial.kind == "dialect":
        trial.scenario(answer=[{"text": "Hi"}, {"finish_reason": "length"}])
    elif trial.kind != "local":
        assert (await trial.send(WORDS)).finish == trial.talker.STOP
        return "only the end"
    said = await trial.send("Tell me a very long story.", limit=16)

    assert said.finish == trial.talker.LENGTH
    return YES


async def error(trial: Trial) -> Word:
    if trial.far is None:
        return NO
    # Longer than a gateway waits by itself.
    trial.scenario(status=429, retry_after=WAIT_S)
    ways: tuple[Callable[[str], Awaitable[object]], ...] = (trial.send, trial.arrivals)
    for ask in ways:
        with pytest.raises(Exception, match=r".") as caught:
            await ask(WORDS)
        status, wait = trial.talker.failed(caught.value)
        assert status == 429
        assert wait == (str(WAIT_S) if trial.talker.TELLS_WAIT else None)
    return YES if trial.talker.TELLS_WAIT else "without the wait"


async def cancel(trial: Trial) -> Word:
    far = trial.far
    if far is None:
        return NO
    trial.scenario(stall={"headers": False})
    asking = asyncio.ensure_future(trial.send(WORDS))
    await far.wait_until(lambda far: far.answers == 1)
    left = far.abandoned
    asking.cancel()
    await far.wait_until(lambda far: far.abandoned == left + 1)
    if trial.kind == "dialect":
        trial.scenario(slow={"between_events_s": GAP_S})
        begun = asyncio.Event()
        reading = asyncio.ensure_future(_read(trial, begun))
        await asyncio.wait_for(begun.wait(), 10)
        reading.cancel()
        await far.wait_until(lambda far: far.abandoned == left + 2)
    return YES


async def _read(trial: Trial, begun: asyncio.Event) -> None:
    """Read a long answer; who only leaves the loop over it leaves Google's SDK reading on."""
    async with aclosing(trial.talker.deltas(trial.model, f"{WORDS} " * 50)) as deltas:
        async for _ in deltas:
            begun.set()


TRIALS: Mapping[str, Callable[[Trial], Awaitable[Word]]] = {
    "text": text,
    "stream, spread in time": stream,
    "system and several turns": turns,
    "Unicode": unicode,
    "tool and back": tool,
    "structured output": structured,
    "image": image,
    "usage": usage,
    "finish reason": finish,
    "429 as the SDK's own class, with its wait": error,
    "cancel": cancel,
}
"""The columns of the matrix."""


async def outcome(name: str, trial: Trial) -> Word:
    """What came of one trial; `refused` if the SDK said so in its class for a wrong request."""
    trial.scenario()
    try:
        return await TRIALS[name](trial)
    except AssertionError:
        raise
    except Exception as caught:
        if trial.talker.failed(caught)[0] != 400:
            raise
        if trial.far is not None:
            assert trial.far.journal == [], "it was sent nonetheless"
        return REFUSED
