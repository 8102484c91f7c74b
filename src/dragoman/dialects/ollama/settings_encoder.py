"""What chat and generate have in common in a request: options, `think`, `format`, `logprobs`.

Source: docs.ollama.com ("Chat", "Generate", "Thinking", "Structured outputs", openapi.yaml), read
2026-11-21.
"""

from collections.abc import Mapping

from dragoman.chat import ChatRequest
from dragoman.dialects.ollama.tables import OPTIONS, OPTIONS_PREFIX
from dragoman.dialects.ollama.thinking import encode_think
from dragoman.errors import InputError
from dragoman.media import IMAGE_TYPES, encode_base64, sniff
from dragoman.messages import Image
from dragoman.tools import JsonSchema

__all__ = ["encode_image", "encode_settings", "put_back"]


def encode_settings(chat: ChatRequest, dialect: str) -> dict[str, object]:
    """The fields of a request besides the conversation, with the dialect's own put back."""
    own = chat.native.of(dialect) if chat.native is not None else {}
    body: dict[str, object] = {"model": chat.model, "stream": chat.stream}
    options = {
        theirs: value
        for ours, theirs in OPTIONS.items()
        if (value := getattr(chat, ours)) is not None
    }
    if options:
        body["options"] = options
    if chat.output is not None:
        body["format"] = chat.output.schema if isinstance(chat.output, JsonSchema) else "json"
    if chat.logprobs is not None:
        body["logprobs"] = True
        if chat.logprobs:
            body["top_logprobs"] = chat.logprobs
    put_back(body, own, OPTIONS_PREFIX)
    think = encode_think(chat, body.pop("think", None))
    return body if think is None else {**body, "think": think}


def put_back(target: dict[str, object], own: Mapping[str, object], prefix: str) -> None:
    """Put a dialect's own fields where they were: those named with the prefix one object deeper.

    There what a chat itself asks for stays as it is.
    """
    outer = prefix.removesuffix(".")
    for name, value in own.items():
        if not name.startswith(prefix):
            target[name] = value
            continue
        inner = target.get(outer)
        under = inner if isinstance(inner, dict) else {}
        target[outer] = {name.removeprefix(prefix): value, **under}


def encode_image(image: Image, place: str) -> str:
    """The bytes in base64; `InputError` if there are none, or of a kind that few models take."""
    if image.content is None:
        raise InputError(f"{place}: the service takes the bytes of an image only", place=place)
    kind = sniff(image.content) or image.media_type
    if kind not in IMAGE_TYPES:
        known = ", ".join(sorted(IMAGE_TYPES))
        raise InputError(f"{place}: an image of type {kind}; known: {known}", place=place)
    return encode_base64(image.content)
