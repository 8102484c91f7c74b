"""Keys of the store open a gateway beside those of its configuration, while it runs."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import msgspec
import pytest

from dragoman.config import Config
from dragoman.errors import InputError
from dragoman.gateway.app import Application
from dragoman.gateway.in_process import open_client
from dragoman.gateway_keys import NOBODYS, KeyRing
from dragoman.gateway_settings import GatewayKey
from dragoman.store.loading import load_store, opened_store, stored_keys
from dragoman.store.store import Store
from tests.cli.program import run, start
from tests.gateway.house import open_gateway
from tests.gateway.odd_service import chat_body, open_service
from tests.gateway.raw import connect, head
from tests.gateway.served import Served, served
from tests.store.given import wait_until

pytestmark = pytest.mark.timeout(60)
BARE = GatewayKey(name="", digest=b"")
EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is refused, or has a key
CLOSED = (401, "invalid_gateway_key")
REPLY = b'{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}'
LOOKS_S = 2.0
# Long enough for a machine that is busy; what is not heeded takes for ever.
PATIENCE_S = LOOKS_S + 15
"""So soon a gateway heeds a change."""


class Place:
    """A gateway and its store, seen from outside."""

    def __init__(self, url: str, app: Application, store: Store, session: aiohttp.ClientSession):
        self.url = url
        self.app = app
        self.store = store
        self._session = session

    async def ask(self, key: str | None = None, model: str = "echo") -> tuple[int, str | None]:
        """The status and the code of the error, if it is one."""
        headers = {} if key is None else {"x-api-key": key}
        body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
        url = f"{self.url}/v1/chat/completions"
        async with self._session.post(url, json=body, headers=headers) as reply:
            told = await reply.json()
            return reply.status, told["error"]["code"] if "error" in told else None


@contextlib.asynccontextmanager
async def _place(path: Path, **gateway: object) -> AsyncIterator[Place]:
    config = Config.of({}, gateway={"log": False, "database_url": f"sqlite:///{path}", **gateway})
    async with (
        opened_store(path) as store,
        open_gateway(config) as (url, app),
        aiohttp.ClientSession() as session,
    ):
        yield Place(url, app, store, session)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dragoman.db"


async def _soon(ask: Callable[[], Awaitable[object]], expected: object) -> None:
    """Ask again until it is so."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := await ask()) != expected:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)


async def test_a_new_key_opens_and_a_revoked_one_does_not_while_it_runs(path: Path) -> None:
    async with _place(path, keys=["sk-of-the-file"]) as place:
        assert await place.ask("sk-of-the-file") == (200, None)

        key = await place.store.keys.create("shop", BARE)
        await _soon(lambda: place.ask(key), (200, None))
        assert await place.ask("sk-of-the-file") == (200, None)
        assert await place.ask("sk-another") == CLOSED

        await place.store.keys.revoke("shop")
        await _soon(lambda: place.ask(key), CLOSED)
        assert await place.ask("sk-of-the-file") == (200, None)


