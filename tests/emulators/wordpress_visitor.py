"""A visitor of an emulated WordPress site by raw HTTP; it knows nothing of our providers."""

import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec

from dragoman import emulators
from dragoman.emulators import Emulator

AJAX = "/wp-admin/admin-ajax.php"
ACTION = "wpaicg_chat_shortcode_message"


class Seen(msgspec.Struct, frozen=True):
    """A reply as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers["Content-Type"]

    def json(self) -> Any:
        return json.loads(self.body)

    def events(self) -> list[Any]:
        """The `data` of each event that is JSON, else its text."""
        lines = self.body.decode().split("\n")
        data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
        return [json.loads(text) if text.startswith("{") else text for text in data]

    def text(self) -> str:
        """The deltas of an OpenAI-style stream, joined."""
        choices = [
            choice
            for event in self.events()
            if isinstance(event, dict)
            for choice in event.get("choices", [])
        ]
        return "".join(choice.get("delta", {}).get("content", "") for choice in choices)


class Visitor:
    """One browser, in effect: pages, forms, cookies by hand."""

    def __init__(self, emulator: Emulator[Any], http: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.http = http

    async def send(self, method: str, path: str, **options: Any) -> Seen:
        async with self.http.request(method, self.emulator.url + path, **options) as response:
            return Seen(response.status, response.headers, await response.read())

    async def boxes(self, path: str = "/", **options: Any) -> list[dict[str, str]]:
        page = await self.send("GET", path, **options)
        return elements(page.body.decode(), having="data-type")

    async def nonce(self, path: str = "/", **options: Any) -> str:
        return (await self.boxes(path, **options))[0]["data-nonce"]

    async def chat(self, message: str = "hello you", **fields: str) -> Seen:
        """A chat with a nonce fresh from the page, unless one is given."""
        nonce = fields.pop("_wpnonce", None) or await self.nonce()
        form = {"action": ACTION, "_wpnonce": nonce, "message": message, **fields}
        # aiohttp warns of long bodies unless they are files.
        body = io.BytesIO(urlencode(form).encode())
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.send("POST", AJAX, data=body, headers=headers)

    def model_got(self) -> Any:
        return self.emulator.journal[-1]["notes"].get("model_got")

    def complaints(self) -> list[str]:
        return self.emulator.journal[-1]["complaints"]


@asynccontextmanager
async def visiting(name: str = "chatgptfree", **scenario: Any) -> AsyncIterator[Visitor]:
    """A visitor at an emulator that runs until the block is left."""
    async with (
        emulators.run(name, scenario=scenario) as emulator,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        yield Visitor(emulator, http)


def elements(page: str, *, having: str) -> list[dict[str, str]]:
    """The attributes of the elements that have the attribute `having`."""
    found: list[dict[str, str]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            attributes = {name: value or "" for name, value in attrs}
            if having in attributes:
                found.append(attributes)

    Reader().feed(page)
    return found
