"""How every measurement here is made: both sides in one run, several times, in turn.

A figure is a ratio to the bare library against the same server; the spread is over the runs.
"""

import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

RUNS = 5


@asynccontextmanager
async def far_side(script: str = "server.py", *, on_uvloop: bool = False) -> AsyncIterator[str]:
    """A server of this folder in a process of its own; gives its address."""
    path = str(Path(__file__).with_name(script))
    command = [sys.executable, path]
    if on_uvloop:
        run = (
            f"import runpy, uvloop; uvloop.install(); runpy.run_path({path!r}, run_name='__main__')"
        )
        # -O: aiohttp's server asserts that its transports are asyncio's own, and uvloop's are not.
        command = [sys.executable, "-O", "-W", "ignore", "-c", run]
    process = subprocess.Popen(  # noqa: ASYNC220 - before anything is measured
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout  # noqa: S101 - asked for above
    assert process.stdin  # noqa: S101 - asked for above
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


async def in_turn(
    sides: dict[str, Callable[[], Awaitable[float]]], runs: int = RUNS
) -> dict[str, list[float]]:
    """Each side's figures; one warm-up, then the sides take turns, so that noise hits both."""
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for measure in sides.values():
        await measure()
    for _ in range(runs):
        for name, measure in sides.items():
            figures[name].append(await measure())
    return figures


def report(title: str, figures: dict[str, list[float]], unit: str) -> None:
    """Print each side with its spread, and its share of the first side, run by run."""
    print(f"\n{title}")
    first = next(iter(figures.values()))
    for name, values in figures.items():
        shares = [value / base for value, base in zip(values, first, strict=True)]
        print(
            f"  {name:<34} {median(values):>12,.1f} {unit:<10} "
            f"{median(shares):>6.2f} x  [{min(shares):.2f} .. {max(shares):.2f}]"
        )
