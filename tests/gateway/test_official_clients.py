"""Every official SDK with every provider, through the gateway: the matrix in the docs.

What is tried is in `trials.py`; a row of the matrix is what came of it.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any

import pytest

from dragoman import emulators
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator
from dragoman.errors import ChatError
from tests.gateway.clients import FACES
from tests.gateway.house import PROVIDERS, open_gateway
from tests.gateway.matrix import PAGE, check_row, header, rows
from tests.gateway.trials import TRIALS, Kind, Trial, outcome
from tests.gateway.wire import SAME

SERVICES = ("fakegpt", "chatgptfree", "chatgptt", "aichat")
# What the emulators take as cookies of a browser session; the others pass over it.
COOKIES = {"cf_clearance": "let-me-in"}
DIALECTS: Mapping[str, str] = {dialect: name for name, (_, dialect, _) in PROVIDERS.items()}
FAR: Mapping[str, Kind] = {
    **dict.fromkeys(DIALECTS, "dialect"),
    **dict.fromkeys(SERVICES, "service"),
}
LOCAL = "local/smollm2-135m"


@asynccontextmanager
async def _open(provider: str, relay: str = "on") -> AsyncIterator[tuple[str, str, Emulator[Any]]]:
    """A gateway in front of one emulator; gives its address, a model's name and the emulator."""
    service, _, path = PROVIDERS.get(DIALECTS.get(provider, ""), (provider, "", ""))
    async with emulators.run(service) as far:
        table: dict[str, Any] = {"base_url": far.url + path}
        if provider in DIALECTS:
            table |= {"dialect": provider, "api_key": "any-key", "models": ["mock-model"]}
        else:
            table |= {"service": provider, "cookies": COOKIES}
        config = Config.of({"far": table}, gateway={"log": False, "relay": relay})
        async with open_gateway(config) as (url, _):
            yield url, "far/mock-model" if provider in DIALECTS else "far", far


async def _seen(
    face: str, url: str, model: str, kind: Kind, far: Emulator[Any] | None
) -> list[str]:
    """What comes of every trial; an emulator's complaint about any of them is a failure."""
    cells = []
    async with FACES[face](url) as talker:
        for name in TRIALS:
            if far is not None:
                far.clear_journal()
            cells.append(await outcome(name, Trial(talker, model, kind, far)))
            complaints = [entry["complaints"] for entry in far.journal] if far is not None else []
            assert not any(complaints), (name, complaints)
    return cells


@pytest.mark.parametrize("provider", FAR)
@pytest.mark.parametrize("face", FACES)
async def test_a_row_of_the_matrix_is_what_is_seen(face: str, provider: str) -> None:
    async with _open(provider) as (url, model, far):
        cells = await _seen(face, url, model, FAR[provider], far)

    check_row(face, provider, cells)


@pytest.mark.parametrize("face", FACES)
async def test_around_the_short_way_its_own_dialect_has_the_same_row(face: str) -> None:
    provider = PROVIDERS[SAME[face]][1]
    async with _open(provider, relay="off") as (url, model, far):
        cells = await _seen(face, url, model, FAR[provider], far)

    check_row(face, provider, cells)


@pytest.mark.parametrize("face", FACES)
async def test_what_needs_nothing_is_a_row_too(face: str) -> None:
    async with open_gateway(Config.of({"echo": {}}, gateway={"log": False})) as (url, _):
        cells = await _seen(face, url, "echo/echo", "echo", None)

    check_row(face, "echo", cells)


@pytest.fixture
def weights(request: pytest.FixtureRequest) -> None:
    """The real model; skips where the extra is not installed or the weights cannot be had."""
    if find_spec("xllamacpp") is None:
        pytest.skip("the extra `local` is not installed")
    try:
        request.getfixturevalue("model")
    except (ChatError, OSError) as error:
        pytest.skip(f"the weights are not here: {error}")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("face", FACES)
async def test_the_local_model_is_a_row_too(face: str, weights: None) -> None:
    async with open_gateway(Config.of({"local": {}}, gateway={"log": False})) as (url, _):
        cells = await _seen(face, url, LOCAL, "local", None)

    check_row(face, "local", cells)


def test_the_matrix_is_complete() -> None:
    """Each face with each provider, and no row that nothing writes."""
    page = PAGE.read_text("utf-8")

    found = [(face, provider) for face, provider, _ in rows(page)]
    assert found == [(face, provider) for face in FACES for provider in (*FAR, "echo", "local")]
    assert page.count(header(list(TRIALS))) == len(FACES)
    assert not re.search(r"\| *\||\?", page)
