"""The parent's side of a child that serves a model: start it, hear its report, end it.

Nothing that the child says about itself on standard error is shown, but for its last part, which
hangs on errors as a note for those who debug.
"""

import asyncio
import builtins
import contextlib
import secrets
import signal
import sys
from pathlib import Path

import msgspec

from dragoman.account import Secret
from dragoman.errors import ChatError, HandshakeError, MissingRequirementsError, TimeoutError
from dragoman.providers.local.child import ChildOrder, ChildReport

__all__ = ["ChildProcess", "Served", "death_error", "extra_missing"]

# A file of several gigabytes comes from a slow disk in about a minute.
START_S = 120.0
TERMINATE_S = 1.0
KILL_S = 2.0
PATIENCE_S = 0.5
TAIL_BYTES = 16 * 1024

_MODULE = "dragoman.providers.local.child"
# What Windows gives for an illegal instruction (STATUS_ILLEGAL_INSTRUCTION).
_ILLEGAL = frozenset({-signal.SIGILL, 0xC000001D})


class Served(msgspec.Struct, frozen=True):
    """Where a model is served, and the key that opens it."""

    url: str
    key: Secret


class ChildProcess:
    """A running child that serves one file."""

    def __init__(self, process: asyncio.subprocess.Process, key: str, path: Path) -> None:
        self._process = process
        self._path = path
        self._tail = b""
        self._listening = asyncio.create_task(self._listen())
        self.served = Served("", Secret(key))

    @classmethod
    async def start(cls, path: Path, model: str) -> "ChildProcess":
        """A child that has loaded the file and listens.

        `MissingRequirementsError` without xllamacpp, `TimeoutError` after two minutes, or
        `HandshakeError`; then nothing is left of the child.
        """
        key = secrets.token_urlsafe(32)
        process = await asyncio.create_subprocess_exec(
            # -P: a file that lies in the user's folder is not imported.
            *(sys.executable, "-P", "-m", _MODULE),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # A Ctrl-C on the terminal is for us alone, from the child's first moment.
            start_new_session=True,
        )
        child = cls(process, key, path)
        try:
            await child._order(ChildOrder(str(path), model, key))
        except BaseException:
            await child.stop()
            raise
        return child

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def death(self) -> int | None:
        """The child's return code, or None while it lives."""
        return self._process.returncode

    async def died(self) -> ChatError | None:
        """Why the child is dead, or None while it lives.

        A connection may break a moment before the end of a process is known, so it is awaited
        for a moment.
        """
        with contextlib.suppress(builtins.TimeoutError):
            await asyncio.wait_for(self._process.wait(), PATIENCE_S)
        code = self._process.returncode
        return None if code is None else self._noted(death_error(code))

    async def stop(self) -> None:
        """End the child; takes no longer than three seconds."""
        process = self._process
        if process.stdin is not None:
            process.stdin.close()
        for end, limit_s in ((process.terminate, TERMINATE_S), (process.kill, KILL_S)):
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    end()
                with contextlib.suppress(builtins.TimeoutError):
                    await asyncio.wait_for(process.wait(), limit_s)
        self._listening.cancel()
        await asyncio.wait({self._listening}, timeout=TERMINATE_S)

    async def _order(self, order: ChildOrder) -> None:
        try:
            async with asyncio.timeout(START_S):
                line = await self._answer(msgspec.json.encode(order) + b"\n")
        except builtins.TimeoutError as exc:
            raise self._noted(
                TimeoutError(f"{self._path.name} was not loaded within {START_S:g} s")
            ) from exc
        try:
            report = msgspec.json.decode(line, type=ChildReport)
        except msgspec.DecodeError:
            raise await self.died() or HandshakeError("the model's process said nothing") from None
        if report.missing:
            raise self._noted(extra_missing(report.error))
        if report.error:
            raise self._noted(_load_error(self._path))
        self.served = Served(report.url, self.served.key)

    async def _answer(self, order: bytes) -> bytes:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return b""
        # A child that is dead already says more by its return code than by a broken pipe.
        with contextlib.suppress(ConnectionError):
            stdin.write(order)
            await stdin.drain()
        return await stdout.readline()

    async def _listen(self) -> None:
        # Someone must read, or the child would stop when the pipe is full.
        stderr = self._process.stderr
        while stderr is not None and (piece := await stderr.read(TAIL_BYTES)):
            self._tail = (self._tail + piece)[-TAIL_BYTES:]

    def _noted(self, error: ChatError) -> ChatError:
        error.add_note(self._tail.decode("utf-8", "replace"))
        return error


def extra_missing(words: str = "") -> MissingRequirementsError:
    """The error for a machine without xllamacpp."""
    error = MissingRequirementsError(
        "models on this machine need the package xllamacpp" + (f" ({words})" if words else "")
    )
    error.hint = "pip install 'dragoman[local]'"
    return error


def _load_error(path: Path) -> HandshakeError:
    error = HandshakeError(
        f"llama.cpp cannot load {path}: it is cut, damaged, or of a kind it does not know"
    )
    error.hint = "Fetch the file again, or choose another model"
    return error


def death_error(code: int) -> ChatError:
    """What the return code of a child that died by itself means."""
    if code in _ILLEGAL:
        error = HandshakeError("this processor lacks AVX2 and FMA, which the local engine needs")
        error.hint = "Use another provider, or a build of xllamacpp made for this machine"
        return error
    if code == -9:
        error = HandshakeError("the model's process was killed, perhaps for want of memory")
        error.hint = "Free some memory, or choose a smaller model"
        return error
    error = HandshakeError(f"the model's process ended by itself (code {code})")
    error.hint = "The next call starts it again; --debug shows its last words"
    return error
