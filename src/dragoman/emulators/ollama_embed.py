"""Ollama's embeddings: a vector that is a function of the text, so that equal texts are equal.

`/api/embed` takes one text or many and gives unit vectors, cut to `dimensions`; `/api/embeddings`
is its predecessor, for one text.
Source: docs.ollama.com ("Generate embeddings", openapi.yaml), read 2026-11-21.
"""

import math
from hashlib import sha256

from dragoman.emulators.ollama_checks import decode_body, known_model
from dragoman.emulators.ollama_shapes import EMBED, EMBEDDINGS, Refused
from dragoman.emulators.service import Json, Request, words

__all__ = ["embed_reply", "embeddings_reply"]

_DIMENSIONS = 32


def embed_reply(request: Request) -> Json:
    """The answer of `POST /api/embed`."""
    body = decode_body(request, EMBED, "EmbedRequest")
    known_model(body)
    texts = _texts(body.get("input"))
    dimensions = body.get("dimensions") or _DIMENSIONS
    return {
        "model": body["model"],
        "embeddings": [_vector(text, dimensions) for text in texts],
        "total_duration": 6_000_000,
        "load_duration": 5_000_000,
        "prompt_eval_count": sum(len(words(text)) for text in texts),
    }


def embeddings_reply(request: Request) -> Json:
    """The answer of `POST /api/embeddings`; none for an empty prompt, which only loads."""
    body = decode_body(request, EMBEDDINGS, "EmbeddingRequest")
    known_model(body)
    prompt = body.get("prompt") or ""
    return {"embedding": _vector(prompt, _DIMENSIONS) if prompt else []}


def _texts(value: Json) -> list[str]:
    listed = [value] if isinstance(value, str) else value or []
    if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
        raise Refused("invalid input type")
    return [text for text in listed if text or isinstance(value, list)]


def _vector(text: str, dimensions: int) -> list[float]:
    digest = sha256(text.encode()).digest()
    numbers = [byte / 127.5 - 1 for byte in digest][: max(dimensions, 1)]
    length = math.sqrt(sum(number * number for number in numbers)) or 1.0
    return [round(number / length, 7) for number in numbers]
