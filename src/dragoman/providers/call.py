"""One call of a provider as values, and what a provider that speaks HTTP must be able to do.

The three methods of `HttpWire` are pure: a handshake is a generator that yields requests and is
sent replies, a request is a value, a decoder turns bytes into events. `exchange.py` is the only
place where they meet a socket.
"""

from collections.abc import Generator
from typing import Protocol, TypeVar

import msgspec

from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.errors import ChatError
from dragoman.events import Event
from dragoman.sessions.store import Facts
from dragoman.transport.base import MAX_BODY_BYTES, Limits
from dragoman.transport.line import LineSettings
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead

__all__ = ["Call", "Decoder", "Handshake", "HttpWire", "StaleSession", "Step", "Steps"]

FactsT = TypeVar("FactsT", bound=Facts)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, of whom, and over what.

    `base_url` is the installation's address without a slash at its end; `now` is Unix time,
    because providers have no clock. `prompt` is the conversation as one text, for the providers
    that take nothing else.
    """

    chat: ChatRequest
    account: Account
    base_url: str
    now: float
    prompt: str = ""
    limits: Limits = Limits()
    line: LineSettings = LineSettings()
    user_agent: str | None = None
    dropped: tuple[str, ...] = ()

    def setting(self, name: str) -> str | None:
        """A text setting of the installation, or None."""
        value = self.account.setting(name)
        return None if value is None else str(value)


class Step(msgspec.Struct, frozen=True):
    """One request of a handshake, with the name by which errors and probes call it.

    A reply longer than `max_bytes` is an error.
    """

    name: str
    request: HttpRequest
    max_bytes: int = MAX_BODY_BYTES


T = TypeVar("T")
Steps = Generator[Step, HttpReply, T]
"""Yields steps, is sent their replies, returns what they gave; raises a `ChatError` to give up."""

Handshake = Generator[Step, HttpReply, FactsT]
"""The steps that give the facts of a session."""


class StaleSession(Exception):
    """The service says that the session is dead.

    `error` is raised in its place where a new session is no remedy.
    """

    def __init__(self, error: ChatError) -> None:
        super().__init__()
        self.error = error


class Decoder(Protocol):
    """Bytes of one answer to events.

    The first event is `Started`. Both methods raise a `ChatError`, or `StaleSession` while
    nothing has been given out. An error that stands behind events in the same bytes is raised by
    the next call, so that those events are not lost. One that passes over broken events counts
    them in its attribute `skipped`.
    """

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these bytes complete."""
        ...

    def close(self) -> list[Event]:
        """The events that the end of the body completes: with `Finished`, or an error."""
        ...


class HttpWire(Protocol[FactsT]):
    """What `exchange` needs of a provider."""

    @property
    def name(self) -> str:
        """What errors call the provider."""
        ...

    def hint(self, call: Call) -> str | None:
        """What a reader of this provider's error can do now."""
        ...

    def handshake(self, call: Call) -> Handshake[FactsT]:
        """What must precede the first chat; no step at all if nothing must."""
        ...

    def refresh(
        self, call: Call, stale: FactsT, signal: StaleSession, fresh: bool
    ) -> Handshake[FactsT]:
        """A handshake in place of one that the service refused with `signal`.

        `fresh`: the refused one was made by this very call. Raises `signal.error`, or a better
        error, if trying again cannot help.
        """
        ...

    def prepare(self, call: Call, facts: FactsT) -> Handshake[FactsT] | None:
        """What this chat needs first, and the facts for it alone; None if it needs nothing."""
        ...

    def request(self, call: Call, facts: FactsT) -> HttpRequest:
        """The chat itself."""
        ...

    def model_steps(self, call: Call, facts: FactsT) -> Steps[list[str]]:
        """How to ask which models there are; no step if the service does not tell."""
        ...

    def failure(self, call: Call, reply: HttpReply) -> ChatError | StaleSession | None:
        """What a whole reply means that is no answer; None if it is one."""
        ...

    def decoder(self, call: Call, head: ReplyHead) -> Decoder:
        """A decoder for the reply that begins with `head`, whose status is 2xx."""
        ...
