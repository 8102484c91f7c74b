"""Keys in the store: digests only, revoked for good, used to the minute."""

import hashlib
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from dragoman.errors import InputError
from dragoman.gateway_settings import GatewayKey, digest_of
from dragoman.store.faults import StoreError
from dragoman.store.store import Store
from dragoman.store.tables import keys
from tests.store.given import rows_of

BARE = GatewayKey(name="", digest=b"")
LIMITS = GatewayKey(
    name="",
    digest=b"",
    models=("echo*", "openai/*"),
    requests_per_minute=60,
    tokens_per_minute=2**40,
    concurrency=8,
)


async def test_a_key_is_long_random_and_kept_as_its_digest_only(path: Path, store: Store) -> None:
    one = await store.keys.create("one", BARE)
    two = await store.keys.create("two", BARE)

    assert one.startswith("sk-")
    assert len(one) >= 40
    assert one != two
    digests = rows_of(path, "SELECT digest FROM keys ORDER BY name")
    assert digests == [(hashlib.sha256(key.encode()).hexdigest(),) for key in (one, two)]
    await store.close()
    assert all(one.encode() not in file.read_bytes() for file in path.parent.iterdir())


async def test_a_key_opens_the_gateway_with_its_limits(store: Store) -> None:
    key = await store.keys.create("shop", LIMITS)

    (found,), had_keys = await store.keys.active()

    assert had_keys
    assert found == GatewayKey(
        name="shop",
        digest=digest_of(key),
        models=("echo*", "openai/*"),
        requests_per_minute=60,
        tokens_per_minute=2**40,
        concurrency=8,
    )


async def test_a_list_has_all_but_the_digest_in_the_order_of_making(store: Store) -> None:
    before = time.time()
    await store.keys.create("shop", LIMITS)
    await store.keys.create("alice", BARE)

    shop, alice = await store.keys.every()

    assert (shop.name, alice.name) == ("shop", "alice")
    assert shop.models == ("echo*", "openai/*")
    assert (alice.models, alice.requests_per_minute, alice.concurrency) == ((), None, None)
    assert before <= shop.created <= time.time()
    assert (shop.last_used, shop.revoked) == (None, None)
    assert not hasattr(shop, "digest")


async def test_a_revoked_key_opens_nothing_and_is_still_known(store: Store) -> None:
    await store.keys.create("shop", BARE)

    await store.keys.revoke("shop")

    assert await store.keys.active() == ((), True)
    (shop,) = await store.keys.every()
    assert shop.revoked is not None
    with pytest.raises(InputError, match="there is or was a key of the name shop"):
        await store.keys.create("shop", BARE)
    with pytest.raises(InputError, match="there is no such key: shop"):
        await store.keys.revoke("shop")


async def test_a_forgotten_key_leaves_nothing(store: Store) -> None:
    await store.keys.create("shop", BARE)

    await store.keys.forget("shop")

    assert await store.keys.active() == ((), False)
    assert await store.keys.every() == []
    with pytest.raises(InputError, match="there is no such key"):
        await store.keys.forget("shop")


async def test_a_name_is_taken_once_and_the_first_key_stays(store: Store) -> None:
    key = await store.keys.create("shop", BARE)

    with pytest.raises(InputError, match="take another"):
        await store.keys.create("shop", LIMITS)

    (found,), _ = await store.keys.active()
    assert found.digest == digest_of(key)


@pytest.mark.parametrize(("column", "value"), [("digest", "no hex"), ("models", "[1")])
async def test_a_damaged_key_is_an_error_and_not_one_without_limits(
    store: Store, column: str, value: str
) -> None:
    await store.keys.create("shop", LIMITS)
    async with store.writing() as connection:
        await connection.execute(update(keys).values({column: value}))

    with pytest.raises(StoreError, match="a key in it is damaged"):
        await store.keys.active()


async def test_the_last_use_is_known_to_the_minute(store: Store) -> None:
    for name in ("shop", "alice", "bob"):
        await store.keys.create(name, BARE)

    for now in (1000.0, 1059.0, 1060.0, 1061.0):
        await store.keys.used(["shop"], now)
    await store.keys.used(["shop", "alice", "nobody"], 1062.0)

    assert [key.last_used for key in await store.keys.every()] == [1060.0, 1062.0, None]
