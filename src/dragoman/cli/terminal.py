"""What may reach a terminal: text without its control characters.

A model's answer is a stranger's text. On a terminal it could move the cursor, change the title or
answer for the user; so whole escape sequences and every control character but line feed and tab
are left out there. A pipe gets the text as it is.
Source: ECMA-48 (5th edition) section 5.4 for control sequences, XTerm Control Sequences for the
string forms (OSC, DCS, APC, PM, SOS), read 2026-11-21.
"""

import contextlib
import functools
import os
import re
import sys
from collections.abc import Iterator

__all__ = [
    "Cleaner",
    "clean",
    "json_text",
    "note",
    "note_once",
    "one_line",
    "prints_aside",
    "to_terminal",
]

_STRING_START = "[\\]PX^_]"
_SEQUENCE = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]"
    f"|\x1b{_STRING_START}[^\x07\x1b\x9c]*(?:\x07|\x9c|\x1b\\\\)"
    "|\x1b(?:[ -/]+[0-~]|[0-OQ-WYZ\\\\`-~])"
    "|\x9b[0-?]*[ -/]*[@-~]"
)
# The beginning of a sequence at the end of a text.
_OPEN = re.compile(
    f"(?:\x1b(?:\\[[0-?]*[ -/]*|{_STRING_START}[^\x07\x1b\x9c]*\x1b?|[ -/]*)|\x9b[0-?]*[ -/]*)\\Z"
)
# Also what turns the direction of all that follows: words could stand where they were not written.
# The marks of one letter's direction, which texts from right to left need, may stay.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# JSON's own escapes end at the space.
_UNESCAPED = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# A title is short: what is longer is no sequence but a way to swallow the answer.
_HELD_CHARS = 256


class Cleaner:
    """Cleans a text that comes in deltas; a sequence may be cut anywhere."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, delta: str) -> str:
        """What may be shown now."""
        text = _SEQUENCE.sub("", self._held + delta)
        open_one = _OPEN.search(text)
        if open_one and len(text) - open_one.start() <= _HELD_CHARS:
            self._held = text[open_one.start() :]
            text = text[: open_one.start()]
        else:
            self._held = ""
        return _CONTROL.sub("", text)

    def close(self) -> str:
        """The rest: what looked like the beginning of a sequence."""
        held, self._held = self._held, ""
        return _CONTROL.sub("", held)


def clean(text: str) -> str:
    """The text without escape sequences and control characters."""
    return _CONTROL.sub("", _SEQUENCE.sub("", text))


def one_line(text: str) -> str:
    """The text cleaned and on one line."""
    return clean(" ".join(text.split()))


def json_text(encoded: bytes) -> str:
    """JSON in which what a terminal may obey is escaped; it means the same."""
    return _UNESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", encoded.decode())


def to_terminal() -> bool:
    """Whether somebody looks at the answer."""
    return sys.stdout.isatty()


def note(text: str) -> None:
    """One line beside the answer, on standard error."""
    sys.stderr.write(f"{one_line(text)}\n")
    sys.stderr.flush()


@functools.cache
def note_once(text: str) -> None:
    """As `note`, and the same words never twice."""
    note(text)


@contextlib.contextmanager
def prints_aside() -> Iterator[None]:
    """What other people's code prints goes to standard error, its child processes' words too."""
    sys.stdout.flush()
    with contextlib.ExitStack() as stack:
        # Where there is no file behind one of them, there is none to mix them in.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            ours = sys.stdout.fileno()
            kept = os.dup(ours)
            stack.callback(os.close, kept)
            stack.callback(os.dup2, kept, ours)
            os.dup2(sys.stderr.fileno(), ours)
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        yield
