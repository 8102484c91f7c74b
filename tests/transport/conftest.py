"""Both transports under one contract, a scripted server, an authority of our own."""

import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

# Imported here: it reads its own version from a file, which nobody may do inside of a loop.
import curl_cffi  # noqa: F401 - for its import only
import pytest
import trustme

from dragoman.transport.base import Transport
from dragoman.transport.open import open_transport
from tests.transport.far_side import FarSide, Script

OpenTransport = Callable[..., Transport]
Serve = Callable[..., Awaitable[FarSide]]


@pytest.fixture(params=["plain", "curl"])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def opened(kind: str) -> AsyncIterator[OpenTransport]:
    """Opens transports of the kind under test, and closes them."""
    async with AsyncExitStack() as stack:

        def make(**options: object) -> Transport:
            transport = open_transport(kind, **options)  # type: ignore[arg-type]  # passed through
            stack.push_async_callback(transport.close)
            return transport

        yield make


@pytest.fixture
async def transport(opened: OpenTransport) -> Transport:
    return opened()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts servers that run a script for each connection, and stops them."""
    async with AsyncExitStack() as stack:

        async def start(script: Script, context: ssl.SSLContext | None = None) -> FarSide:
            return await stack.enter_async_context(FarSide(script, context))

        yield start


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_path(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """For a server that is `localhost`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def unused_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
