"""What the driver of an answer needs of the door that the question came in by."""

from collections.abc import AsyncGenerator
from typing import Protocol

from dragoman.catalog import ModelCard
from dragoman.chat import ChatRequest
from dragoman.events import Event
from dragoman.routing.attempt import Attempt
from dragoman.routing.route import Candidate

__all__ = ["Batches", "Door"]

Batches = AsyncGenerator[list[Event], None]
"""The events of an answer, as many at a time as came together; whoever iterates closes it."""


class Door(Protocol):
    """What the driver needs of the door that it answers."""

    def card(self, candidate: Candidate) -> ModelCard:
        """What is known of a candidate's model."""
        ...

    def total_s(self, candidate: Candidate) -> float | None:
        """The limit on the whole answer, attempts and waits included."""
        ...

    def chat(self) -> ChatRequest:
        """What is asked, to be asked in another way; an `InputError` if it cannot be read."""
        ...

    def spent_s(self) -> float:
        """Seconds of the total that are over already."""
        ...

    def streams(self, candidate: Candidate) -> bool:
        """Whether a candidate says its first word as soon as it has it, if it can."""
        ...

    async def ask(
        self, attempt: Attempt, chat: ChatRequest | None, left_s: float | None
    ) -> Batches:
        """Begin an attempt, and note on it what is known then.

        `chat` is asked in place of what the door was asked, `left_s` is what is left of the total.
        """
        ...
