"""What was passed on of a stream, as small as it can be kept, until the stream has ended.

Of many events of one template only the texts are kept: a tenth of the bytes.
"""

from collections.abc import Sequence

from dragoman.wire.watch.template import Template

__all__ = ["Kept"]


class Kept:
    """At most `max_bytes`; what comes then makes all of it worthless, and nothing is kept."""

    __slots__ = ("_items", "_only", "_past", "_room", "_template", "_texts")

    def __init__(self, max_bytes: int) -> None:
        self._room = max_bytes
        # What came before, and of each piece the template behind it with its texts.
        self._past: list[tuple[bytearray, Template, list[bytearray]]] = []
        self._items = bytearray()
        # The texts of the last events, if those are of this template.
        self._template: Template | None = None
        self._texts: list[bytearray] = []
        # The one text of the template, which nearly all have.
        self._only: bytearray | None = None

    def add(self, events: bytes) -> None:
        """Whole events as they came."""
        if self._template is not None:
            self._settle(self._template)
        self._room -= len(events)
        if self._room >= 0:
            self._items += events
        else:
            self._drop()

    def add_texts(self, template: Template, said: Sequence[bytes]) -> None:
        """Events of a template; `said` is that of its `Run`."""
        if template is not self._template:
            if self._template is not None:
                self._settle(self._template)
            self._template = template
            self._texts = [bytearray() for _ in said]
            self._only = self._texts[0] if len(said) == 1 else None
            self._room -= template.frame_bytes
        only = self._only
        if only is not None and self._room >= 0:
            # Each event of a stream comes by here: as below, without a call.
            text = said[0]
            self._room -= len(text)
            only += text
            return
        for texts, text in zip(self._texts, said, strict=True):
            self._room -= len(text)
            texts += text
        if self._room < 0:
            self._drop()

    def events(self) -> bytes | None:
        """Events that say the same; None if there was more than was to be kept."""
        if self._room < 0:
            return None
        found = bytearray()
        for items, template, texts in self._past:
            found += items + template.joined(texts)
        found += self._items
        if self._template is not None:
            found += self._template.joined(self._texts)
        return bytes(found)

    def _settle(self, template: Template) -> None:
        """Something else comes behind what the last template said."""
        self._past.append((self._items, template, self._texts))
        self._items = bytearray()
        self._template = None

    def _drop(self) -> None:
        self._past.clear()
        self._items.clear()
        for texts in self._texts:
            texts.clear()
