"""The list of models, from the service itself."""

import pytest

from dragoman import emulators
from dragoman.client import Client
from dragoman.config import Config
from dragoman.errors import TransportError


def client(base_url: str) -> Client:
    return Client(Config.of({"mine": {"service": "fakegpt", "base_url": base_url}}))


async def test_an_installation_is_asked_for_its_models_in_the_session_of_its_chats() -> None:
    async with emulators.run("fakegpt") as emulator, client(emulator.url) as asked:
        listed = await asked.models("mine")
        await asked.complete(listed[0], "Hi")

    paths = [entry["path"] for entry in emulator.journal]
    assert listed[0].startswith("mine/")
    assert paths.count("/auth/login") == 1
    assert paths.count("/api/models") == 1


async def test_a_service_that_does_not_answer_is_an_error_with_its_place() -> None:
    async with client("http://127.0.0.1:9") as asked:
        with pytest.raises(TransportError, match=r"fakegpt at 127\.0\.0\.1"):
            await asked.models("mine")
