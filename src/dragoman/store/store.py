"""The store: one database, and what is kept in it."""

from pathlib import Path

from dragoman.store.conversations import Conversations
from dragoman.store.database import Database
from dragoman.store.health import HealthTable
from dragoman.store.keys import KeyTable
from dragoman.store.running import Running
from dragoman.store.sessions import SessionTable
from dragoman.store.usage import UsageTable

__all__ = ["Store"]


class Store(Database):
    """A database and its tables. Opened once, and closed by whoever opened it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.usage = UsageTable(self)
        self.keys = KeyTable(self)
        self.health = HealthTable(self)
        self.sessions = SessionTable(self)
        self.running = Running(self)

    def conversations(self, owner: str) -> Conversations:
        """The conversations of one key; nobody else's can be reached through them."""
        return Conversations(self, owner)
