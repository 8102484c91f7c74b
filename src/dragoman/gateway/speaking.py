"""One answer on its way out: as the bytes that it came in, or in the face's own words.

An answer that is passed on may break; then the rest of it is another's, and is said in our own
words, from an encoder that has heard all that was passed on.
"""

from collections.abc import Callable, Iterable

from dragoman.dialects.dialect import Dialect, StreamEncoder
from dragoman.errors import ChatError
from dragoman.events import Event, Finished
from dragoman.gateway.door import GatewayDoor
from dragoman.gateway.record import Record
from dragoman.gateway.relayed import Relayed, Written
from dragoman.gateway.story import with_story
from dragoman.routing.attempt import Attempt
from dragoman.routing.rescue import Answering

__all__ = ["Speaking"]


class Speaking:
    """Stands where an encoder does, for an answer of whoever is just saying it."""

    def __init__(
        self,
        answering: Answering,
        door: GatewayDoor,
        own: Callable[[], StreamEncoder],
        *,
        speech: Dialect,
        record: Record,
        on_end: Callable[[], None],
    ) -> None:
        self._answering = answering
        self._door = door
        self._make_own = own
        self._speech = speech
        self._record = record
        self._on_end = on_end
        self._own: StreamEncoder | None = None
        self._relayed: Relayed | Written | None = None
        self._relaying: Attempt | None = None

    def feed(self, events: Iterable[Event]) -> bytes:
        """The bytes of these events; the last ones tell of a rescue."""
        batch = list(events)
        self._record.note(batch)
        if batch and type(batch[-1]) is Finished:
            self._on_end()
        relayed = self._relay()
        if relayed is not None:
            return relayed.feed(batch)
        said = self._encoder().feed(batch)
        if self._answering.rescued and batch and type(batch[-1]) is Finished:
            return with_story(said, self._story())
        return said

    def fail(self, error: ChatError) -> bytes:
        """The face's in-band error, with what was said and who was asked."""
        story: dict[str, object] = {"text": error.text, "attempts": self._answering.told()}
        return with_story(self._encoder().fail(error), story)

    def ping(self) -> bytes:
        """The face's sign of life."""
        return (self._own or self._make_own()).ping()

    def _relay(self) -> Relayed | Written | None:
        """What passes on the answer that is being said, if its bytes are what was asked for."""
        attempt = self._answering.current
        if attempt is None or attempt is self._relaying:
            return self._relayed
        if attempt in self._door.written:
            self._relaying = attempt
            begun = self._door.written[attempt]
            self._relayed = Written(begun.events, begun.last)
            return self._relayed
        wire = self._door.wires.get(attempt)
        if wire is None or not wire.is_as_asked or self._own is not None or self._relayed:
            return None
        self._relaying = attempt
        self._relayed = Relayed(wire, self._speech)
        return self._relayed

    def _encoder(self) -> StreamEncoder:
        """Our own words, going on with what was passed on."""
        if self._own is None:
            self._own = self._make_own()
            if self._relayed is not None:
                self._relayed.teach(self._own)
        return self._own

    def _story(self) -> dict[str, object]:
        attempt = self._answering.attempts[-1]
        return {
            "provider": attempt.candidate.provider,
            "model": attempt.model,
            "rescued": self._answering.rescued,
            "attempts": self._answering.told(),
        }
