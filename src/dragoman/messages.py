"""Messages: who said what, as frozen values.

Callers may write messages as the field does, `{"role": "user", "content": "Hi"}`; inside there is
only `Message`. `dragoman.dialects.openai_chat.message_decoder` makes the one of the other.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from dragoman.native import Native

__all__ = [
    "Audio",
    "Document",
    "Image",
    "Message",
    "Messages",
    "Part",
    "Reasoning",
    "Refusal",
    "Role",
    "Text",
    "ToolCall",
    "ToolResult",
    "is_unicode",
]

Role = Literal["system", "user", "assistant", "tool"]

Messages = Sequence["Message | Mapping[str, Any]"]
"""What callers pass: mappings with `role` and `content`, or `Message` values.

The mappings are those of OpenAI's Chat Completions: `content` is a str or a list of parts of the
types `text`, `image_url`, `input_audio` and `file`; an assistant's may have `tool_calls`, and
`{"role": "tool", "tool_call_id": ...}` is the result of one. `developer` is another word for
`system`. Values of this module may stand in place of any of them.
"""


class Text(msgspec.Struct, frozen=True, tag="text", repr_omit_defaults=True):
    """A piece of text."""

    text: str
    native: Native | None = None


class Refusal(msgspec.Struct, frozen=True, tag="refusal"):
    """What the model said in place of an answer that it declined to give."""

    text: str


class Image(msgspec.Struct, frozen=True, tag="image", repr_omit_defaults=True):
    """A picture: its address, its bytes and their media type, or a file the provider has.

    `detail` is how closely to look: low, high or auto, or a word of the provider's.
    """

    url: str | None = None
    content: bytes | None = None
    media_type: str | None = None
    file_id: str | None = None
    detail: str | None = None
    native: Native | None = None


class Audio(msgspec.Struct, frozen=True, tag="audio", repr_omit_defaults=True):
    """A sound: its bytes and their media type."""

    content: bytes
    media_type: str
    native: Native | None = None


class Document(msgspec.Struct, frozen=True, tag="document", repr_omit_defaults=True):
    """A file to read, a PDF above all: its address, its bytes, or a file the provider has."""

    url: str | None = None
    content: bytes | None = None
    media_type: str | None = None
    file_id: str | None = None
    name: str | None = None
    native: Native | None = None


class Reasoning(msgspec.Struct, frozen=True, tag="reasoning", repr_omit_defaults=True):
    """What a model thought aloud in an earlier turn.

    `signature` is its provider's proof, as `dragoman.dialects.signatures` writes it; it may stand
    without text, where the thought itself is hidden.
    """

    text: str
    signature: str | None = None


class ToolCall(msgspec.Struct, frozen=True, tag="tool_call", repr_omit_defaults=True):
    """A call that the model made; `arguments` is JSON text of an object.

    `signature` is the provider's proof of the thought behind it, if it gave one.
    """

    id: str
    name: str
    arguments: str
    signature: str | None = None
    native: Native | None = None


class ToolResult(msgspec.Struct, frozen=True, tag="tool_result", repr_omit_defaults=True):
    """What a call gave, as text, images and documents: `call_id` names the `ToolCall`."""

    call_id: str
    parts: "tuple[Text | Image | Document | Native, ...]"
    is_error: bool = False
    native: Native | None = None

    @property
    def text(self) -> str:
        """The text parts, joined without a separator."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


Part = Text | Refusal | Image | Audio | Document | Reasoning | ToolCall | ToolResult | Native
"""A `Native` part is one that only its dialect knows."""


class Message(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """One turn of a conversation."""

    role: Role
    parts: tuple[Part, ...]
    native: Native | None = None

    @property
    def text(self) -> str:
        """The text parts, joined without a separator."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


def is_unicode(text: str) -> bool:
    """Whether a text can be sent: half a surrogate pair has no UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
