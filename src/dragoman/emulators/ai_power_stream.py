"""AI Power's event streams: the relayed answer, its own events, its errors dressed as answers.

Rule: pure; each function gives the pieces of one row in order, each piece the bytes that the
server flushes at once. Nothing here knows what was sent before it.
Source: AI Power plugin 1.8.79-1.9.18, streams observed 2026-11-21.
"""

import json
from collections.abc import Iterable
from typing import Literal

import msgspec

from dragoman.emulators.ai_power_replies import php_json
from dragoman.emulators.ai_power_texts import Texts

__all__ = [
    "STREAM_HEADERS",
    "STREAM_TYPE",
    "THREAD_ID",
    "Ending",
    "Refusal",
    "assistant_error",
    "assistant_stream",
    "error_as_content",
    "error_object",
    "glued_error",
    "refusal_event",
    "refusal_text",
    "relayed",
    "relayed_end",
    "relayed_words",
]

STREAM_TYPE = "text/event-stream;charset=UTF-8"
STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

THREAD_ID = "thread_emulated"

Ending = Literal["stop", "limited"]
Refusal = Literal["tokenLimitReached", "messageFlagged", "ipBanned", "modflag", "pineconeError"]

_MODEL = "gpt-4o-mini-2024-07-18"
_STOP = b'data: {"choices":[{"finish_reason":"stop"}]}\n\n'
_DONE = b"data: [DONE]\n\n"


def relayed(words: Iterable[str]) -> list[bytes]:
    """A whole answer as the model's API sends it: words, finish reason, end mark."""
    return [*relayed_words(words), *relayed_end()]


def relayed_words(words: Iterable[str]) -> list[bytes]:
    """The words, an event each; Azure's filter event, without a choice, stands before the first.

    It is in one piece with the first word, so that n pieces are n words.
    """
    pieces = [_chunk([_choice({"content": word}, None)]) for word in words]
    return [_chunk([]) + pieces[0], *pieces[1:]] if pieces else []


def relayed_end(finish_reason: str = "stop") -> list[bytes]:
    """The finish reason and the end mark."""
    return [_chunk([_choice({}, finish_reason)]), _DONE]


def error_object(message: str, code: str | None = None) -> bytes:
    """An upstream error inside its stream; nothing follows it."""
    error = {"message": message, "type": "server_error", "param": None, "code": code}
    return _data({"error": error})


def error_as_content(message: str, *, ending: Ending = "stop") -> list[bytes]:
    """An upstream failure as the plugin sends it: word by word, in the dress of an answer.

    The words are not escaped, so a quote, a backslash or a newline breaks its event. With "stop"
    the whole error comes twice, since WordPress repeats the upstream call; "limited" is the end
    of an exception.
    """
    words = [_word(word, number) for number, word in enumerate(message.split(" "))]
    if ending == "limited":
        return [*words, b"event: message\ndata: [LIMITED]\n\n"]
    return [*words, _STOP] * 2


def glued_error(message: str, *, final_newline: bool = False) -> list[bytes]:
    """An upstream error that came in several chunks: its raw JSON, then all of it in one event.

    Without `final_newline` the event's mark sticks to the JSON (`}event: message`) and is lost.
    """
    raw = json.dumps({"error": {"message": message, "code": "429"}}, indent=2).encode()
    half = len(raw) // 2
    last = raw[half:] + (b"\n" if final_newline else b"")
    return [raw[:half], last, _word(message, 0), _STOP]


def refusal_event(kind: Refusal, texts: Texts) -> bytes:
    """The plugin's own refusal; after all but the quota the model's answer comes anyway."""
    return b"data: " + php_json({"msg": refusal_text(kind, texts), kind: True}) + b"\n\n"


def refusal_text(kind: Refusal, texts: Texts) -> str:
    """What a refusal says."""
    return {
        "tokenLimitReached": texts.limit_reached,
        "messageFlagged": texts.flagged,
        "ipBanned": texts.ip_banned,
        "modflag": texts.moderated,
        "pineconeError": texts.pinecone_failed,
    }[kind]


def assistant_stream(words: Iterable[str]) -> list[bytes]:
    """An answer of an OpenAI assistant: its thread, deltas, the whole message, the end."""
    words = list(words)
    deltas = [_event("thread.message.delta", _message("delta", word)) for word in words]
    completed = _event("thread.message.completed", _message("completed", "".join(words)))
    events = [*deltas, completed, _event("done", "[DONE]")]
    return [_event("thread_id", THREAD_ID) + events[0], *events[1:]]


def assistant_error(message: str) -> list[bytes]:
    """A failure of an OpenAI assistant, with its empty end."""
    error = json.dumps({"status": "error", "msg": message})
    return [_event("thread_id", THREAD_ID), _event("assistant_error", error), _event("done", "")]


def _message(kind: Literal["delta", "completed"], text: str) -> str:
    content = [{"index": 0, "type": "text", "text": {"value": text, "annotations": []}}]
    if kind == "delta":
        message = {"object": "thread.message.delta", "delta": {"content": content}}
        return _compact({"id": "msg_emulated", **message})
    return _compact({"id": "msg_emulated", "object": "thread.message", "content": content})


def _word(word: str, number: int) -> bytes:
    content = word if number == 0 else f" {word}"
    return (
        f'event: message\ndata: {{"choices":[{{"delta":{{"content":"{content}"}}}}]}}\n\n'.encode()
    )


def _choice(delta: dict[str, str], finish_reason: str | None) -> dict[str, object]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _chunk(choices: list[dict[str, object]]) -> bytes:
    return _data(
        {
            "id": "chatcmpl-emulated",
            "object": "chat.completion.chunk",
            "created": 1732147200,
            "model": _MODEL,
            "choices": choices,
        }
    )


def _data(value: object) -> bytes:
    return f"data: {_compact(value)}\n\n".encode()


def _event(name: str, data: str) -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()


def _compact(value: object) -> str:
    return msgspec.json.encode(value).decode()
