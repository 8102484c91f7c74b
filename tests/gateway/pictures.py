"""Pictures by address in tests: the hosts that have them, and what their names mean.

Names mean what a table says, and what may be asked is given by the test: the rule itself has no
exception for tests.
"""

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest

from dragoman.chat import ChatRequest
from dragoman.errors import InputError
from dragoman.features import CARRIED, How
from dragoman.gateway.fetching import Fetching
from dragoman.messages import Message, Text
from dragoman.providers.api.ollama import Ollama
from dragoman.providers.table import load_provider
from dragoman.transport.public_get import PublicGet
from tests.transport.far_side import Connection, FarSide, Script

__all__ = [
    "CHAT", "NAMES", "OLLAMA", "PDF", "PLAIN_HEADERS", "PNG",
    "Hosts", "Names", "ResultsToo",
    "chat", "fetching_here", "here", "hosts", "refusal", "url",
]  # fmt: skip

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
PDF = b"%PDF-1.7 a document"
PLAIN_HEADERS = {"host", "user-agent", "accept", "accept-encoding", "connection"}
OLLAMA, CHAT = load_provider("ollama"), load_provider("openai")


class ResultsToo(Ollama):
    """Takes a picture in the result of a tool, too."""

    @property
    def says(self) -> Mapping[str, How]:
        return {**super().says, "tool_result_image": CARRIED}


class Names:
    """A table of names, and a note of which were looked up."""

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        self.table = table
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.table:
            raise OSError("no such name")
        return self.table[host]


def here(text: str) -> bool:
    """What stands for the public internet."""
    return text == "127.0.0.1"


NAMES = Names({"pictures.test": ["127.0.0.1"], "inside.test": ["127.0.0.2"]})


def fetching_here(names: Names = NAMES, **how: Any) -> Fetching:
    return Fetching(PublicGet(look_up=names, allows=here), **how)


class Hosts:
    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    async def serve(self, script: Script, context: ssl.SSLContext | None = None) -> FarSide:
        return await self._stack.enter_async_context(FarSide(script, context))

    async def says(self, answer: bytes, context: ssl.SSLContext | None = None) -> FarSide:
        async def script(connection: Connection) -> None:
            await connection.request()
            await connection.send(answer)

        return await self.serve(script, context)


@pytest.fixture
async def hosts() -> AsyncIterator[Hosts]:
    async with AsyncExitStack() as stack:
        yield Hosts(stack)


def chat(*parts: Any) -> ChatRequest:
    return ChatRequest(model="m", messages=(Message("user", (Text("Look:"), *parts)),))


def url(port: int, host: str = "pictures.test", path: str = "/a.png") -> str:
    return f"http://{host}:{port}{path}"


async def refusal(work: Fetching, *parts: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        await work.filled(chat(*parts), OLLAMA)
    return caught.value
