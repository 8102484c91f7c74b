"""What a gateway knows of its providers: told, shared between its workers, and kept."""

import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from dragoman import emulators
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator
from dragoman.routing.health_settings import HealthSettings
from tests.gateway.house import open_gateway, open_house
from tests.gateway.served import Served, served

Emulators = Callable[..., Emulator[Any]]
Place = tuple[Path, Emulator[Any]]
CHAT = {"model": "chat/mock-model", "messages": [{"role": "user", "content": "Hello"}]}


async def _told(caller: aiohttp.ClientSession, provider: str = "chat") -> dict[str, Any]:
    async with caller.get("/health/providers") as answer:
        assert answer.status == 200
        assert answer.headers["cache-control"] == "no-store"
        told = await answer.json()
    (found,) = (row for row in told["providers"] if row["provider"] == provider)
    return dict(found)


async def _ask(caller: aiohttp.ClientSession, *, stream: bool = False) -> int:
    chat = {**CHAT, "stream": stream}
    async with caller.post("/v1/chat/completions", json=chat) as answer:
        await answer.read()
        return answer.status


async def test_before_anything_was_asked_nothing_is_known() -> None:
    async with open_house() as house, aiohttp.ClientSession(house.url) as caller:
        told = await _told(caller)

    assert told == {"provider": "chat", "probe": None, "models": []}
    assert house.far["chat"].journal == []


async def test_what_was_measured_is_told_with_its_time() -> None:
    async with open_house("chat") as house, aiohttp.ClientSession(house.url) as caller:
        assert await _ask(caller, stream=True) == 200
        (model,) = (await _told(caller))["models"]

    assert (model["model"], model["state"], model["attempts"]["ok"]) == ("mock-model", "closed", 1)
    assert 0 < model["first_token_ms"] <= model["latency_ms"] < 10_000
    assert model["last_success"].endswith("+00:00")
    assert (model["last_failure"], model["failure"]) == (None, None)


async def test_a_failure_is_told_with_its_step_and_opens_the_breaker() -> None:
    async with open_house("chat") as house, aiohttp.ClientSession(house.url) as caller:
        house.app.gateway.health.settle(HealthSettings())
        house.far["chat"].scenario(status=500)
        # Each is asked again before its caller is told.
        assert await _ask(caller) == 500
        await _ask(caller)
        told = (await _told(caller))["models"]
        asked = len(house.far["chat"].journal)
        refused = await _ask(caller)

        assert (refused, len(house.far["chat"].journal)) == (503, asked)
        async with caller.get("/metrics") as answer:
            page = await answer.text()

    assert (told[0]["state"], told[0]["failures_in_row"]) == ("open", 5)
    assert 0 < told[0]["next_probe_s"] <= 5
    assert (told[0]["failure"]["error"], told[0]["failure"]["step"]) == (
        "ResponseStatusError",
        "chat",
    )
    who = 'model="mock-model",provider="chat"'
    assert f"dragoman_breaker_state{{{who}}} 2.0" in page
    assert (
        'dragoman_attempts_total{model="mock-model",outcome="failed",provider="chat"} 5.0' in page
    )


async def test_it_wants_a_key_where_keys_are() -> None:
    keys = [{"name": "shop", "key": "the-key"}]
    async with open_house("chat", keys=keys) as house, aiohttp.ClientSession(house.url) as caller:
        statuses = []
        for headers in ({}, {"authorization": "Bearer the-key"}):
            async with caller.get("/health/providers", headers=headers) as answer:
                statuses.append(answer.status)

    assert statuses == [401, 200]


async def test_what_was_measured_outlives_a_reload() -> None:
    async with open_house("chat") as house, aiohttp.ClientSession(house.url) as caller:
        await _ask(caller)
        await house.app.gateway.reload()
        (model,) = (await _told(caller))["models"]

    assert model["attempts"]["ok"] == 1


@pytest.mark.parametrize(
    ("scenario", "works", "step"), [({}, True, None), ({"status": 503}, False, "models")]
)
async def test_providers_of_routes_are_probed_where_that_is_configured(
    scenario: dict[str, Any], works: bool, step: str | None
) -> None:
    async with emulators.run("openai") as far:
        far.scenario(**scenario)
        table = {"dialect": "openai_chat", "base_url": f"{far.url}/v1", "api_key": "any"}
        config = Config.of(
            {"chat": table, "other": table},
            routes={"smart": {"candidates": ["chat/mock-model"]}},
            health={"active_s": 0.1},
            gateway={"log": False},
        )
        async with open_gateway(config) as (url, _), aiohttp.ClientSession(url) as caller:
            while (probe := (await _told(caller))["probe"]) is None:
                pass
            other = await _told(caller, "other")
            async with caller.get("/metrics") as answer:
                page = await answer.text()

    assert (probe["works"], (probe["failure"] or {}).get("step")) == (works, step)
    assert probe["at"].endswith("+00:00")
    assert other["probe"] is None
    assert {request["path"] for request in far.journal} == {"/v1/models"}
    assert f'dragoman_provider_works{{provider="chat"}} {float(works)}' in page


@pytest.fixture
def place(tmp_path: Path, dragoman_emulator: Emulators) -> Place:
    far = dragoman_emulator("openai")
    path = tmp_path / "dragoman.toml"
    path.write_text(
        "[gateway]\nlog = false\n[health]\nprobe_every_s = 3600\n[providers.far]\n"
        f'dialect = "openai_chat"\nbase_url = "{far.url}/v1"\n'
        'api_key = "any"\nmodels = ["mock-model"]\n'
    )
    return path, far


def _models(gateway: Served) -> list[dict[str, Any]]:
    told = json.loads(gateway.get("/health/providers")[1])
    (far,) = (row for row in told["providers"] if row["provider"] == "far")
    models: list[dict[str, Any]] = far["models"]
    return models


@pytest.mark.timeout(60)
def test_an_outage_that_one_worker_sees_is_known_to_all(
    place: Place,
) -> None:
    path, far = place
    far.scenario(status=500)
    with served(path, "--workers", "2") as gateway:
        while not (models := _models(gateway)) or models[0]["state"] == "closed":
            gateway.ask("far/mock-model")
        asked = len(far.journal)

        # Connections are shared out by their ports: of so many some go to each worker.
        assert {gateway.ask("far/mock-model")[0] for _ in range(12)} == {503}
        assert {json.dumps(_models(gateway)[0]["attempts"]) for _ in range(12)} == {
            json.dumps(models[0]["attempts"])
        }
        assert len(far.journal) == asked
        pages = [gateway.get("/metrics")[1].decode() for _ in range(6)]

    states = [re.findall(r"^dragoman_breaker_state{.+} (.+)$", page, re.M) for page in pages]
    assert states == [["2.0"]] * 6


@pytest.mark.timeout(60)
def test_what_a_killed_worker_knew_is_known(place: Place) -> None:
    path, far = place
    far.scenario(status=500)
    with served(path, "--workers", "2") as gateway:
        while not (models := _models(gateway)) or models[0]["state"] == "closed":
            gateway.ask("far/mock-model")
        for worker in (before := gateway.workers()):
            os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while len(gateway.workers() - before) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)

        assert _models(gateway)[0]["state"] == "open"
        assert _models(gateway)[0]["attempts"] == models[0]["attempts"]
        assert gateway.ask("far/mock-model")[0] == 503
