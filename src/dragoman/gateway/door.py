"""The gateway's side of one answer: how each attempt is asked, as it stands or in other words."""

import time
from collections.abc import AsyncGenerator, Mapping

import msgspec

from dragoman.catalog import ModelCard
from dragoman.chat import ChatRequest
from dragoman.errors import ChatError, InputError
from dragoman.events import Event
from dragoman.gateway.faces import Address, Face
from dragoman.gateway.headers import passed_on
from dragoman.gateway.record import Record
from dragoman.gateway.state import Held
from dragoman.gateway_settings import GatewayKey
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.beside import unsaid
from dragoman.providers.call import Call
from dragoman.providers.exchange import exchange
from dragoman.providers.relay import RelayWire, is_relayable
from dragoman.routing.attempt import Attempt
from dragoman.routing.planning import Planner
from dragoman.routing.route import Candidate, Route
from dragoman.transport.base import Limits

__all__ = ["Begun", "GatewayDoor", "Question"]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller asked: its bytes, and where and of whom."""

    face: Face
    address: Address
    headers: Mapping[str, str]
    body: bytes
    route: Route
    stream: bool
    key: GatewayKey | None

    def decoded(self) -> ChatRequest:
        """The chat that the bytes are; `InputError` if they are none."""
        return self.face.speech.decode_request(
            self.body, model=self.address.model, stream=self.address.stream
        )


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What a first attempt, made elsewhere, has said, and the error that it ended in, if it did.

    `is_written`: the caller has these events already, and `last` is the last one's bytes.
    """

    candidate: Candidate
    call: Call
    events: list[Event]
    error: ChatError | None
    is_written: bool
    last: bytes = b""

    async def batches(self) -> AsyncGenerator[list[Event], None]:
        """As if it were made now."""
        if self.events:
            yield self.events
        if self.error is not None:
            raise self.error


class GatewayDoor:
    """A door for `rescue.Answering`, for one question."""

    def __init__(
        self,
        held: Held,
        planner: Planner,
        *,
        question: Question,
        record: Record,
        begun: Begun | None = None,
    ) -> None:
        self._held = held
        self._planner = planner
        self._question = question
        self._record = record
        self._chat: ChatRequest | None = None
        self._begun = begun
        self.wires: dict[Attempt, RelayWire] = {}
        """The attempts whose bytes are passed on, and what has them."""
        self.written: dict[Attempt, Begun] = {}
        """The attempts whose bytes were passed on already, and what they said."""

    def card(self, candidate: Candidate) -> ModelCard:
        """What is known of a candidate's model."""
        return self._planner.card(candidate)

    def chat(self) -> ChatRequest:
        """What is asked; `InputError` if the bytes are no chat."""
        if self._chat is None:
            self._chat = self._question.decoded()
        return self._chat

    def chat_for_plan(self) -> ChatRequest | None:
        """What is asked, as far as somebody must know it before anybody is asked.

        None if the only candidate takes the bytes as they stand, or if those who do are all that
        can be asked because the bytes make no chat for us.
        """
        candidates = self._question.route.candidates
        if len(candidates) == 1 and self.relays(candidates[0]):
            return None
        try:
            return self.chat()
        except InputError:
            if any(self.relays(candidate) for candidate in candidates):
                return None
            raise

    def asked(self) -> ChatRequest:
        """What is asked, for an encoder of its answer."""
        try:
            return self.chat()
        except InputError:
            # Only the service that it was passed on to understood it.
            return self.placeholder()

    def placeholder(self) -> ChatRequest:
        """A chat that stands for bytes that are passed on."""
        return msgspec.structs.replace(unsaid(""), stream=self._question.stream)

    def total_s(self, candidate: Candidate) -> float | None:
        """The limit on the whole answer."""
        return self._limits(self._planner.entry(candidate), whole=False).total_s

    def relays(self, candidate: Candidate) -> bool:
        """Whether a candidate takes the caller's bytes as they stand."""
        question = self._question
        # An answer with several readers is said to each in its own words.
        if question.address.array or question.route.share:
            return False
        return is_relayable(self._planner.entry(candidate).provider, question.face.dialect)

    def spent_s(self) -> float:
        """Seconds since the first attempt began, where that was on the short way."""
        asked_at = self._record.asked_at
        return 0.0 if asked_at is None else time.perf_counter() - asked_at

    def streams(self, candidate: Candidate) -> bool:
        """Whether a candidate is asked for a stream; a whole answer is passed on as one."""
        return self._question.stream or not self.relays(candidate)

    async def ask(
        self, attempt: Attempt, chat: ChatRequest | None, left_s: float | None
    ) -> AsyncGenerator[list[Event], None]:
        """Begin an attempt: as the caller said it where that is understood, else translated."""
        begun, self._begun = self._begun, None
        if begun is not None and begun.candidate == attempt.candidate:
            attempt.begun(begun.call)
            if begun.is_written:
                self.written[attempt] = begun
            return begun.batches()
        entry = self._planner.entry(attempt.candidate)
        is_first_answer = chat is None and attempt.kind not in ("replay", "continue")
        if is_first_answer and self.relays(attempt.candidate):
            return await self._relay(entry, attempt, left_s)
        asked = msgspec.structs.replace(
            chat or self.chat(), model=attempt.candidate.model, stream=True
        )
        if self._held.fetching is not None:
            asked = await self._held.fetching.filled(asked, entry.provider)
        limits = msgspec.structs.replace(self._limits(entry, whole=False), total_s=left_s)
        call = await self._held.reach.call(entry, asked, limits=limits)
        attempt.begun(call)
        self._asked_now(entry, attempt)
        return entry.provider.events(call, self._held.reach.line)

    async def _relay(
        self, entry: ProviderEntry, attempt: Attempt, left_s: float | None
    ) -> AsyncGenerator[list[Event], None]:
        question = self._question
        chat = msgspec.structs.replace(self.placeholder(), model=attempt.candidate.model)
        limits = self._limits(entry, whole=not question.stream)
        limits = msgspec.structs.replace(limits, total_s=left_s)
        call = await self._held.reach.call(entry, chat, limits=limits)
        attempt.begun(call)
        self._asked_now(entry, attempt)
        assert isinstance(entry.provider, DialectProvider)  # noqa: S101 - it is relayable
        passed = passed_on(question.headers)
        wire = self.wires[attempt] = RelayWire(entry.provider, question.body, passed)
        return exchange(wire, call, self._held.reach.line)

    def _limits(self, entry: ProviderEntry, *, whole: bool) -> Limits:
        return self._question.route.limits(entry.provider.LIMITS, entry.fields, whole=whole)

    def _asked_now(self, entry: ProviderEntry, attempt: Attempt) -> None:
        """The provider is asked now; an error with the status 403 if the key may not."""
        if not self._question.route.is_named:
            self._held.keys.may(self._question.key, f"{entry.name}/{attempt.model}")
        if self._record.asked_at is None:
            self._record.asked_at = time.perf_counter()
