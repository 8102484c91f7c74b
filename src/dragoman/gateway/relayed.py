"""Events on their way through the gateway as the bytes that they came in."""

from collections.abc import Iterable

from dragoman.dialects.dialect import StreamEncoder
from dragoman.errors import ChatError
from dragoman.events import Event, Finished
from dragoman.providers.relay import RelayWire

__all__ = ["Relayed"]

_DONE = b"data: [DONE]\n\n"


class Relayed:
    """Stands where an encoder does: the bytes are the service's own, and only our errors are ours.

    Many servers leave out the sign that OpenAI's format promises at the end; it is added. Of an
    answer in one piece where a stream was asked for, a stream is made.
    """

    def __init__(self, wire: RelayWire, own: StreamEncoder, *, ends_in_done: bool = False) -> None:
        self._wire = wire
        self._own = own
        self._ends_in_done = ends_in_done

    def feed(self, events: Iterable[Event]) -> bytes:
        """What came with these events, and was not passed on yet."""
        if not self._wire.is_as_asked:
            return self._own.feed(events)
        taken = self._wire.take()
        if not self._ends_in_done or not any(isinstance(event, Finished) for event in events):
            return taken
        return taken if b"[DONE]" in taken[-64:] else taken.rstrip(b"\n") + b"\n\n" + _DONE

    def fail(self, error: ChatError) -> bytes:
        """The face's in-band error."""
        return self._own.fail(error)

    def ping(self) -> bytes:
        """The face's sign of life."""
        return self._own.ping()
