"""What is known of one request when it is over: for the metrics, the access log and the headers."""

import time
from collections.abc import Iterable, Sequence

from dragoman.events import CONTENT, Event, Finished, Started, Usage, UsageReported
from dragoman.routing.attempt import Attempt

__all__ = ["Record"]


class Record:
    """One request. Times are `time.perf_counter()`; what is not known is None or empty."""

    __slots__ = (
        "asked_at",
        "attempts",
        "cost",
        "dropped",
        "error",
        "face",
        "finish_reason",
        "first_token_at",
        "key_name",
        "model",
        "provider",
        "relayed",
        "replied_at",
        "request_id",
        "response_id",
        "skipped_events",
        "started_at",
        "status",
        "stream",
        "tries",
        "usage",
    )

    def __init__(self, request_id: str, face: str) -> None:
        self.request_id = request_id
        self.face = face
        self.started_at = time.perf_counter()
        self.asked_at: float | None = None
        """When the provider was asked."""
        self.replied_at: float | None = None
        """When the provider's first byte was here."""
        self.first_token_at: float | None = None
        """When the first of the answer was here: text, a thought, a call, a refusal."""
        self.status = 0
        """0: the caller went before there was one."""
        self.stream = False
        self.relayed = False
        """Whether it took the short way, at least as far as that went."""
        self.key_name = ""
        self.provider = ""
        self.model = ""
        self.attempts = 0
        """Upstream attempts up to when this was looked at last."""
        self.tries: Sequence[Attempt] = ()
        self.skipped_events = 0
        """Broken events between good ones, which were left out."""
        self.dropped: tuple[str, ...] = ()
        self.usage: Usage | None = None
        self.finish_reason = ""
        self.response_id = ""
        """The provider's name for its answer."""
        self.cost: float | None = None
        """US dollars."""
        self.error = ""
        """The class of the error that it ended in; `gone` if the caller went."""

    @property
    def overhead_s(self) -> float:
        """What we took ourselves before the provider was asked, in seconds."""
        return (self.asked_at or time.perf_counter()) - self.started_at

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
