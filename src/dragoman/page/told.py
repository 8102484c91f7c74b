"""Turns as the page is told them, with what a model wrote as HTML that is safe to show.

An answer that has ended stays as it is, and so does its HTML: it is made once, in a thread where
there is much of it, and the latest ones are kept.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from dragoman.errors import ChatError
from dragoman.page.markdown import render
from dragoman.store.rows import Turn
from dragoman.store.running import INTERRUPTED

__all__ = [
    "INLINE_CHARS",
    "LARGE_CHARS",
    "Html",
    "Rendered",
    "encode_told",
    "is_marked_up",
    "told_error",
    "told_turn",
]

INLINE_CHARS = 4_000
"""As much is made into HTML between two requests; more is made in a thread."""
LARGE_CHARS = 256 * 1024
"""More than this is encoded in a thread, a part at a time."""
_SLICE_CHARS = 128 * 1024
_SLICE_BLOCKS = 500
_KEPT_CHARS = 16 * 1024 * 1024
_MARKED_UP = frozenset({"text", "reasoning"})

_Json = dict[str, Any]
Html = Sequence[list[str] | None]
"""The blocks of each part of an answer; None for a part that has none."""


class Rendered:
    """The HTML of answers that have ended."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Html, int]] = OrderedDict()
        self._chars = 0

    async def told(self, turns: Sequence[Turn]) -> list[_Json]:
        """Turns with their HTML; one that runs has none yet, its events bring it."""
        html = {turn.id: kept[0] for turn in turns if (kept := self._kept.get(turn.id))}
        fresh = [turn for turn in turns if turn.id not in html and _has_html(turn)]
        if sum(_size(turn) for turn in fresh) > INLINE_CHARS:
            html |= await asyncio.to_thread(_rendered, fresh)
        else:
            html |= _rendered(fresh)
        for turn in fresh:
            self.keep(turn, html[turn.id])
        return [told_turn(turn, html.get(turn.id)) for turn in turns]

    def keep(self, turn: Turn, html: Html) -> None:
        """Keep what was made of an answer."""
        size = sum(len(block) for blocks in html for block in blocks or ())
        self._chars += size - self._kept.pop(turn.id, (html, 0))[1]
        self._kept[turn.id] = (html, size)
        while self._chars > _KEPT_CHARS:
            _, (_, gone) = self._kept.popitem(last=False)
            self._chars -= gone


def told_turn(turn: Turn, html: Html | None = None) -> _Json:
    """A turn as JSON; `html` goes with its parts."""
    story = dict(turn.story)
    error = story.pop("error", None)
    if turn.error and error is None:
        error = {"kind": "interrupted", "message": _words(turn.error), "hint": None}
    told = msgspec.structs.asdict(turn)
    del told["content"]
    told["parts"] = [
        _part(turn, part, html[at] if html and at < len(html) else None)
        for at, part in enumerate(turn.content)
    ]
    return told | {"error": error, "story": story}


def told_error(error: ChatError) -> _Json:
    """An error of an answer: as `speaking.error_of` tells any, and who said it."""
    told = {"kind": type(error).__name__, "message": str(error), "hint": error.hint or None}
    wait_s: float | None = getattr(error, "retry_after", None)
    return told if wait_s is None else told | {"retry_after": wait_s}


def encode_told(value: object, turns: Iterable[_Json]) -> bytes:
    """A value with such turns in it as JSON; a large one lets others work meanwhile.

    One call of the encoder cannot be interrupted, whatever thread it is made in.
    """
    for turn in turns:
        turn["parts"] = [_sliced(part) for part in turn["parts"]]
    return msgspec.json.encode(value)


def is_marked_up(kind: object) -> bool:
    """Whether a part of this type is Markdown."""
    return kind in _MARKED_UP


def _part(turn: Turn, part: _Json, html: list[str] | None) -> _Json:
    kind = part.get("type")
    if kind == "image":
        url = f"/page/api/turns/{turn.id}/pictures/{part.get('piece')}"
        return {
            "type": kind,
            "media_type": part.get("media_type"),
            "url": url,
            "bytes": part.get("bytes"),
        }
    if turn.role == "assistant" and is_marked_up(kind):
        return part | {"html": html or []}
    return part


def _words(error: str) -> str:
    if error == INTERRUPTED:
        return "the answer was interrupted: whoever wrote it is gone"
    return error


def _has_html(turn: Turn) -> bool:
    return turn.role == "assistant" and turn.state != "running"


def _size(turn: Turn) -> int:
    return sum(len(part["text"]) for part in turn.content if is_marked_up(part.get("type")))


def _rendered(turns: Iterable[Turn]) -> dict[str, Html]:
    return {
        turn.id: [
            render(part["text"]) if is_marked_up(part.get("type")) else None
            for part in turn.content
        ]
        for turn in turns
    }


def _sliced(part: _Json) -> _Json:
    """A part whose large values are encoded already."""
    found = dict(part)
    for name, value in part.items():
        if isinstance(value, str) and len(value) > _SLICE_CHARS:
            pieces = (
                msgspec.json.encode(value[at : at + _SLICE_CHARS])[1:-1]
                for at in range(0, len(value), _SLICE_CHARS)
            )
            found[name] = msgspec.Raw(b'"%s"' % b"".join(pieces))
        elif isinstance(value, list) and len(value) > _SLICE_BLOCKS:
            pieces = (
                msgspec.json.encode(value[at : at + _SLICE_BLOCKS])[1:-1]
                for at in range(0, len(value), _SLICE_BLOCKS)
            )
            found[name] = msgspec.Raw(b"[%s]" % b",".join(pieces))
    return found
