"""The API dialects as a raw client sees them: a good request to each, and how its reply is read.

The readers here are written for the tests alone and share no code with the emulators.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import pytest
from tests.emulators.wire import PROMPT, Wire, exchange, post_json, request

from dragoman import emulators

MODEL = "mock-model"
USER = {"role": "user", "content": PROMPT}
OPENAI = ("Authorization: Bearer any",)
ANTHROPIC = ("x-api-key: any", "anthropic-version: 2023-06-01")
GEMINI = ("x-goog-api-key: any",)
GEMINI_BODY = {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}


class Api(NamedTuple):
    """One dialect: its requests, and readers of one event's or body's JSON.

    `said` gives the text in an event or "", `refused` the message of an error body or event in the
    dialect's own form; it raises where the form is another.
    """

    name: str
    emulator: str
    framing: Literal["sse", "ndjson"]
    stream: bytes
    whole: bytes
    models: bytes
    said: Callable[[Any], str]
    refused: Callable[[Any], str]
    last_word: str


def _openai_chat(event: Any) -> str:
    choices = event.get("choices") or [{}]
    return choices[0].get("delta", {}).get("content") or ""


def _openai_refused(body: Any) -> str:
    error = body["error"]
    assert {"message", "type", "param", "code"} <= set(error)
    return str(error["message"])


def _responses(event: Any) -> str:
    return event["delta"] if event["type"] == "response.output_text.delta" else ""


def _responses_refused(body: Any) -> str:
    """A body has OpenAI's form; in a stream the event is the error, or a failed response."""
    match body.get("type"):
        case None:
            return _openai_refused(body)
        case "error":
            assert {"code", "message", "param", "sequence_number"} <= set(body)
            return str(body["message"])
        case "response.failed":
            assert {"code", "message"} <= set(body["response"]["error"])
            return str(body["response"]["error"]["message"])
    raise AssertionError(body)


def _anthropic(event: Any) -> str:
    return event["delta"].get("text", "") if event["type"] == "content_block_delta" else ""


def _anthropic_refused(body: Any) -> str:
    assert body["type"] == "error"
    kind = body["error"]["type"]
    assert kind.endswith("_error") or kind == "request_too_large"
    return str(body["error"]["message"])


def _gemini(event: Any) -> str:
    content = (event.get("candidates") or [{}])[0].get("content", {})
    return "".join(part.get("text", "") for part in content.get("parts", ()))


def _gemini_refused(body: Any) -> str:
    error = body["error"]
    assert isinstance(error["code"], int)
    assert error["status"].isupper()
    return str(error["message"])


def _ollama(event: Any) -> str:
    return event["message"]["content"] if "message" in event else ""


def _ollama_refused(body: Any) -> str:
    assert list(body) == ["error"]
    return str(body["error"])


def _openai(path: str, **body: Any) -> tuple[bytes, bytes]:
    fields = {"model": MODEL, **body}
    return (
        post_json(path, {**fields, "stream": True}, *OPENAI),
        post_json(path, fields, *OPENAI),
    )


_CHAT = {"model": MODEL, "messages": [USER]}
_MESSAGE = {**_CHAT, "max_tokens": 100}

APIS = [
    Api(
        "openai chat",
        "openai",
        "sse",
        *_openai("/v1/chat/completions", messages=[USER]),
        request("GET", "/v1/models", *OPENAI),
        _openai_chat,
        _openai_refused,
        "[DONE]",
    ),
    Api(
        "openai responses",
        "openai",
        "sse",
        *_openai("/v1/responses", input=PROMPT),
        request("GET", "/v1/models", *OPENAI),
        _responses,
        _responses_refused,
        "response.completed",
    ),
    Api(
        "anthropic",
        "anthropic",
        "sse",
        post_json("/v1/messages", {**_MESSAGE, "stream": True}, *ANTHROPIC),
        post_json("/v1/messages", _MESSAGE, *ANTHROPIC),
        request("GET", "/v1/models", *ANTHROPIC),
        _anthropic,
        _anthropic_refused,
        "message_stop",
    ),
    Api(
        "gemini",
        "gemini",
        "sse",
        post_json(f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse", GEMINI_BODY, *GEMINI),
        post_json(f"/v1beta/models/{MODEL}:generateContent", GEMINI_BODY, *GEMINI),
        request("GET", "/v1beta/models", *GEMINI),
        _gemini,
        _gemini_refused,
        '"finishReason":"STOP"',
    ),
    Api(
        "ollama",
        "ollama",
        "ndjson",
        post_json("/api/chat", _CHAT),
        post_json("/api/chat", {**_CHAT, "stream": False}),
        request("GET", "/api/tags"),
        _ollama,
        _ollama_refused,
        '"done":true',
    ),
]

each_api = pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)


def payloads(api: Api, text: str) -> list[str]:
    """The JSON texts of a stream, by the rules of its framing: what is noise is passed over."""
    if api.framing == "ndjson":
        return [line for line in re.split(r"\r\n|\n|\r", text) if line]
    found: list[str] = []
    data: list[str] = []
    for line in re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff")):
        name, _, value = line.partition(":")
        if name == "data":
            data.append(value.removeprefix(" "))
        elif not line and "".join(data):
            found.append("\n".join(data))
        data = data if line else []
    return found


def said(api: Api, text: str) -> str:
    """The text of an answer that streams."""
    events = [each for each in payloads(api, text) if each != "[DONE]"]
    return "".join(api.said(json.loads(event)) for event in events)


async def asked(api: Api, sent: bytes | None = None, /, **scenario: Any) -> Wire:
    async with emulators.run(api.emulator, scenario=scenario) as emulator:
        return await exchange(emulator.url, sent or api.stream)


def with_text(api: Api, reply: Wire) -> list[int]:
    """The numbers, from 0, of the events that have text."""
    return [at for at, chunk in enumerate(reply.chunks) if said(api, chunk.decode())]


def payload(api: Api, event: bytes) -> bytes:
    """What one event has for JSON, be it as bad as it may."""
    if api.framing == "ndjson":
        return event.rstrip(b"\n")
    return next(line[6:] for line in event.split(b"\n") if line.startswith(b"data: "))
