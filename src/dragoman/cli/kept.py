"""The last conversation on disk, for `-c`: one file, for its owner only, never half-written.

It is written beside itself, flushed and renamed after each whole answer; whenever the process is
killed, the file is the old one or the new one. Of tools it keeps nothing but what was said, and of
pictures and files where they are.
"""

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from dragoman.cli.attached import Attached, part_of
from dragoman.cli.terminal import note
from dragoman.errors import InputError
from dragoman.messages import Part, Text
from dragoman.sessions.cookie_store import data_folder

__all__ = ["Conversation", "Turn", "load_conversation", "save_conversation"]


_DAMAGED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Turn(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one side said, and what it put beside it."""

    role: str
    content: str
    attached: tuple[Attached, ...] = ()


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as it stands; an empty `model` is the configured default."""

    model: str = ""
    system: str = ""
    messages: tuple[Turn, ...] = ()

    def asked(self, question: Turn) -> list[dict[str, Any]]:
        """The messages of the next request.

        What was put beside an earlier question and is gone is left out, with a warning.
        """
        return [
            *(_sent_again(turn) for turn in self.messages),
            _message(question, *_parts(question)),
        ]

    def answered(self, question: Turn, answer: str) -> "Conversation":
        """The conversation with one more question and its answer."""
        turns = (*self.messages, question, Turn("assistant", answer))
        return msgspec.structs.replace(self, messages=turns)


def _message(turn: Turn, *parts: Part) -> dict[str, Any]:
    content = [*parts, Text(turn.content)] if parts else turn.content
    return {"role": turn.role, "content": content}


def _parts(turn: Turn) -> list[Part]:
    return [part_of(attached) for attached in turn.attached]


def _sent_again(turn: Turn) -> dict[str, Any]:
    parts = []
    for attached in turn.attached:
        try:
            parts.append(part_of(attached))
        except InputError as error:
            note(f"warning: {error}: left out of the conversation")
    return _message(turn, *parts)


def _without_contents(conversation: Conversation) -> Conversation:
    turns = tuple(
        msgspec.structs.replace(
            turn,
            attached=tuple(msgspec.structs.replace(one, content=b"") for one in turn.attached),
        )
        for turn in conversation.messages
    )
    return msgspec.structs.replace(conversation, messages=turns)


def _path() -> Path:
    return data_folder() / "conversation.json"


def load_conversation() -> Conversation:
    """The last conversation; `InputError` if there is none or it cannot be read."""
    path = _path()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Conversation)
    except FileNotFoundError:
        raise InputError("no conversation to continue: ask without -c first") from None
    except OSError as exc:
        raise InputError(f"{path}: {exc.strerror}") from exc
    except _DAMAGED as exc:
        raise InputError(f"{path}: not a conversation; remove it and begin a new one") from exc


def save_conversation(conversation: Conversation) -> None:
    """Keep it; if that cannot be done the answer still stands, so it is only said."""
    path = _path()
    try:
        path.parent.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _set_aside_if_damaged(path)
        _replace(path, msgspec.json.encode(_without_contents(conversation)))
    except OSError as exc:
        note(f"warning: the conversation was not kept: {path}: {exc.strerror}")


def _set_aside_if_damaged(path: Path) -> None:
    """What cannot be read may still be mended by its owner: only a conversation is replaced."""
    try:
        msgspec.json.decode(path.read_bytes(), type=Conversation)
    except FileNotFoundError:
        return
    except _DAMAGED:
        aside = path.with_name(f"{path.stem}.{time.time_ns()}.damaged")
        path.rename(aside)
        note(f"warning: the last conversation was damaged; its file is kept as {aside}")


def _replace(path: Path, content: bytes) -> None:
    # mkstemp's file is for its owner only, and no other process writes to it.
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
