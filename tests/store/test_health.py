"""The history of providers: rows of one minute add up, whoever writes them, and are forgotten."""

import asyncio
import signal
import time
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from dragoman import emulators
from dragoman.config import Config
from dragoman.gateway.past import FORGET_EVERY_S, Past
from dragoman.gateway_settings import GatewaySettings
from dragoman.routing.health import Health
from dragoman.store.faults import StoreError
from dragoman.store.forgetting import PIECE_ROWS
from dragoman.store.loading import opened_store
from dragoman.store.rows import HealthRow
from dragoman.store.store import Store
from tests.gateway.house import open_gateway
from tests.gateway.served import served
from tests.store.given import NOON, row, rows_of

MINUTE = int(NOON // 60)
DAY_S = 86400
COUNTED = "SELECT provider, model, SUM(requests), SUM(failures) FROM health GROUP BY 1, 2"


def _row(minute: int = MINUTE, **fields: Any) -> HealthRow:
    known: dict[str, Any] = {"provider": "far", "model": "small", "state": "closed"}
    counts = {"requests": 2, "failures": 1, "first_tokens": 1, "first_tokens_s": 0.5}
    return HealthRow(minute=minute, **{**known, **counts, "wholes": 1, "wholes_s": 2.0, **fields})


class _Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def _answer(health: Health, model: str = "small") -> None:
    health.succeeded("far", model, first_token_s=0.25, total_s=1.0)


async def test_no_rows_are_no_transaction(store: Store) -> None:
    await store.health.add([])

    assert await store.health.history(0) == []


async def test_what_several_tell_of_one_minute_adds_up(path: Path) -> None:
    async with opened_store(path) as one, opened_store(path) as other:
        await one.health.add([_row(), _row(model="big")])
        await other.health.add([_row(requests=5, failures=0, wholes=3, wholes_s=1.5)])

        assert await one.health.history(MINUTE) == [
            _row(model="big"),
            _row(
                requests=7, failures=1, first_tokens=2, first_tokens_s=1.0, wholes=4, wholes_s=3.5
            ),
        ]


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        (("closed", "probe"), "probe"),
        (("open", "probe"), "open"),
        (("probe", "closed"), "probe"),
        (("closed", "closed"), "closed"),
    ],
)
async def test_the_worst_state_of_a_minute_is_told_of_it(
    store: Store, states: tuple[str, ...], worst: str
) -> None:
    for state in states:
        await store.health.add([_row(state=state)])

    (found,) = await store.health.history(0)

    assert found.state == worst


async def test_minutes_together_are_one_row_that_begins_at_a_multiple(store: Store) -> None:
    begin = MINUTE // 5 * 5
    await store.health.add([_row(begin - 1), _row(begin), _row(begin + 4), _row(begin + 5)])

    found = await store.health.history(begin, minutes=5)

    assert [(one.minute, one.requests) for one in found] == [(begin, 4), (begin + 5, 2)]


async def test_a_minute_is_kept_when_it_is_over_and_once(path: Path, store: Store) -> None:
    clock, health = _Clock(), Health()
    past = Past(health, GatewaySettings(), clock)
    _answer(health)
    await past.tend(store)
    before = await store.health.history(0)

    clock.now += 60
    await past.tend(store)
    await past.tend(store)
    await past.end(store)

    assert before == []
    (found,) = await store.health.history(0)
    assert (found.minute, found.requests, found.failures) == (MINUTE, 1, 0)
    assert (found.first_tokens_s, found.wholes_s) == (0.25, 1.0)


async def test_an_end_writes_the_minute_that_is_not_over(store: Store) -> None:
    clock, health = _Clock(), Health()
    past = Past(health, GatewaySettings(), clock)
    _answer(health, "sk-abcdefghijklmnopqrstuvwxyz0123456789")

    await past.end(store)

    (found,) = await store.health.history(0)
    # A key by mistake is no name to keep.
    assert "abcdefghijklmnopqrstuvwxyz" not in found.model


async def test_what_could_not_be_written_is_written_later(store: Store, path: Path) -> None:
    clock, health = _Clock(), Health()
    past = Past(health, GatewaySettings(), clock)
    _answer(health)
    clock.now += 60
    async with store.writing() as connection:
        await connection.exec_driver_sql("ALTER TABLE health RENAME TO away")
    with pytest.raises(StoreError):
        await past.tend(store)
    async with store.writing() as connection:
        await connection.exec_driver_sql("ALTER TABLE away RENAME TO health")

    _answer(health)
    await past.tend(store)
    clock.now += 60
    await past.tend(store)

    assert [one.minute for one in await store.health.history(0)] == [MINUTE, MINUTE + 1]


