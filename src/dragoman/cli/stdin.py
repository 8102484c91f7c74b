"""The question: words of the command line, and what comes through standard input.

dragoman WORDS            the words
dragoman - / no words     standard input
... | dragoman WORDS      the words, then standard input below them, if it is a pipe or a file
"""

import os
import stat
import sys
import threading
from collections.abc import Sequence

from dragoman.cli.terminal import note
from dragoman.errors import InputError

__all__ = ["read_question", "wants_conversation"]

# Somebody who gave a pipe by mistake sees no reason for the silence.
_PATIENCE_S = 3.0


def wants_conversation(words: Sequence[str]) -> bool:
    """Whether there is a person and no question."""
    return not words and sys.stdin is not None and sys.stdin.isatty()


def read_question(words: Sequence[str]) -> str:
    """The whole question; `InputError` if there is none."""
    said = " ".join(word for word in words if word != "-")
    if any("\udc80" <= letter <= "\udcff" for letter in said):
        raise InputError("the prompt is not UTF-8")
    piped = _read() if "-" in words or not words or _is_fed() else ""
    question = "\n\n".join(part for part in (said, piped.rstrip("\r\n")) if part.strip())
    if not question:
        raise InputError('no message: dragoman "YOUR QUESTION", or text on standard input')
    return question


def _is_fed() -> bool:
    """Whether a file or a pipe was put there; a terminal, /dev/null or nothing was not.

    Programs that start others often give them a socket and never close it: ask for it with `-`.
    """
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _read() -> str:
    if sys.stdin is None:
        return ""
    patience = threading.Timer(
        _PATIENCE_S, note, ["reading standard input ... (to give none: dragoman ... </dev/null)"]
    )
    patience.daemon = True
    if not sys.stdin.isatty():
        patience.start()
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InputError(f"standard input is not UTF-8: byte {exc.start + 1}") from exc
    except OSError as exc:
        raise InputError(f"standard input cannot be read: {exc.strerror}") from exc
    finally:
        patience.cancel()
