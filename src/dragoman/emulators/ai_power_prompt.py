"""What the model gets: AI Power's cleaning of a visitor's message and history, by dialect.

Rule: pure. The form arrives as the bytes decoded with `surrogateescape`; WordPress puts magic
quotes on every field, and each version of the plugin takes them off in its own way or not at all.
Source: AI Power plugin 1.8.79-1.9.18 on WordPress 6.1.9, behaviour observed 2026-11-21.
"""

import json
from enum import StrEnum

import msgspec

from dragoman.emulators.wordpress_text import (
    add_slashes,
    is_valid_utf8,
    php_trim,
    sanitize_text_field,
    sanitize_textarea_field,
)

__all__ = [
    "GREETING",
    "Dialect",
    "HistoryFatalError",
    "Prompt",
    "Turn",
    "is_empty",
    "read_history",
    "read_message",
]

# The site's own first words; in replies as `greeting_message`, which a client must never show.
GREETING = "You are a helpful assistant of this site. The owner's secret word is periwinkle."

_HUMAN = "Human: "
_ASSISTANT = "AI: "


class Dialect(StrEnum):
    """A generation of the plugin, told apart by what it says on the wire."""

    D0 = "D0"
    """Early 2023: always JSON, cookies keep the talk."""
    D1 = "D1"
    """Up to 1.8.79: GET or POST, stream with a JSON trailer."""
    D2 = "D2"
    """1.8.80-1.8.82: the front end posts, the server is D1's."""
    D3 = "D3"
    """1.8.85-1.8.90: no trailer."""
    D4_OLD = "D4-1.8.91"
    """1.8.91-1.8.95: fields from POST only, a wrong nonce is a 403; newlines are flattened."""
    D4 = "D4"
    """1.8.96-1.9.18: as before, and the message stays as it is."""
    D5 = "D5"
    """2.3.41-2.4.0: other actions, and a stream in two requests."""
    D5_FIRST = "D5-2.3"
    """2.3 up to 2.3.41: no action gives a nonce."""
    D5_LATEST = "D5-2.4.1"
    """2.4.1 and later: the plain chat is gone."""


_REENCODES = {Dialect.D1, Dialect.D2}


class Turn(msgspec.Struct, frozen=True):
    """One turn as the plugin sends it upstream."""

    role: str
    content: str


class Prompt(msgspec.Struct, frozen=True):
    """What one chat request comes to: `message` is None when its bytes broke the upstream body."""

    message: str | None
    history: tuple[Turn, ...] = ()

    def turns(self) -> list[Turn]:
        """Greeting, history and message, as the model sees them; none if the body is broken."""
        if self.message is None:
            return []
        return [Turn("user", GREETING), *self.history, Turn("user", self.message)]


class HistoryFatalError(Exception):
    """A history item that PHP dies of: the request ends as a 500."""


def is_empty(message: str, dialect: Dialect) -> bool:
    """Whether the plugin says that nothing was inputted: "" and PHP's other empty text, "0".

    `message` is the raw field. From 1.8.96 a message of blanks passes.
    """
    if dialect is Dialect.D4:
        return message in {"", "0"}
    return _flatten(message, dialect) in {"", "0"}


def read_message(message: str, dialect: Dialect) -> str | None:
    """The message as the model gets it; None when it is no UTF-8 and upstream gets no body."""
    if dialect is Dialect.D4:
        return php_trim(message) if is_valid_utf8(message) else None
    return _flatten(message, dialect)


def read_history(history: str, dialect: Dialect, *, logged: bool = False) -> tuple[Turn, ...]:
    """The turns in a `wpaicg_chat_history` field; whatever is no list or no JSON is no history.

    `logged`: the site keeps chat logs, and D1 and D2 garble all that is not ASCII for it.

    Raises:
        HistoryFatalError: an item is a list, or an object without a text `text`.
    """
    if logged and dialect in _REENCODES:
        history = _reencoded(history)
    if dialect in {Dialect.D4, Dialect.D4_OLD}:
        text = sanitize_textarea_field(history)
    else:
        text = sanitize_text_field(add_slashes(history))
    try:
        items = json.loads(text.replace("\\", ""), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return ()
    if isinstance(items, dict):
        items = list(items.values())
    return tuple(map(_turn, items)) if isinstance(items, list) else ()


def _reencoded(history: str) -> str:
    # With `\\u` escapes, whose backslashes are taken away behind.
    try:
        return json.dumps(json.loads(history, parse_constant=_refuse_constant))
    except (ValueError, RecursionError):
        return history


def _flatten(message: str, dialect: Dialect) -> str:
    # Unslashing takes off just what the magic quotes put on.
    return sanitize_text_field(message if dialect is Dialect.D4_OLD else add_slashes(message))


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _turn(item: object) -> Turn:
    if isinstance(item, dict):
        item = item.get("text")
        if not isinstance(item, str):
            raise HistoryFatalError
    if isinstance(item, list):
        raise HistoryFatalError
    text = item if isinstance(item, str) else json.dumps(item)
    if text.startswith(_HUMAN):
        return Turn("user", text.removeprefix(_HUMAN))
    return Turn("assistant", text.removeprefix(_ASSISTANT))