@pytest.mark.parametrize(
    ("kept_for", "kept"),
    [
        (GatewaySettings(), 1),
        (GatewaySettings(usage_days=401), 2),
        (GatewaySettings(usage_days=0, health_days=0), 3),
    ],
)
async def test_what_is_older_than_the_settings_say_is_forgotten(
    store: Store, kept_for: GatewaySettings, kept: int
) -> None:
    clock = _Clock()
    old = NOON - 400 * DAY_S
    await store.usage.add([row(), row(at=old - 1), row(at=NOON - 500 * DAY_S)])
    past = Past(Health(), kept_for, clock)

    await past.tend(store)

    assert sum(one.requests for one in await store.usage.sums("model")) == kept


async def test_a_month_of_history_is_kept(store: Store) -> None:
    month = MINUTE - 30 * 24 * 60
    await store.health.add([_row(month - 1), _row(month), _row()])

    await Past(Health(), GatewaySettings(), _Clock()).tend(store)

    assert [one.minute for one in await store.health.history(0)] == [month, MINUTE]


async def test_much_that_is_old_is_forgotten_piece_by_piece(store: Store) -> None:
    """Who writes a row of usage meanwhile waits for one piece and not for a million rows."""
    clock = _Clock()
    await store.usage.add([row(at=NOON - 500 * DAY_S)] * (PIECE_ROWS + 10))
    past = Past(Health(), GatewaySettings(), clock)

    await past.tend(store)
    (left,) = await store.usage.sums("model")
    await past.tend(store)

    assert left.requests == 10
    assert await store.usage.sums("model") == []


async def test_it_is_looked_for_what_is_old_each_hour_and_after_new_settings(store: Store) -> None:
    clock = _Clock()
    past = Past(Health(), GatewaySettings(), clock)
    await past.tend(store)
    await store.usage.add([row(at=NOON - 500 * DAY_S), row(at=NOON - 10 * DAY_S)])

    async def left() -> int:
        await past.tend(store)
        return sum(one.requests for one in await store.usage.sums("model"))

    clock.now += FORGET_EVERY_S - 1
    assert await left() == 2
    clock.now += 1
    assert await left() == 1
    past.settle(GatewaySettings(usage_days=9))
    assert await left() == 0


async def test_two_gateways_with_one_store_tell_of_all_and_nothing_twice(tmp_path: Path) -> None:
    kept = tmp_path / "dragoman.db"
    async with emulators.run("openai") as far:
        table = {
            "dialect": "openai_chat",
            "base_url": f"{far.url}/v1",
            "api_key": "any",
            "models": ["mock-model"],
        }

        def config() -> Config:
            gateway = {"log": False, "database_url": f"sqlite:///{kept}"}
            return Config.of({"far": table}, gateway=gateway)

        async with (
            open_gateway(config()) as (one, _),
            open_gateway(config()) as (other, _),
            aiohttp.ClientSession() as session,
        ):
            for url in (one, other, other):
                body = {"model": "far/mock-model", "messages": [{"role": "user", "content": "a"}]}
                async with session.post(f"{url}/v1/chat/completions", json=body) as reply:
                    assert reply.status == 200

    assert await asyncio.to_thread(rows_of, kept, COUNTED) == [("far", "mock-model", 3, 0)]


async def test_settings_that_come_while_it_forgets_hold_at_once(store: Store) -> None:
    await store.usage.add([row(at=NOON - 500 * DAY_S), row(at=NOON - 10 * DAY_S)])
    past = Past(Health(), GatewaySettings(), _Clock())

    forgetting = asyncio.create_task(past.tend(store))
    await asyncio.sleep(0)
    past.settle(GatewaySettings(usage_days=9))
    await forgetting
    await past.tend(store)

    assert await store.usage.sums("model") == []


@pytest.mark.timeout(60)
def test_workers_that_share_a_board_tell_of_all_and_nothing_twice(tmp_path: Path) -> None:
    config, kept = tmp_path / "dragoman.toml", tmp_path / "dragoman.db"
    config.write_text(f'[gateway]\nlog = false\ndatabase_url = "sqlite:///{kept}"\n')

    with served(config, "--workers", "2") as gateway:
        for _ in range(30):
            assert gateway.ask("echo")[0] == 200
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.end() == (0, "")

    assert rows_of(kept, COUNTED) == [("echo", "", 30, 0)]


async def test_a_gateway_forgets_by_itself_and_as_a_new_configuration_says(tmp_path: Path) -> None:
    kept = tmp_path / "dragoman.db"
    gateway = {"log": False, "database_url": f"sqlite:///{kept}", "usage_days": 30}
    config, now = Config.of({}, gateway=gateway), time.time()
    async with opened_store(kept) as store:
        await store.usage.add([row(at=now - days * DAY_S) for days in (1, 20, 40)])

        async def forgets_all_but(many: int) -> None:
            async with asyncio.timeout(10):
                while (await store.usage.sums("key"))[0].requests != many:  # noqa: ASYNC110 - it is done by the gateway
                    await asyncio.sleep(0.05)

        async with open_gateway(config) as (_, app):
            await app.gateway.held()
            await forgets_all_but(2)
            config.gateway = msgspec.structs.replace(config.gateway, usage_days=10)
            await app.gateway.reload()
            await forgets_all_but(1)
