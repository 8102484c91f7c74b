"""The page's own files: read once, and sent with what a browser needs to keep them."""

import hashlib
from functools import cache
from importlib import resources
from pathlib import PurePosixPath

from dragoman.gateway.visit import Visit
from dragoman.page.speaking import GUARD, Answer, MissingError

__all__ = ["find_file", "give_file"]

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@cache
def find_file(name: str) -> tuple[bytes, str] | None:
    """A file's bytes and their tag; None if there is none. Reads the disk, once.

    `name` is a path below `static/`, as it stands in the address.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.suffix not in _TYPES:
        return None
    file = resources.files("dragoman.page").joinpath("static", *path.parts)
    if not file.is_file():
        return None
    found = file.read_bytes()
    return found, f'"{hashlib.sha256(found).hexdigest()[:20]}"'


async def give_file(visit: Visit, name: str, found: tuple[bytes, str] | None) -> None:
    """Send a file, or that it is still the one that the browser has."""
    if found is None:
        raise MissingError("file of the page")
    body, tag = found
    headers = [*GUARD, ("etag", tag), ("cache-control", "no-cache"), ("vary", "accept")]
    if tag in visit.headers.get("if-none-match", ""):
        await visit.start(304, headers)
        await visit.write(b"", more=False)
        return
    kind = _TYPES[PurePosixPath(name).suffix]
    answer = Answer(body=body, headers=(*headers, ("content-type", kind)))
    await answer.give(visit)
