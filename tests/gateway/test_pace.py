"""A stream keeps its pace: words as they come, signs of life in silence, no faster than read."""

import asyncio
import json
import time

import pytest

from dragoman.config import Config
from tests.gateway.clients import FACES
from tests.gateway.house import open_gateway, open_house
from tests.gateway.wire import ARRAY, SAME, WIRES, post

TEXT = "one two three four five six"
GAP_S = 0.05
PAIRS = [
    *SAME.items(),
    *((face, "claude" if face != "messages" else "ollama") for face in SAME),
]
SIGNS = {
    "chat": b": ping\n\n",
    "responses": b": ping\n\n",
    "messages": b'event: ping\ndata: {"type":"ping"}\n\n',
    "gemini": b"\r\n",
}
"""Each face's sign of life; Ollama has none."""


@pytest.mark.parametrize(("face", "provider"), PAIRS, ids=str)
async def test_words_arrive_one_by_one(face: str, provider: str) -> None:
    wire, model = WIRES[face], f"{provider}/mock-model"
    async with open_house(provider) as house:
        house.far[provider].scenario(slow={"between_events_s": GAP_S})
        path, body = wire.path(model, True), wire.body(model, TEXT, True)
        arrived: dict[int, float] = {}
        seen = b""
        async with post(house.url, path, body) as answer:
            await answer.read_head()
            async for chunk in answer.chunks():
                seen += chunk
                known = sum(word.encode() in seen for word in TEXT.split())
                arrived.setdefault(known, time.monotonic())

        # Each by itself, but for two that a machine that stood still brings together.
        assert len({1, 2, 3, 4, 5, 6} & set(arrived)) >= 5
        assert arrived[6] - min(arrived.values()) >= 4 * GAP_S * 0.8


@pytest.mark.parametrize("provider", ["chat", "claude"])
@pytest.mark.parametrize("face", SIGNS)
async def test_silence_is_filled_with_the_faces_sign_of_life(face: str, provider: str) -> None:
    wire, model = WIRES[face], f"{provider}/mock-model"
    async with open_house(provider, ping_s=0.02) as house:
        house.far[provider].scenario(stall={"headers": False})

        path, body = wire.path(model, True), wire.body(model, TEXT, True)
        async with post(house.url, path, body) as answer:
            await answer.read_head()
            heard = b""
            async for chunk in answer.chunks():
                heard += chunk
                if heard.count(SIGNS[face]) >= 3:
                    break

    assert answer.status == 200
    assert answer.headers["x-dragoman-provider"] == provider
    assert heard == SIGNS[face] * heard.count(SIGNS[face])


async def test_a_list_in_pieces_is_kept_alive_by_blanks() -> None:
    async with open_house("gemini", ping_s=0.02) as house:
        house.far["gemini"].scenario(slow={"before_headers_s": 0.2, "between_events_s": 0.1})
        path = ARRAY.path("gemini/mock-model", True)

        async with post(house.url, path, ARRAY.body("", TEXT, True)) as answer:
            await answer.read_head()
            said = await answer.said()

    texts = [one["candidates"][0]["content"]["parts"][0].get("text", "") for one in said[:-1]]
    assert "".join(texts).startswith("one two")


@pytest.mark.parametrize(("face", "provider"), PAIRS, ids=str)
async def test_the_official_sdk_passes_over_signs_of_life(face: str, provider: str) -> None:
    async with (
        open_house(provider, ping_s=0.01) as house,
        FACES[face](house.url) as talker,
    ):
        house.far[provider].scenario(slow={"before_first_s": 0.1, "between_events_s": 0.03})

        assert "".join(await talker.stream(f"{provider}/mock-model", TEXT)) == TEXT


async def test_an_error_after_a_sign_of_life_is_told_in_the_stream() -> None:
    """The status has gone out with the first sign of life."""
    async with open_house("chat", ping_s=0.02) as house:
        house.far["chat"].scenario(
            slow={"before_first_s": 0.2}, error_event={"after_events": 0, "message": "broke"}
        )
        body = WIRES["chat"].body("chat/mock-model", TEXT, True)

        async with post(house.url, "/v1/chat/completions", body) as answer:
            await answer.read_head()
            (said,) = await answer.said()

    assert (answer.status, answer.whole) == (200, False)
    assert "broke" in said["error"]["message"]
    assert said["dragoman"]["text"] == ""


class _Endless:
    """A provider that says the same word for ever, and counts what was taken from it."""

    def __init__(self) -> None:
        self.sent_bytes = 0
        self.gone = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        said = {"choices": [{"index": 0, "delta": {"content": "x" * 10_000}}]}
        event = b"data: " + json.dumps(said).encode() + b"\n\n"
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        try:
            while True:
                writer.write(event)
                await writer.drain()
                self.sent_bytes += len(event)
        except OSError:
            self.gone.set()
        finally:
            writer.close()


@pytest.mark.parametrize("face", ["chat", "messages"])
async def test_a_slow_reader_slows_the_provider(face: str) -> None:
    """What nobody reads is not fetched, so memory does not grow: only the sockets' buffers fill."""
    wire, far = WIRES[face], _Endless()
    server = await asyncio.start_server(far.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config = Config.of(
        {"far": {"dialect": "openai_chat", "base_url": f"http://127.0.0.1:{port}/v1"}},
        gateway={"log": False},
    )
    async with server, open_gateway(config) as (url, _):
        body = wire.body("far/endless", "hi", True)
        async with post(url, wire.path("far/endless", True), body) as answer:
            await answer.read_head()
            before = -1
            while before != far.sent_bytes:
                before = far.sent_bytes
                assert before < 40_000_000
                await asyncio.sleep(0.25)
            answer.leave()
            await asyncio.wait_for(far.gone.wait(), 15)
