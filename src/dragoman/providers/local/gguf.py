"""What the head of a GGUF file says, read without the engine.

A file of a stranger is untrusted: only the key-value part is read, with a limit on its bytes and
on every count, and the weights themselves are never touched here.
Source: the GGUF specification (ggml, docs/gguf.md, versions 2 and 3), read 2026-11-21.
"""

import struct
from pathlib import Path
from typing import BinaryIO

import msgspec

from dragoman.errors import InputError
from dragoman.providers.local.tool_template import with_tools

__all__ = ["MAX_HEAD_BYTES", "GgufHead", "read_head"]

MAX_HEAD_BYTES = 64 * 1024 * 1024
MAX_KEY_BYTES = 64 * 1024
MAX_PAIRS = 65536

_MAGIC = b"GGUF"
_VERSIONS = frozenset({2, 3})
# The sizes of the fixed types, by their number: integers, floats and bool.
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_UINT32, _STRING, _ARRAY, _UINT64 = 4, 8, 9, 10


class GgufHead(msgspec.Struct, frozen=True):
    """What matters of a model file before it is loaded.

    `context` is the longest chat in tokens that the model was made for; None is "it does not say".
    """

    version: int
    architecture: str = ""
    name: str = ""
    context: int | None = None
    template: str = ""

    @property
    def has_template(self) -> bool:
        """Whether it says how a chat is written for it."""
        return bool(self.template)

    @property
    def takes_tools(self) -> bool:
        """Whether a chat with tools can be written for it, as it is or with `with_tools`."""
        return "tools" in self.template or with_tools(self.template) is not None


def read_head(path: Path) -> GgufHead:
    """The head of a model file; blocks.

    `InputError` if there is no such file, or if it is no GGUF file or breaks off in its head.
    """
    try:
        with path.open("rb") as file:
            return _Head(file, path).read()
    except OSError as exc:
        raise _wrong(path, exc.strerror or "cannot be read") from exc


class _Head:
    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._left = MAX_HEAD_BYTES

    def read(self) -> GgufHead:
        magic = self._file.read(4)
        if magic != _MAGIC:
            raise _wrong(self._path, "not a GGUF file")
        version = self._number("<I")
        if version not in _VERSIONS:
            raise _wrong(self._path, f"a GGUF file of the unknown version {version}")
        self._number("<Q")
        pairs = self._number("<Q")
        if pairs > MAX_PAIRS:
            raise _wrong(self._path, "a damaged GGUF file: its head is too long")
        found: dict[str, str | int] = {}
        for _ in range(pairs):
            self._pair(found)
        architecture = str(found.get("general.architecture", ""))
        context = found.get(f"{architecture}.context_length")
        return GgufHead(
            version,
            architecture,
            str(found.get("general.name", "")),
            context if isinstance(context, int) else None,
            str(found.get("tokenizer.chat_template", "")),
        )

    def _pair(self, found: dict[str, str | int]) -> None:
        size = self._number("<Q")
        if size > MAX_KEY_BYTES:
            raise _wrong(self._path, "a damaged GGUF file: a key is too long")
        key = self._take(size).decode("utf-8", "replace")
        kind = self._number("<I")
        match kind:
            case 4:
                found[key] = self._number("<I")
            case 10:
                found[key] = self._number("<Q")
            case 8:
                found[key] = self._take(self._number("<Q")).decode("utf-8", "replace")
            case 9:
                self._pass_array()
            case _:
                self._take(self._size(kind))

    def _pass_array(self) -> None:
        kind, count = self._number("<I"), self._number("<Q")
        if kind != _STRING:
            self._take(self._size(kind) * count)
            return
        if count * 8 > self._left:
            raise self._too_long()
        for _ in range(count):
            self._take(self._number("<Q"))

    def _size(self, kind: int) -> int:
        size = _SIZES.get(kind)
        if size is None:
            raise _wrong(self._path, f"a damaged GGUF file: the unknown type {kind}")
        return size

    def _number(self, layout: str) -> int:
        number: int = struct.unpack(layout, self._take(struct.calcsize(layout)))[0]
        return number

    def _take(self, size: int) -> bytes:
        if size > self._left:
            raise self._too_long()
        self._left -= size
        taken = self._file.read(size)
        if len(taken) < size:
            raise _wrong(self._path, "a GGUF file that breaks off: fetch it again")
        return taken

    def _too_long(self) -> InputError:
        return _wrong(self._path, f"a damaged GGUF file: more than {MAX_HEAD_BYTES} bytes of head")


def _wrong(path: Path, words: str) -> InputError:
    error = InputError(f"{path}: {words}")
    error.hint = "Give the path of a GGUF model file: -m local:/path/to/model.gguf"
    return error
