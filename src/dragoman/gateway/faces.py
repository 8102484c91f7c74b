"""The faces: where each dialect is spoken, and how a request's address says model and streaming.

A face is a row. What it says, its errors included, is its dialect's.
Sources: the API references of OpenAI, Anthropic, Google and Ollama, read 2026-11-21.
"""

import re
from collections.abc import Callable, Mapping

import msgspec

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Dialect, Stamp, StreamEncoder
from dragoman.dialects.gemini import ArrayEncoder
from dragoman.dialects.table import load_dialect

__all__ = ["FACES", "Address", "Face", "find_face"]


class Address(msgspec.Struct, frozen=True):
    """What the address of a request says: the model, if it stands there, and whether to stream."""

    model: str = ""
    stream: bool | None = None
    array: bool = False
    """Whether a stream is a JSON list in pieces, as Gemini's is without `alt=sse`."""


class Face(msgspec.Struct, frozen=True, kw_only=True):
    """One place where a dialect is spoken. `path` is a pattern with groups `model` and `verb`."""

    name: str
    dialect: str
    path: str

    @property
    def streams_unasked(self) -> bool:
        """Whether a request that does not say it is to be streamed."""
        return self.dialect.startswith("ollama")

    @property
    def speech(self) -> Dialect:
        """The dialect that is spoken here."""
        return load_dialect(self.dialect)

    def encoder(self, chat: ChatRequest, stamp: Stamp, address: Address) -> StreamEncoder:
        """The encoder of one streamed answer."""
        if address.array:
            return ArrayEncoder(chat, stamp)
        return self.speech.encoder(chat, stamp)

    def media_type(self, address: Address) -> str:
        """The media type of a stream."""
        return "application/json" if address.array else self.speech.media_type


FACES: tuple[Face, ...] = (
    Face(name="chat", dialect="openai_chat", path="/v1/chat/completions"),
    Face(name="responses", dialect="openai_responses", path="/v1/responses"),
    Face(name="messages", dialect="anthropic_messages", path="/v1/messages"),
    Face(
        name="gemini",
        dialect="gemini",
        path=r"/v1(?:beta)?/models/(?P<model>.+):(?P<verb>generateContent|streamGenerateContent)",
    ),
    Face(name="ollama", dialect="ollama", path="/api/chat"),
    Face(name="generate", dialect="ollama_generate", path="/api/generate"),
)
"""Every face that answers chats; printed in the docs."""

_PLAIN: Mapping[str, Face] = {face.path: face for face in FACES if "(" not in face.path}
_PATTERNS = tuple((re.compile(face.path, re.DOTALL), face) for face in FACES if "(" in face.path)


def find_face(path: str, query: Callable[[], Mapping[str, str]]) -> tuple[Face, Address] | None:
    """The face at a path and what the address says; `query` is asked only where it matters."""
    face = _PLAIN.get(path)
    if face is not None:
        return face, Address()
    for pattern, face in _PATTERNS:
        match = pattern.fullmatch(path)
        if match is not None:
            stream = match["verb"] == "streamGenerateContent"
            array = stream and query().get("alt") != "sse"
            return face, Address(match["model"], stream, array)
    return None
