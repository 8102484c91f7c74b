"""The ordinary way of a chat: heard in one dialect, asked of any provider, said in the first.

An error before anything was said is a status with the face's own body; later it is the face's
in-band error, and then the connection is cut: never a clean end over half an answer. While the
provider is silent, the face's own sign of life is sent.
"""

import json
import time
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing

import msgspec

from dragoman.dialects.dialect import Stamp
from dragoman.errors import ChatError, InputError, MissingRequirementsError
from dragoman.event_stream import gather
from dragoman.events import Event, Usage
from dragoman.gateway.door import Begun, GatewayDoor, Question
from dragoman.gateway.faces import Address, Face
from dragoman.gateway.headers import made_headers, request_id_of
from dragoman.gateway.record import Record
from dragoman.gateway.speaking import Speaking
from dragoman.gateway.state import Gateway, Held
from dragoman.gateway.streaming import Streaming
from dragoman.gateway.tracing import asking as traced
from dragoman.gateway.visit import GoneError, TooLargeError, Visit
from dragoman.gateway_settings import GatewayKey
from dragoman.limits import Admission, UsedUpError
from dragoman.names import resolve_route
from dragoman.prices import price_of
from dragoman.routing.explained import explain_json
from dragoman.routing.flights import Flight
from dragoman.routing.rescue import Answering

__all__ = ["BrokenAnswerError", "Resumed", "ask", "cost_of", "resume"]


class BrokenAnswerError(Exception):
    """The answer broke after its beginning was sent: the server cuts the connection."""


async def ask(gateway: Gateway, visit: Visit, face: Face, address: Address) -> None:
    """Answer one chat."""
    record = Record(request_id_of(visit.headers), face.name)
    held = await gateway.held()
    gateway.meter.begin(record)
    held.enter()
    asking = _Asking(held, visit, face, address, record)
    await _to_the_end(gateway, asking, asking.run())


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """A chat that was let in and asked elsewhere, and is to be answered from there on."""

    held: Held
    face: Face
    address: Address
    model: str
    stream: bool
    body: bytes
    key: GatewayKey | None
    admission: Admission
    record: Record
    begun: Begun


async def resume(gateway: Gateway, visit: Visit, resumed: Resumed) -> None:
    """Answer the rest of a chat; what was begun for it is ended with it."""
    record, held = resumed.record, resumed.held
    asking = _Asking(held, visit, resumed.face, resumed.address, record)
    await _to_the_end(gateway, asking, asking.resume(resumed))


async def _to_the_end(gateway: Gateway, asking: "_Asking", work: Awaitable[None]) -> None:
    """Do it, and count and log what came of it."""
    record, held = asking.record, asking.held
    try:
        await work
    except GoneError:
        record.error = "gone"
    finally:
        asking.note()
        record.skipped_events += held.reach.line.skipped.pop(record.provider, 0)
        record.status = asking.visit.status
        gateway.settle(record, held)
        held.leave()


class _Asked(msgspec.Struct):
    """What has to be known of a request before it is known who answers it."""

    model: str = ""
    stream: bool | None = None


_EXPLAINED_BYTES = 8_000
_ASKED = msgspec.json.Decoder(_Asked)


def _peek(body: bytes, address: Address) -> _Asked:
    try:
        if not body.isascii():
            # What is passed over is not looked at by the decoder, and may be relayed as it is.
            body.decode()
        asked = _ASKED.decode(body)
    except msgspec.ValidationError as exc:
        raise InputError(f"the request: {exc}", place="model") from exc
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise InputError("the request's body is no JSON object") from exc
    if address.model:
        return _Asked(address.model, address.stream)
    if not asked.model:
        raise InputError("model: is missing", place="model")
    return asked


