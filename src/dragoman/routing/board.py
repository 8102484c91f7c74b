"""What is measured of each provider and model, as numbers in one block of memory.

    keys    16 bytes a slot: the digest of provider and model, zeros if the slot is free
    slots   a breaker, a name, the last failure; changed under the lock
    lanes   counts and times, one lane a worker in each slot; written by that worker only

The block is this process's own, or a file that the workers of one gateway share
(`shared_breakers.py`); nothing here asks which. So what one worker measures, all of them know, and
a worker that dies leaves what it knew.

A slot that nobody used for the longest time is given to a newcomer: memory is bounded, whatever
names callers write. What is read while another process writes may be a moment old, or one count
off; what decides, the breaker and the probe's turn, is read anew under the lock before it changes.
"""

import contextlib
import hashlib
import math
import mmap
import struct
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager

import msgspec

from dragoman.routing.breaker import Breaker
from dragoman.routing.outcomes import OUTCOME_NAMES, Outcome

__all__ = ["BUCKETS", "SAMPLES", "SLOTS", "Board", "Failure", "Sample", "size_bytes"]

SLOTS = 256
"""Pairs of provider and model that are remembered."""
BUCKETS = 10
"""Parts of the window; the oldest is forgotten as a whole."""
SAMPLES = 64
"""Times of answers that a worker remembers of each pair."""

_KEY_BYTES = 16
_TEXT_CHARS = 200
_PLACE_CHARS = 80
_BREAKER = struct.Struct("=3dI?3xI4x")
# Of it, those that are read alone.
_IN_ROW_AT, _IS_OPEN_AT = 24, 28
_HEAD = struct.Struct("=HI")
_NAME_BYTES = 512
_FAILURE_BYTES = 2048
_NAME_AT = _BREAKER.size
_FAILURE_AT = _NAME_AT + _NAME_BYTES
_LANES_AT = _FAILURE_AT + _FAILURE_BYTES

_TOTALS = struct.Struct(f"={len(OUTCOME_NAMES)}Q")
# Last success, last failure, last use, number of the next sample.
_TIMES = struct.Struct("=3dQ")
_BUCKET = struct.Struct("=Q2I")
_SAMPLE = struct.Struct("=d2f")
_TIMES_AT = _TOTALS.size
# Of those, each by itself.
_COUNT, _TIME = struct.Struct("=Q"), struct.Struct("=d")
_GOOD_AT, _BAD_AT, _USED_AT, _NUMBER_AT = range(_TIMES_AT, _TIMES_AT + _TIMES.size, _TIME.size)
_BUCKETS_AT = _TIMES_AT + _TIMES.size
_SAMPLES_AT = _BUCKETS_AT + BUCKETS * _BUCKET.size
_LANE_BYTES = _SAMPLES_AT + SAMPLES * _SAMPLE.size
_SLOTS_AT = SLOTS * _KEY_BYTES
# The same places, counted in numbers.
_WORD_BYTES = 8
_GOOD_WORD, _USED_WORD = _GOOD_AT // _WORD_BYTES, _USED_AT // _WORD_BYTES
_NUMBER_WORD, _BUCKETS_WORD = _NUMBER_AT // _WORD_BYTES, _BUCKETS_AT // _WORD_BYTES
_SAMPLES_WORD = _SAMPLES_AT // _WORD_BYTES
_BUCKET_WORDS, _SAMPLE_WORDS = _BUCKET.size // _WORD_BYTES, _SAMPLE.size // _WORD_BYTES


