"""One answer as its readers see it while it comes: at most one frame in 40 ms, for all of them.

HTML is made only while somebody reads. Whoever comes, comes back or was too slow gets a snapshot
of everything and goes on from there; so what waits for a reader is bounded, and nothing depends on
what it missed. All of it is made in one task, so that the order of frames is one.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterable
from typing import Any

import msgspec

from dragoman.page.markdown import Blocks, render
from dragoman.page.reader import Reader
from dragoman.page.told import INLINE_CHARS, LARGE_CHARS, Html, encode_told, is_marked_up, told_turn
from dragoman.store.parts import Parts
from dragoman.store.rows import Piece, Turn

__all__ = ["FRAME_S", "Live", "frame_of", "state_frame"]

FRAME_S = 0.04
# What took longer than this between two requests is made in a thread the next time.
_INLINE_S = 0.005
# As much text becomes HTML for one frame; the rest waits for the next ones.
_FRAME_CHARS = 64 * 1024
_MOST_PAUSE_S = 1.0

_Json = dict[str, Any]
_Said = tuple[str, _Json]


class _Shown:
    """What readers have of a part."""

    __slots__ = ("blocks", "chars")

    def __init__(self, blocks: Blocks | None) -> None:
        self.blocks = blocks
        self.chars = 0
        """How much of its text was taken."""

    def take(self, text: str, most: int | None = None) -> str:
        """What is new of a text that grows, or the beginning of that."""
        new = text[self.chars :] if most is None else text[self.chars : self.chars + most]
        self.chars += len(new)
        return new

    def html(self) -> list[str] | None:
        """The blocks so far."""
        return None if self.blocks is None else self.blocks.blocks()


_Work = tuple[int, _Shown, str]


class Live:
    """An answer while it comes; `turn` is what is known of it but for its parts."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.parts = Parts()
        self._readers: set[Reader] = set()
        self._grown: set[int] = set()
        self._shown: list[_Shown] = []
        self._told: list[_Said] = []
        self._number = 0
        self._news = asyncio.Event()
        self._hurry = asyncio.Event()
        self.ended: Turn | None = None
        """What is kept of it, when it has ended."""
        self._showing: asyncio.Task[None] | None = None
        self._took_s = 0.0
        self.html: Html | None = None
        """What was made of the answer when it had ended; None if nobody was there."""

    @property
    def is_read(self) -> bool:
        """Whether somebody reads it."""
        return bool(self._readers)

    def add(self, pieces: Iterable[Piece]) -> None:
        """More of the answer."""
        for piece in pieces:
            self._grown.add(self.parts.add(piece))
        self._news.set()

    def tell(self, kind: str, value: _Json) -> None:
        """Something about the answer, behind what came of it."""
        if self._readers:
            self._told.append((kind, value))
            self._news.set()

    def replace(self, turn: Turn) -> None:
        """Something else is known of it."""
        self.turn = turn

    def join(self) -> Reader:
        """One more reader; it leaves when it has enough."""
        reader = Reader()
        self._readers.add(reader)
        self.wake()
        if self._showing is None or self._showing.done():
            self._showing = asyncio.create_task(self._show())
        return reader

    def leave(self, reader: Reader) -> None:
        """It has enough."""
        self._readers.discard(reader)
        if not self._readers:
            self.wake()

    def wake(self) -> None:
        """Have what waits looked at now."""
        self._news.set()

    async def end(self, turn: Turn) -> None:
        """It has ended, and this is what is kept of it; returns when all are told."""
        self.ended = turn
        self._news.set()
        self._hurry.set()
        if self._showing is not None:
            await self._showing

    async def _show(self) -> None:
        while self._readers:
            await self._news.wait()
            self._news.clear()
            if self.ended is not None:
                await self._finish(self.ended)
                return
            await self._frame()
            # What is slow to show is shown less often: others want this machine, too.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(max(FRAME_S, 2 * self._took_s), _MOST_PAUSE_S)):
                    await self._hurry.wait()

    async def _frame(self) -> None:
        await self._offer()
        behind = [reader for reader in self._readers if reader.wants_all and reader.is_idle]
        if behind:
            turn = msgspec.structs.replace(self.turn, content=self.parts.content())
            html = [shown.html() for shown in self._shown]
            snapshot = await self._snapshot(turn, html)
            for reader in behind:
                reader.catch_up(snapshot)

    async def _offer(self) -> None:
        """One frame for those who have all that came before."""
        said = await self._step()
        if said:
            frame = b"".join(self._encoded(*one) for one in said)
            for reader in self._readers:
                reader.offer(frame)

    async def _step(self) -> list[_Said]:
        """What came since the last one, as events; of very much text the beginning."""
        told, self._told = self._told, []
        grown, self._grown = self._grown, set()
        work: list[_Work] = []
        left = _FRAME_CHARS
        for at in sorted(grown):
            told += self._part_events(at)
            shown, text = self._shown[at], self.parts.parts[at].text
            if shown.blocks is None:
                continue
            if new := shown.take(text, left):
                work.append((at, shown, new))
                left -= len(new)
            if shown.chars < len(text):
                self._grown.add(at)
                self._news.set()
        changed = await self._rendered(work)
        told += [("block", {"part": at, "n": n, "html": html}) for at, n, html in changed]
        return told

    def _part_events(self, at: int) -> list[_Said]:
        """What is said of a part besides its blocks."""
        part = self.parts.parts[at]
        is_new = at == len(self._shown)
        if is_new:
            self._shown.append(_Shown(Blocks() if is_marked_up(part.kind) else None))
        if part.kind == "tool_call":
            call = {"part": at, "name": part.name, "arguments": part.text}
            begun = [("part", call | {"type": part.kind, "id": part.id})] if is_new else []
            return [*begun, ("tool", call)]
        if part.kind == "refusal":
            return [("part", {"part": at, "type": part.kind, "text": part.text})]
        return [("part", {"part": at, "type": part.kind})] if is_new else []

    async def _rendered(self, work: list[_Work]) -> list[tuple[int, int, str]]:
        if not work:
            return []
        began = time.perf_counter()
        is_small = sum(len(text) for _, _, text in work) <= INLINE_CHARS
        if is_small and self._took_s < _INLINE_S:
            changed = _feed(work)
        else:
            changed = await asyncio.to_thread(_feed, work)
        self._took_s = time.perf_counter() - began
        return changed

    async def _finish(self, turn: Turn) -> None:
        if self._waiting_chars() > _FRAME_CHARS and turn.content == self.parts.content():
            # It takes a while: what is made of it is shown meanwhile, once to who comes now.
            await self._frame()
            while self._readers and self._waiting_chars() > _FRAME_CHARS:
                await self._offer()
        self.html = await asyncio.to_thread(self._last_html, turn)
        last = await self._snapshot(turn, self.html)
        for reader in self._readers:
            reader.end(last)

    def _waiting_chars(self) -> int:
        """How much text is no HTML yet."""
        return sum(
            len(self.parts.parts[at].text) - (self._shown[at].chars if at < len(self._shown) else 0)
            for at in self._grown
            if is_marked_up(self.parts.parts[at].kind)
        )

    def _last_html(self, turn: Turn) -> Html:
        """The blocks of what is kept; where that is what was shown, nearly all are there."""
        return [
            self._last_blocks(at, part["text"]) if is_marked_up(part.get("type")) else None
            for at, part in enumerate(turn.content)
        ]

    def _last_blocks(self, at: int, text: str) -> list[str]:
        shown = self._shown[at] if at < len(self._shown) else None
        if shown is None or shown.blocks is None or self.parts.parts[at].text != text:
            return render(text)
        shown.blocks.feed(shown.take(text))
        shown.blocks.end()
        return shown.blocks.blocks()

    async def _snapshot(self, turn: Turn, html: Html) -> bytes:
        told = told_turn(turn, html)
        self._number += 1
        if self.parts.chars <= LARGE_CHARS:
            return frame_of(self._number, "state", {"turn": told})
        return await asyncio.to_thread(state_frame, self._number, told)

    def _encoded(self, kind: str, value: _Json) -> bytes:
        self._number += 1
        return frame_of(self._number, kind, value)


def frame_of(number: int, kind: str, value: _Json) -> bytes:
    """A server-sent event."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (number, kind.encode(), msgspec.json.encode(value))


def state_frame(number: int, told: _Json) -> bytes:
    """The event `state` of a turn, of any size."""
    data = encode_told({"turn": told}, [told])
    return b"".join((b"id: %d\nevent: state\ndata: " % number, data, b"\n\n"))


def _feed(work: list[_Work]) -> list[tuple[int, int, str]]:
    changed = []
    for at, shown, text in work:
        assert shown.blocks is not None  # noqa: S101 - there is work for others only
        shown.blocks.feed(text)
        changed += [(at, n, html) for n, html in shown.blocks.changed()]
    return changed
