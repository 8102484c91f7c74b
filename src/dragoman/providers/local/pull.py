"""Getting a model: from the cache, or fetched, checked and kept.

    cached_file ── there ──────────────────────────────────────────────> path
      └─ not there: lock ─ (fetched by another meanwhile?) ─ sources in order ─ check ─ rename

A caller that is cancelled leaves nothing behind; work on files is done in threads.
"""

import asyncio
from contextvars import ContextVar
from pathlib import Path

from dragoman.errors import ChatError
from dragoman.providers.local.cache import (
    cached_file,
    disk_error,
    is_ours_alone,
    keep_file,
    models_folder,
    sha256_of,
    unbroken,
    work_folder,
)
from dragoman.providers.local.sources import OWN_FILE, Progress, fetch
from dragoman.providers.local.weights import Weights

__all__ = ["ON_PROGRESS", "Progress", "pull", "ready_file"]

ON_PROGRESS: ContextVar[Progress | None] = ContextVar("dragoman_pull_progress", default=None)
"""Who is told about a fetch that a chat causes; set it before the chat, in the same context."""


async def pull(
    weights: Weights, *, folder: Path | None = None, progress: Progress | None = None
) -> Path:
    """The checked model file in `folder` (the user's cache), fetched if it is not there.

    A file that is there is checked whole, and fetched again if it is damaged. `progress` is called
    now and then with bytes done and bytes in all, by default what `ON_PROGRESS` holds.
    Raises `MissingRequirementsError` without pip, `TransportError` for network and disk,
    `ResponseError` for bytes that are not the catalogue's; each with a `hint`.
    """
    folder = folder or models_folder()
    try:
        async with work_folder(weights, folder) as work:
            there = await unbroken(_whole_file, weights, folder)
            return there or await _from_any(weights, work, progress or ON_PROGRESS.get())
    except OSError as exc:
        if isinstance(exc, ChatError):
            raise
        raise disk_error(exc, folder) from exc


async def ready_file(weights: Weights) -> Path:
    """As `pull` into the user's cache, but a file that is there is taken by its size alone.

    If others may write where it is, it is checked whole: they could have put another there.
    """
    return await asyncio.to_thread(_known_file, weights, models_folder()) or await pull(weights)


def _known_file(weights: Weights, folder: Path) -> Path | None:
    there = cached_file(weights, folder)
    if there is None or is_ours_alone(there):
        return there
    return _whole_file(weights, folder)


def _whole_file(weights: Weights, folder: Path) -> Path | None:
    there = cached_file(weights, folder)
    return there if there is not None and sha256_of(there) == weights.sha256 else None


async def _from_any(weights: Weights, work: Path, progress: Progress | None) -> Path:
    failures: list[ChatError] = []
    for source in weights.sources:
        try:
            fetched = await fetch(source, weights, work, tell=progress or _nobody)
            return await unbroken(keep_file, fetched, weights, work.parent)
        except ChatError as failure:
            failures.append(failure)
    first = failures[0]
    error = type(first)(f"{weights.name}: {'; '.join(each.message for each in failures)}")
    error.hint = first.hint or f"Try again later, {OWN_FILE}"
    raise error from first


def _nobody(done: int, total: int) -> None:
    """Nobody asked to be told."""
