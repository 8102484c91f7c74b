"""What one gateway's page holds: the way to the store, and the answers that run."""

import asyncio
from typing import TYPE_CHECKING

from dragoman.errors import MissingRequirementsError
from dragoman.gateway.state import Gateway
from dragoman.page.probing import Probing
from dragoman.page.runs import Runs
from dragoman.page.trials import Trials

if TYPE_CHECKING:
    from dragoman.store.store import Store

__all__ = ["Page"]

PARTING_S = 2.0
"""For so long answers go on at least when the gateway ends, whoever reads them."""
_FETCHED_AT_ONCE = 4


class Page:
    """The page of one gateway; closed before the gateway is."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.trials = Trials()
        self.probing = Probing()
        self.runs = Runs(gateway)
        self.fetching = asyncio.Semaphore(_FETCHED_AT_ONCE)
        """Held while a picture from elsewhere is fetched."""

    async def store(self) -> "Store":
        """What is kept. `StoreError` if it cannot be opened, `MissingRequirementsError`."""
        store = await self.gateway.store()
        if store is None:
            raise MissingRequirementsError("this gateway keeps nothing, and so has no page")
        return store

    async def close(self) -> None:
        """End what runs."""
        ends_at = self.gateway.ends_at
        left_s = 0.0 if ends_at is None else ends_at - asyncio.get_running_loop().time()
        await self.runs.close(max(PARTING_S, left_s))
