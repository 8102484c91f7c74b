"""What Gemini tells of its models, counts of tokens, and embeddings.

Tokens are words here. An embedding is made of a text's hash: the same text has the same one.
Source: the REST references of Model, models.countTokens and models.embedContent, read 2026-11-21.
"""

import hashlib
import math
import struct

from dragoman.emulators.gemini_contents import check_contents, text_of
from dragoman.emulators.gemini_errors import Violation, WrongRequestError
from dragoman.emulators.gemini_json import read_message
from dragoman.emulators.service import Json, Request, words

__all__ = ["batch_embeddings", "count_tokens", "embedding", "model", "models"]

MISSING = "missing-model"
_MODELS = {
    "mock-model": "Mock Model",
    "mock-large": "Mock Large",
    "gemini-2.5-flash": "Gemini 2.5 Flash",
    "gemini-3-pro-preview": "Gemini 3 Pro Preview",
    "gemini-embedding-001": "Gemini Embedding 001",
}
_PAGE = 50
_MOST_A_PAGE = 1000
_DIMENSIONS = 3072


def models(request: Request) -> dict[str, Json]:
    """A page of the list; `pageSize` and `pageToken` as the service has them."""
    size = min(_number(request, "pageSize", _PAGE) or _PAGE, _MOST_A_PAGE)
    start = _number(request, "pageToken", 0)
    names = list(_MODELS)
    page: dict[str, Json] = {"models": [_shown(name) for name in names[start : start + size]]}
    if start + size < len(names):
        page["nextPageToken"] = str(start + size)
    return page


def model(name: str, version: str) -> dict[str, Json]:
    """One model; every name is one but `missing-model`.

    Raises:
        WrongRequestError: there is no such model.
    """
    if name == MISSING:
        raise WrongRequestError(
            f"models/{name} is not found for API version {version}, or is not supported for "
            "generateContent. Call ModelService.ListModels to see the list of available models "
            "and their supported methods.",
            status=404,
        )
    return _shown(name)


def count_tokens(body: Json) -> dict[str, Json]:
    """How many tokens the contents of a request have."""
    counted = read_message(body, "CountTokensRequest")
    if ("contents" in counted) == ("generateContentRequest" in counted):
        raise WrongRequestError(
            "Exactly one of contents and generate_content_request must be specified."
        )
    inner = counted.get("generateContentRequest", counted)
    contents = inner.get("contents", [])
    check_contents(contents)
    system = [inner["systemInstruction"]] if "systemInstruction" in inner else []
    tokens = sum(len(words(text_of(content))) for content in [*system, *contents])
    details = [{"modality": "TEXT", "tokenCount": tokens}]
    return {"totalTokens": tokens, "promptTokensDetails": details}


def embedding(body: Json) -> dict[str, Json]:
    """The embedding of one content."""
    return {"embedding": _embedded(read_message(body, "EmbedContentRequest"), "content")}


def batch_embeddings(body: Json, name: str) -> dict[str, Json]:
    """The embeddings of several contents; each names the same model as the address does."""
    requests = read_message(body, "BatchEmbedContentsRequest").get("requests", [])
    if not requests:
        raise _wrong("requests", "requests is not specified")
    for at, one in enumerate(requests):
        if one.get("model") != f"models/{name}":
            raise _wrong(f"requests[{at}].model", f"must be models/{name}, as in the address")
    embedded = [_embedded(one, f"requests[{at}].content") for at, one in enumerate(requests)]
    return {"embeddings": embedded}


def _wrong(path: str, what: str) -> WrongRequestError:
    return WrongRequestError(f"* {path}: {what}\n", violations=(Violation(path, what),))


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    if text and not text.isdecimal():
        raise _wrong(name, "must be a number that the service gave")
    return int(text) if text else default


def _shown(name: str) -> dict[str, Json]:
    embeds = "embedding" in name
    chats = ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"]
    shown: dict[str, Json] = {
        "name": f"models/{name}",
        "version": "001",
        "displayName": _MODELS.get(name, name),
        "description": "A model of an emulator: it says what it is told to.",
        "inputTokenLimit": 2048 if embeds else 1048576,
        "outputTokenLimit": 1 if embeds else 65536,
        "supportedGenerationMethods": ["embedContent", "countTokens"] if embeds else chats,
    }
    if embeds:
        return shown
    return shown | {
        "temperature": 1,
        "topP": 0.95,
        "topK": 64,
        "maxTemperature": 2,
        "thinking": True,
    }


def _embedded(request: dict[str, Json], path: str) -> dict[str, Json]:
    content = request.get("content", {})
    parts = content.get("parts", [])
    if not any(part.get("text") or "inlineData" in part for part in parts):
        raise _wrong(path, "content is empty")
    size = request.get("outputDimensionality", _DIMENSIONS)
    if not 1 <= size <= _DIMENSIONS:
        raise _wrong(path, f"output_dimensionality must be in the range [1, {_DIMENSIONS}]")
    seed = b"".join(
        part["text"].encode() if "text" in part else part["inlineData"].get("data", b"")
        for part in parts
    )
    return {"values": _vector(seed, size)}


def _vector(seed: bytes, size: int) -> list[float]:
    """Numbers of length one together."""
    raw = struct.unpack(f"<{size}h", hashlib.shake_128(seed).digest(2 * size))
    length = math.hypot(*raw) or 1.0
    return [round(number / length, 8) for number in raw]
