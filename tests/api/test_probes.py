"""What a probe tells of a service without a handshake: one request, and no chat."""

import pytest

from tests.api.asking import open_api

SERVICES = [
    ("openai", "openai", "/v1", "/v1/models"),
    ("anthropic", "anthropic", "", "/v1/models"),
    ("gemini", "gemini", "", "/v1beta/models"),
    ("ollama", "ollama", "", "/api/tags"),
]


@pytest.mark.parametrize(("emulator", "service", "path", "asked"), SERVICES)
async def test_it_asks_once_for_the_list_of_models(
    emulator: str, service: str, path: str, asked: str
) -> None:
    async with open_api(emulator, service, path=path) as (far, asker):
        (step,) = await asker.probe("mine")

    assert (step.name, step.status, step.error) == ("models", 200, None)
    assert [entry["path"] for entry in far.journal] == [asked]


@pytest.mark.parametrize("status", [401, 503])
async def test_a_wrong_key_and_trouble_show(status: int) -> None:
    async with open_api("openai", "openai", path="/v1") as (far, asker):
        far.scenario(status=status)
        (step,) = await asker.probe("mine")

    assert (step.name, step.status) == ("models", status)
    assert step.error


@pytest.mark.parametrize("status", [404, 405])
async def test_who_has_no_such_list_is_there(status: int) -> None:
    async with open_api("openai", "openai", path="/v1") as (far, asker):
        far.scenario(status=status)
        (step,) = await asker.probe("mine")

    assert (step.status, step.error) == (status, None)
