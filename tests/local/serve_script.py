"""Run as a program: starts the default model, prints its process id and waits."""

import asyncio
import sys

from dragoman.providers.local.engine import open_engine
from dragoman.providers.local.pull import ready_file
from dragoman.providers.local.weights import find_weights


async def main() -> None:
    name = "smollm2-135m"
    async with open_engine(name, lambda: ready_file(find_weights(name))) as engine:
        await engine.served()
        sys.stdout.write(f"{engine.pid}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
