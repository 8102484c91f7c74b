"""What the keys of a gateway have used, as numbers in one block of memory that its workers share.

    keys      16 bytes a slot: the digest of a key's name
    running   how many requests a worker runs, of all keys and of each slot
    windows   two a slot, of the requests and the tokens of the last 60 seconds: what each worker
              claims, and a ring of steps, which is changed under the lock

What belongs to one worker, its lane, is written by it only.

The block is this process's own, or a file that workers map (`limits_file.py`); nothing here asks
which. Each change becomes true with the one number that is written last, so that a worker may be
killed at any moment: what was let in is in a claim or in a ring, for a moment in both, and never
in none. So a limit may be felt a moment longer, and is not exceeded.

A key that has used nothing for a minute and runs nothing gives its slot to one that needs it:
memory is bounded, whatever keys come and go.
"""

import hashlib
import mmap
from bisect import bisect_left

from dragoman.limits import STEP_S, WINDOW_S, wait_until

__all__ = ["NOBODYS", "SLOTS", "LimitBoard", "SharedWindow", "size_bytes"]

SLOTS = 1024
"""Keys that are counted at the same time."""
NOBODYS = SLOTS
"""The slot after them, of requests that are counted for no key."""

_KEY_BYTES = 16
_WORD_BYTES = 8
# More than the steps of a minute, of which each begins a quarter of a second after the last.
_STEPS = 256
# More tokens than any answer has, and few enough to be added up for ever.
_MOST_AT_ONCE = 2**32

# Of each slot how many run in each lane, and after them of all keys.
_EVERYONE = SLOTS + 1
_RUNNING_ROWS = _EVERYONE + 1
# A ring: its first step, the one after its last, and when the last one began. Then, of each step,
# when the last of it was, and how much there was up to its end since ever.
_END, _BEGAN, _LASTS, _SUMS = 1, 2, 3, 3 + _STEPS
_RING_WORDS = _SUMS + _STEPS
_RUNNING_AT = (SLOTS + 1) * _KEY_BYTES // _WORD_BYTES


def size_bytes(lanes: int) -> int:
    """The size of the block for so many workers."""
    windows_words = (SLOTS + 1) * 2 * (2 * lanes + _RING_WORDS)
    return _WORD_BYTES * (_RUNNING_AT + _RUNNING_ROWS * lanes + windows_words)


