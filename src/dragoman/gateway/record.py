"""What is known of one request when it is over: for the metrics, the access log and the headers."""

import time

from dragoman.events import Usage

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
        "first_token_at",
        "key_name",
        "model",
        "provider",
        "replied_at",
        "request_id",
        "started_at",
        "status",
        "stream",
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
        self.status = 0
        """0: the caller went before there was one."""
        self.stream = False
        self.key_name = ""
        self.provider = ""
        self.model = ""
        self.attempts = 0
        self.dropped: tuple[str, ...] = ()
        self.usage: Usage | None = None
        self.cost: float | None = None
        """US dollars."""
        self.error = ""
        """The class of the error that it ended in; `gone` if the caller went."""

    @property
    def overhead_s(self) -> float:
        """What we took ourselves before the provider was asked, in seconds."""
        return (self.asked_at or time.perf_counter()) - self.started_at