class _Asking:
    """One chat under way."""

    def __init__(
        self, held: Held, visit: Visit, face: Face, address: Address, record: Record
    ) -> None:
        self.held = held
        self.visit = visit
        self._face = face
        self._address = address
        self.record = record
        self._admission: Admission | None = None
        self._key: GatewayKey | None = None
        self._answering: Answering | None = None
        self._explained: dict[str, object] | None = None
        self._begun: Begun | None = None

    async def resume(self, resumed: Resumed) -> None:
        """From where it stands to the last byte."""
        self._key, self._admission, self._begun = resumed.key, resumed.admission, resumed.begun
        asked = _Asked(resumed.model, resumed.stream)
        await self._answered(self.visit.while_there(self._answer(resumed.body, asked)))

    async def run(self) -> None:
        """From the body to the last byte."""
        await self._answered(self._enter())

    async def _answered(self, work: Awaitable[None]) -> None:
        try:
            await work
        except ChatError as error:
            await self._fail(error)
        finally:
            self._spend()
            if self._admission is not None:
                self._admission.close()

    async def _enter(self) -> None:
        key = self.held.keys.check(self.visit.headers, self.visit.query().get("key"))
        self._key = key
        self.record.key_name = key.name if key else ""
        body = await self.visit.body(self.held.settings.body_limit_bytes)
        self._admission = self.held.limits.admit(key, time.monotonic())
        asked = _peek(body, self._address)
        await self.visit.while_there(self._answer(body, asked))

    async def _answer(self, body: bytes, asked: _Asked) -> None:
        held, record = self.held, self.record
        route = resolve_route(asked.model, held.config)
        if route.is_named:
            held.keys.may(self._key, route.name)
        stream = self._face.streams_unasked if asked.stream is None else asked.stream
        record.stream = stream
        question = Question(
            face=self._face,
            address=self._address,
            headers=self.visit.headers,
            body=body,
            route=route,
            stream=stream,
            key=self._key,
        )
        planner = await held.reach.planner()
        begun = self._begun
        door = GatewayDoor(held, planner, question=question, record=record, begun=begun)
        chat = door.chat_for_plan()
        first = begun.candidate if begun is not None else None
        answer = await held.reach.answer(route, chat, door, whole=not stream, first=first)
        self._answering = answer.answer if isinstance(answer, Flight) else answer
        if self.visit.headers.get("x-dragoman-explain") == "1":
            self._explained = explain_json(self._answering.plan)
        if not record.provider:
            candidate = route.candidates[0]
            record.provider, record.model = candidate.provider, candidate.model
        with traced(chat or door.placeholder(), record, self.visit.headers):
            async with aclosing(answer.batches()) as batches:
                await self._say(batches, door, question)

    async def _say(
        self, batches: AsyncGenerator[list[Event], None], door: GatewayDoor, question: Question
    ) -> None:
        answering, record = self._answering, self.record
        assert answering is not None  # noqa: S101 - set by the caller
        if question.stream:
            speaking = Speaking(
                answering,
                door,
                lambda: self._face.encoder(door.asked(), self._stamp(), self._address),
                speech=self._face.speech,
                record=record,
                on_end=self._spend,
            )
            streaming = Streaming(self.visit, speaking, self.held.settings.ping_s)
            await streaming.run(batches, self._stream_headers)
            self.note()
            return
        gathered = await gather(self._noted(batches))
        attempt = answering.current
        wire = door.wires.get(attempt) if attempt is not None else None
        if wire is not None and wire.is_as_asked:
            said = wire.take()
        else:
            said = self._face.speech.encode_reply(gathered, door.asked(), self._stamp())
        self._spend()
        await self.visit.answer(200, said, self._headers("application/json"))

    def _spend(self) -> None:
        """Count the tokens, before the caller has all of the answer and asks again."""
        if self._admission is not None:
            self._admission.spent(self.record.usage)

    async def _noted(
        self, batches: AsyncGenerator[list[Event], None]
    ) -> AsyncGenerator[list[Event], None]:
        async for batch in batches:
            self.record.note(batch)
            yield batch

    def note(self) -> None:
        """Note who answered, as far as it is known, and what it cost."""
        answering, record = self._answering, self.record
        if answering is None or not answering.attempts:
            return
        record.note_who(answering)
        if record.usage is not None and record.cost is None:
            entry = self.held.config.providers[record.provider]
            record.cost = cost_of(entry.prices, record.model, record.usage)

    def _stamp(self) -> Stamp:
        return Stamp(self.record.request_id.removeprefix("req_"), time.time())

    def _headers(self, media_type: str) -> list[tuple[str, str]]:
        self.note()
        headers = [("content-type", media_type), *made_headers(self.record)]
        if self._explained is not None:
            headers.append(("x-dragoman-explain", _ascii_json(self._explained)))
        return [*headers, *self._admission.headers()] if self._admission else headers

    def _stream_headers(self) -> list[tuple[str, str]]:
        media_type = self._face.media_type(self._address)
        # A proxy in front must neither keep the events nor change them.
        quiet = [("cache-control", "no-cache, no-transform"), ("x-accel-buffering", "no")]
        return [*self._headers(media_type), *quiet]

    async def _fail(self, error: ChatError) -> None:
        """Say an error in the face's own words, as a whole reply."""
        self.record.error = type(error).__name__
        if self.visit.started:
            raise BrokenAnswerError from error
        failure = self._face.speech.encode_failure(error)
        status = 413 if isinstance(error, TooLargeError) else failure.status
        headers = [*self._headers("application/json"), *failure.headers.items()]
        if isinstance(error, UsedUpError):
            headers += error.headers
        await self.visit.answer(status, failure.body, headers)


def _ascii_json(value: object) -> str:
    """JSON that a header can hold."""
    return json.dumps(value)[:_EXPLAINED_BYTES]


def cost_of(prices: str, model: str, usage: Usage) -> float | None:
    """US dollars, if the extra `prices` is there and the model is listed.

    `prices` is what the list calls the provider.
    """
    try:
        price = price_of(prices, model, usage)
    except MissingRequirementsError:
        return None
    return None if price is None else float(price)
