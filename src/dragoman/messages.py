"""Messages: who said what, as frozen values, and how a caller's mappings become them.

Callers may write messages as the field does, `{"role": "user", "content": "Hi"}`; inside there is
only `Message`. Whatever is wrong with them is said before any request is made.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, get_args

import msgspec

from dragoman.errors import InputError

__all__ = [
    "Audio",
    "Image",
    "Message",
    "Messages",
    "Part",
    "Reasoning",
    "Role",
    "Text",
    "ToolCall",
    "ToolResult",
    "decode_messages",
    "is_unicode",
]

Role = Literal["system", "user", "assistant", "tool"]

Messages = Sequence["Message | Mapping[str, Any]"]
"""What callers pass: mappings with `role` and `content`, or `Message` values.

`content` is a str or a list of `{"type": "text", "text": str}`; `developer` is another word
for `system`.
"""


class Text(msgspec.Struct, frozen=True, tag="text"):
    """A piece of text."""

    text: str


class Image(msgspec.Struct, frozen=True, tag="image"):
    """A picture: its address, or its bytes and their media type."""

    url: str | None = None
    content: bytes | None = None
    media_type: str | None = None


class Audio(msgspec.Struct, frozen=True, tag="audio"):
    """A sound: its bytes and their media type."""

    content: bytes
    media_type: str


class Reasoning(msgspec.Struct, frozen=True, tag="reasoning"):
    """What a model thought aloud in an earlier turn; `signature` proves it to its provider."""

    text: str
    signature: str | None = None


class ToolCall(msgspec.Struct, frozen=True, tag="tool_call"):
    """A call that the model made; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str


class ToolResult(msgspec.Struct, frozen=True, tag="tool_result"):
    """What a call gave: `call_id` names the `ToolCall`."""

    call_id: str
    text: str
    is_error: bool = False


Part = Text | Image | Audio | Reasoning | ToolCall | ToolResult


class Message(msgspec.Struct, frozen=True):
    """One turn of a conversation."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The text parts, joined without a separator."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


_ROLES: dict[str, Role] = {role: role for role in get_args(Role)} | {"developer": "system"}


def decode_messages(messages: Messages) -> tuple[Message, ...]:
    """The messages as values; `InputError` names the message (from 1) and what is wrong with it."""
    # The exact type first: asking for an abstract one takes as long as the rest.
    if type(messages) is not list and (
        isinstance(messages, str | bytes | Mapping) or not isinstance(messages, Iterable)
    ):
        raise InputError(
            f"messages must be a list of {{'role', 'content'}}, not {type(messages).__name__}"
        )
    decoded = tuple(_message(number, item) for number, item in enumerate(messages, 1))
    if not decoded:
        raise InputError("no message: give at least one {'role': 'user', 'content': ...}")
    return decoded


def is_unicode(text: str) -> bool:
    """Whether a text can be sent: half a surrogate pair has no UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _message(number: int, item: object) -> Message:
    if isinstance(item, Message):
        item = {"role": item.role, "content": item.parts}
    if type(item) is not dict and not isinstance(item, Mapping):
        raise InputError(
            f"message {number} must be a mapping with 'role' and 'content', "
            f"not {type(item).__name__}"
        )
    for key in ("role", "content"):
        if key not in item:
            raise InputError(f"message {number} has no {key!r}")
    role = item["role"]
    if not isinstance(role, str) or role not in _ROLES:
        raise InputError(
            f"message {number} has the unknown role {role!r}; known: {', '.join(_ROLES)}"
        )
    return Message(_ROLES[role], _parts(number, item["content"]))


def _parts(number: int, content: object) -> tuple[Part, ...]:
    if content is None:
        return ()
    if isinstance(content, str):
        return (_text(number, content),)
    if isinstance(content, Sequence) and not isinstance(content, bytes | bytearray):
        return tuple(_part(number, part) for part in content)
    raise InputError(
        f"message {number}: content must be text or a list of parts, not {type(content).__name__}"
    )


def _part(number: int, part: object) -> Part:
    if isinstance(part, Text):
        return _text(number, part.text)
    if isinstance(part, Part):
        return part
    if isinstance(part, Mapping) and part.get("type") == "text":
        return _text(number, part.get("text"))
    kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
    raise InputError(f"message {number}: unknown part {kind!r}; known: 'text'")


def _text(number: int, text: object) -> Text:
    if not isinstance(text, str):
        raise InputError(f"message {number}: a text part needs 'text' as a string")
    if not is_unicode(text):
        raise InputError(
            f"message {number} holds half of a surrogate pair, which no wire can carry"
        )
    return Text(text)
