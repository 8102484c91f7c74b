"""The soak itself, for a few seconds of it; `scripts/soak` runs ten thousand requests."""

import asyncio
import re
import sys

import pytest


async def _soak(requests: int, seed: int) -> str:
    command = [sys.executable, "-m", "tests.faults.soak", str(requests), str(seed)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()
    return told.decode()


def _faults(told: str) -> str:
    found = re.search(r"faults ([0-9a-f]{16})", told)
    assert found is not None, told
    return found[1]


def _share(told: str, name: str) -> float:
    found = re.search(rf"{name} +([\d.]+)%", told)
    assert found is not None, told
    return float(found[1])


@pytest.mark.timeout(180)
async def test_three_hundred_requests_come_through() -> None:
    told = await _soak(300, 7)

    # Of ten thousand more than 99 %; here a machine that stands still is a silent service, too.
    assert _share(told, "complete answers") > 90
    assert 40 < _share(told, "a bare client") < 85
    assert re.search(r"wrong +0\n", told)


@pytest.mark.timeout(180)
async def test_the_same_seed_gives_the_same_faults() -> None:
    first, second, other = await asyncio.gather(_soak(60, 3), _soak(60, 3), _soak(60, 4))

    assert _faults(first) == _faults(second) != _faults(other)
