"""One time that one candidate was asked, and what came of it."""

import time
from collections.abc import AsyncGenerator
from typing import Literal

from dragoman.errors import ChatError
from dragoman.events import CONTENT, Event, Finished, Usage, UsageReported
from dragoman.providers.call import Call
from dragoman.routing.continuation import Continuation
from dragoman.routing.replay import Replay
from dragoman.routing.route import Candidate

__all__ = ["Attempt", "Kind", "Rescued", "Stream"]

Kind = Literal["first", "again", "next", "hedge", "replay", "continue"]
"""Why a candidate is asked; `replay` and `continue` are a rescue's."""

Rescued = Literal["", "replay", "continue"]
"""How an answer was rescued after its stream broke; empty if it did not."""

_FIRST_WORDS = CONTENT | {Finished}


class Attempt:
    """One attempt. Times are `time.monotonic()`; what is not known is None or empty."""

    def __init__(self, candidate: Candidate, kind: Kind) -> None:
        self.candidate = candidate
        self.kind = kind
        self.model = candidate.model
        """As the provider names it; the candidate's own name may be empty, for the default one."""
        self.dropped: tuple[str, ...] = ()
        self.started_at = time.monotonic()
        self.first_word_at: float | None = None
        self.came_whole = False
        """Whether the first word came with the last, as it does in an answer in one piece."""
        self.usage: Usage | None = None
        self.error: ChatError | None = None
        self.outcome: Literal["running", "answered", "failed", "lost"] = "running"
        """`lost`: another one was quicker, or the caller went."""

    @property
    def first_token_s(self) -> float | None:
        """Seconds to the first word, where that can be told from the time to the last."""
        if self.first_word_at is None or self.came_whole:
            return None
        return self.first_word_at - self.started_at

    def begun(self, call: Call) -> None:
        """Note what the call says."""
        self.model, self.dropped = call.chat.model, call.dropped

    def told(self) -> dict[str, object]:
        """This attempt for a reader."""
        told: dict[str, object] = {
            "provider": self.candidate.provider,
            "model": self.model,
            "why": self.kind,
            "outcome": self.outcome,
        }
        if self.error is not None:
            told["error"] = str(self.error)
        return told


class Stream:
    """An answer that is being read, through the filter of its rescue if it is one."""

    __slots__ = ("_batches", "_filter", "attempt")

    def __init__(
        self,
        attempt: Attempt,
        batches: AsyncGenerator[list[Event], None],
        through: Replay | Continuation | None = None,
    ) -> None:
        self.attempt = attempt
        self._batches = batches
        self._filter = through

    async def next(self) -> list[Event] | None:
        """The next events, perhaps none; None at the end."""
        batch = await anext(self._batches, None)
        if batch is None:
            return None
        for event in batch:
            if type(event) is UsageReported:
                self.attempt.usage = event.usage
        return batch if self._filter is None else self._filter.feed(batch)

    async def first_word(self, *, whole: bool) -> list[Event]:
        """Everything up to the first word, never empty; `whole` tells how it is wanted."""
        said: list[Event] = []
        while (batch := await self.next()) is not None:
            said += batch
            if any(type(event) in _FIRST_WORDS for event in batch):
                self.attempt.first_word_at = time.monotonic()
                self.attempt.came_whole = whole and type(batch[-1]) is Finished
                break
        return said

    async def rest(self, said: list[Event]) -> None:
        """Put what comes after the first word to what was `said`, to the end."""
        while type(said[-1]) is not Finished and (batch := await self.next()) is not None:
            said += batch

    async def close(self) -> None:
        """Close the connection."""
        await self._batches.aclose()
