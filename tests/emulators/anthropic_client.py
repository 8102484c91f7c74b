"""What the tests of the Anthropic emulator share: requests, an SDK client, a picture."""

import json
from base64 import b64encode
from typing import Any, NamedTuple

import anthropic
from tests.emulators.wire import Wire, exchange, post_json

from dragoman import emulators
from dragoman.emulators.emulator import Emulator

OLD = "anthropic-version: 2023-06-01"
NEW = "anthropic-version: 2026-10-21"
KEY = "x-api-key: any"

PNG = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(8)).decode()
JPEG = b64encode(b"\xff\xd8\xff\xe0" + bytes(8)).decode()
PDF = b64encode(b"%PDF-1.4\n%%EOF\n").decode()

USER: dict[str, Any] = {"role": "user", "content": "one two three"}
TOOL: dict[str, Any] = {
    "name": "weather",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
CALL: dict[str, Any] = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}
RESULT: dict[str, Any] = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "sunny"}


def sdk(emulator: Emulator[Any]) -> anthropic.AsyncAnthropic:
    """The official client; to be closed by its user."""
    return anthropic.AsyncAnthropic(api_key="any", base_url=emulator.url, max_retries=0)


def fields(**changed: Any) -> dict[str, Any]:
    """A good request, changed; a field set to `...` is left out."""
    good = {"model": "mock-model", "max_tokens": 4096, "messages": [USER], **changed}
    return {name: value for name, value in good.items() if value is not ...}


def said(*messages: Any) -> dict[str, Any]:
    """A request with these messages, of the user and the assistant in turn."""
    roles = ("user", "assistant")
    listed = [{"role": roles[at % 2], "content": each} for at, each in enumerate(messages)]
    return fields(messages=listed)


def picture(source: dict[str, Any]) -> dict[str, Any]:
    """A request with one image."""
    return said([{"type": "image", "source": source}])


async def ask(
    emulator: Emulator[Any], body: Any, *headers: str, path: str = "/v1/messages"
) -> Wire:
    """The reply to a body as it stands on the wire; without headers a good key and version."""
    return await exchange(emulator.url, post_json(path, body, *(headers or (KEY, NEW))))


def stream_events(wire: Wire) -> list[tuple[str, dict[str, Any]]]:
    """The names and the data of the events of a stream."""
    events = []
    for event in wire.text.removesuffix("\n\n").split("\n\n"):
        name, data = event.split("\n")
        events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


class Case(NamedTuple):
    """A request, and words of its refusal."""

    body: Any
    message: str


async def assert_refused(case: Case) -> None:
    """The request is a 400 in the service's own form, and in the journal."""
    async with emulators.run("anthropic") as emulator:
        reply = await ask(emulator, case.body, KEY, OLD)

        error = reply.json()
        assert (reply.status, error["type"]) == (400, "error")
        assert error["error"]["type"] == "invalid_request_error"
        assert case.message in error["error"]["message"]
        assert emulator.journal[0]["complaints"] == [error["error"]["message"]]
