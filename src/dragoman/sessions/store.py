"""Handshake results, each made once and shared by all calls that may share it.

A result belongs to a provider, an account and an event loop. One refresh is in flight per key:
those who come meanwhile wait for it and take its result, or its error. Nothing here knows what a
result means; a result says itself until when it is good.
"""

import asyncio
import copy
import threading
import time
import weakref
from collections.abc import Awaitable, Callable, Hashable, Iterator
from typing import ClassVar, TypeVar

from dragoman.account import Reticent, Secret
from dragoman.errors import ChatError

__all__ = ["Facts", "SessionStore"]

MAX_RESULTS = 1024


class Facts(Reticent, frozen=True, kw_only=True):
    """What a handshake gave. Subclasses add fields; `expires_at` is Unix time, None is unknown."""

    expires_at: float | None = None

    def __repr__(self) -> str:
        # Nonces, tokens and cookies: names only.
        return f"{type(self).__name__}({', '.join(self.__struct_fields__)})"

    def secrets(self) -> Iterator[str]:
        """What no message may show: by default the fields that are a `Secret`."""
        fields = (getattr(self, name) for name in self.__struct_fields__)
        return (value.reveal() for value in fields if isinstance(value, Secret))


FactsT = TypeVar("FactsT", bound=Facts)


class _Slot:
    """One key's result, its lock, and how the last flight ended for those who waited for it."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.facts: Facts | None = None
        self.flights = 0
        self.error: ChatError | None = None


class SessionStore:
    """The results of one event loop."""

    _of_loop: ClassVar[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, "SessionStore"]] = (
        weakref.WeakKeyDictionary()
    )
    # Loops run in threads of their own, and they share this one table.
    _table: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self) -> None:
        self._slots: dict[Hashable, _Slot] = {}

    @classmethod
    def of_running_loop(cls) -> "SessionStore":
        """The store of the running loop; it goes when the loop goes."""
        loop = asyncio.get_running_loop()
        with cls._table:
            store = cls._of_loop.get(loop)
            if store is None:
                # A lock that was waited for knows its loop, and so keeps its own key alive.
                for closed in [known for known in cls._of_loop if known.is_closed()]:
                    del cls._of_loop[closed]
                store = cls._of_loop[loop] = cls()
        return store

    def peek(self, key: Hashable) -> Facts | None:
        """The result under `key`, if there is one and it is good."""
        slot = self._slots.pop(key, None)
        if slot is None:
            return None
        self._slots[key] = slot
        facts = slot.facts
        return facts if facts is not None and _is_live(facts) else None

    async def get(
        self,
        key: Hashable,
        make: Callable[[], Awaitable[FactsT]],
        *,
        instead_of: FactsT | None = None,
    ) -> tuple[FactsT, bool]:
        """The result under `key` and whether this call made it.

        `instead_of` is a result that the service refused: it is replaced unless another call has
        replaced it already. The error of a flight that this call waited for is raised here too.
        """
        known = self.peek(key)
        if known is not None and known is not instead_of:
            return known, False  # type: ignore[return-value]  # a key's facts have one type
        slot = self._slot(key)
        flights = slot.flights
        async with slot.lock:
            facts = slot.facts
            waited = slot.flights > flights
            # Who waited takes what came, also if it was short-lived: it is as new as can be.
            if facts is not None and facts is not instead_of and (waited or _is_live(facts)):
                return facts, False  # type: ignore[return-value]  # a key's facts have one type
            if waited and slot.error is not None:
                raise copy.copy(slot.error)
            return await self._fly(slot, make), True

    def forget(self, key: Hashable) -> None:
        """Drop a result; the next call makes a new one."""
        slot = self._slots.get(key)
        if slot is not None:
            slot.facts = None

    def _slot(self, key: Hashable) -> _Slot:
        slot = self._slots.pop(key, None)
        if slot is None:
            if len(self._slots) >= MAX_RESULTS:
                idle = next((k for k, s in self._slots.items() if not s.lock.locked()), None)
                self._slots.pop(idle, None)
            slot = _Slot()
        # The last used stands last, so that the first idle one is the longest unused.
        self._slots[key] = slot
        return slot

    async def _fly(self, slot: _Slot, make: Callable[[], Awaitable[FactsT]]) -> FactsT:
        slot.facts = slot.error = None
        try:
            made = await make()
        except ChatError as error:
            slot.error = error
            slot.flights += 1
            raise
        slot.facts = made
        slot.flights += 1
        return made


def _is_live(facts: Facts) -> bool:
    return facts.expires_at is None or time.time() < facts.expires_at