async def test_a_key_that_is_revoked_is_so_on_a_connection_that_it_was_known_on(path: Path) -> None:
    """What the head of a connection's last request said is kept; its key must not be."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
        writer.write(b"content-length: %d\r\n\r\n%b" % (len(REPLY), REPLY))

    gateway = {"database_url": f"sqlite:///{path}", "keys": ["sk-of-the-file"]}
    async with (
        opened_store(path) as store,
        open_service(serve, gateway=gateway) as (url, _, _),
        connect(url) as line,
    ):
        key = await store.keys.create("shop", BARE)
        body = msgspec.json.encode(chat_body(stream=False))
        request = head(f"x-api-key: {key}", f"content-length: {len(body)}") + body

        async def status() -> int:
            await line.send(request)
            await line.read_head()
            await line.body()
            return line.status

        await _soon(status, 200)
        assert await status() == 200
        await store.keys.revoke("shop")
        await _soon(status, 401)


async def test_a_key_that_was_there_opens_from_the_first_request_on(path: Path) -> None:
    async with opened_store(path) as store:
        key = await store.keys.create("shop", BARE)

    async with _place(path) as place:
        assert await place.ask() == CLOSED
        assert await place.ask(key) == (200, None)


async def test_the_first_key_closes_a_gateway_and_revoking_the_last_does_not_open_it(
    path: Path,
) -> None:
    """Behind a proxy on this machine, an open gateway would be open to the world."""
    async with _place(path) as place:
        assert await place.ask() == (200, None)

        key = await place.store.keys.create("shop", BARE)
        await _soon(place.ask, CLOSED)
        await place.store.keys.revoke("shop")
        await _soon(lambda: place.ask(key), CLOSED)
        assert await place.ask() == CLOSED

        await place.store.keys.forget("shop")
        await _soon(place.ask, (200, None))


async def test_what_a_key_may_holds_for_stored_ones_too(path: Path) -> None:
    limits = GatewayKey(name="", digest=b"", models=("echo/*",), requests_per_minute=2)
    async with opened_store(path) as store:
        key = await store.keys.create("shop", limits)

    async with _place(path) as place:
        assert await place.ask(key, "local/smollm2-135m") == (403, "model_not_allowed")
        assert await place.ask(key) == (200, None)
        assert await place.ask(key) == (429, "rate_limit_exceeded")


async def test_the_use_of_a_key_is_noted(path: Path) -> None:
    async with opened_store(path) as store:
        used, _ = [await store.keys.create(name, BARE) for name in ("used", "idle")]

    async with _place(path) as place:
        assert await place.ask(used) == (200, None)

        async def last_used() -> list[bool]:
            return [key.last_used is not None for key in await place.store.keys.every()]

        await _soon(last_used, [True, False])


async def test_the_use_of_a_key_is_noted_at_the_end_too(path: Path) -> None:
    async with _place(path) as place:
        key = await place.store.keys.create("shop", BARE)
        await _soon(place.ask, CLOSED)
        assert await place.ask(key) == (200, None)
        await place.app.close()

        (shop,) = await place.store.keys.every()
        assert shop.last_used is not None


async def test_a_store_that_cannot_be_read_leaves_the_keys_in_force(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with _place(path) as place:
        key = await place.store.keys.create("shop", BARE)
        await _soon(place.ask, CLOSED)
        async with place.store.writing() as connection:
            await connection.exec_driver_sql("ALTER TABLE keys RENAME TO away")
        await asyncio.sleep(LOOKS_S)
        assert await place.ask(key) == (200, None)
        assert await place.ask() == CLOSED

        async with place.store.writing() as connection:
            await connection.exec_driver_sql("ALTER TABLE away RENAME TO keys")
        await place.store.keys.revoke("shop")
        await _soon(lambda: place.ask(key), CLOSED)
    assert capsys.readouterr().err.count("those known stay in force") == 1


async def test_a_new_configuration_keeps_the_stored_keys(path: Path) -> None:
    async with _place(path) as place:
        key = await place.store.keys.create("shop", BARE)
        await _soon(place.ask, CLOSED)

        await place.app.gateway.reload()

        assert await place.ask(key) == (200, None)
        assert await place.ask() == CLOSED


async def test_an_address_that_others_reach_is_never_open(path: Path) -> None:
    """Its keys are the store's alone: without the last of them nobody comes in."""
    async with _place(path) as place:
        key = await place.store.keys.create("shop", BARE)
        await _soon(place.ask, CLOSED)
        place.app.gateway.host = EVERYWHERE
        await place.app.gateway.reload()
        assert await place.ask(key) == (200, None)

        await place.store.keys.forget("shop")
        await _soon(lambda: place.ask(key), CLOSED)
        assert await place.ask() == CLOSED
        with pytest.raises(InputError, match="dragoman keys create NAME"):
            await place.app.gateway.reload()


def test_nobodys_key_fits_nothing() -> None:
    ring = KeyRing((NOBODYS,))

    for text in ("", "x", "\0"):
        with pytest.raises(Exception, match=r"this gateway|a key"):
            ring.check({"x-api-key": text}, None)


async def test_who_has_the_configuration_needs_no_stored_key(path: Path) -> None:
    """A program's own gateway without a socket serves nobody else, and keeps nothing."""
    async with opened_store(path) as store:
        await store.keys.create("shop", BARE)
    config = Config.of({}, gateway={"database_url": f"sqlite:///{path}"})

    async with open_client(config) as client:
        body = {"model": "echo", "messages": [{"role": "user", "content": "hi"}]}
        reply = await client.post("http://dragoman/v1/chat/completions", json=body)

    assert reply.status_code == 200
    async with opened_store(path) as store:
        assert await store.usage.sums("model") == []


async def test_where_there_is_no_store_there_are_no_stored_keys(path: Path) -> None:
    assert await stored_keys(path) == ()
    assert not (await asyncio.to_thread(path.exists))


async def test_a_store_that_was_never_opened_can_be_closed(path: Path) -> None:
    store = await asyncio.to_thread(load_store, path)

    await store.close()


def test_another_address_may_have_its_keys_from_the_store_alone(tmp_path: Path) -> None:
    config = tmp_path / "dragoman.toml"
    config.write_text('[gateway]\nlog = false\ndatabase_url = "sqlite:///dragoman.db"\n')
    words = ("--config", str(config))

    refused = run("serve", "--host", EVERYWHERE, "--port", "0", *words)
    assert refused.code == 2
    assert "dragoman keys create NAME" in refused.err
    key = run("keys", "create", "shop", *words).out.strip()

    with start("serve", "--host", EVERYWHERE, "--port", "0", *words) as process:
        gateway = Served(process)
        gateway.address = gateway.address.replace(EVERYWHERE, "127.0.0.1")
        assert gateway.get("/v1/models")[0] == 401
        assert gateway.get(f"/v1/models?key={key}")[0] == 200
        assert run("keys", "revoke", "shop", *words).code == 0
        wait_until(lambda: gateway.get(f"/v1/models?key={key}")[0] == 401, patience_s=PATIENCE_S)


def test_every_worker_heeds_a_change(tmp_path: Path) -> None:
    config = tmp_path / "dragoman.toml"
    config.write_text('[gateway]\nlog = false\ndatabase_url = "sqlite:///dragoman.db"\n')

    with served(config, "--workers", "2") as gateway:
        assert gateway.get("/v1/models")[0] == 200
        assert run("keys", "create", "shop", "--config", str(config)).code == 0

        def all_closed() -> bool:
            return {gateway.get("/v1/models")[0] for _ in range(10)} == {401}

        wait_until(all_closed, patience_s=PATIENCE_S)
