"""The steps of the schema, in their order."""

from dragoman.store.migrate import Steps
from dragoman.store.steps import s0001_usage, s0002_keys, s0003_conversations, s0004_page

__all__ = ["STEPS"]

STEPS: Steps = (s0001_usage.up, s0002_keys.up, s0003_conversations.up, s0004_page.up)
"""What leads from version 0 to 1, from 1 to 2, and so on."""
