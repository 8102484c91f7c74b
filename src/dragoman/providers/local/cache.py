"""Where model files live: the user's cache folder, one file a model, whole or not there.

A file gets its name only after its bytes were checked and are on the disk. Whoever fetches holds
the lock of that file: a second process waits and then finds it there, and whatever lies under the
lock's care from before was left by a process that died.
"""

import asyncio
import contextlib
import errno
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from dragoman.errors import ChatError, ResponseError, TransportError
from dragoman.providers.local.weights import Weights

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = [
    "cached_file",
    "check_space",
    "disk_error",
    "is_ours_alone",
    "keep_file",
    "models_folder",
    "sha256_of",
    "unbroken",
    "work_folder",
]

P = ParamSpec("P")
T = TypeVar("T")

POLL_S = 0.1

_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


def models_folder() -> Path:
    """The folder of the model files, which need not exist yet.

    `$XDG_CACHE_HOME/dragoman/models`, by default below `~/.cache`.
    """
    home = os.environ.get("XDG_CACHE_HOME")
    # A relative path is to be ignored, says the XDG specification.
    base = Path(home) if home and Path(home).is_absolute() else Path.home() / ".cache"
    return base / "dragoman" / "models"


def cached_file(weights: Weights, folder: Path) -> Path | None:
    """The model's file if it is there; blocks.

    Only its size is compared: the bytes were checked before the file got its name.
    """
    path = folder / weights.file
    try:
        return path if path.stat().st_size == weights.file_bytes else None
    except OSError:
        return None


def is_ours_alone(path: Path) -> bool:
    """Whether nobody else, but for the system's owner, may write to this file or its folder."""
    if sys.platform == "win32":
        return True
    ours = {os.getuid(), 0}
    # As it is found and as it is: a link may lead out of the folder.
    places = (path.parent, path.resolve().parent, path.resolve())
    found = [place.stat() for place in places]
    return all(one.st_uid in ours and not one.st_mode & 0o022 for one in found)


@contextlib.asynccontextmanager
async def work_folder(weights: Weights, folder: Path) -> AsyncGenerator[Path, None]:
    """An empty folder beside the model files, held by this process alone.

    What earlier processes left is removed.
    """
    lock = await asyncio.to_thread(_lock_file, weights, folder)
    try:
        while not _locked(lock):  # noqa: ASYNC110 - it is another process that gives it back
            await asyncio.sleep(POLL_S)
        work = await asyncio.to_thread(_empty_folder, weights, folder)
        try:
            yield work
        finally:
            await unbroken(shutil.rmtree, work, ignore_errors=True)
    finally:
        os.close(lock)


async def unbroken(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`work` in a thread, waited for also by a caller that is cancelled meanwhile.

    For work of a second or so that must not go on behind our back.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        if not running.cancelled():
            running.exception()
        raise


def keep_file(fetched: Path, weights: Weights, folder: Path) -> Path:
    """Check a fetched file, make it last and give it its name.

    `ResponseError` if its bytes are not those of the catalogue.
    """
    size = fetched.stat().st_size
    if size != weights.file_bytes:
        raise ResponseError(
            f"{weights.file} is {size} bytes long instead of {weights.file_bytes}: "
            "the download was cut or is another file"
        )
    found = sha256_of(fetched)
    if found != weights.sha256:
        raise ResponseError(
            f"{weights.file} has the SHA-256 {found[:12]}… instead of {weights.sha256[:12]}…: "
            "it was not kept"
        )
    with fetched.open("rb+") as file:
        os.fsync(file.fileno())
    path = folder / weights.file
    fetched.replace(path)
    _sync_folder(folder)
    return path


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal; blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_space(folder: Path, needed_bytes: int) -> None:
    """`TransportError` if the disk of `folder` has less than that left."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise _hinted(
            TransportError(
                f"no space in {folder}: {_mb(needed_bytes)} are needed, {_mb(free)} are free"
            )
        )


def disk_error(error: OSError, folder: Path) -> ChatError:
    """What an error of the file system means for the reader."""
    if error.errno in _FULL:
        return _hinted(TransportError(f"no space in {folder}: {error.strerror}"))
    where = error.filename or folder
    return _hinted(TransportError(f"{where}: {error.strerror or type(error).__name__}"))


def _hinted(error: TransportError) -> TransportError:
    error.hint = "Free some space, or set XDG_CACHE_HOME to a folder on another disk"
    return error


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.0f} MB"


def _lock_file(weights: Weights, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    # Not through a link that somebody else may have put there.
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    return os.open(folder / f".{weights.file}.lock", flags, 0o600)


def _empty_folder(weights: Weights, folder: Path) -> Path:
    prefix = f".{weights.file}.part-"
    for stale in folder.glob(f"{prefix}*"):
        shutil.rmtree(stale, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=prefix, dir=folder))


def _locked(lock: int) -> bool:
    """Take the lock if nobody has it; closing the file gives it back, and so does dying."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        # Some network disks have no locks. Two fetches at once may then disturb each other: one
        # fails with an error, and what has its name is whole all the same.
        return exc.errno in {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS}
    return True


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
