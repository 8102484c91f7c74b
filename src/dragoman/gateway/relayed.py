"""Events on their way through the gateway as the bytes that they came in.

The bytes are the service's own, and only our errors are ours. They are kept, up to a bound, until
the answer ends: if it breaks, another goes on with it in our words, and these go on where the
service's stopped.
"""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from dragoman.dialects.dialect import Dialect, StreamEncoder
from dragoman.errors import ChatError
from dragoman.events import Event, Finished
from dragoman.providers.relay import RelayWire

__all__ = ["Relayed", "Written"]

MAX_KEPT_BYTES = 16 * 1024 * 1024

_DONE = b"data: [DONE]\n\n"
_EVENT_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")
_LAST_BYTES = 64


@runtime_checkable
class _Numbering(Protocol):
    """An encoder whose events have numbers."""

    def follow(self, said: bytes) -> None:
        """Number on from the last of these events."""
        ...


class Written:
    """What one service said, of which the caller has all the bytes already; `last`: the last."""

    def __init__(self, events: list[Event], last: bytes) -> None:
        self._events = events
        self._last = last

    def feed(self, events: Iterable[Event]) -> bytes:
        """Nothing is left to pass on."""
        return b""

    def teach(self, encoder: StreamEncoder) -> None:
        """Have an encoder go on where these bytes stop."""
        encoder.feed(self._events)
        if isinstance(encoder, _Numbering):
            encoder.follow(self._last)


class Relayed:
    """What one service says, as bytes.

    Many servers leave out the sign that OpenAI's format promises at the end, or the end of the last
    event, without which a reader passes it over: both are added.
    """

    def __init__(self, wire: RelayWire, speech: Dialect) -> None:
        self._wire = wire
        self._speech = speech
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        self._last = self._taken = b""

    def feed(self, events: Iterable[Event]) -> bytes:
        """What came with these events, and was not passed on yet."""
        taken = self._wire.take()
        self._taken = taken or self._taken
        if self._kept_bytes <= MAX_KEPT_BYTES:
            self._kept.append(taken)
            self._kept_bytes += len(taken)
        self._last = (self._last + taken)[-_LAST_BYTES:]
        if not any(type(event) is Finished for event in events):
            return taken
        if self._speech.media_type == "application/x-ndjson":
            return taken if self._last.endswith((b"\n", b"\r")) else taken + b"\n"
        if not self._last.endswith(_EVENT_ENDS):
            taken = taken.rstrip(b"\r\n") + b"\n\n"
        if self._speech.name != "openai_chat" or b"[DONE]" in self._last:
            return taken
        return taken + _DONE

    def teach(self, encoder: StreamEncoder) -> None:
        """Have an encoder go on where these bytes stop: it hears all of them."""
        decoder = self._speech.decoder("")
        try:
            for chunk in self._kept:
                encoder.feed(decoder.feed(chunk))
        except ChatError:
            # They passed the same decoder before; what it did not take was not passed on.
            return
        if isinstance(encoder, _Numbering):
            encoder.follow(self._taken)
