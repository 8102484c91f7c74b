"""What the tests of FakeGpt share that talk with its emulator."""

from contextlib import aclosing
from typing import Any

import pytest

from dragoman.emulators.emulator import Emulator
from dragoman.errors import ChatError
from dragoman.messages import Messages
from dragoman.providers.web.fake_gpt import FakeGpt

PROMPT = "Once upon a time there was \N{GRINNING FACE} a dragoman. שלום"
ASKED: Messages = [{"role": "user", "content": PROMPT}]
LOGIN = ["/api/loads", "/auth/login", "/api/auth/session"]
CHAT = "/api/conversation"


async def answer(emulator: Emulator[Any], **given: Any) -> str:
    keywords: dict[str, Any] = {"base_url": emulator.url, "timeout": 5.0} | given
    model = keywords.pop("model", "")
    async with aclosing(FakeGpt.create_async_generator(model, ASKED, **keywords)) as texts:
        return "".join([text async for text in texts])


async def failure(emulator: Emulator[Any], **keywords: Any) -> ChatError:
    with pytest.raises(ChatError) as caught:
        await answer(emulator, **keywords)
    return caught.value


def paths(emulator: Emulator[Any]) -> list[str]:
    return [entry["path"] for entry in emulator.journal]


def complaints(emulator: Emulator[Any]) -> list[str]:
    return [complaint for entry in emulator.journal for complaint in entry["complaints"]]
