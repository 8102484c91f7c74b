"""An event of a stream as a template: the events that differ from it in its holes alone.

    data: {"id":"c1","choices":[{"delta":{"content":"  HOLE  "},"finish_reason":null}]}

Whether events in a row are of one template is not guessed: they are cut where the holes should be,
put together again, and compared; and what fills the holes has to be JSON texts and numbers, one
each. All of them are decoded at once: a line for each, which none of them can hold an end of.
"""

import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

__all__ = ["Hole", "Run", "Template"]

_FOREIGN = (msgspec.DecodeError, UnicodeError)
_TEXTS = msgspec.json.Decoder(str)
_QUOTED = frozenset({"text", "side"})
# As much of both sides of a seam between two events as finds it quickest.
_CORE_BYTES = 12
# More than this in the holes are as likely many events as one.
_LONG_BYTES = 1000


class Hole(msgspec.Struct, frozen=True):
    """What may differ.

    `kind` is `text` for a text of the answer, `side` for any other, and else a number: `count` of
    tokens, or `number`.
    """

    start: int
    end: int
    kind: str

    @property
    def quote(self) -> bytes:
        """What stands before and behind it."""
        return b'"' if self.kind in _QUOTED else b""


class Run(msgspec.Struct, frozen=True, gc=False):
    """Events of one template in a row, up to `end`.

    `said` is all that each text of them says, as it stands between the quotes of a JSON text.
    """

    end: int
    said: tuple[bytes, ...]
    last_at: int
    """Where the last of the events begins."""


