"""Pictures and files beside a question: bounded, and told apart by their first bytes.

A conversation on disk keeps where they are and the hash of what they were, never what is in them:
one that is gone or has changed by the next question is left out, and that is said.
"""

import hashlib
from pathlib import Path
from typing import Literal

import msgspec

from dragoman.errors import InputError
from dragoman.media import AUDIO_TYPES, decode_data_url, sniff
from dragoman.messages import Audio, Document, Image, Part, Text

__all__ = ["MAX_FILE_BYTES", "Attached", "attach", "part_of", "read_bounded"]

MAX_FILE_BYTES = 20_000_000
"""What the services take in one request, or a little more."""

_ADDRESSES = ("http://", "https://", "data:")


class Attached(msgspec.Struct, frozen=True, omit_defaults=True):
    """One picture or file. `place` is an absolute path, or an address as it was given.

    `content` is there as long as the program runs; it is never kept on disk.
    """

    kind: Literal["image", "file"]
    place: str
    sha256: str = ""
    content: bytes = b""


def attach(kind: Literal["image", "file"], given: str) -> Attached:
    """What an option names, read; `InputError` names what is wrong with it."""
    if kind == "image" and given.lower().startswith(_ADDRESSES):
        attached = Attached(kind, given)
    else:
        place = Path(given).expanduser().absolute()
        content = read_bounded(place, MAX_FILE_BYTES)
        attached = Attached(kind, str(place), hashlib.sha256(content).hexdigest(), content)
    part_of(attached)
    return attached


def part_of(attached: Attached) -> Part:
    """The part of a message that it is; `InputError` if it is gone, or another than it was."""
    place = attached.place
    if not attached.sha256:
        return _linked(place)
    content = attached.content or read_bounded(Path(place), MAX_FILE_BYTES)
    if hashlib.sha256(content).hexdigest() != attached.sha256:
        raise InputError(f"{place} has changed since it was sent")
    return _image(place, content) if attached.kind == "image" else _file(place, content)


def read_bounded(path: Path, limit_bytes: int) -> bytes:
    """A file's bytes; `InputError` if it cannot be read, is empty, or is larger than that."""
    try:
        with path.open("rb") as file:
            content = file.read(limit_bytes + 1)
    except (OSError, ValueError) as exc:
        raise InputError(f"{path}: {getattr(exc, 'strerror', None) or exc}") from exc
    if not content:
        raise InputError(f"{path} is empty")
    if len(content) > limit_bytes:
        raise InputError(f"{path} is larger than {limit_bytes / 1_000_000:g} MB")
    return content


def _linked(url: str) -> Image:
    if not url.lower().startswith("data:"):
        return Image(url=url)
    decoded = decode_data_url(url)
    if decoded is None:
        raise InputError("--image data:...: expected data:image/TYPE;base64,...")
    return _image("--image data:...", decoded[1])


def _image(place: str, content: bytes) -> Image:
    kind = sniff(content)
    if kind is None or not kind.startswith("image/"):
        like = f", but like {kind}" if kind else ""
        raise InputError(
            f"{place} is no picture: it does not begin like one{like}; give other files with --file"
        )
    return Image(content=content, media_type=kind)


def _file(place: str, content: bytes) -> Part:
    kind, name = sniff(content), Path(place).name
    if kind is None:
        # As text every provider takes it, some of them all texts of a turn as one.
        return Text(f"{name}:\n\n{_text(place, content).rstrip()}\n\n")
    if kind.startswith("image/"):
        return _image(place, content)
    if kind in AUDIO_TYPES:
        return Audio(content, kind)
    if kind == "application/pdf":
        return Document(content=content, media_type=kind, name=name)
    raise InputError(f"{place} is {kind}: expected a PDF, a text, a picture or a sound")


def _text(place: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise InputError(
            f"{place} is neither text in UTF-8 nor a PDF, a picture or a sound: "
            "its first bytes say nothing that is known"
        )
    return text
