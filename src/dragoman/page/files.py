"""The page's own files: read once, and sent with what a browser needs to keep them.

A file has one tag however it is sent, packed or not: it is the same file.
"""

import gzip
import hashlib
from functools import cache
from importlib import resources
from pathlib import PurePosixPath

import msgspec

from dragoman.gateway.visit import Visit
from dragoman.page.speaking import GUARD, Answer, MissingError

__all__ = ["File", "find_file", "give_file"]

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class File(msgspec.Struct, frozen=True):
    """A file as it is and packed, what it is, and its tag."""

    whole: bytes
    packed: bytes
    kind: str
    tag: str


@cache
def find_file(name: str) -> File | None:
    """A file; None if there is none. Reads the disk, once.

    `name` is a path below `static/`, as it stands in the address.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.suffix not in _TYPES:
        return None
    file = resources.files("dragoman.page").joinpath("static", *path.parts)
    if not file.is_file():
        return None
    whole = file.read_bytes()
    tag = f'W/"{hashlib.sha256(whole).hexdigest()[:20]}"'
    return File(whole, gzip.compress(whole, 9, mtime=0), _TYPES[path.suffix], tag)


async def give_file(visit: Visit, file: File | None) -> None:
    """Send a file, or that it is still the one that the browser has."""
    if file is None:
        raise MissingError("file of the page")
    headers = [
        ("content-type", file.kind),
        ("etag", file.tag),
        ("cache-control", "no-cache"),
        ("vary", "accept, accept-encoding"),
    ]
    if file.tag in visit.headers.get("if-none-match", ""):
        await visit.start(304, [*GUARD, *headers[1:]])
        await visit.write(b"", more=False)
        return
    body = file.whole
    if "gzip" in visit.headers.get("accept-encoding", "") and len(file.packed) < len(body):
        body = file.packed
        headers.append(("content-encoding", "gzip"))
    await Answer(body=body, headers=tuple(headers)).give(visit)
