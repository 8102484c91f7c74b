"""Gemini's far side byte by byte: events, the list in pieces, keys, paths, both spellings."""

import json
from typing import Any, NamedTuple

import pytest
from tests.emulators.wire import Wire, exchange, post_json, request

from dragoman import emulators
from dragoman.emulators.gemini_signatures import signature

KEY = "x-goog-api-key: any"
WHOLE = "/v1beta/models/mock-model:generateContent"
STREAM = "/v1beta/models/mock-model:streamGenerateContent"
THOUGHTFUL = [
    {"reasoning": "hm"},
    {"text": "Hi"},
    {"tool_call": {"name": "weather", "arguments": {"town": "Brest"}}},
    {"tool_call": {"name": "time"}},
]


def body(text: str = "one two", **fields: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [{"text": text}]}], **fields}


async def ask(url: str, target: str = WHOLE, value: Any = None, *headers: str) -> Wire:
    return await exchange(url, post_json(target, value or body(), *(headers or (KEY,))))


def sse_events(text: str) -> list[Any]:
    return [json.loads(event.removeprefix("data: ")) for event in text.split("\r\n\r\n") if event]


async def test_events_end_as_the_services_own_do() -> None:
    async with emulators.run("gemini") as emulator:
        reply = await ask(emulator.url, f"{STREAM}?alt=sse")

        assert reply.headers["content-type"] == "text/event-stream"
        assert reply.ended
        first, second = sse_events(reply.text)
        assert reply.text.count("\n") == reply.text.count("\r\n") == 4
        assert first == {
            "candidates": [{"content": {"parts": [{"text": "one"}], "role": "model"}, "index": 0}],
            "usageMetadata": {
                "promptTokenCount": 2,
                "totalTokenCount": 2,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 2}],
            },
            "modelVersion": "mock-model",
            "responseId": "response-1",
        }
        assert second["candidates"][0]["finishReason"] == "STOP"
        assert second["usageMetadata"]["candidatesTokenCount"] == 2
        assert second["responseId"] == first["responseId"]


async def test_line_ends_can_be_plain() -> None:
    async with emulators.run("gemini", scenario={"line_ends": "\n"}) as emulator:
        assert "\r" not in (await ask(emulator.url, f"{STREAM}?alt=sse")).text


async def test_a_stream_has_thoughts_text_and_whole_calls_in_order() -> None:
    async with emulators.run("gemini", scenario={"answer": THOUGHTFUL}) as emulator:
        events = sse_events((await ask(emulator.url, f"{STREAM}?alt=sse")).text)

        call = {"id": "call_1", "name": "weather", "args": {"town": "Brest"}}
        assert [event["candidates"][0]["content"]["parts"] for event in events] == [
            [{"text": "hm", "thought": True}],
            [{"text": "Hi"}],
            [{"functionCall": call, "thoughtSignature": signature("hm", call)}],
            [{"functionCall": {"id": "call_2", "name": "time", "args": {}}}],
        ]
        reasons = [event["candidates"][0].get("finishReason") for event in events]
        assert reasons == [None, None, None, "STOP"]


async def test_a_signature_without_calls_comes_last_with_an_empty_text() -> None:
    answer = [{"reasoning": "hm"}, {"text": "Hi"}]
    async with emulators.run("gemini", scenario={"answer": answer}) as emulator:
        events = sse_events((await ask(emulator.url, f"{STREAM}?alt=sse")).text)
        whole = (await ask(emulator.url)).json()

        last = events[-1]["candidates"][0]
        assert last["content"]["parts"] == [{"text": "", "thoughtSignature": signature("hm")}]
        assert [event["candidates"][0].get("finishReason") for event in events] == [
            None,
            None,
            "STOP",
        ]
        assert whole["candidates"][0]["content"]["parts"] == [
            {"text": "hm", "thought": True},
            {"text": "Hi", "thoughtSignature": signature("hm")},
        ]


SILENT: list[Any] = [
    {"answer": []},
    {"answer": [{"text": ""}]},
    {"answer": [{"finish_reason": "stop"}]},
]


@pytest.mark.parametrize("scenario", SILENT)
async def test_an_answer_without_a_word_has_its_end(scenario: dict[str, Any]) -> None:
    async with emulators.run("gemini", scenario=scenario) as emulator:
        (event,) = sse_events((await ask(emulator.url, f"{STREAM}?alt=sse")).text)
        whole = (await ask(emulator.url)).json()

        for reply in (event, whole):
            (candidate,) = reply["candidates"]
            assert candidate["finishReason"] == "STOP"
            assert candidate["content"]["role"] == "model"


