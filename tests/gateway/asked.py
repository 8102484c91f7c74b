"""A question and an answer as every official SDK has them, and the forms of a question's turns."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

__all__ = [
    "ROLES",
    "SCHEMA",
    "Asked",
    "Said",
    "block",
    "data_url",
    "input_image",
    "question",
    "turns_of",
]

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question: `turns` are the user's and the model's by turns, `image` is a PNG at the last."""

    turns: tuple[str, ...]
    system: str = ""
    image: bytes = b""
    schema: Mapping[str, Any] | None = None
    limit: int = 99


class Said(msgspec.Struct, frozen=True):
    """An answer: its text, the face's word for why it ended, tokens in and out."""

    text: str
    finish: str | None
    read: int | None
    written: int | None


ROLES: Mapping[str, Sequence[str]] = {
    name: ("user", name, "user", name, "user") for name in ("assistant", "model")
}


def question(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def turns_of(asked: Asked, model: str, part: Any) -> list[Any]:
    """The turns as messages; `part` makes the parts of a text and an image."""
    turns: list[Any] = [
        {"role": role, "content": text}
        for role, text in zip(ROLES[model], asked.turns, strict=False)
    ]
    if asked.image:
        turns[-1]["content"] = part(turns[-1]["content"], base64.b64encode(asked.image).decode())
    return turns


def data_url(text: str, image: str) -> list[Any]:
    url = {"url": f"data:image/png;base64,{image}"}
    return [{"type": "text", "text": text}, {"type": "image_url", "image_url": url}]


def input_image(text: str, image: str) -> list[Any]:
    url = f"data:image/png;base64,{image}"
    return [
        {"type": "input_text", "text": text},
        {"type": "input_image", "image_url": url, "detail": "auto"},
    ]


def block(text: str, image: str) -> list[Any]:
    source = {"type": "base64", "media_type": "image/png", "data": image}
    return [{"type": "text", "text": text}, {"type": "image", "source": source}]