class SharedWindow:
    """How much happened in the last 60 seconds, in all lanes: a ring of steps, and claims.

    With the lock, what happens is added to the ring. Without it, it is claimed: it counts from then
    on, and is let go a minute after the last of the lane's claims, if `keep` did not move it.
    """

    __slots__ = ("_claims", "_lanes", "_memory", "_nothing", "_own", "_ring", "_times", "_words")

    def __init__(self, board: "LimitBoard", at: int) -> None:
        """`at` is where its claims begin, in words; its ring is after them."""
        self._memory, self._words, self._times = board.memory, board.words, board.times
        self._lanes = board.lanes
        self._own = at + board.lane
        self._ring = at + 2 * board.lanes
        self._claims = slice(at * _WORD_BYTES, (at + board.lanes) * _WORD_BYTES)
        self._nothing = bytes(board.lanes * _WORD_BYTES)

    def used(self, now: float) -> int:
        """How much it was."""
        return self.look(now)[0]

    def look(self, now: float) -> tuple[int, float]:
        """How much it was, and when all of it will be over; 0.0 if there was nothing."""
        words, times, ring = self._words, self._times, self._ring
        used, over_at = 0, 0.0
        # In this order: without the lock both may go on between.
        first, end = words[ring], words[ring + _END]
        if first < end:
            over_at = times[ring + _LASTS + (end - 1) % _STEPS] + WINDOW_S
            if over_at <= now:
                over_at = 0.0
            else:
                if times[ring + _LASTS + first % _STEPS] + WINDOW_S <= now:
                    first = self._first(first, end, now)
                sums = ring + _SUMS
                used = words[sums + (end - 1) % _STEPS] - words[sums + (first - 1) % _STEPS]
        if self._memory[self._claims] != self._nothing:
            for last, amount in self._claimed(now):
                used += amount
                over_at = max(over_at, last + WINDOW_S)
        return used, over_at

    def wait_s(self, most: int, now: float) -> float:
        """Seconds until no more than `most` is used."""
        for last, amount in sorted(self._claimed(now), reverse=True):
            most -= amount
            if most < 0:
                return wait_until(last + WINDOW_S, now)
        first, end = self._live(now)
        if first == end or self._sum(end) - self._sum(first) <= most:
            return 0.0
        # Its end is the one to wait for: no more than `most` came after it.
        step = first + bisect_left(
            range(first, end), self._sum(end) - most, key=lambda each: self._sum(each + 1)
        )
        return wait_until(self._last(step) + WINDOW_S, now)

    def is_claimed(self) -> bool:
        """Whether anything is claimed, by any lane."""
        return self._memory[self._claims] != self._nothing

    def claim(self, amount: int, now: float) -> float:
        """Count this without the lock, in this process's lane; what `give_back` needs."""
        own, last_at = self._own, self._own + self._lanes
        claimed, last = self._words[own], self._times[last_at]
        if claimed and last + WINDOW_S > now:
            self._times[last_at] = max(last, now)
        else:
            claimed = 0
            self._times[last_at] = now
        self._words[own] = claimed + min(amount, _MOST_AT_ONCE)
        return last

    def give_back(self, amount: int, last: float) -> None:
        """Count no longer what was just claimed."""
        self._words[self._own] -= amount
        self._times[self._own + self._lanes] = last

    def keep(self, now: float) -> None:
        """Move what this lane has claimed into the ring; under the lock."""
        amount, last = self._words[self._own], self._times[self._own + self._lanes]
        if amount and last + WINDOW_S > now:
            self.add(amount, last)
        self._words[self._own] = 0

    def add(self, amount: int, now: float) -> None:
        """Count this; under the lock."""
        words, times, ring = self._words, self._times, self._ring
        first, end = words[ring], words[ring + _END]
        if first < end and times[ring + _LASTS + first % _STEPS] + WINDOW_S <= now:
            words[ring] = first = self._first(first, end, now)
        place = ring + (end - 1) % _STEPS
        amount = min(amount, _MOST_AT_ONCE)
        if first < end and now - times[ring + _BEGAN] < STEP_S:
            times[place + _LASTS] = max(times[place + _LASTS], now)
            words[place + _SUMS] += amount
            return
        amount += words[place + _SUMS]
        place = ring + end % _STEPS
        times[ring + _BEGAN] = times[place + _LASTS] = now
        words[place + _SUMS] = amount
        words[ring + _END] = end + 1

    def take_back(self, amount: int) -> None:
        """Count no longer what was just added; under the same lock."""
        words, ring = self._words, self._ring
        words[ring + _SUMS + (words[ring + _END] - 1) % _STEPS] -= amount

    def _live(self, now: float) -> tuple[int, int]:
        """The first step that is not over, and the one after the last."""
        first, end = self._words[self._ring], self._words[self._ring + _END]
        if first < end and self._last(first) + WINDOW_S <= now:
            first = self._first(first, end, now)
        return first, end

    def _first(self, first: int, end: int, now: float) -> int:
        """Of these steps the first that is not over."""
        return first + bisect_left(
            range(first, end), True, key=lambda step: self._last(step) + WINDOW_S > now
        )

    def _last(self, step: int) -> float:
        return self._times[self._ring + _LASTS + step % _STEPS]

    def _sum(self, step: int) -> int:
        """How much there was before a step, since ever."""
        return self._words[self._ring + _SUMS + (step - 1) % _STEPS]

    def _claimed(self, now: float) -> list[tuple[float, int]]:
        """What each lane has claimed, and when the last of it."""
        middle = self._ring - self._lanes
        amounts = self._words[middle - self._lanes : middle]
        found = zip(self._times[middle : self._ring], amounts, strict=True)
        return [(last, amount) for last, amount in found if amount and last + WINDOW_S > now]


