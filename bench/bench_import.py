"""How long does Dragoman take to start, beside an interpreter that does nothing?"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

from measure import in_turn, report


def _process(*arguments: str) -> Callable[[], Awaitable[float]]:
    async def measure() -> float:
        started = time.perf_counter()
        subprocess.run(  # noqa: ASYNC221 - the process is what is measured
            [sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL
        )
        return (time.perf_counter() - started) * 1000

    return measure


async def _main() -> None:
    sides = {
        "python -c pass": _process("-c", "pass"),
        "import dragoman": _process("-c", "import dragoman"),
        "import dragoman; dragoman.Client": _process("-c", "import dragoman; dragoman.Client"),
        "import aiohttp": _process("-c", "import aiohttp"),
        "dragoman --help": _process("-m", "dragoman", "--help"),
        "dragoman -m echo hi": _process("-m", "dragoman", "-m", "echo", "hi"),
    }
    report("start (less is better)", await in_turn(sides, runs=9), "ms")


if __name__ == "__main__":
    asyncio.run(_main())
