"""Pieces of an answer that only Ollama has words for.

    images    pictures in a chat's answer, in base64
    image     the picture that a generate request drew
    context   a generate answer's tokens, for the next request

Each is a `Native` piece with the name of its field as its type. Sent back in a later request they
change nothing that is asked, but for the pictures.
Source: docs.ollama.com (openapi.yaml) and the types of the package ollama 0.6.3, read 2026-11-21.
"""

from collections.abc import Mapping

from dragoman.native import Native

__all__ = ["CONTEXT", "IMAGE", "IMAGES", "piece", "piece_of"]

IMAGES = "images"
IMAGE = "image"
CONTEXT = "context"
_HINTS = frozenset({CONTEXT})


def piece(dialect: str, kind: str, value: object) -> Native:
    """A piece of an answer."""
    return Native(dialect, {"type": kind, kind: value}, _HINTS)


def piece_of(native: Native, dialect: str) -> Mapping[str, object]:
    """The field that a piece of this dialect's is, by its name; none of another's."""
    fields = native.of(dialect)
    return {name: value for name, value in fields.items() if name in {IMAGES, IMAGE, CONTEXT}}
