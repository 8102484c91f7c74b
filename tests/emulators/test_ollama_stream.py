"""Ollama's streams, byte by byte."""

import json
from typing import Any

from tests.emulators.wire import Wire, exchange, post_json

from dragoman import emulators

CHAT = {"model": "mock-model", "messages": [{"role": "user", "content": "one two"}]}
GENERATE = {"model": "mock-model", "prompt": "one two"}


async def sent(path: str, body: Any, **scenario: Any) -> Wire:
    async with emulators.run("ollama", scenario=scenario) as emulator:
        return await exchange(emulator.url, post_json(path, body))


async def test_a_chat_stream_to_the_last_byte() -> None:
    """It streams unless it is told not to; the fields stand in the service's order."""
    reply = await sent("/api/chat", CHAT)

    assert reply.headers["content-type"] == "application/x-ndjson"
    assert reply.headers["transfer-encoding"] == "chunked"
    assert reply.text == (
        '{"model":"mock-model","created_at":"2026-11-21T12:00:01.000000Z",'
        '"message":{"role":"assistant","content":"one"},"done":false}\n'
        '{"model":"mock-model","created_at":"2026-11-21T12:00:01.001000Z",'
        '"message":{"role":"assistant","content":" two"},"done":false}\n'
        '{"model":"mock-model","created_at":"2026-11-21T12:00:01.002000Z",'
        '"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",'
        '"total_duration":27000000,"load_duration":5000000,"prompt_eval_count":2,'
        '"prompt_eval_duration":2000000,"eval_count":2,"eval_duration":20000000}\n'
    )


async def test_each_line_is_a_chunk_of_its_own() -> None:
    reply = await sent("/api/chat", CHAT)

    assert [chunk.count(b"\n") for chunk in reply.chunks] == [1, 1, 1]
    assert all(chunk.endswith(b"\n") for chunk in reply.chunks)


async def test_a_generate_stream_has_its_own_fields() -> None:
    lines = [json.loads(line) for line in (await sent("/api/generate", GENERATE)).chunks]

    assert [list(line) for line in lines[:2]] == [["model", "created_at", "response", "done"]] * 2
    assert [line["response"] for line in lines] == ["one", " two", ""]
    assert list(lines[-1])[4:6] == ["done_reason", "context"]


async def test_a_tool_call_stands_in_a_line_of_its_own() -> None:
    calls = [
        {"tool_call": {"name": name, "arguments": {"n": [1, {"a": None}]}}} for name in ("f", "g")
    ]
    lines = [json.loads(line) for line in (await sent("/api/chat", CHAT, answer=calls)).chunks]

    assert [line["message"].get("tool_calls") for line in lines] == [
        [
            {
                "id": f"call_{at + 1}",
                "function": {"index": at, "name": name, "arguments": {"n": [1, {"a": None}]}},
            }
        ]
        for at, name in enumerate(("f", "g"))
    ] + [None]


async def test_an_answer_in_one_piece_is_plain_json() -> None:
    reply = await sent("/api/chat", {**CHAT, "stream": False})

    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert int(reply.headers["content-length"]) == len(reply.body)
    assert reply.json()["message"] == {"role": "assistant", "content": "one two"}


async def test_a_load_is_one_object_even_for_a_stream() -> None:
    reply = await sent("/api/chat", {"model": "mock-model"})

    assert reply.headers["content-type"].startswith("application/json")
    assert reply.json() == {
        "model": "mock-model",
        "created_at": "2026-11-21T12:00:01.000000Z",
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "load",
    }


async def test_an_error_in_the_stream_is_its_last_line() -> None:
    error = {"after_events": 1, "message": "broke down"}
    reply = await sent("/api/chat", CHAT, error_event=error)

    assert reply.chunks[-1] == b'{"error":"broke down"}\n'
    assert (len(reply.chunks), reply.ended) == (2, True)


async def test_signs_are_escaped_as_go_does() -> None:
    reply = await sent("/api/chat", {**CHAT, "stream": False}, answer="<a> & \u2028\u2029 é")

    assert b'"content":"\\u003ca\\u003e \\u0026 \\u2028\\u2029 \xc3\xa9"' in reply.body
    assert reply.json()["message"]["content"] == "<a> & \u2028\u2029 é"


async def test_the_same_requests_get_the_same_bytes() -> None:
    assert (await sent("/api/chat", CHAT)).body == (await sent("/api/chat", CHAT)).body
