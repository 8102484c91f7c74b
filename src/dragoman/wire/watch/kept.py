"""What was passed on of a stream, as small as it can be kept, until the stream has ended.

Of many events of one template only the texts are kept: a tenth of the bytes.
"""

from collections.abc import Sequence

from dragoman.wire.watch.template import Template

__all__ = ["Kept"]


class Kept:
    """At most `max_bytes`; what comes then makes all of it worthless, and nothing is kept."""

    __slots__ = ("_items", "_only", "_room", "_template", "_texts")

    def __init__(self, max_bytes: int) -> None:
        self._room = max_bytes
        self._items = bytearray()
        # The texts of the last events, if those are of this template.
        self._template: Template | None = None
        self._texts: list[bytearray] = []
        # The one text of the template, which nearly all have.
        self._only: bytearray | None = None

    def add(self, events: bytes) -> None:
        """Whole events as they came."""
        self._settle()
        self._take(self._items, events)

    def add_texts(self, template: Template, said: Sequence[bytes]) -> None:
        """Events of a template; `said` is that of its `Run`."""
        if template is not self._template:
            self._settle()
            self._template = template
            self._texts = [bytearray() for _ in said]
            self._only = self._texts[0] if len(said) == 1 else None
        only = self._only
        if only is not None and self._room >= 0:
            # Each event of a stream comes by here: as `_take` does it, without a call.
            text = said[0]
            self._room -= len(text)
            only += text
            return
        for texts, text in zip(self._texts, said, strict=True):
            self._take(texts, text)

    def events(self) -> bytes | None:
        """Events that say the same; None if there was more than was to be kept."""
        self._settle()
        return bytes(self._items) if self._room >= 0 else None

    def _settle(self) -> None:
        """Make one event of all that the last template said."""
        if self._template is not None:
            event = self._template.joined([bytes(text) for text in self._texts])
            self._template = None
            self._take(self._items, event)

    def _take(self, kept: bytearray, more: bytes) -> None:
        self._room -= len(more)
        if self._room >= 0:
            kept += more
        else:
            self._items.clear()
            for texts in self._texts:
                texts.clear()