class Failure(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What went wrong last: the error's class, where (host and step), and its words."""

    error: str
    text: str
    step: str | None = None
    host: str | None = None

    def __str__(self) -> str:
        where = " ".join(filter(None, (self.step, self.host and f"at {self.host}")))
        return ": ".join(filter(None, (self.error, where, self.text)))


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """The times of one answer; `first_token_s` is None if there was no such moment.

    `total_s` is not a number if nobody waited for its end.
    """

    at: float
    first_token_s: float | None
    total_s: float


def size_bytes(lanes: int) -> int:
    """The size of the block for so many workers."""
    return SLOTS * (_KEY_BYTES + _LANES_AT + lanes * _LANE_BYTES)


class Board:
    """The block, and what of it is read and written; `lane` is that of this process."""

    def __init__(self, memory: mmap.mmap | None = None, *, lanes: int = 1, lane: int = 0) -> None:
        # Anonymous memory costs nothing until it is written to.
        self._memory = memory or mmap.mmap(-1, size_bytes(lanes))
        self.lanes = lanes
        self._lane = lane
        self._slot_bytes = _LANES_AT + lanes * _LANE_BYTES
        # The same memory as numbers: one is read and written without a call.
        self._bytes = memoryview(self._memory)
        self._words: memoryview[int] = self._bytes.cast("Q")
        self._times: memoryview[float] = self._bytes.cast("d")
        self._halves: memoryview[int] = self._bytes.cast("I")
        self._floats: memoryview[float] = self._bytes.cast("f")
        self._known: dict[tuple[str, str], tuple[bytes, int]] = {}

    def lock(self) -> AbstractContextManager[object]:
        """Held while something of a slot changes; this process alone needs none."""
        return contextlib.nullcontext()

    def close(self) -> None:
        """Let go of the block; nothing is read or written after that."""
        for view in (self._words, self._times, self._halves, self._floats, self._bytes):
            view.release()
        self._memory.close()

    def find(self, provider: str, model: str) -> int | None:
        """The slot of a pair; None if there is none."""
        pair = (provider, model)
        known = self._known.get(pair)
        if known is None:
            key = _key(pair)
        else:
            key, slot = known
            # Another worker may have given it away.
            if self._memory[slot * _KEY_BYTES : (slot + 1) * _KEY_BYTES] == key:
                return slot
        found = self._search(key)
        if found is not None:
            self._remember(pair, key, found)
        return found

    def claim(self, provider: str, model: str) -> int:
        """The slot of a pair, its own from now on if it had none."""
        found = self.find(provider, model)
        if found is not None:
            return found
        key = _key((provider, model))
        with self.lock():
            slot = self._search(key)
            if slot is None:
                slot = self._free()
                self._begin(slot, key, f"{provider}\0{model}")
        self._remember((provider, model), key, slot)
        return slot

    def pairs(self) -> dict[int, tuple[str, str]]:
        """Provider and model of each slot that is taken; a very long name is cut."""
        found = {}
        for slot in self._taken():
            name = self._blob(self._at(slot) + _NAME_AT).decode("utf-8", "replace")
            provider, is_whole, model = name.partition("\0")
            if is_whole:
                found[slot] = (provider, model)
        return found

    def breaker(self, slot: int) -> Breaker:
        """The breaker of a slot."""
        opened_at, probe_at, since, in_row, is_open, openings = _BREAKER.unpack_from(
            self._memory, self._at(slot)
        )
        return Breaker(
            in_row=in_row,
            is_open=is_open,
            opened_at=opened_at,
            probe_at=probe_at,
            since=since,
            openings=openings,
        )

    def is_open(self, provider: str, model: str) -> bool:
        """Whether the breaker of a pair is open: all that most requests ask of it."""
        slot = self.find(provider, model)
        if slot is None:
            return False
        return self._bytes[_SLOTS_AT + slot * self._slot_bytes + _IS_OPEN_AT] != 0

    def keep(self, slot: int, breaker: Breaker) -> None:
        """Put a breaker in place of the slot's own; under the lock."""
        _BREAKER.pack_into(
            self._memory,
            self._at(slot),
            breaker.opened_at,
            breaker.probe_at,
            breaker.since,
            min(breaker.in_row, 2**32 - 1),
            breaker.is_open,
            min(breaker.openings, 2**32 - 1),
        )

    def failure(self, slot: int) -> Failure | None:
        """What went wrong there last; None also if it is just being written."""
        blob = self._blob(self._at(slot) + _FAILURE_AT)
        return _FAILURES.decode(blob) if blob else None

    def keep_failure(self, slot: int, failure: Failure) -> None:
        """Remember what went wrong; under the lock."""
        short = Failure(
            error=failure.error[:_PLACE_CHARS],
            text=failure.text[:_TEXT_CHARS],
            step=failure.step and failure.step[:_PLACE_CHARS],
            host=failure.host and failure.host[:_PLACE_CHARS],
        )
        self._put(self._at(slot) + _FAILURE_AT, msgspec.msgpack.encode(short), _FAILURE_BYTES)

    def count(self, slot: int, outcome: Outcome, now: float, *, epoch: int) -> None:
        """Count an attempt, in this process's lane. `epoch` is the number of the bucket's time."""
        lane = self._lane_at(slot, self._lane)
        self._add_one(lane + OUTCOME_NAMES.index(outcome) * _COUNT.size)
        if outcome == "ok":
            _TIME.pack_into(self._memory, lane + _GOOD_AT, now)
        elif outcome in _BAD:
            _TIME.pack_into(self._memory, lane + _BAD_AT, now)
        _TIME.pack_into(self._memory, lane + _USED_AT, now)
        if outcome in ("ok", "failed"):
            self._count_bucket(lane, epoch, failed=outcome == "failed")

    def count_good(self, slot: int, sample: Sample, *, epoch: int) -> bool:
        """Count a success, with its times, as `count` and `add` do together.

        Whether the breaker of the slot remembers a failure, or is open. Of each request of a
        gateway that goes well it is asked once, so no number here costs a call.
        """
        words, times = self._words, self._times
        at = _SLOTS_AT + slot * self._slot_bytes
        lane = (at + _LANES_AT + self._lane * _LANE_BYTES) // _WORD_BYTES
        words[lane] += 1
        times[lane + _GOOD_WORD] = times[lane + _USED_WORD] = sample.at
        bucket = lane + _BUCKETS_WORD + epoch % BUCKETS * _BUCKET_WORDS
        if words[bucket] != epoch:
            words[bucket], words[bucket + 1] = epoch, 0
        self._halves[2 * bucket + 2] += 1
        number = words[lane + _NUMBER_WORD]
        words[lane + _NUMBER_WORD] = number + 1
        place = lane + _SAMPLES_WORD + number % SAMPLES * _SAMPLE_WORDS
        first = sample.first_token_s
        times[place] = sample.at
        self._floats[2 * place + 2] = math.nan if first is None else first
        self._floats[2 * place + 3] = sample.total_s
        # Both in one number; the rest of it is always nothing.
        return words[(at + _IN_ROW_AT) // _WORD_BYTES] != 0

    def add(self, slot: int, sample: Sample) -> None:
        """Remember the times of an answer, in this process's lane."""
        lane = self._lane_at(slot, self._lane)
        number = self._add_one(lane + _NUMBER_AT)
        first = math.nan if sample.first_token_s is None else sample.first_token_s
        at = lane + _SAMPLES_AT + number % SAMPLES * _SAMPLE.size
        _SAMPLE.pack_into(self._memory, at, sample.at, first, sample.total_s)

    def totals(self, slot: int) -> dict[Outcome, int]:
        """How many attempts there were, by what came of them."""
        lanes = [_TOTALS.unpack_from(self._memory, lane) for lane in self._lanes(slot)]
        sums = map(sum, zip(*lanes, strict=True))
        return dict(zip(OUTCOME_NAMES, sums, strict=True))

    def own_totals(self, slot: int) -> dict[Outcome, int]:
        """As `totals`, but of this process alone, and of whoever had its lane before."""
        lane = self._lane_at(slot, self._lane)
        return dict(zip(OUTCOME_NAMES, _TOTALS.unpack_from(self._memory, lane), strict=True))

    def window(self, slot: int, first: int, last: int) -> tuple[int, int]:
        """Failures and requests of the buckets from one epoch to another."""
        failures = requests = 0
        for lane in self._lanes(slot):
            buckets = self._memory[lane + _BUCKETS_AT : lane + _SAMPLES_AT]
            for epoch, good, bad in _BUCKET.iter_unpack(buckets):
                if first <= epoch <= last:
                    failures += bad
                    requests += good + bad
        return failures, requests

    def samples(self, slot: int, since: float) -> Iterator[Sample]:
        """The times of the answers since then, in no order."""
        for lane in self._lanes(slot):
            yield from self._samples_of(lane, since)

    def own_samples(self, slot: int, since: float) -> Iterator[Sample]:
        """As `samples`, but of this process alone, and of whoever had its lane before."""
        return self._samples_of(self._lane_at(slot, self._lane), since)

    def last_times(self, slot: int) -> tuple[float, float]:
        """When the last success and the last failure was; 0 if there was none."""
        times = [_TIMES.unpack_from(self._memory, at + _TIMES_AT) for at in self._lanes(slot)]
        return max(lane[0] for lane in times), max(lane[1] for lane in times)

    def _samples_of(self, lane: int, since: float) -> Iterator[Sample]:
        number = _TIMES.unpack_from(self._memory, lane + _TIMES_AT)[3]
        start = lane + _SAMPLES_AT
        kept = self._memory[start : start + min(number, SAMPLES) * _SAMPLE.size]
        for at, first, total in _SAMPLE.iter_unpack(kept):
            if at >= since:
                yield Sample(at, None if math.isnan(first) else first, total)

    def _add_one(self, at: int) -> int:
        """Add one to a number of this process's lane; what it was."""
        (count,) = _COUNT.unpack_from(self._memory, at)
        _COUNT.pack_into(self._memory, at, count + 1)
        return int(count)

    def _count_bucket(self, lane: int, epoch: int, *, failed: bool) -> None:
        at = lane + _BUCKETS_AT + epoch % BUCKETS * _BUCKET.size
        found, good, bad = _BUCKET.unpack_from(self._memory, at)
        if found != epoch:
            good = bad = 0
        _BUCKET.pack_into(self._memory, at, epoch, good + (not failed), bad + failed)

    def _search(self, key: bytes) -> int | None:
        at = self._memory.find(key, 0, SLOTS * _KEY_BYTES)
        while at >= 0 and at % _KEY_BYTES:
            at = self._memory.find(key, at + 1, SLOTS * _KEY_BYTES)
        return at // _KEY_BYTES if at >= 0 else None

    def _free(self) -> int:
        """A slot that is free, or else the one that nobody used for the longest time."""
        free = self._search(bytes(_KEY_BYTES))
        return min(range(SLOTS), key=self._used_at) if free is None else free

    def _used_at(self, slot: int) -> float:
        used: list[float] = [
            _TIMES.unpack_from(self._memory, at + _TIMES_AT)[2] for at in self._lanes(slot)
        ]
        return max(used)

    def _begin(self, slot: int, key: bytes, name: str) -> None:
        at = self._at(slot)
        self._memory[at : at + self._slot_bytes] = bytes(self._slot_bytes)
        self._put(at + _NAME_AT, name.encode("utf-8", "replace"), _NAME_BYTES)
        self._memory[slot * _KEY_BYTES : (slot + 1) * _KEY_BYTES] = key

    def _taken(self) -> Iterator[int]:
        keys = self._memory[: SLOTS * _KEY_BYTES]
        for slot in range(SLOTS):
            if any(keys[slot * _KEY_BYTES : (slot + 1) * _KEY_BYTES]):
                yield slot

    def _remember(self, pair: tuple[str, str], key: bytes, slot: int) -> None:
        if len(self._known) >= 2 * SLOTS:
            self._known.clear()
        self._known[pair] = (key, slot)

    def _blob(self, at: int) -> bytes:
        """What was put there; nothing if it is not whole, for it is read without the lock."""
        length, checksum = _HEAD.unpack_from(self._memory, at)
        blob = self._memory[at + _HEAD.size : at + _HEAD.size + length]
        return blob if zlib.crc32(blob) == checksum else b""

    def _put(self, at: int, blob: bytes, room: int) -> None:
        kept = blob[: room - _HEAD.size]
        _HEAD.pack_into(self._memory, at, len(kept), zlib.crc32(kept))
        self._memory[at + _HEAD.size : at + _HEAD.size + len(kept)] = kept

    def _at(self, slot: int) -> int:
        return _SLOTS_AT + slot * self._slot_bytes

    def _lane_at(self, slot: int, lane: int) -> int:
        return self._at(slot) + _LANES_AT + lane * _LANE_BYTES

    def _lanes(self, slot: int) -> Iterator[int]:
        start = self._at(slot) + _LANES_AT
        return iter(range(start, start + self.lanes * _LANE_BYTES, _LANE_BYTES))


_BAD = frozenset({"failed", "limited", "denied"})
_FAILURES = msgspec.msgpack.Decoder(Failure)


def _key(pair: tuple[str, str]) -> bytes:
    name = "\0".join(pair).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(name, digest_size=_KEY_BYTES).digest()
