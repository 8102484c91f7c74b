"""The ordinary way of a chat: heard in one dialect, asked of any provider, said in the first.

An error before anything was said is a status with the face's own body; later it is the face's
in-band error, and then the connection is cut: never a clean end over half an answer. While the
provider is silent, the face's own sign of life is sent.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.errors import ChatError, InputError, MissingRequirementsError
from dragoman.event_stream import gather
from dragoman.events import Event, Started, TextDelta, Usage, UsageReported
from dragoman.gateway.faces import Address, Face
from dragoman.gateway.headers import made_headers, request_id_of
from dragoman.gateway.record import Record
from dragoman.gateway.relayed import Relayed
from dragoman.gateway.state import Gateway, Held
from dragoman.gateway.streaming import Streaming
from dragoman.gateway.tracing import asking as traced
from dragoman.gateway.visit import GoneError, TooLargeError, Visit
from dragoman.gateway_settings import GatewayKey
from dragoman.limits import Admission, UsedUpError
from dragoman.messages import Message
from dragoman.prices import price_of
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.relay import RelayWire, is_relayable

__all__ = ["BrokenAnswerError", "ask"]


class BrokenAnswerError(Exception):
    """The answer broke after its beginning was sent: the server cuts the connection."""


async def ask(gateway: Gateway, visit: Visit, face: Face, address: Address) -> None:
    """Answer one chat."""
    record = Record(request_id_of(visit.headers), face.name)
    held = await gateway.held()
    gateway.meter.begin(record)
    asking = _Asking(held, visit, face, address, record)
    try:
        with held.used():
            await asking.run()
    except GoneError:
        record.error = "gone"
    finally:
        record.status = visit.status
        gateway.settle(record, held)


class _Asked(msgspec.Struct):
    """What has to be known of a request before it is known who answers it."""

    model: str = ""
    stream: bool | None = None


_ASKED = msgspec.json.Decoder(_Asked)
_NOBODY = (Message("user", ()),)
# Which version of a service's API a program speaks is its own affair.
_PASSED = ("anthropic-version", "anthropic-beta", "openai-beta")


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


def _streams(face: Face) -> bool:
    """Whether a request that does not say it is to be streamed."""
    return face.dialect.startswith("ollama")


class _Asking:
    """One chat under way."""

    def __init__(
        self, held: Held, visit: Visit, face: Face, address: Address, record: Record
    ) -> None:
        self._held = held
        self._visit = visit
        self._face = face
        self._address = address
        self._record = record
        self._admission: Admission | None = None
        self._key: GatewayKey | None = None

    async def run(self) -> None:
        """From the body to the last byte."""
        try:
            key = self._held.keys.check(self._visit.headers, self._visit.query().get("key"))
            self._key = key
            self._record.key_name = key.name if key else ""
            body = await self._visit.body(self._held.settings.body_limit_bytes)
            self._admission = self._held.limits.admit(key, time.monotonic())
            asked = _peek(body, self._address)
            await self._visit.while_there(self._answer(body, asked))
        except ChatError as error:
            await self._fail(error)
        finally:
            if self._admission is not None:
                self._admission.spent(self._record.usage)
                self._admission.close()

    async def _answer(self, body: bytes, asked: _Asked) -> None:
        entry, model = await self._held.client.target(asked.model)
        self._record.provider, self._record.model = entry.name, model
        if is_relayable(entry.provider, self._face.dialect) and not self._address.array:
            chat = ChatRequest(model=model, messages=_NOBODY)
            with traced(chat, self._record, self._visit.headers):
                await self._relay(entry, model, body, asked)
        else:
            chat = self._face.speech.decode_request(
                body, model=self._address.model, stream=self._address.stream
            )
            chat = msgspec.structs.replace(chat, model=model)
            with traced(chat, self._record, self._visit.headers):
                await self._translate(entry, chat)

    async def _relay(self, entry: ProviderEntry, model: str, body: bytes, asked: _Asked) -> None:
        """Pass the bytes on, both ways."""
        record = self._record
        record.stream = _streams(self._face) if asked.stream is None else asked.stream
        chat = ChatRequest(model=model, messages=_NOBODY, stream=record.stream)
        call = await self._held.client.call(entry, chat)
        record.model = call.chat.model
        assert isinstance(entry.provider, DialectProvider)  # noqa: S101 - it is relayable
        passed = {
            name: self._visit.headers[name] for name in _PASSED if name in self._visit.headers
        }
        wire = RelayWire(entry.provider, body, passed)
        self._asked_now()
        async with (
            aclosing(self._held.client.relayed(wire, call)) as batches,
            aclosing(self._watched(batches, entry)) as watched,
        ):
            if record.stream:
                own = self._face.encoder(chat, self._stamp(), self._address)
                done = self._face.dialect == "openai_chat"
                relayed = Relayed(wire, own, ends_in_done=done)
                streaming = Streaming(self._visit, relayed, self._held.settings.ping_s)
                await streaming.run(watched, self._stream_headers, self._attempts)
            else:
                reply = await gather(watched)
                said = wire.take()
                if not wire.is_as_asked:
                    said = self._face.speech.encode_reply(reply, chat, self._stamp())
                await self._visit.answer(200, said, self._headers("application/json"))

    def _asked_now(self) -> None:
        """The provider is asked now; an error with the status 403 if the key may not."""
        self._held.keys.may(self._key, f"{self._record.provider}/{self._record.model}")
        self._record.asked_at = time.perf_counter()
        self._record.attempts = 1

    def _stamp(self) -> Stamp:
        return Stamp(self._record.request_id.removeprefix("req_"), time.time())

    async def _translate(self, entry: ProviderEntry, chat: ChatRequest) -> None:
        """Say what was heard to the provider, and its answer to the caller."""
        if self._held.fetching is not None:
            chat = await self._held.fetching.filled(chat, entry.provider)
        call = await self._held.client.call(entry, msgspec.structs.replace(chat, stream=True))
        record, stamp = self._record, self._stamp()
        record.model, record.dropped, record.stream = call.chat.model, call.dropped, chat.stream
        self._asked_now()
        async with (
            aclosing(self._held.client.events(entry, call)) as batches,
            aclosing(self._watched(batches, entry)) as watched,
        ):
            if chat.stream:
                encoder = self._face.encoder(chat, stamp, self._address)
                streaming = Streaming(self._visit, encoder, self._held.settings.ping_s)
                await streaming.run(watched, self._stream_headers, self._attempts)
            else:
                reply = await gather(watched)
                body = self._face.speech.encode_reply(reply, chat, stamp)
                await self._visit.answer(200, body, self._headers("application/json"))

    async def _watched(
        self, batches: AsyncGenerator[list[Event], None], entry: ProviderEntry
    ) -> AsyncGenerator[list[Event], None]:
        """The same batches, with what they tell of noted."""
        record = self._record
        async for batch in batches:
            if record.replied_at is None:
                record.replied_at = time.perf_counter()
            for event in batch:
                kind = type(event)
                if kind is TextDelta:
                    if record.first_token_at is None:
                        record.first_token_at = time.perf_counter()
                elif isinstance(event, UsageReported):
                    record.usage = event.usage
                    record.cost = cost_of(entry, record.model, event.usage)
                elif isinstance(event, Started):
                    record.model = event.model or record.model
            yield batch

    def _headers(self, media_type: str) -> list[tuple[str, str]]:
        headers = [("content-type", media_type), *made_headers(self._record)]
        return [*headers, *self._admission.headers()] if self._admission else headers

    def _stream_headers(self) -> list[tuple[str, str]]:
        media_type = self._face.media_type(self._address)
        # A proxy in front must neither keep the events nor change them.
        quiet = [("cache-control", "no-cache, no-transform"), ("x-accel-buffering", "no")]
        return [*self._headers(media_type), *quiet]

    def _attempts(self, error: ChatError) -> list[dict[str, object]]:
        """Who was asked, and what came of it."""
        record = self._record
        return [{"provider": record.provider, "model": record.model, "error": str(error)}]

    async def _fail(self, error: ChatError) -> None:
        """Say an error in the face's own words, as a whole reply."""
        self._record.error = type(error).__name__
        if self._visit.started:
            raise BrokenAnswerError from error
        failure = self._face.speech.encode_failure(error)
        status = 413 if isinstance(error, TooLargeError) else failure.status
        headers = [*self._headers("application/json"), *failure.headers.items()]
        if isinstance(error, UsedUpError):
            headers += error.headers
        await self._visit.answer(status, failure.body, headers)


def cost_of(entry: ProviderEntry, model: str, usage: Usage) -> float | None:
    """US dollars, if the extra `prices` is there and the model is listed."""
    try:
        price = price_of(entry.prices, model, usage)
    except MissingRequirementsError:
        return None
    return None if price is None else float(price)
