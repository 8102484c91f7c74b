"""Lists of models from the emulators of four APIs: cards, pages, and how often they are asked."""

from typing import Any, NamedTuple

import pytest

from dragoman import reach as reach_module
from dragoman.catalog import ModelCard
from dragoman.errors import AuthError, ResponseError
from dragoman.providers.api import anthropic, gemini
from tests.api.asking import KEY, open_api


class Case(NamedTuple):
    api: str
    path: str
    asked: str
    key_place: str
    card: ModelCard


CASES = [
    Case(
        "openai", "/v1", "/v1/models", "authorization",
        ModelCard(name="mock-model"),
    ),
    Case(
        "anthropic", "", "/v1/models", "x-api-key",
        ModelCard(
            name="mock-model", context=1_000_000, max_output=128_000,
            images=True, documents=True, schema=True, reasoning=True,
        ),
    ),
    Case(
        "gemini", "", "/v1beta/models", "x-goog-api-key",
        ModelCard(name="mock-model", context=1_048_576, max_output=65_536, reasoning=True),
    ),
    Case(
        "ollama", "", "/api/tags", "authorization",
        ModelCard(
            name="mock-model", context=131_072, tools=True, images=True, reasoning=True
        ),
    ),
]  # fmt: skip
each = pytest.mark.parametrize("case", CASES, ids=[case.api for case in CASES])


@each
async def test_a_service_tells_what_it_has_and_what_of_each(case: Case) -> None:
    async with open_api(case.api, case.api, path=case.path) as (emulator, client):
        cards = {card.name: card for card in await client.cards("mine")}
        names = await client.models("mine")

    first = emulator.journal[0]
    assert cards["mock-model"] == case.card
    assert names == [f"mine/{name}" for name in cards]
    assert (first["method"], first["path"]) == ("GET", case.asked)
    assert first["headers"][case.key_place].removeprefix("Bearer ") == KEY
    assert [complaint for entry in emulator.journal for complaint in entry["complaints"]] == []


@each
async def test_a_list_is_asked_for_once_and_kept(case: Case) -> None:
    async with open_api(case.api, case.api, path=case.path) as (emulator, client):
        first = await client.cards("mine")
        asked = len(emulator.journal)

        assert await client.cards("mine") == first
        assert await client.models("mine") == [f"mine/{card.name}" for card in first]

    assert len(emulator.journal) == asked


async def test_a_list_that_is_old_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach_module, "MODELS_KEPT_S", -1.0)

    async with open_api("openai", "openai", path="/v1") as (emulator, client):
        await client.cards("mine")
        await client.cards("mine")

    assert len(emulator.journal) == 2


async def test_what_is_configured_of_a_model_wins_over_what_its_service_tells() -> None:
    told: Any = {"mock-model": {"context": 99, "images": False}}

    async with open_api("anthropic", "anthropic", model=told) as (_, client):
        cards = {card.name: card for card in await client.cards("mine")}

    card = cards["mock-model"]
    assert (card.context, card.images) == (99, False)
    assert (card.max_output, card.documents) == (128_000, True)


async def test_what_a_models_name_says_is_known_too() -> None:
    async with open_api("gemini", "gemini") as (_, client):
        cards = {card.name: card for card in await client.cards("mine")}

    card = cards["gemini-2.5-flash"]
    assert (card.context, card.tools, card.reasoning) == (1_048_576, True, True)


@pytest.mark.parametrize(
    ("api", "module", "path"),
    [
        ("anthropic", anthropic, "/v1/models?limit=1"),
        ("gemini", gemini, "/v1beta/models?pageSize=1"),
    ],
    ids=["anthropic", "gemini"],
)
async def test_a_list_in_pages_is_read_to_its_end(
    api: str, module: Any, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_api(api, api) as (_, client):
        whole = await client.models("mine")
    row = module._SERVICE
    monkeypatch.setattr(module, "_SERVICE", type(row)(**{**_fields(row), "models_path": path}))

    async with open_api(api, api) as (emulator, client):
        paged = await client.models("mine")

    assert paged == whole
    assert len(emulator.journal) == len(whole)


@pytest.mark.parametrize("api", ["anthropic", "gemini"])
async def test_pages_without_end_are_left_at_a_limit(
    api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = {"anthropic": anthropic, "gemini": gemini}[api]
    size = {"anthropic": "/v1/models?limit=1", "gemini": "/v1beta/models?pageSize=1"}[api]
    row = module._SERVICE
    monkeypatch.setattr(module, "_SERVICE", type(row)(**{**_fields(row), "models_path": size}))
    monkeypatch.setattr(module, "MAX_PAGES", 2)

    async with open_api(api, api) as (emulator, client):
        names = await client.models("mine")

    assert len(names) == len(emulator.journal) == 2


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


async def test_ollama_is_asked_of_each_model_what_it_can_do() -> None:
    async with open_api("ollama", "ollama", api_key="") as (emulator, client):
        cards = {card.name.removesuffix(":latest"): card for card in await client.cards("mine")}

    assert (cards["mock-plain:7b"].tools, cards["mock-plain:7b"].context) == (False, 4096)
    shown = [entry["body"] for entry in emulator.journal if entry["path"] == "/api/show"]
    assert [body["model"] for body in shown] == [card.name for card in cards.values()]
    assert "authorization" not in emulator.journal[0]["headers"]


@each
async def test_a_list_that_is_refused_is_the_error_that_it_is(case: Case) -> None:
    async with open_api(case.api, case.api, path=case.path) as (emulator, client):
        emulator.scenario(status=401)
        with pytest.raises(AuthError) as caught:
            await client.models("mine")

    assert KEY not in f"{caught.value!r} {caught.value}"


@each
async def test_a_page_in_place_of_a_list_is_an_error(case: Case) -> None:
    async with open_api(case.api, case.api, path=case.path) as (emulator, client):
        emulator.scenario(html_instead=True)
        with pytest.raises(ResponseError):
            await client.models("mine")
