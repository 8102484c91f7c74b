"""What a reader asks at the page, and the chat that it becomes: checked before anything is kept.

What an earlier answer thought is not sent again, and neither are its calls of tools: nobody here
runs them, and a call without its result is refused by the services. A refusal is sent as the text
that it is. An answer that broke off is sent as far as it came.
Source: RFC 4648 (base64), read 2026-11-21.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from dragoman.call_options import Options, build_chat
from dragoman.chat import ChatRequest
from dragoman.errors import InputError, ResponseStatusError
from dragoman.media import IMAGE_TYPES, decode_base64, encode_base64, sniff
from dragoman.messages import Image, Message, Part, Text, is_unicode
from dragoman.names import full_name, resolve_route
from dragoman.options import decode_options
from dragoman.page.speaking import Ask
from dragoman.routing.route import Route
from dragoman.store.conversations import Conversations
from dragoman.store.rows import Turn

__all__ = [
    "Said",
    "SaidImage",
    "SaidText",
    "Wanted",
    "build",
    "check_options",
    "messages_of",
    "read_parts",
    "title_of",
    "wanted_model",
]

_OPTIONS = frozenset(
    {
        *("temperature", "top_p", "top_k", "max_tokens", "stop", "seed"),
        *("presence_penalty", "frequency_penalty"),
        *("reasoning_effort", "reasoning_budget", "reasoning_summary"),
    }
)
"""The options that make sense on a page that shows one answer to one question."""
_TITLE_CHARS = 60
_IMAGES = "png, jpeg, gif or webp"

_Json = dict[str, Any]


class SaidText(msgspec.Struct, frozen=True, tag_field="type", tag="text"):
    """A text of a user."""

    text: str


class SaidImage(msgspec.Struct, frozen=True, tag_field="type", tag="image"):
    """A picture of a user: base64. What kind it is its bytes say."""

    data: str
    media_type: str = ""


class Said(msgspec.Struct, frozen=True):
    """What a user says: `content` and `pictures` for the store, `parts` for a model."""

    content: list[_Json]
    pictures: list[str]
    parts: tuple[Part, ...]


class Wanted(msgspec.Struct, frozen=True):
    """A model that the caller may ask, by the name that lists have for it."""

    name: str
    route: Route


async def read_parts(parts: Sequence[SaidText | SaidImage]) -> Said:
    """What a user says; `InputError` names the part that cannot be said."""
    # Megabytes of base64 are no work for the loop.
    return await asyncio.to_thread(_read_parts, parts)


def wanted_model(ask: Ask, name: str) -> Wanted:
    """The model or route of a name; an error if there is none, or the caller may not ask it."""
    config = ask.held.config
    route = resolve_route(name, config)
    full = full_name(name, config)
    ask.held.keys.may(ask.caller.key, full)
    return Wanted(full, route)


def check_options(options: Mapping[str, object]) -> dict[str, object]:
    """The options, without those that say nothing; `InputError` names the one that is wrong."""
    for name in options:
        if name not in _OPTIONS:
            known = ", ".join(sorted(_OPTIONS))
            raise InputError(f"options.{name}: the page has {known}", place=f"options.{name}")
    decode_options(options)
    return {name: value for name, value in options.items() if value not in (None, [])}


def build(messages: list[Message], system: str, options: Mapping[str, object]) -> ChatRequest:
    """The chat of some messages; `InputError` names what is wrong with them."""
    if not is_unicode(system):
        raise InputError("system: half a character", place="system")
    asked: Options = {**check_options(options)}  # type: ignore[typeddict-item]  # just checked
    if system.strip():
        asked["system"] = system
    return build_chat("", messages, asked)


async def messages_of(
    mine: Conversations, turns: Sequence[Turn], said: tuple[Part, ...] = ()
) -> list[Message]:
    """A branch as a model is told it, and what is said now."""
    messages: list[Message] = []
    for turn in turns:
        if turn.state == "running":
            words = "the answer before this one is still being written"
            raise ResponseStatusError(words, status=409, code="still_running")
        if turn.role == "user":
            _put(messages, "user", await _asked(mine, turn))
        elif answer := _answered(turn):
            _put(messages, "assistant", (answer,))
    if said:
        _put(messages, "user", said)
    return messages


def title_of(content: Sequence[_Json]) -> str:
    """The first words of what is said; empty if there are none."""
    text = next((part["text"] for part in content if part["type"] == "text"), "")
    words = " ".join(text[: 4 * _TITLE_CHARS].split())
    if len(words) <= _TITLE_CHARS:
        return words
    cut = words[:_TITLE_CHARS]
    return f"{cut.rpartition(' ')[0] or cut}…"


def _read_parts(parts: Sequence[SaidText | SaidImage]) -> Said:
    said = Said([], [], ())
    pieces: list[Part] = []
    for number, part in enumerate(parts):
        place = f"parts[{number}]"
        if isinstance(part, SaidImage):
            pieces.append(_read_image(part, place, said))
        elif part.text.strip():
            if not is_unicode(part.text):
                raise InputError(f"{place}.text: half a character", place=f"{place}.text")
            said.content.append({"type": "text", "text": part.text})
            pieces.append(Text(part.text))
    if not pieces:
        raise InputError("parts: say something, or show a picture", place="parts")
    return msgspec.structs.replace(said, parts=tuple(pieces))


def _read_image(part: SaidImage, place: str, said: Said) -> Image:
    content = decode_base64(part.data)
    media_type = sniff(content) if content else None
    if content is None or media_type not in IMAGE_TYPES:
        where = f"{place}.data"
        raise InputError(f"{where}: this is no picture that can be shown: {_IMAGES}", place=where)
    said.pictures.append(encode_base64(content))
    about = {"media_type": media_type, "bytes": len(content), "piece": len(said.pictures)}
    said.content.append({"type": "image", **about})
    return Image(content=content, media_type=media_type)


async def _asked(mine: Conversations, turn: Turn) -> tuple[Part, ...]:
    parts: list[Part] = []
    for part in turn.content:
        if part["type"] == "image":
            data = await mine.picture(turn.id, part["piece"])
            content = await asyncio.to_thread(decode_base64, data)
            parts.append(Image(content=content, media_type=part["media_type"]))
        else:
            parts.append(Text(part["text"]))
    return tuple(parts)


def _answered(turn: Turn) -> Text | None:
    texts = [part["text"] for part in turn.content if part["type"] in ("text", "refusal")]
    text = "\n\n".join(text for text in texts if text.strip())
    return Text(text) if text else None


def _put(messages: list[Message], role: Any, parts: tuple[Part, ...]) -> None:
    """One message more; two of one side in a row are one, as some services want it."""
    if messages and messages[-1].role == role:
        parts = (*messages.pop().parts, *parts)
    messages.append(Message(role, parts))
