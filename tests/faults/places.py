"""Three emulators behind a client and two gateways, and one way to ask through any of them.

`a` and `b` speak OpenAI's format, `c` speaks Anthropic's, and at `dead` nobody listens. A `Told` is
the same whatever door it came through, so that one table holds for all of them. One gateway has
the short way (`dragoman.gateway.lane`), the other one has not.
"""

import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Literal

import msgspec

from dragoman import emulators
from dragoman.client import Client
from dragoman.config import Config
from dragoman.dialects.failures import failure_status
from dragoman.emulators.emulator import Emulator
from dragoman.errors import ChatError
from dragoman.events import Event, RefusalDelta, TextDelta
from dragoman.gateway.app import Application
from dragoman.messages import Refusal
from tests.gateway.house import NO_BREAKER, open_gateway
from tests.gateway.wire import WIRES, Answer, post

__all__ = ["DOORS", "PASSED", "TEXT", "WAYS", "Door", "Place", "Told", "open_place"]

TEXT = " ".join(f"w{number}" for number in range(12))

Door = Literal["client", "relayed", "around", "translated"]

DOORS: Mapping[Door, str] = {
    "client": "",
    "relayed": "chat",
    "around": "chat",
    "translated": "messages",
}
"""Each door, and the face of the gateway that it is.

`a` and `b` speak as `relayed` does: it goes the short way, and `around` is what goes around that.
"""

PASSED: frozenset[Door] = frozenset({"relayed", "around"})
"""The doors whose bytes are passed on to `a` and `b` as they stand."""

WAYS: Sequence[tuple[Door, bool]] = [(door, stream) for door in DOORS for stream in (True, False)]
"""Each door, streamed or not."""


def _chat(said: Any) -> str:
    deltas = [choice.get("delta", {}) for choice in said["choices"]]
    return "".join(delta.get("content") or delta.get("refusal") or "" for delta in deltas)


def _whole_chat(said: Any) -> str:
    message = said["choices"][0]["message"]
    return message.get("content") or message.get("refusal") or ""


def _whole_messages(said: Any) -> str:
    text = "".join(part.get("text", "") for part in said["content"])
    return text or (said.get("stop_details") or {}).get("explanation") or ""


def _messages(said: Any) -> str:
    delta = said.get("delta", {})
    return delta.get("text") or (delta.get("stop_details") or {}).get("explanation") or ""


def _responses(said: Any) -> str:
    return said["delta"] if said["type"] == "response.output_text.delta" else ""


def _gemini(said: Any) -> str:
    parts = [part for one in said["candidates"] for part in one["content"].get("parts", ())]
    return "".join(part.get("text", "") for part in parts)


_DELTAS: Mapping[str, Callable[[Any], str]] = {
    "chat": _chat,
    "responses": _responses,
    "messages": _messages,
    "gemini": _gemini,
    "ollama": lambda said: said["message"]["content"],
}
_WHOLES: Mapping[str, Callable[[Any], str]] = {"chat": _whole_chat, "messages": _whole_messages}


class Told(msgspec.Struct):
    """What came of one request.

    `status` is 200 or what the failure's is; `broken` is a failure after the first word. `attempts`
    are `"why provider"`, where the door tells of them; `events` what a streamed answer was made of.
    """

    text: str = ""
    status: int = 200
    broken: bool = False
    attempts: Sequence[str] = ()
    rescued: str = ""
    retry_after: float | None = None
    headers: Mapping[str, str] = {}
    events: Sequence[Any] = ()
    seconds: float = 0.0
    error_text: str = ""


