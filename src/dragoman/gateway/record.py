"""What is known of one request when it is over: for the metrics, the access log and the headers."""

import time
from collections.abc import Iterable, Sequence

import msgspec

from dragoman.events import CONTENT, Event, Finished, Started, Usage, UsageReported
from dragoman.routing.attempt import Attempt
from dragoman.routing.rescue import Answering

__all__ = ["Record"]


class Record(msgspec.Struct, eq=False):
    """One request. Times are `time.perf_counter()`; what is not known is None or empty."""

    request_id: str
    face: str
    started_at: float = msgspec.field(default_factory=time.perf_counter)
    asked_at: float | None = None
    """When the provider was asked."""
    replied_at: float | None = None
    """When the provider's first byte was here."""
    first_token_at: float | None = None
    """When the first of the answer was here: text, a thought, a call, a refusal."""
    status: int = 0
    """0: the caller went before there was one."""
    stream: bool = False
    relayed: bool = False
    """Whether it took the short way, at least as far as that went."""
    key_name: str = ""
    provider: str = ""
    model: str = ""
    attempts: int = 0
    """Upstream attempts up to when this was looked at last."""
    tries: Sequence[Attempt] = ()
    skipped_events: int = 0
    """Broken events between good ones, which were left out."""
    dropped: tuple[str, ...] = ()
    usage: Usage | None = None
    finish_reason: str = ""
    response_id: str = ""
    """The provider's name for its answer."""
    cost: float | None = None
    """US dollars."""
    error: str = ""
    """The class of the error that it ended in; `gone` if the caller went."""

    @property
    def overhead_s(self) -> float:
        """What we took ourselves before the provider was asked, in seconds."""
        return (self.asked_at or time.perf_counter()) - self.started_at

    def note_who(self, answering: Answering) -> None:
        """Note who was asked and who answered, as far as it is known; somebody was asked."""
        if self.asked_at is not None:
            # Else it shares an answer, and the attempts are counted by whoever asked for it.
            self.tries = answering.attempts
        self.attempts = len(answering.attempts)
        attempt = answering.current or answering.attempts[-1]
        self.provider, self.dropped = attempt.candidate.provider, attempt.dropped
        if attempt.first_word_at is None:
            self.model = attempt.model
        if answering.rescued:
            # What was used of the one that broke is counted apart.
            self.usage = attempt.usage

    def note(self, events: Iterable[Event]) -> None:
        """Note what a batch of an answer's events tells; each batch once, as it comes."""
        for event in events:
            kind = type(event)
            if kind in CONTENT:
                if self.first_token_at is None:
                    self.first_token_at = time.perf_counter()
            elif isinstance(event, UsageReported):
                self.usage = event.usage
            elif isinstance(event, Started):
                self.model = event.model or self.model
                self.response_id = event.id or self.response_id
            elif isinstance(event, Finished):
                self.finish_reason = event.reason
