"""The direct pool on both loops, and a receiver that writes down what it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from dragoman.errors import ChatError
from dragoman.transport.base import Limits
from dragoman.transport.direct import DirectPool, Exchange, Origin, PoolLimits, request_head
from tests.transport.far_side import FarSide

LIMITS = Limits(connect_s=5, idle_s=5)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


_KEPT_BYTES = 64 * 1024


class Told:
    """A receiver: each call in order, the size of the body, and its text if it is short."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.text = b""
        self.size = 0
        self.error: ChatError | None = None
        self.over = asyncio.Event()
        self.began = asyncio.Event()
        self.does: Callable[[str], None] = lambda call: None

    def head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.status, self.headers = status, headers
        self._note("head")

    def body(self, chunk: bytes) -> None:
        assert chunk
        self.size += len(chunk)
        if self.size <= _KEPT_BYTES:
            self.text += chunk
        self.began.set()
        self._note("body")

    def done(self) -> None:
        self._note("done")
        self.over.set()

    def failed(self, error: ChatError) -> None:
        self.error = error
        self._note("failed")
        self.over.set()

    def _note(self, call: str) -> None:
        if not (call == "body" and self.calls[-1:] == ["body"]):
            self.calls.append(call)
        self.does(call)


class Caller:
    """Asks one origin over one pool."""

    def __init__(self, pool: DirectPool) -> None:
        self.pool = pool

    def start(
        self,
        url: str,
        told: Told,
        *,
        method: str = "POST",
        body: bytes = b"x",
        limits: Limits = LIMITS,
        verify: str | bool = True,
    ) -> Exchange:
        origin = _origin(url, verify)
        head = request_head(method, "/path", origin)
        return self.pool.ask(origin, head, body, receiver=told, limits=limits)

    async def ask(self, url: str, **options: object) -> Told:
        """Ask, and wait for the end."""
        told = Told()
        self.start(url, told, **options)  # type: ignore[arg-type]  # passed through
        await told.over.wait()
        return told


_ORIGINS: dict[tuple[str, str | bool], Origin] = {}


def _origin(url: str, verify: str | bool) -> Origin:
    # A context for each would share no connections.
    key = (url, verify)
    if key not in _ORIGINS:
        _ORIGINS[key] = Origin.of(url, verify)
    return _ORIGINS[key]


async def until(claim: Callable[[], bool]) -> None:
    """Wait for what nobody tells, at most 15 s."""
    async with asyncio.timeout(15):
        while not claim():  # noqa: ASYNC110 - a socket's end has no event
            await asyncio.sleep(0.005)


async def gone(side: FarSide) -> None:
    """Wait until the connection to a server is closed."""
    async with asyncio.timeout(15):
        await (await side.first()).gone.wait()


OpenPool = Callable[..., Caller]


@pytest.fixture
async def opened() -> AsyncIterator[OpenPool]:
    """Opens pools with limits of their own, and closes them."""
    callers: list[Caller] = []

    def make(**limits: object) -> Caller:
        callers.append(Caller(DirectPool(PoolLimits(**limits))))  # type: ignore[arg-type]  # passed through
        return callers[-1]

    yield make
    for caller in callers:
        await caller.pool.close()
        assert not caller.pool._sockets


@pytest.fixture
async def caller(opened: OpenPool) -> Caller:
    return opened()


@pytest.fixture(autouse=True)
async def _nothing_is_wrong_with_the_loop(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """What the loop would only log is a failure, unless the test asks for `faults`."""
    faults: list[str] = []
    loop = asyncio.get_running_loop()

    def note(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        # A server of the test may well be refused.
        if "incoming connection" not in str(context["message"]):
            faults.append(f"{context}")

    loop.set_exception_handler(note)
    yield
    if "faults" not in request.fixturenames:
        assert faults == []


@pytest.fixture(params=["plain http", "tls"])
def tls(request: pytest.FixtureRequest, server_tls: ssl.SSLContext) -> ssl.SSLContext | None:
    return server_tls if request.param == "tls" else None


@pytest.fixture
def faults() -> list[str]:
    """For a test in which the loop's exception handler is to be called."""
    return []
