"""One event of FakeGPT's stream: the few fields that matter, however odd the rest is.

Events that are as they should be are decoded to typed values at once. One that has a wrong type
somewhere, a NaN or half a surrogate pair is read again by the patient way, which takes what it can;
what is no JSON object at all is None.
Source: captures of such streams of May 2023, December 2023 and January 2024, read 2026-11-21.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["Message", "StreamEvent", "decode_event"]


class _Author(msgspec.Struct, frozen=True):
    role: str = ""


class _Content(msgspec.Struct, frozen=True):
    content_type: str = ""
    # A JSON edge: later servers put objects beside the texts.
    parts: list[Any] | None = None


class _FinishDetails(msgspec.Struct, frozen=True):
    type: str | None = None


class _Metadata(msgspec.Struct, frozen=True):
    finish_details: _FinishDetails | None = None
    is_complete: bool | None = None
    model_slug: str | None = None


class Message(msgspec.Struct, frozen=True):
    """A message as far as it has come. `end_turn` that is absent is not the same as null."""

    id: str | None = None
    author: _Author | None = None
    content: _Content | None = None
    status: str | None = None
    end_turn: bool | msgspec.UnsetType | None = msgspec.UNSET
    recipient: str | None = None
    metadata: _Metadata | None = None

    @property
    def is_for_the_reader(self) -> bool:
        """Whether the assistant says it, and to nobody else."""
        author = self.author
        return (
            author is not None
            and author.role == "assistant"
            and (self.recipient is None or self.recipient == "all")
        )

    @property
    def text(self) -> str | None:
        """The whole text so far; None if the content is something else."""
        content = self.content
        if content is None or content.content_type != "text" or not content.parts:
            return None
        first = content.parts[0]
        return first if isinstance(first, str) else None

    @property
    def ends_the_turn(self) -> bool:
        """Whether the answer ends here; later servers left `end_turn` out."""
        if self.end_turn is not msgspec.UNSET:
            return self.end_turn is True
        if self.status == "finished_successfully":
            return True
        return self.metadata is not None and self.metadata.is_complete is True

    @property
    def finish_type(self) -> str | None:
        """Why it ended, in the service's word; also said in mid-answer."""
        details = self.metadata.finish_details if self.metadata else None
        return details.type if details else None


class _Moderation(msgspec.Struct, frozen=True):
    blocked: bool | None = None


class StreamEvent(msgspec.Struct, frozen=True):
    """One event. `o` and `v` are the fields of a patch, in which a later dialect speaks."""

    message: Message | None = None
    # A JSON edge: a text, an object, or nothing.
    error: Any = None
    moderation_response: _Moderation | None = None
    o: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    v: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET

    @property
    def is_blocked(self) -> bool:
        """Whether the moderation took the answer away."""
        return self.moderation_response is not None and self.moderation_response.blocked is True

    @property
    def is_patch(self) -> bool:
        """Whether it says how to change a message, and not what the message is."""
        return self.message is None and not (self.o is self.v is msgspec.UNSET)


_EVENT = msgspec.json.Decoder(StreamEvent)


def decode_event(text: bytes) -> StreamEvent | None:
    """One event's data; None if it is no JSON object."""
    try:
        return _EVENT.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        value = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    moderation = value.get("moderation_response")
    return StreamEvent(
        message=_message(value.get("message")),
        error=value.get("error"),
        moderation_response=_Moderation(
            isinstance(moderation, dict) and moderation.get("blocked") is True
        ),
        o=_present(value, "o"),
        v=_present(value, "v"),
    )


def _present(value: Mapping[str, object], name: str) -> msgspec.Raw | msgspec.UnsetType:
    return msgspec.Raw(b"null") if name in value else msgspec.UNSET


def _message(value: object) -> Message | None:
    if not isinstance(value, dict):
        return None
    content, metadata = _dict(value.get("content")), _dict(value.get("metadata"))
    parts = content.get("parts")
    end_turn = value.get("end_turn", msgspec.UNSET)
    return Message(
        id=_text(value.get("id")),
        author=_Author(_text(_dict(value.get("author")).get("role")) or ""),
        content=_Content(
            _text(content.get("content_type")) or "",
            [_text(part) for part in parts[:1]] if isinstance(parts, list) else None,
        ),
        status=_text(value.get("status")),
        end_turn=end_turn if isinstance(end_turn, bool | msgspec.UnsetType) else None,
        recipient=_recipient(value.get("recipient")),
        metadata=_Metadata(
            _FinishDetails(_text(_dict(metadata.get("finish_details")).get("type"))),
            metadata.get("is_complete") is True,
            _text(metadata.get("model_slug")),
        ),
    )


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    """A text, without halves of surrogate pairs: nobody could encode those."""
    if not isinstance(value, str):
        return None
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _recipient(value: object) -> str | None:
    # What is neither absent nor a text is nobody that a reader could be.
    return None if value is None else _text(value) or "?"