async def test_an_end_without_a_word_may_have_log_probabilities() -> None:
    value = body(generationConfig={"responseLogprobs": True})
    async with emulators.run("gemini") as emulator:
        plain = (await ask(emulator.url, WHOLE, value)).json()["candidates"][0]
        emulator.scenario(answer=[])
        silent = (await ask(emulator.url, WHOLE, value)).json()["candidates"][0]

        assert "topCandidates" not in plain["logprobsResult"]
        assert "logprobsResult" not in silent


async def test_a_refusal_without_a_word_blocks_too() -> None:
    async with emulators.run("gemini", scenario={"answer": [{"refusal": ""}]}) as emulator:
        reply = (await ask(emulator.url)).json()

        assert reply["promptFeedback"]["blockReason"] == "SAFETY"
        assert "candidates" not in reply


async def test_what_the_results_of_calls_say_is_echoed() -> None:
    call = {"functionCall": {"name": "a", "args": {}}}
    said = [{"error": "none"}, {"degrees": 4}]
    results = [{"functionResponse": {"name": "a", "response": one}} for one in said]
    contents = [
        {"role": "user", "parts": [{"text": "hi"}]},
        {"role": "model", "parts": [call, call]},
        {"role": "user", "parts": [*results, {"text": "well?"}]},
    ]
    async with emulators.run("gemini") as emulator:
        reply = (await ask(emulator.url, WHOLE, {"contents": contents})).json()

        text = reply["candidates"][0]["content"]["parts"][0]["text"]
        assert text == 'none\n{"degrees":4}\nwell?'


async def test_a_filtered_answer_ends_without_content() -> None:
    answer = [{"text": "so"}, {"finish_reason": "content_filter"}]
    async with emulators.run("gemini", scenario={"answer": answer}) as emulator:
        events = sse_events((await ask(emulator.url, f"{STREAM}?alt=sse")).text)

        last = events[-1]["candidates"][0]
        assert (len(events), last["finishReason"], "content" in last) == (2, "SAFETY", False)
        assert last["safetyRatings"][0]["blocked"] is True


async def test_without_sse_a_list_comes_in_pieces() -> None:
    async with emulators.run("gemini") as emulator:
        reply = await ask(emulator.url, STREAM)

        assert reply.headers["content-type"] == "application/json; charset=UTF-8"
        first, second, end = reply.chunks
        assert (first[:4], first[-3:]) == (b"[{\n ", b"\n}\n")
        assert (second[:4], second[-3:], end) == (b",\r\n{", b"\n}\n", b"]")
        texts = [one["candidates"][0]["content"]["parts"][0]["text"] for one in reply.json()]
        assert texts == ["one", " two"]


async def test_an_error_in_the_list_is_its_last_element() -> None:
    scenario = {"error_event": {"after_events": 1, "code": "unavailable", "message": "overloaded"}}
    async with emulators.run("gemini", scenario=scenario) as emulator:
        first, second = (await ask(emulator.url, STREAM)).json()

        assert "candidates" in first
        error = {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}
        assert second == {"error": error}


async def test_a_list_can_be_cut_and_spoilt() -> None:
    async with emulators.run("gemini", scenario={"cut": {"after_events": 1}}) as emulator:
        cut = await ask(emulator.url, STREAM)
        emulator.scenario(malformed={"at_event": 2})
        spoilt = await ask(emulator.url, STREAM)

        assert (len(cut.chunks), cut.ended) == (1, False)
        with pytest.raises(json.JSONDecodeError):
            spoilt.json()


async def test_an_event_can_be_spoilt() -> None:
    async with emulators.run("gemini", scenario={"malformed": {"at_event": 1}}) as emulator:
        text = (await ask(emulator.url, f"{STREAM}?alt=sse")).text

        first, second, _ = text.split("\r\n\r\n")
        with pytest.raises(json.JSONDecodeError):
            json.loads(first.removeprefix("data: "))
        assert json.loads(second.removeprefix("data: "))


class Key(NamedTuple):
    target: str
    headers: tuple[str, ...]
    status: int
    complaint: str


