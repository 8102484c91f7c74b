"""Who is asked when, until one answer is whole: retries, failover, rescue, for every door.

    before the first word   by the table of `verdicts.py`: again, the next, a larger one, or the end
    after it                replay: ask again and swallow what was said already
                            continue: ask for the rest, of who goes on with a begun answer
                            else the error that broke it, with the text so far

What is handed out is always the beginning of one answer, never two spliced. Nothing runs beside
the reader: leaving the generator closes whatever is open.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Literal

from msgspec.structs import replace

from dragoman.chat import ChatRequest
from dragoman.errors import (
    ChatError,
    InputError,
    MissingRequirementsError,
    ModelNotSupportedError,
    TimeoutError,
)
from dragoman.events import Event, Finished
from dragoman.routing.attempt import Attempt, Kind, Rescued, Stream
from dragoman.routing.continuation import Continuation, prefilled
from dragoman.routing.door import Batches, Door
from dragoman.routing.health import Health
from dragoman.routing.racing import race
from dragoman.routing.replay import Parted, Replay
from dragoman.routing.route import Candidate, Route
from dragoman.routing.router import Choice, Plan, Skipped, nothing_left
from dragoman.routing.said import Said
from dragoman.routing.verdicts import backoff_s, verdict

__all__ = ["Answering"]

_Begun = tuple[Stream, list[Event]]


class Answering:
    """One answer from one of a plan's candidates. `batches` is read once.

    `whole`: nothing is handed out before all of it is there, so that any failure is one before
    the first word. `begun`: the first candidate was asked already, and the door has what came.
    """

    def __init__(
        self,
        route: Route,
        plan: Plan,
        door: Door,
        *,
        health: Health,
        whole: bool = False,
        begun: bool = False,
    ) -> None:
        self._route = route
        self.plan = plan
        self._door = door
        self._health = health
        self._whole = whole
        self._begun = begun
        self._began_at = time.monotonic() - door.spent_s()
        self._stream: Stream | None = None
        self.attempts: list[Attempt] = []
        """Every attempt, in order."""
        self.said = Said()
        """What was handed out."""
        self.rescued: Rescued = ""
        """How the answer was rescued, last, if it was."""

    @property
    def current(self) -> Attempt | None:
        """The attempt whose answer is being read, or was last asked."""
        if self._stream is not None:
            return self._stream.attempt
        return self.attempts[-1] if self.attempts else None

    def told(self) -> list[dict[str, object]]:
        """The attempts for a reader."""
        return [attempt.told() for attempt in self.attempts]

    async def batches(self) -> Batches:
        """The events of the answer in batches, ending in `Finished`; or a `ChatError`."""
        try:
            batch: list[Event] | None = await self._first()
            while batch is not None:
                if batch:
                    self.said.add(batch)
                    if type(batch[-1]) is Finished:
                        self._succeeded(self._open().attempt)
                    yield batch
                batch = await self._next()
        finally:
            await self._hang_up()

    async def _next(self) -> list[Event] | None:
        stream = self._open()
        try:
            return await stream.next()
        except ChatError as error:
            return await self._go_on(stream, error)

    def _open(self) -> Stream:
        assert self._stream is not None  # noqa: S101 - there is a first word
        return self._stream

    async def _first(self) -> list[Event]:
        """Everything up to the first word, of whoever says it."""
        trouble: ChatError | None = None
        closed: list[Skipped] = []
        following = list(self.plan.choices)
        while following:
            candidate = following.pop(0).candidate
            if not self._is_larger(candidate):
                continue
            kind: Kind = "next" if self.attempts else "first"
            try:
                begin = partial(self._begin_or_hedge, candidate, following=following)
                self._stream, said = await self._patiently(candidate, kind, begin)
            except ChatError as error:
                if verdict(error) == "final" or self._left_s(candidate) == 0:
                    raise
                trouble = _telling(trouble, error)
            except _ClosedError:
                closed.append(self._left_alone(candidate))
            else:
                return said
        skipped = (*self.plan.skipped, *closed)
        raise trouble or nothing_left(replace(self.plan, choices=(), skipped=skipped))

    def _left_alone(self, candidate: Candidate) -> Skipped:
        measured = self._health.view(candidate.provider, candidate.model)
        until_s = measured.until_s
        why = f"{measured.why}; it is left alone for {until_s:.1f} s"
        return Skipped(candidate=candidate, why=why, kind="open", until_s=until_s)

    async def _patiently(
        self, candidate: Candidate, kind: Kind, begin: Callable[[Kind], Awaitable[_Begun]]
    ) -> _Begun:
        """One candidate, asked again as often as that may help."""
        again: Kind = kind if kind in _RESCUES else "again"
        trouble: ChatError | None = None
        while True:
            # Who was asked already needs no leave, and what it said must not be left out.
            is_begun = self._begun and not self.attempts
            if not (is_begun or self._health.admit(candidate.provider, candidate.model)):
                # What it said itself tells more than that it is left alone for that.
                raise trouble or _ClosedError
            try:
                return await begin(kind)
            except ChatError as error:
                wait_s = self._wait_s(error, candidate)
                if wait_s is None:
                    raise
                trouble = error
            await asyncio.sleep(wait_s)
            kind = again

    def _wait_s(self, error: ChatError, candidate: Candidate) -> float | None:
        """Seconds until the candidate is asked again; None if it is not."""
        tried = self._failures(candidate)
        if verdict(error) != "again" or isinstance(error, Parted) or tried > self._route.retries:
            return None
        wait_s: float | None = getattr(error, "retry_after", None)
        if wait_s is None:
            wait_s = backoff_s(tried)
        elif wait_s > self._route.retry_after_max_s:
            return None
        left_s = self._left_s(candidate)
        return wait_s if left_s is None or wait_s < left_s else None

    def _failures(self, candidate: Candidate) -> int:
        """How often it failed at this answer; another answer than the first one's is no failure."""
        errors = (one.error for one in self.attempts if one.candidate == candidate)
        return sum(error is not None and not isinstance(error, Parted) for error in errors)

    async def _begin_or_hedge(
        self, candidate: Candidate, kind: Kind, following: list[Choice]
    ) -> _Begun:
        stream, said = await self._hedged(candidate, kind, following)
        if self._whole:
            try:
                await stream.rest(said)
            except BaseException as error:
                await self._give_up(stream.attempt, stream, error)
                raise
        return stream, said

    async def _hedged(self, candidate: Candidate, kind: Kind, following: list[Choice]) -> _Begun:
        """The first word of a candidate, or of the next one if that is quicker after a while."""
        may_race = following and kind != "again" and self._door.streams(candidate)
        delay_s = self._hedge_s(candidate) if may_race else None
        begun = self._begin(candidate, kind)
        if delay_s is None:
            return await begun

        def rival() -> Awaitable[_Begun] | None:
            while following:
                other = following.pop(0).candidate
                if self._health.admit(other.provider, other.model):
                    return self._begin(other, "hedge")
            return None

        return await race(begun, rival, delay_s, self._discard, is_final=_is_final)

    async def _begin(
        self,
        candidate: Candidate,
        kind: Kind,
        through: Replay | Continuation | None = None,
        chat: ChatRequest | None = None,
    ) -> _Begun:
        """Ask a candidate, and wait for its first word."""
        attempt = Attempt(candidate, kind)
        self.attempts.append(attempt)
        stream: Stream | None = None
        try:
            left_s = self._left_s(candidate)
            if left_s == 0 and not (self._begun and len(self.attempts) == 1):
                raise TimeoutError("the limit on the whole answer passed")
            stream = Stream(attempt, await self._door.ask(attempt, chat, left_s), through)
            return stream, await stream.first_word(whole=self._whole)
        except BaseException as error:
            await self._give_up(attempt, stream, error)
            raise

    async def _give_up(self, attempt: Attempt, stream: Stream | None, error: BaseException) -> None:
        if stream is not None:
            await stream.close()
        self._failed(attempt, error)

    async def _go_on(self, broken: Stream, error: ChatError) -> list[Event]:
        """The next events of an answer that broke, from another; or the error that broke it."""
        self._failed(broken.attempt, error)
        await broken.close()
        if self.said.is_bounded:
            error.text = self.said.text
        for kind, candidate in self._rescuers(broken.attempt, error):
            try:
                self._stream, said = await self._patiently(
                    candidate, kind, partial(self._rescue, candidate)
                )
            except (ChatError, _ClosedError):
                if self._left_s(candidate) == 0:
                    break
            else:
                self.rescued = kind
                return said
        raise error

    def _rescuers(
        self, broken: Attempt, error: ChatError
    ) -> Iterator[tuple[Literal["replay", "continue"], Candidate]]:
        """Who may go on, and how, in order: the same unless it was silent, then the others."""
        rescues = sum(attempt.kind in _RESCUES for attempt in self.attempts)
        most = (self._route.retries + 1) * len(self.plan.choices)
        if self._route.rescue == "off" or rescues >= most or verdict(error) in ("final", "larger"):
            return
        others = [choice.candidate for choice in self.plan.choices]
        line = list(dict.fromkeys([broken.candidate, *others]))
        if self.said.can_replay:
            yield from (("replay", candidate) for candidate in line if self._may_help(candidate))
        if self._route.rescue == "continue" and self.said.is_plain and self._can_continue():
            for candidate in line:
                if self._door.card(candidate).prefill and self._may_help(candidate):
                    yield "continue", candidate

    def _can_continue(self) -> bool:
        """Whether the rest of an answer is an answer of the same kind as the whole of it."""
        try:
            chat = self._door.chat()
        except ChatError:
            return False
        choice = chat.tool_choice
        return chat.output is None and (choice is None or choice.mode != "required")

    def _may_help(self, candidate: Candidate) -> bool:
        """Whether it has a retry left, and nothing that it did tells that asking is of no use."""
        errors = [one.error for one in self.attempts if one.candidate == candidate]
        return self._failures(candidate) <= self._route.retries and all(
            error is None or verdict(error) == "again" for error in errors
        )

    async def _rescue(self, candidate: Candidate, kind: Kind) -> _Begun:
        if kind == "replay":
            return await self._begin(candidate, kind, Replay(self.said))
        chat = prefilled(self._door.chat(), self.said.text)
        return await self._begin(candidate, kind, Continuation(self.said.text), chat)

    def _is_larger(self, candidate: Candidate) -> bool:
        """Whether it takes more than every one that the chat was too long for."""
        context = self._door.card(candidate).context
        for attempt in self.attempts:
            if attempt.error is not None and verdict(attempt.error) == "larger":
                least = self._door.card(attempt.candidate).context
                if attempt.candidate == candidate or (least and context and context <= least):
                    return False
        return True

    def _left_s(self, candidate: Candidate) -> float | None:
        """What is left of the total; 0 when it is over."""
        total_s = self._door.total_s(candidate)
        if total_s is None:
            return None
        return max(0.0, total_s - (time.monotonic() - self._began_at))

    def _hedge_s(self, candidate: Candidate) -> float | None:
        after_s = self._route.hedge_after_s
        if after_s == "p95":
            return self._health.view(candidate.provider, candidate.model).p95_s
        return float(after_s) or None

    def _succeeded(self, attempt: Attempt) -> None:
        attempt.outcome = "answered"
        now = time.monotonic()
        self._health.succeeded(
            attempt.candidate.provider,
            attempt.candidate.model,
            first_token_s=attempt.first_token_s,
            total_s=now - attempt.started_at,
        )

    def _failed(self, attempt: Attempt, error: BaseException) -> None:
        if not isinstance(error, ChatError):
            self._lost(attempt)
            return
        attempt.outcome, attempt.error = "failed", error
        provider, model = attempt.candidate.provider, attempt.candidate.model
        if isinstance(error, Parted):
            self._health.lost(provider, model)
        else:
            self._health.failed(provider, model, error)

    async def _hang_up(self) -> None:
        if self._stream is not None:
            self._lost(self._stream.attempt)
            await self._stream.close()

    def _lost(self, attempt: Attempt) -> None:
        """Nobody waits for its end any more."""
        if attempt.outcome == "running":
            attempt.outcome = "lost"
            waited_s = None
            if attempt.first_word_at is None:
                waited_s = time.monotonic() - attempt.started_at
            self._health.lost(attempt.candidate.provider, attempt.candidate.model, waited_s)

    async def _discard(self, begun: _Begun) -> None:
        """Leave the one that came second."""
        self._lost(begun[0].attempt)
        await begun[0].close()


class _ClosedError(Exception):
    """The candidate's breaker is open: it is left alone."""


def _is_final(error: BaseException) -> bool:
    return isinstance(error, ChatError) and verdict(error) == "final"


_RESCUES = frozenset({"replay", "continue"})
_NOT_ASKED = (InputError, MissingRequirementsError, ModelNotSupportedError)


def _telling(first: ChatError | None, later: ChatError) -> ChatError:
    """Which of two errors to tell of: what a service said, before what was not even asked."""
    if first is not None and isinstance(later, _NOT_ASKED):
        return first
    return later
