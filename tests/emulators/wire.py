"""A raw HTTP/1.1 client for tests: it sends bytes and keeps exactly what came back.

It knows nothing of the emulators and shares no code with the package.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

PROMPT = "one two three"
AICHAT_COOKIE = "Cookie: cf_clearance=let-me-in"


class Wire(NamedTuple):
    """What came back: the body is undecoded, `end` is how the connection ended."""

    status: int
    headers: dict[str, str]
    body: bytes
    end: Literal["fin", "rst"]

    @property
    def chunks(self) -> list[bytes]:
        """The payloads of the whole chunks."""
        return dechunked(self.body)[0]

    @property
    def ended(self) -> bool:
        """Whether the last chunk came."""
        return dechunked(self.body)[1]

    @property
    def text(self) -> str:
        """The body without its chunk frames."""
        chunked = self.headers.get("transfer-encoding") == "chunked"
        return (b"".join(self.chunks) if chunked else self.body).decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


def dechunked(body: bytes) -> tuple[list[bytes], bool]:
    """The payloads of whole chunks, and whether the last one came."""
    chunks: list[bytes] = []
    while b"\r\n" in body:
        head, _, rest = body.partition(b"\r\n")
        size = int(head, 16)
        if len(rest) < size + 2:
            return chunks, False
        if size == 0:
            return chunks, rest == b"\r\n"
        chunks.append(rest[:size])
        body = rest[size + 2 :]
    return chunks, False


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """An open connection."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def request(method: str, target: str, *headers: str, body: bytes = b"") -> bytes:
    """A request's bytes."""
    lines = [f"{method} {target} HTTP/1.1", "Host: emulator", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def exchange(url: str, sent: bytes) -> Wire:
    """Send one request that closes the connection, and read until it is closed."""
    head, _, body = sent.partition(b"\r\n\r\n")
    async with connected(url) as (reader, writer):
        writer.write(head + b"\r\nConnection: close\r\n\r\n" + body)
        return parsed(*await drained(reader))


async def drained(reader: asyncio.StreamReader) -> tuple[bytes, Literal["fin", "rst"]]:
    """Everything until the connection ends, and how it ended."""
    came = b""
    try:
        while chunk := await reader.read(65536):
            came += chunk
    except ConnectionResetError:
        return came, "rst"
    return came, "fin"


def parsed(came: bytes, end: Literal["fin", "rst"]) -> Wire:
    """Take a reply's bytes apart; status 0 if there was no reply."""
    head, _, body = came.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {
        name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])
    }
    return Wire(int(lines[0].split()[1]) if head else 0, headers, body, end)


def post_json(target: str, value: Any, *headers: str) -> bytes:
    """A POST with a JSON body."""
    body = json.dumps(value).encode()
    return request("POST", target, "Content-Type: application/json", *headers, body=body)


def aichat(message: str = PROMPT, *headers: str, **fields: Any) -> bytes:
    """A good request to Aichat, or one spoilt by `fields`."""
    numbers = {"temperature": 0.5, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0}
    return post_json(
        "/api/text", {"message": message, **numbers, **fields}, AICHAT_COOKIE, *headers
    )


def conversation(
    text: str = PROMPT, *, bearer: str = "any", number: int = 1, **fields: Any
) -> bytes:
    """A good request to FakeGPT's conversation, or one spoilt by `fields`."""
    message = {
        "id": str(UUID(int=number)),
        "author": {"role": "user"},
        "content": {"content_type": "text", "parts": [text]},
        "metadata": {},
    }
    body = {
        "action": "next",
        "messages": [message],
        "parent_message_id": str(UUID(int=99)),
        "model": "text-davinci-002-render-sha",
        "history_and_training_disabled": True,
        **fields,
    }
    headers = ["Accept: text/event-stream", f"X-Authorization: Bearer {bearer}"]
    return post_json("/api/conversation", body, *headers)


def events(text: str) -> list[str]:
    """The `data` of each event of a stream that has plain line ends."""
    return [event.removeprefix("data: ") for event in text.split("\n\n") if event]


def growth(text: str) -> list[str]:
    """The assistant's cumulative texts in a FakeGPT stream."""
    messages = [json.loads(event).get("message") for event in events(text) if event != "[DONE]"]
    return [
        message["content"]["parts"][0]
        for message in messages
        if message and message["author"]["role"] == "assistant"
    ]
