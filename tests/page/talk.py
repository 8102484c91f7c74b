"""A conversation on the page, held without a browser: what is said, and answers while they come."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from dragoman import emulators
from dragoman.emulators.emulator import Emulator
from tests.page.place import Place, open_page

__all__ = [
    "MODEL",
    "Event",
    "Reading",
    "Room",
    "Talk",
    "begin",
    "open_room",
    "provider_at",
    "reading",
    "texts",
]

MODEL = "chat/mock-model"
PATIENCE_S = 10.0


class Event(NamedTuple):
    """One event of an answer, when it came."""

    at: float
    kind: str
    data: Any


class Reading:
    """The events of one answer, as they come."""

    def __init__(self, reply: aiohttp.ClientResponse) -> None:
        self._reply = reply
        self.seen: list[Event] = []

    async def next(self) -> Event | None:
        """The next one; a comment is the kind `:`. None at the end."""
        lines: list[str] = []
        async with asyncio.timeout(PATIENCE_S):
            while line := (await self._reply.content.readline()).decode():
                if line == "\n":
                    break
                lines.append(line.rstrip("\n"))
        if not lines:
            return None
        fields = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
        data = json.loads(fields["data"]) if "data" in fields else None
        event = Event(time.monotonic(), fields.get("event", ":"), data)
        self.seen.append(event)
        return event

    async def until(self, holds: Callable[[Event], bool]) -> Event:
        """Read on to the first for which something holds."""
        while (event := await self.next()) is not None:
            if holds(event):
                return event
        raise AssertionError(f"it did not come; there came {self.seen}")

    async def rest(self) -> list[Event]:
        """All that came, to the end."""
        while await self.next() is not None:
            pass
        return self.seen

    async def end(self) -> Any:
        """The turn that the last event tells."""
        seen = await self.rest()
        assert seen[-1].kind == "state"
        return seen[-1].data["turn"]

    def html(self, part: int = 0) -> str:
        """What a page shows now of a part, by the events so far."""
        blocks: list[str] = []
        for event in self.seen:
            if event.kind == "state":
                parts = event.data["turn"]["parts"]
                blocks = list(parts[part]["html"]) if part < len(parts) else []
            elif event.kind == "block" and event.data["part"] == part:
                del blocks[event.data["n"] + 1 :]
                blocks[event.data["n"] :] = [event.data["html"]]
        return "".join(blocks)


@asynccontextmanager
async def reading(
    place: Place, turn: str, headers: Mapping[str, str] = {}
) -> AsyncIterator[Reading]:
    """Read an answer, over a connection of its own."""
    # The buffer of one who does not read must not be the test's.
    async with (
        aiohttp.ClientSession(read_bufsize=2**22) as session,
        session.get(f"{place.url}/page/api/turns/{turn}/events", headers=headers) as reply,
    ):
        assert reply.status == 200, await reply.text()
        assert reply.content_type == "text/event-stream"
        yield Reading(reply)


class Talk:
    """One conversation."""

    def __init__(self, place: Place, id: str, headers: Mapping[str, str]) -> None:
        self.place = place
        self.id = id
        self.headers = headers

    async def ask(
        self, method: str, path: str, body: object = None
    ) -> tuple[int, Any, Mapping[str, str]]:
        """A request below `/page/api`."""
        return await self.place.ask(method, path, body, headers=self.headers)

    async def try_say(self, text: str = "Hello", **fields: Any) -> tuple[int, Any]:
        """Say something: status and answer."""
        said = {"parts": [{"type": "text", "text": text}], "models": [MODEL], **fields}
        status, told, _ = await self.ask("POST", f"/conversations/{self.id}/turns", said)
        return status, told

    async def say(self, text: str = "Hello", **fields: Any) -> tuple[Any, list[Any]]:
        """Say something: the turn, and the answers that run."""
        status, told = await self.try_say(text, **fields)
        assert status == 201, told
        return told["user"], told["answers"]

    async def stop(self, turn: Mapping[str, Any]) -> None:
        """Stop an answer."""
        status, told, _ = await self.ask("POST", f"/turns/{turn['id']}/stop")
        assert status == 204, told

    async def turns(self) -> list[Any]:
        """All turns."""
        status, told, _ = await self.ask("GET", f"/conversations/{self.id}")
        assert status == 200, told
        return list(told["turns"])

    async def turn(self, id: str) -> Any:
        """One of them."""
        return next(turn for turn in await self.turns() if turn["id"] == id)

    async def ended(self, turn: Mapping[str, Any]) -> Any:
        """An answer when it has ended, which nobody reads meanwhile."""
        async with asyncio.timeout(PATIENCE_S):
            # It is asked over its socket, as a page that was loaded anew would.
            while (found := await self.turn(turn["id"]))["state"] == "running":  # noqa: ASYNC110 - it is elsewhere
                await asyncio.sleep(0.02)
        return found

    async def whole(self, text: str = "Hello", **fields: Any) -> Any:
        """Say something, and read the answer to its end."""
        _, (answer,) = await self.say(text, **fields)
        async with reading(self.place, answer["id"], self.headers) as read:
            return await read.end()


async def begin(place: Place, *, headers: Mapping[str, str] = {}, **fields: Any) -> Talk:
    """A new conversation."""
    status, told, _ = await place.ask("POST", "/conversations", fields, headers=headers)
    assert status == 200, told
    return Talk(place, told["id"], headers)


class Room(NamedTuple):
    """A page, a conversation on it, and the emulator that answers there."""

    place: Place
    talk: Talk
    far: Emulator[Any]


@asynccontextmanager
async def open_room(
    folder: Path, *, routes: Mapping[str, Mapping[str, Any]] | None = None, **gateway: Any
) -> AsyncIterator[Room]:
    """A page in front of one emulator, whose provider is called `chat`."""
    async with emulators.run("openai") as far:
        tables = {"chat": provider_at(far.url)}
        async with open_page(folder, tables, routes=routes, **gateway) as place:
            # With keys there is nobody yet to hold one.
            talk = Talk(place, "", {}) if gateway.get("keys") else await begin(place)
            yield Room(place, talk, far)


def provider_at(url: str) -> dict[str, Any]:
    """An emulator of OpenAI's dialect as a provider."""
    return {
        "dialect": "openai_chat",
        "base_url": f"{url}/v1",
        "api_key": "any-key",
        "models": ["mock-model"],
    }


def texts(turn: dict[str, Any]) -> str:
    """What a turn says."""
    return "".join(part["text"] for part in turn["parts"] if part["type"] == "text")