KEYS = {
    "in its header": Key(WHOLE, (KEY,), 200, ""),
    "as a bearer": Key(WHOLE, ("Authorization: Bearer any",), 200, ""),
    "in the URL": Key(f"{WHOLE}?key=any", ("Accept: */*",), 200, "the key is in the URL"),
    "nowhere": Key(WHOLE, ("Accept: */*",), 403, "unregistered callers"),
    "not a good one": Key(WHOLE, ("x-goog-api-key: invalid-key",), 400, "API key not valid"),
}


@pytest.mark.parametrize("name", KEYS)
async def test_where_the_key_may_be(name: str) -> None:
    case = KEYS[name]
    async with emulators.run("gemini") as emulator:
        reply = await ask(emulator.url, case.target, None, *case.headers)

        assert reply.status == case.status
        complaints = emulator.journal[0]["complaints"]
        assert len(complaints) == bool(case.complaint)
        assert all(case.complaint in one for one in complaints)


async def test_a_fault_can_be_for_one_key() -> None:
    async with emulators.run("gemini", scenario={"status": 500, "for": "mine"}) as emulator:
        mine = await ask(emulator.url, WHOLE, None, "x-goog-api-key: mine")
        other = await ask(emulator.url)

        assert (mine.status, other.status) == (500, 200)


PATHS = [
    ("GET", "/v1/models", 200),
    ("GET", "/v1beta/models/any-model", 200),
    ("GET", "/v1beta/models/missing-model", 404),
    ("GET", "/v1beta/models?pageToken=x", 400),
    ("GET", WHOLE, 404),
    ("POST", "/v1beta/models", 404),
    ("POST", "/v1beta/models/mock-model:predict", 404),
    ("POST", "/v1beta/models:generateContent", 404),
    ("POST", "/v2/models/mock-model:generateContent", 404),
    ("GET", "/", 404),
]


@pytest.mark.parametrize(("method", "target", "status"), PATHS)
async def test_paths_and_methods(method: str, target: str, status: int) -> None:
    async with emulators.run("gemini") as emulator:
        reply = await exchange(emulator.url, request(method, target, KEY))

        assert reply.status == status
        words = {200: None, 400: "INVALID_ARGUMENT", 404: "NOT_FOUND"}
        assert reply.json().get("error", {}).get("status") == words[status]


async def test_both_spellings_and_numbers_as_text_are_read() -> None:
    value = {
        "contents": [{"parts": [{"inline_data": {"mime_type": "image/png", "data": "_-8"}}]}],
        "system_instruction": {"parts": [{"text": "be brief"}]},
        "generation_config": {
            "max_output_tokens": "12",
            "topK": 40.0,
            "stopSequences": None,
            "thinking_config": {"thinking_level": "low", "includeThoughts": True},
        },
        "tools": [{"function_declarations": [{"name": "a", "parameters": {"type": "object"}}]}],
    }
    async with emulators.run("gemini") as emulator:
        assert (
            await ask(emulator.url, "/v1/models/mock-model:generateContent", value)
        ).status == 200

        notes = emulator.journal[0]["notes"]
        assert notes["media"] == [{"mime_type": "image/png", "size_bytes": 2}]
        assert notes["thinking"] == {"thinkingLevel": "LOW", "includeThoughts": True}
        assert notes["tools"] == ["a"]


async def test_one_text_can_be_embedded() -> None:
    value = {"content": {"parts": [{"text": "hi"}]}, "taskType": "RETRIEVAL_QUERY"}
    async with emulators.run("gemini") as emulator:
        reply = await ask(emulator.url, "/v1beta/models/gemini-embedding-001:embedContent", value)

        assert len(reply.json()["embedding"]["values"]) == 3072


async def test_a_count_may_be_of_a_whole_request() -> None:
    inner = body("one two", systemInstruction={"parts": [{"text": "three"}]})
    async with emulators.run("gemini") as emulator:
        target = "/v1beta/models/mock-model:countTokens"
        reply = await ask(emulator.url, target, {"generateContentRequest": inner})
        both = await ask(emulator.url, target, {**body(), "generateContentRequest": inner})

        assert reply.json()["totalTokens"] == 3
        assert both.status == 400


async def test_an_error_of_a_list_is_in_a_list() -> None:
    async with emulators.run("gemini") as emulator:
        listed = await ask(emulator.url, STREAM, {"contents": []})
        plain = await ask(emulator.url, f"{STREAM}?alt=sse", {"contents": []})

        assert listed.json()[0]["error"] == plain.json()["error"]
        assert listed.status == plain.status == 400
