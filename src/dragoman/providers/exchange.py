"""Drives one provider over one line: the only place where pure meets wire.

    facts from the store, or a handshake
      └─ attempt 1 ── stale-session signal, nothing handed out yet ──> refresh ── attempt 2
                                                                                  any error is final

There is never a third attempt, and a chat whose request may have arrived is never sent again for
a broken connection: it is not idempotent.
"""

import asyncio
import builtins
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar, cast
from urllib.parse import urlsplit

from dragoman.errors import ChatError, ResponseError, StreamTruncatedError, TimeoutError
from dragoman.events import (
    Event,
    Finished,
    Grammar,
    NativeReported,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallStarted,
)
from dragoman.providers.call import Call, Decoder, HttpWire, StaleSession, Steps
from dragoman.providers.handshake import dressed, shake_hands
from dragoman.providers.redaction import redact, secrets_of
from dragoman.providers.said import Said
from dragoman.sessions.store import Facts
from dragoman.transport.base import Limits, Reply, read_start
from dragoman.transport.line import Line
from dragoman.wire.http import HttpReply, HttpRequest

__all__ = ["exchange", "fetch"]

FactsT = TypeVar("FactsT", bound=Facts)
T = TypeVar("T")

MAX_ERROR_BYTES = 64 * 1024
_CONTENT = frozenset({TextDelta, ReasoningDelta, RefusalDelta, ToolCallStarted, NativeReported})


async def exchange(
    wire: HttpWire[FactsT], call: Call, line: Line
) -> AsyncGenerator[list[Event], None]:
    """The events of one answer, in batches as the socket gave them; the last is `Finished`.

    Raises a `ChatError` that says provider, host and step, with the text so far.
    Whoever iterates closes the generator; that closes the connection.
    """
    talk = _Talk(wire, call, line)
    try:
        while not talk.finished:
            try:
                events = await talk.next()
            except StaleSession as signal:
                await talk.renew(signal)
            else:
                yield events
    except ChatError as error:
        talk.explain(error, "chat")
        raise
    finally:
        await talk.hang_up()


async def fetch(
    wire: HttpWire[FactsT], steps: Callable[[Call, FactsT], Steps[T]], call: Call, line: Line
) -> T:
    """What steps give that ask for models; a `ChatError` says provider, host and step."""
    talk = _Talk(wire, call, line)
    try:
        facts = await talk.session()
        return await talk.shake_hands(steps(call, facts))
    except ChatError as error:
        talk.explain(error, "models")
        raise