class LimitBoard:
    """The block, and what of it is read and written; `lane` is that of this process.

    What the last process of this lane had running has ended with it, and is free from here on.
    """

    def __init__(self, memory: mmap.mmap | None = None, *, lanes: int = 1, lane: int = 0) -> None:
        # Anonymous memory costs nothing until it is written to.
        self.memory = memory or mmap.mmap(-1, size_bytes(lanes))
        self._bytes = memoryview(self.memory)
        self.words: memoryview[int] = self._bytes.cast("Q")
        self.times: memoryview[float] = self._bytes.cast("d")
        self.lanes = lanes
        self.lane = lane
        self._windows_at = _RUNNING_AT + _RUNNING_ROWS * lanes
        self._everyone = self._windows_at - lanes
        for at in range(_RUNNING_AT + lane, self._windows_at, lanes):
            if self.words[at]:
                self.words[at] = 0

    def lock(self) -> bool:
        """Try to have the rings for oneself, until `unlock`; this process alone always has."""
        return True

    def unlock(self) -> None:
        """Let others have the rings; after a `lock` that was granted."""

    def close(self) -> None:
        """Let go of the block; nothing is read or written after that."""
        for view in (self.words, self.times, self._bytes):
            view.release()
        self.memory.close()

    def slot(self, name: str, now: float) -> int | None:
        """The slot of a key, its own from now on if it had none; None if all are in use.

        Under the lock; without it, two newcomers may meet at one slot, though hardly ever.
        """
        digest = hashlib.blake2b(name.encode(), digest_size=_KEY_BYTES).digest()
        slot = self._search(digest)
        if slot is None:
            # Where it begins depends on the name: whoever else brings it finds the same slot.
            begin = int.from_bytes(digest[:4], "little")
            tried = ((begin + step) % SLOTS for step in range(SLOTS))
            slot = next((each for each in tried if self._is_idle(each, now)), None)
            if slot is not None:
                self.memory[slot * _KEY_BYTES : (slot + 1) * _KEY_BYTES] = digest
        return slot

    def owner(self, slot: int) -> bytes:
        """What tells whose slot it is."""
        return self.memory[slot * _KEY_BYTES : (slot + 1) * _KEY_BYTES]

    def windows(self, slot: int) -> tuple[SharedWindow, SharedWindow]:
        """What a slot has used: its requests, and its tokens."""
        return self._window(slot * 2), self._window(slot * 2 + 1)

    def enter(self, slot: int) -> None:
        """One more of a slot runs."""
        self.words[_RUNNING_AT + slot * self.lanes + self.lane] += 1
        self.words[self._everyone + self.lane] += 1

    def leave(self, slot: int) -> None:
        """One that ran has ended."""
        self.words[_RUNNING_AT + slot * self.lanes + self.lane] -= 1
        self.words[self._everyone + self.lane] -= 1

    def everyone(self) -> int:
        """How many run, of all keys together."""
        return self.running(_EVERYONE)

    def running(self, slot: int) -> int:
        """How many of a slot run."""
        at = _RUNNING_AT + slot * self.lanes
        return sum(self.words[at : at + self.lanes])

    def _is_idle(self, slot: int, now: float) -> bool:
        return not (self.running(slot) or any(each.used(now) for each in self.windows(slot)))

    def _window(self, number: int) -> SharedWindow:
        return SharedWindow(self, self._windows_at + number * (2 * self.lanes + _RING_WORDS))

    def _search(self, digest: bytes) -> int | None:
        at = self.memory.find(digest, 0, SLOTS * _KEY_BYTES)
        while at >= 0 and at % _KEY_BYTES:
            at = self.memory.find(digest, at + 1, SLOTS * _KEY_BYTES)
        return at // _KEY_BYTES if at >= 0 else None