class Template:
    """Of an event with these holes, of which one at least is a text of the answer."""

    __slots__ = (
        "_core",
        "_event",
        "_filled",
        "_frame",
        "_holes",
        "_inner",
        "_links",
        "_most_bytes",
        "_outer",
        "_prefix",
        "_rows",
        "_said_at",
        "_seam",
        "_seam_mark",
        "_suffix",
        "frame_bytes",
        "has_counts",
        "surplus",
    )

    def __init__(self, event: bytes, holes: Sequence[Hole], surplus: bytes = b"") -> None:
        self._event = event
        self._holes = holes
        self._prefix, self._suffix = event[: holes[0].start], event[holes[-1].end :]
        before, behind = len(self._prefix), len(self._suffix)
        self._filled = slice(before, -behind)
        self._most_bytes = before + behind + _LONG_BYTES
        # What only events in a row need is made when there are some.
        self._seam = b""
        self._links: list[tuple[bytes, bytes]] = []
        self.has_counts = False
        """Whether the last event says more than the first."""
        self.surplus = surplus
        """What is to be cut out of each event, because only we asked for it."""
        self.frame_bytes = len(event)
        if len(holes) > 1:
            self._link(holes)

    def _link(self, holes: Sequence[Hole]) -> None:
        event, first, last = self._event, holes[0], holes[-1]
        # A row for each event, with line ends that no text can run over.
        self._links = [
            (event[a.end : b.start], a.quote + b"\n," + b.quote)
            for a, b in itertools.pairwise(holes)
        ]
        self._seam_mark = last.quote + b"\n],[" + first.quote
        self._frame = b"[[%b%%b%b]]" % (first.quote, last.quote)
        self._rows = _row_decoder(tuple(hole.kind for hole in holes))
        self._said_at = [at for at, hole in enumerate(holes) if hole.kind == "text"]
        self.has_counts = any(hole.kind == "count" for hole in holes)

    def _sew(self) -> None:
        """Find how events in a row are told apart."""
        prefix, suffix = self._prefix, self._suffix
        self._seam = suffix + prefix
        behind, before = min(_CORE_BYTES, len(suffix)), min(_CORE_BYTES, len(prefix))
        # The end of an event is in it, so it is in no hole.
        self._core = suffix[-behind:] + prefix[:before]
        self._outer = before, behind
        self._inner = slice(len(prefix) - before, behind - len(suffix) or None)

    def match(self, text: bytes, at: int) -> Run | None:
        """The events that stand here in a row and are of this template."""
        if not text.startswith(self._prefix, at):
            return None
        if not self._seam:
            self._sew()
        end = text.rfind(self._suffix, at + len(self._prefix))
        if end < 0:
            return None
        end += len(self._suffix)
        return self._run(text, at, end) or self._run(text, at, self._leading(text, at))

    def one(self, text: bytes) -> tuple[bytes, ...] | None:
        """What the texts of this event say; None if it is not one event and of this template.

        The same as `match`, only quicker for an event that is not long.
        """
        if len(text) > self._most_bytes:
            return None
        filling = text[self._filled]
        if self._prefix + filling + self._suffix != text or b"\n" in filling:
            return None
        try:
            if not self._links:
                # Only to see that it is a text.
                _TEXTS.decode(b'"%b"' % filling)
                return (filling,)
            linked = self._linked(filling)
            rows = self._rows.decode(self._frame % linked) if linked is not None else []
        except _FOREIGN:
            return None
        if len(rows) != 1 or b"\r" in filling:
            return None
        row = rows[0]
        return tuple([_inside(row[at]) for at in self._said_at])

    def joined(self, said: Sequence[bytes | bytearray]) -> bytes:
        """One event that says what many said."""
        texts = iter(said)
        filled = bytearray()
        at = 0
        for hole in self._holes:
            if hole.kind == "text":
                filled += self._event[at : hole.start]
                filled += next(texts)
                at = hole.end
        return bytes(filled + self._event[at:])

    def _run(self, text: bytes, at: int, end: int) -> Run | None:
        before, behind = self._outer
        inner = self._inner
        fillings = [part[inner] for part in text[at + before : end - behind].split(self._core)]
        if self._prefix + self._seam.join(fillings) + self._suffix != text[at:end]:
            return None
        said = self._values(fillings) if self._links else self._texts(fillings)
        if said is None:
            return None
        return Run(end, said, end - len(self._seam) - len(fillings[-1]))

    def _leading(self, text: bytes, at: int) -> int:
        """The end of the last event before the first that is not of this template."""
        prefix, suffix = self._prefix, self._suffix
        while text.startswith(prefix, at):
            found = text.find(suffix, at + len(prefix))
            if found < 0:
                break
            at = found + len(suffix)
        return at

    def _texts(self, fillings: list[bytes]) -> tuple[bytes, ...] | None:
        """What the one text says; None if a filling is no text."""
        try:
            texts = _TEXTS.decode_lines(b'"%b"' % b'"\n"'.join(fillings))
        except _FOREIGN:
            return None
        # Each line begins with a text: if there are as many as lines, each is all of its line.
        return (b"".join(fillings),) if len(texts) == len(fillings) else None

    def _values(self, fillings: list[bytes]) -> tuple[bytes, ...] | None:
        """What the texts say, one after another; None if a hole is not filled with its kind."""
        lines = self._seam_mark.join(fillings)
        count = len(fillings)
        # A bare line end would make a text of two, and a number may have one behind it.
        if lines.count(b"\n") != count - 1 or b"\r" in lines:
            return None
        if len(self._links) == 1:
            lines = lines.replace(*self._links[0])
        else:
            linked = [found for one in fillings if (found := self._linked(one)) is not None]
            lines = self._seam_mark.join(linked)
        # There is one for each link: what else looks like a mark has made a row too long.
        if lines.count(b"\n") != count - 1 + count * len(self._links):
            return None
        try:
            rows = self._rows.decode(self._frame % lines)
        except _FOREIGN:
            return None
        if len(rows) != count:
            return None
        return tuple([_inside("".join([row[at] for row in rows])) for at in self._said_at])

    def _linked(self, filling: bytes) -> bytes | None:
        """A filling with a mark in place of each link; None if they do not stand in their order."""
        found = b""
        for link, mark in self._links:
            head, is_there, filling = filling.partition(link)
            if not is_there:
                return None
            found += head + mark
        return found + filling


def _inside(text: str) -> bytes:
    """What stands between the quotes."""
    return msgspec.json.encode(text)[1:-1]


@cache
def _row_decoder(kinds: tuple[str, ...]) -> "msgspec.json.Decoder[list[tuple[Any, ...]]]":
    types = tuple(str if kind in _QUOTED else int for kind in kinds)
    return msgspec.json.Decoder(list[tuple[types]])  # type: ignore[valid-type]