class _Talk(Generic[FactsT]):
    """One call under way: its session, the reply that is being read, and what was said."""

    __slots__ = (
        "_call",
        "_decoder",
        "_facts",
        "_fresh",
        "_grammar",
        "_key",
        "_limit",
        "_line",
        "_renewed",
        "_reply",
        "_request",
        "_said",
        "_sending",
        "_store",
        "_transport",
        "_wire",
    )

    def __init__(self, wire: HttpWire[FactsT], call: Call, line: Line) -> None:
        self._wire = wire
        self._call = call
        self._line = line
        self._transport = line.transport(call.line)
        self._store = line.sessions
        self._key = (wire.name, call.base_url, call.account)
        limits = call.limits
        self._limit = _Limit(limits) if limits.first_token_s or limits.total_s else None
        self._facts: FactsT | None = None
        self._fresh = False
        self._renewed = False
        self._sending: AbstractAsyncContextManager[Reply] | None = None
        self._reply: Reply | None = None
        self._decoder: Decoder | None = None
        self._grammar = Grammar()
        self._request: HttpRequest | None = None
        self._said = Said()

    @property
    def finished(self) -> bool:
        """Whether `Finished` was handed out."""
        return self._grammar.finished

    def explain(self, error: ChatError, step: str) -> None:
        """Give an error its place, the text so far and a hint; take our secrets out of it."""
        wire, call = self._wire, self._call
        error.text = error.text or self._said.text()
        redact(error, self._secrets())
        error.located(provider=wire.name, host=urlsplit(call.base_url).hostname, step=step)
        error.hint = error.hint or wire.hint(call)

    def _secrets(self) -> Iterator[str]:
        yield from secrets_of(self._call.account, self._request)
        if self._facts is not None:
            yield from self._facts.secrets()

    async def next(self) -> list[Event]:
        """The next events, as many as the next bytes complete; the first call asks."""
        reply, decoder = self._reply, self._decoder
        if reply is None or decoder is None:
            reply, decoder = await self._ask()
        elif self._said:
            # An error that waits behind the last events must not wait for the next bytes too.
            decoder.feed(b"")
        while True:
            try:
                chunk = await self._keep(reply.read())
            except StreamTruncatedError as cut:
                events = _last_words(decoder, cut)
            else:
                events = decoder.feed(chunk) if chunk else _whole(decoder.close())
            if events:
                break
        self._grammar.check(events)
        self._said.add(events)
        if self._limit is not None:
            self._limit.take(events)
        return events

    async def renew(self, signal: StaleSession) -> None:
        """Make the session anew, once, and only while nothing was said; else its error is final."""
        facts = self._facts
        if self._said or facts is None:
            raise signal.error from None
        if self._renewed:
            self._store.forget(self._key)
            raise signal.error from None
        self._renewed = True
        await self.hang_up()

        async def make() -> FactsT:
            steps = self._wire.refresh(self._call, facts, signal, self._fresh)
            return await shake_hands(steps, self._call, self._transport)

        renewed = self._store.get(self._key, make, instead_of=facts)
        self._facts, _ = await self._keep(renewed)

    async def hang_up(self) -> None:
        """Close the reply; an unfinished one loses its connection."""
        sending, self._sending = self._sending, None
        if skipped := getattr(self._decoder, "skipped", 0):
            self._line.skipped[self._wire.name] += skipped
        self._reply = self._decoder = None
        if sending is not None:
            await sending.__aexit__(None, None, None)

    async def session(self) -> FactsT:
        """The facts of the session that all such calls share; the first makes them."""
        known = self._store.peek(self._key)
        if known is not None:
            self._facts = cast("FactsT", known)  # a key's facts have one type
            return self._facts

        async def make() -> FactsT:
            steps = self._wire.handshake(self._call)
            return await shake_hands(steps, self._call, self._transport)

        facts, self._fresh = await self._keep(self._store.get(self._key, make))
        self._facts = facts
        return facts

    async def shake_hands(self, steps: Steps[T]) -> T:
        """Steps that belong to this call alone."""
        return await self._keep(shake_hands(steps, self._call, self._transport))

    async def _ask(self) -> tuple[Reply, Decoder]:
        wire, call = self._wire, self._call
        facts = self._facts or await self.session()
        steps = wire.prepare(call, facts)
        if steps is not None:
            facts = await self.shake_hands(steps)
        request = self._request = dressed(wire.request(call, facts), call)
        sending = self._transport.send(request, call.limits)
        reply = await self._keep(sending.__aenter__())
        self._sending, self._reply = sending, reply
        head = reply.head
        if not 200 <= head.status < 300 or "cf-mitigated" in head.headers:
            body = await self._keep(read_start(reply, MAX_ERROR_BYTES))
            error = wire.failure(call, HttpReply(head, body))
            raise error or ResponseError(f"{head.status}: not an answer")
        self._decoder = wire.decoder(call, head)
        return reply, self._decoder

    def _keep(self, work: Awaitable[T]) -> Awaitable[T]:
        return work if self._limit is None else self._limit.keep(work)


class _Limit:
    """The limits on the first token and on the whole answer."""

    def __init__(self, limits: Limits) -> None:
        now = asyncio.get_running_loop().time()
        self._first_at = now + limits.first_token_s if limits.first_token_s else None
        self._total_at = now + limits.total_s if limits.total_s else None

    def take(self, events: list[Event]) -> None:
        """The limit on the first token ends with the first content."""
        if self._first_at is not None and any(type(event) in _CONTENT for event in events):
            self._first_at = None

    async def keep(self, work: Awaitable[T]) -> T:
        """Do some work inside the limits; `TimeoutError` names the one that passed."""
        at, name = self._total_at, "whole answer"
        if self._first_at is not None and (at is None or self._first_at < at):
            at, name = self._first_at, "first token"
        if at is None:
            return await work
        try:
            async with asyncio.timeout_at(at):
                return await work
        except builtins.TimeoutError as exc:
            if isinstance(exc, ChatError):
                raise
            raise TimeoutError(f"the limit on the {name} passed") from exc


def _whole(events: list[Event]) -> list[Event]:
    if not events or not isinstance(events[-1], Finished):
        raise StreamTruncatedError("the stream ended without its end sign")
    return events


def _last_words(decoder: Decoder, cut: StreamTruncatedError) -> list[Event]:
    """What a lost connection ended with: perhaps it was lost only after the answer's own end."""
    try:
        return _whole(decoder.close())
    except (ChatError, StaleSession):
        raise cut from None
