"""What holds for every test: no keys, no home, no network but loopback, nothing left behind."""

import asyncio
import gc
import inspect
import ipaddress
import itertools
import linecache
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from blockbuster import blockbuster_ctx

hypothesis.settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=100, database=None
)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# Weights are 98 MB and verified by their hash: every run on a machine shares them.
os.environ.setdefault("DRAGOMAN_TEST_CACHE", str(Path(tempfile.gettempdir()) / "dragoman-test"))

# The loop's debug mode notes where each future was made, and asks of each file there whether it has
# changed since: half of the time of a test that has any. None of them does while tests run.
linecache.checkcache = lambda filename=None: None

# After thousands of tests the collector of garbage would look through what all of them left for the
# better part of a second, in the middle of one that has a limit on time. So it passes over that.
_SPARE_EVERY = 50
_TESTS = itertools.count()

_LOOPBACK_NAMES = {"localhost", "", None}


class NetworkRefusedError(Exception):
    """A test tried to reach something that is not on loopback."""


def _is_loopback(host: object) -> bool:
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return host in _LOOPBACK_NAMES


def _refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0]
        if not _is_loopback(host):
            raise socket.gaierror(socket.EAI_NONAME, "tests resolve no names")
    elif event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not _is_loopback(address[0]):
            raise NetworkRefusedError(f"a test tried to connect to {address!r}")


sys.addaudithook(_refuse_the_network)


@pytest.fixture(autouse=True)
def _clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for name in list(os.environ):
        upper = name.upper()
        if upper.endswith(("_KEY", "_TOKEN", "_PROXY")) or (
            upper.startswith("DRAGOMAN_") and name != "DRAGOMAN_TEST_CACHE"
        ):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _no_blocking_of_the_loop() -> Iterator[None]:
    with blockbuster_ctx(scanned_modules=["dragoman"]):
        yield


@pytest.fixture
async def no_task_left_behind() -> AsyncIterator[None]:
    """Requested for every asynchronous test by `pytest_collection_modifyitems`."""
    before = asyncio.all_tasks()
    yield
    this = asyncio.current_task()
    left = {task for task in asyncio.all_tasks() - before if task is not this and not task.done()}
    # A generator that the garbage collector found, an SDK's, is closed by a task of the loop's own.
    closing = {task for task in left if type(task.get_coro()).__name__ == "async_generator_athrow"}
    if closing:
        await asyncio.wait(closing)
        left -= closing
    assert not left, f"tasks left behind: {left}"


def pytest_runtest_setup() -> None:
    if next(_TESTS) % _SPARE_EVERY == 0:
        gc.collect()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
            item.fixturenames.insert(0, "no_task_left_behind")
