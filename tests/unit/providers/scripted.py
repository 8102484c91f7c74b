"""A transport that answers from a script, and a provider as simple as can be."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import msgspec

from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.errors import ChatError, HandshakeError, ResponseError, StreamTruncatedError
from dragoman.events import Event, Finished, Started, TextDelta
from dragoman.messages import Message, Text
from dragoman.providers.base import HttpProvider, ProviderModelMixin
from dragoman.providers.call import Call, Decoder, Handshake, StaleSession, Step
from dragoman.sessions.store import Facts
from dragoman.transport.base import Limits, Reply, Transport
from dragoman.transport.line import Line, LineSettings
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead
from dragoman.wire.status import status_error


class Scripted(msgspec.Struct):
    """One reply: its chunks, and an error after them; a callable chunk is awaited first."""

    chunks: list[bytes]
    status: int = 200
    headers: dict[str, str] = {}
    error: Exception | None = None
    wait: Callable[[], object] | None = None


class ScriptedReply:
    def __init__(self, script: Scripted, url: str) -> None:
        self.head = ReplyHead(script.status, script.headers, url)
        self.set_cookies: tuple[tuple[str, str], ...] = ()
        self._script = script
        self._chunks = list(script.chunks)

    async def read(self) -> bytes:
        if self._chunks:
            return self._chunks.pop(0)
        if self._script.wait is not None:
            await self._script.wait()  # type: ignore[misc]  # an async function
        if self._script.error is not None:
            raise self._script.error
        return b""


class ScriptedTransport:
    """Answers each request with the next reply of the script, and remembers both."""

    def __init__(self, *script: Scripted | Exception) -> None:
        self.script = list(script)
        self.sent: list[HttpRequest] = []
        self.open = 0

    @asynccontextmanager
    async def send(self, request: HttpRequest, limits: Limits) -> AsyncIterator[Reply]:
        self.sent.append(request)
        script = self.script.pop(0)
        if isinstance(script, Exception):
            raise script
        self.open += 1
        try:
            yield ScriptedReply(script, request.url)
        finally:
            self.open -= 1

    async def close(self) -> None:
        """Nothing to close."""


class ScriptedLine(Line):
    """A line whose every transport is the scripted one."""

    def __init__(self, *script: Scripted | Exception) -> None:
        super().__init__()
        self.scripted = ScriptedTransport(*script)

    def transport(self, settings: LineSettings) -> Transport:
        return cast(Transport, self.scripted)


class ToyFacts(Facts, frozen=True, kw_only=True):
    nonce: str


class ToyDecoder:
    """Words; `.` ends the answer, `!` says that the session is dead, `~` forgets the end.

    `?` is passed over.
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._started = False
        self._forgetful = False
        self.skipped = 0

    def feed(self, chunk: bytes) -> list[Event]:
        events: list[Event] = []
        for word in chunk.decode().split():
            if word == "!":
                raise StaleSession(ResponseError("the session is dead"))
            if not self._started:
                self._started = True
                events.append(Started(self._model))
            if word == "?":
                self.skipped += 1
            elif word == "~":
                self._forgetful = True
            else:
                events.append(Finished() if word == "." else TextDelta(word))
        return events

    def close(self) -> list[Event]:
        if self._started:
            return [] if self._forgetful else [Finished()]
        raise StreamTruncatedError("cut")


class Toy(ProviderModelMixin, HttpProvider[ToyFacts]):
    """One step for a nonce, then the chat."""

    name = "toy"
    url = "https://toy.test"
    default_model = "m"

    def handshake(self, call: Call) -> Handshake[ToyFacts]:
        reply = yield Step("page", HttpRequest("GET", f"{call.base_url}/page"))
        if error := status_error(reply, call.now):
            raise error
        if not reply.body:
            raise HandshakeError("no nonce")
        return ToyFacts(nonce=reply.body.decode())

    def request(self, call: Call, facts: ToyFacts) -> HttpRequest:
        return HttpRequest("POST", f"{call.base_url}/chat", {}, facts.nonce.encode())

    def decoder(self, call: Call, head: ReplyHead) -> Decoder:
        return ToyDecoder(call.chat.model)

    def failure(self, call: Call, reply: HttpReply) -> ChatError | StaleSession | None:
        if reply.head.status == 418:
            return None
        if reply.body == b"!":
            return StaleSession(ResponseError("refused"))
        return status_error(reply, call.now)


def toy_call(**limits: float) -> Call:
    chat = ChatRequest(model="", messages=(Message("user", (Text("hi"),)),))
    return Toy().call(chat, Account(), limits=Limits(**limits))
