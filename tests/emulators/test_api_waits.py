"""Silence and pauses on each API dialect's wire."""

import time
from typing import Any

import pytest
from tests.emulators.apis import Api, asked, each_api
from tests.emulators.wire import connected

from dragoman import emulators

LONG_S = 60.0


WAITING: list[tuple[dict[str, Any], int | None]] = [
    ({"stall": {"headers": False}}, None),
    ({"stall": {"after_events": 0}}, 0),
    ({"stall": {"after_events": 2}}, 2),
    ({"slow": {"before_headers_s": LONG_S}}, None),
    ({"slow": {"before_first_s": LONG_S}}, 0),
    ({"slow": {"between_events_s": LONG_S}}, 1),
]


@each_api
@pytest.mark.parametrize(("scenario", "events"), WAITING, ids=str)
async def test_it_falls_silent_where_it_was_told_to(
    api: Api, scenario: dict[str, Any], events: int | None
) -> None:
    """`events` come, None: not even the headers; and the answer is still under way."""
    calm = await asked(api)
    async with emulators.run(api.emulator, scenario=scenario) as emulator:
        async with connected(emulator.url) as (reader, writer):
            writer.write(api.stream)
            await emulator.wait_until(lambda seen: seen.answers == 1)
            if events is not None:
                await reader.readuntil(b"\r\n\r\n")
            for chunk in calm.chunks[: events or 0]:
                assert await reader.readexactly(framed(chunk)) == b"%x\r\n%b\r\n" % (
                    len(chunk),
                    chunk,
                )
            assert (emulator.answers, emulator.abandoned) == (1, 0)
        await emulator.wait_idle()

        assert emulator.abandoned == 1


def framed(chunk: bytes) -> int:
    """The length of a chunk with its frame."""
    return len(b"%x\r\n\r\n" % len(chunk)) + len(chunk)


@each_api
async def test_pauses_are_between_the_events(api: Api) -> None:
    calm = await asked(api)
    start = time.perf_counter()

    reply = await asked(api, slow={"before_first_s": 0.05, "between_events_s": 0.01})

    assert time.perf_counter() - start >= 0.05 + 0.01 * (len(calm.chunks) - 1)
    assert reply.text == calm.text