class Place:
    """The emulators, and the doors; `around` begins when it is first asked."""

    def __init__(
        self,
        far: Mapping[str, Emulator[Any]],
        client: Client,
        gateway: tuple[str, Application],
        around: Callable[[], Awaitable[str]],
    ) -> None:
        self.far = far
        self.client = client
        self.url, self.app = gateway
        self._begin_around = around
        self._around = ""

    async def url_of(self, door: Door) -> str:
        """The address of the gateway that a door is at."""
        if door == "around" and not self._around:
            self._around = await self._begin_around()
        return self._around if door == "around" else self.url

    @property
    def asked(self) -> dict[str, int]:
        """How many chats each emulator was asked since its scenario was set, but for none."""
        return {name: far.chats for name, far in self.far.items() if far.chats}

    async def ask(
        self, door: Door, route: str, *, stream: bool, text: str = TEXT, **more: Any
    ) -> Told:
        """Ask a route, and read the answer to its end or its error.

        `more` are fields of the request, that go by the same name in both formats.
        """
        began = time.monotonic()
        if door != "client":
            at = await self.url_of(door), DOORS[door]
            told = await self._through_gateway(at, route, text, stream=stream, more=more)
        else:
            told = await (self._streamed if stream else self._whole)(route, text, more)
        told.seconds = time.monotonic() - began
        return told

    async def _whole(self, route: str, text: str, more: dict[str, Any]) -> Told:
        try:
            reply = await self.client.complete(route, text, **more)
        except ChatError as error:
            return _failed(error)
        refusals = (part.text for part in reply.message.parts if isinstance(part, Refusal))
        return Told(reply.text or "".join(refusals), events=[reply])

    async def _streamed(self, route: str, text: str, more: dict[str, Any]) -> Told:
        said: list[Event] = []
        failure: ChatError | None = None
        async with self.client.stream(route, text, **more) as events:
            try:
                async for batch in events.batches():
                    said += batch
            except ChatError as error:
                failure = error
        told = Told() if failure is None else _failed(failure)
        told.text = "".join(one.text for one in said if isinstance(one, TextDelta | RefusalDelta))
        told.broken = failure is not None and bool(said)
        assert failure is None or failure.text == told.text
        told.events, told.rescued = said, events.rescued
        told.attempts = [f"{one.kind} {one.candidate.provider}" for one in events.attempts]
        return told

    async def ask_face(self, face: str, route: str, *, text: str = TEXT) -> Told:
        """A streamed answer at any face of the gateway."""
        return await self._through_gateway((self.url, face), route, text, stream=True, more={})

    async def _through_gateway(
        self, at: tuple[str, str], route: str, text: str, *, stream: bool, more: dict[str, Any]
    ) -> Told:
        url, face = at
        wire = WIRES[face]
        body = wire.body(route, text, stream) | more
        async with post(url, wire.path(route, stream), body) as answer:
            await answer.read_head()
            if answer.status != 200:
                return await _refused(answer)
            if not stream:
                said = await answer.json()
                return Told(_WHOLES[face](said), headers=answer.headers, events=[said])
            events = await answer.said()
        errors = [one for one in events if wire.error(one)]
        assert bool(errors) != answer.whole, "an end that is no end"
        told = Told(headers=answer.headers, events=events)
        told.text = "".join(_DELTAS[face](one) for one in events if not wire.error(one))
        story = events[-1].get("dragoman", {})
        told.attempts = [f"{one['why']} {one['provider']}" for one in story.get("attempts", ())]
        told.rescued = story.get("rescued", "")
        if errors:
            told.status, told.broken = 502, True
            assert story["text"] == told.text
        return told


def _failed(error: ChatError) -> Told:
    wait_s = getattr(error, "retry_after", None)
    return Told(status=failure_status(error), retry_after=wait_s, error_text=str(error))


async def _refused(answer: Answer) -> Told:
    said = await answer.json()
    wait_s = answer.headers.get("retry-after")
    return Told(
        status=answer.status,
        retry_after=None if wait_s is None else float(wait_s),
        headers=answer.headers,
        error_text=str(said),
    )


@asynccontextmanager
async def open_place(
    routes: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    health: Mapping[str, Any] = NO_BREAKER,
    more: Mapping[str, Mapping[str, Any]] | None = None,
    **route: Any,
) -> AsyncIterator[Place]:
    """All doors, each with the same routes.

    Without `routes` there are some that are named by those they ask, in order; `route` are fields
    of all of them. `more` are fields of a provider, as the limits of one who is silent: those of
    the others are long, so that a busy machine makes nobody late.
    """
    named = routes or {
        pair: {"candidates": [f"{name}/mock-model" for name in pair]} for pair in ("ab", "ac", "ca")
    }
    async with AsyncExitStack() as stack:
        far = {
            name: await stack.enter_async_context(emulators.run(kind))
            for name, kind in (("a", "openai"), ("b", "openai"), ("c", "anthropic"))
        }
        dead = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        urls = {name: one.url for name, one in far.items()}
        urls["dead"] = f"http://127.0.0.1:{dead.getsockname()[1]}"
        dead.close()

        def config(relay: str) -> Config:
            return Config.of(
                {
                    name: {**_provider(name, url), **(more or {}).get(name, {})}
                    for name, url in urls.items()
                },
                gateway={"log": False, "relay": relay},
                routes={name: {**route, **said} for name, said in named.items()},
                health=dict(health),
            )

        async def around() -> str:
            return (await stack.enter_async_context(open_gateway(config("off"))))[0]

        client = await stack.enter_async_context(Client(config("on")))
        gateway = await stack.enter_async_context(open_gateway(config("on")))
        yield Place(far, client, gateway, around)


def _provider(name: str, url: str) -> dict[str, Any]:
    is_claude = name == "c"
    return {
        "dialect": "anthropic_messages" if is_claude else "openai_chat",
        "base_url": url if is_claude else f"{url}/v1",
        "api_key": "any-key",
        "models": ["mock-model"],
    }
