"""Gemini's far side as the official SDK sees it: text, streams, media, schemas, errors."""

import base64
from typing import Any, NamedTuple

import httpx
import pytest
from google.genai import errors, types
from pydantic import BaseModel
from tests.emulators.gemini_client import sdk

from dragoman import emulators

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
THOUGHTFUL = [
    {"reasoning": "first "},
    {"reasoning": "second"},
    {"text": "Hel"},
    {"text": "lo"},
    {
        "usage": {
            "input_tokens": 20,
            "output_tokens": 9,
            "cached_tokens": 8,
            "reasoning_tokens": 4,
        }
    },
]


async def test_it_echoes_and_counts_words() -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        reply = await client.models.generate_content(
            model="mock-model", contents="one two three", config={"system_instruction": "be brief"}
        )

        assert reply.text == "one two three"
        assert reply.model_version == "mock-model"
        assert reply.response_id
        assert reply.candidates is not None
        assert reply.candidates[0].finish_reason == types.FinishReason.STOP
        assert reply.usage_metadata is not None
        assert reply.usage_metadata.total_token_count == 6
        assert emulator.journal[0]["complaints"] == []


async def test_a_stream_has_an_event_for_each_word() -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        stream = await client.models.generate_content_stream(
            model="mock-model", contents="one two three"
        )
        replies = [reply async for reply in stream]

        assert [reply.text for reply in replies] == ["one", " two", " three"]
        ends = [reply.candidates[0].finish_reason for reply in replies if reply.candidates]
        assert ends == [None, None, types.FinishReason.STOP]
        assert emulator.journal[0]["query"] == {"alt": "sse"}


@pytest.mark.parametrize("stream", [False, True])
async def test_thoughts_are_told_apart_and_counted_apart(stream: bool) -> None:
    async with (
        emulators.run("gemini", scenario={"answer": THOUGHTFUL}) as emulator,
        sdk(emulator.url) as client,
    ):
        config = {"thinking_config": {"include_thoughts": True, "thinking_budget": 512}}
        replies = await asked(client, stream=stream, config=config)

        assert "".join(part.text or "" for part in parts(replies) if part.thought) == "first second"
        assert "".join(part.text or "" for part in parts(replies) if not part.thought) == "Hello"
        assert [bool(part.thought_signature) for part in parts(replies)][-1]
        usage = replies[-1].usage_metadata
        assert usage is not None
        counts = (
            usage.prompt_token_count,
            usage.candidates_token_count,
            usage.thoughts_token_count,
            usage.cached_content_token_count,
            usage.total_token_count,
        )
        assert counts == (20, 5, 4, 8, 29)
        noted = emulator.journal[0]["notes"]["thinking"]
        assert noted == {"includeThoughts": True, "thinkingBudget": 512}


async def test_signatures_come_back_unharmed_in_a_chat() -> None:
    async with (
        emulators.run("gemini", scenario={"answer": THOUGHTFUL}) as emulator,
        sdk(emulator.url) as client,
    ):
        chat = client.chats.create(model="mock-model")
        await chat.send_message("hi")
        await chat.send_message("and on")

        assert emulator.journal[1]["notes"]["signatures"]["returned"] == 1


async def test_an_image_is_seen() -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        picture = types.Part.from_bytes(data=PIXEL, mime_type="image/png")
        video = types.Part.from_uri(file_uri="https://example.com/v.mp4", mime_type="video/mp4")
        reply = await client.models.generate_content(
            model="mock-model", contents=[picture, video, "what is it"]
        )

        assert reply.text == "what is it"
        assert emulator.journal[0]["notes"]["media"] == [
            {"mime_type": "image/png", "size_bytes": len(PIXEL)},
            {"mime_type": "video/mp4", "uri": "https://example.com/v.mp4"},
        ]


class Town(BaseModel):
    name: str
    people: int


SCHEMAS: dict[str, Any] = {
    "a model": {"response_schema": Town},
    "a JSON schema": {"response_json_schema": Town.model_json_schema()},
}


@pytest.mark.parametrize("name", SCHEMAS)
async def test_a_schema_is_obeyed(name: str) -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        config = {"response_mime_type": "application/json", **SCHEMAS[name]}
        reply = await client.models.generate_content(
            model="mock-model", contents="hi", config=types.GenerateContentConfig(**config)
        )

        assert set(Town.model_validate_json(reply.text or "").model_dump()) == {"name", "people"}


async def test_json_without_a_schema_is_an_object_and_an_enum_is_a_bare_word() -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        plain = await asked(client, config={"response_mime_type": "application/json"})
        word = await asked(
            client,
            config={
                "response_mime_type": "text/x.enum",
                "response_schema": {"type": "STRING", "enum": ["red", "blue"]},
            },
        )

        assert (plain[0].text, word[0].text) == ("{}", "red")


class Ending(NamedTuple):
    config: dict[str, Any]
    text: str
    reason: str
    tokens: int


ENDINGS = [
    Ending({"max_output_tokens": 2}, "one two", "MAX_TOKENS", 2),
    Ending({"max_output_tokens": 3}, "one two three", "STOP", 3),
    Ending({"stop_sequences": ["x", " th"]}, "one two", "STOP", 2),
    Ending({"stop_sequences": ["three"], "max_output_tokens": 1}, "one", "MAX_TOKENS", 1),
]


@pytest.mark.parametrize("case", ENDINGS, ids=str)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_text_ends_where_the_request_says(case: Ending, stream: bool) -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        replies = await asked(client, "one two three", stream=stream, config=case.config)

        assert "".join(part.text or "" for part in parts(replies)).strip() == case.text
        assert reason_of(replies) == case.reason
        assert replies[-1].usage_metadata is not None
        assert replies[-1].usage_metadata.candidates_token_count == case.tokens


async def test_candidates_and_log_probabilities() -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        config = {"candidate_count": 2, "response_logprobs": True, "logprobs": 3}
        (reply,) = await asked(client, "one two", config=config)

        assert reply.candidates is not None
        assert [candidate.index for candidate in reply.candidates] == [0, 1]
        result = reply.candidates[1].logprobs_result
        assert result is not None
        assert [one.token for one in result.chosen_candidates or []] == ["one", " two"]
        assert [len(one.candidates or []) for one in result.top_candidates or []] == [3, 3]
        assert (reply.candidates[0].avg_logprobs or 1) <= 0


REASONS = {
    "stop": "STOP",
    "length": "MAX_TOKENS",
    "tool_calls": "STOP",
    "content_filter": "SAFETY",
    "MALFORMED_FUNCTION_CALL": "MALFORMED_FUNCTION_CALL",
    "RECITATION": "RECITATION",
}


@pytest.mark.parametrize("word", REASONS)
@pytest.mark.parametrize("stream", [False, True])
async def test_finish_reasons_are_the_services_own_words(word: str, stream: bool) -> None:
    scenario = {"answer": [{"text": "so far"}, {"finish_reason": word}]}
    async with (
        emulators.run("gemini", scenario=scenario) as emulator,
        sdk(emulator.url) as client,
    ):
        replies = await asked(client, stream=stream)

        assert reason_of(replies) == REASONS[word]
        assert "".join(part.text or "" for part in parts(replies)) == "so far"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_refusal_blocks_the_prompt(stream: bool) -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        emulator.scenario(answer=[{"refusal": "I will not."}])
        (reply,) = await asked(client, stream=stream)
        emulator.scenario(answer=[{"refusal": "PROHIBITED_CONTENT"}])
        (worse,) = await asked(client, stream=stream)

        assert reply.candidates is None
        assert reply.prompt_feedback is not None
        assert worse.prompt_feedback is not None
        reasons = (reply.prompt_feedback.block_reason, worse.prompt_feedback.block_reason)
        assert reasons == ("SAFETY", "PROHIBITED_CONTENT")


class Failure(NamedTuple):
    scenario: dict[str, Any]
    kind: type[errors.APIError]
    status: str


FAILURES = [
    Failure({"status": 400}, errors.ClientError, "INVALID_ARGUMENT"),
    Failure({"status": 401}, errors.ClientError, "UNAUTHENTICATED"),
    Failure({"status": 403}, errors.ClientError, "PERMISSION_DENIED"),
    Failure({"status": 404}, errors.ClientError, "NOT_FOUND"),
    Failure({"status": 429}, errors.ClientError, "RESOURCE_EXHAUSTED"),
    Failure({"status": 500}, errors.ServerError, "INTERNAL"),
    Failure({"status": 503}, errors.ServerError, "UNAVAILABLE"),
    Failure({"status": 504}, errors.ServerError, "DEADLINE_EXCEEDED"),
]


@pytest.mark.parametrize("case", FAILURES, ids=lambda case: case.status)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_status_is_the_sdks_own_error(case: Failure, stream: bool) -> None:
    async with (
        emulators.run("gemini", scenario=case.scenario) as emulator,
        sdk(emulator.url) as client,
    ):
        with pytest.raises(case.kind) as caught:
            await asked(client, stream=stream)

        assert (caught.value.code, caught.value.status) == (case.scenario["status"], case.status)


async def test_how_long_to_wait_is_in_the_header_and_in_the_body() -> None:
    async with (
        emulators.run("gemini", scenario={"retry_after": 7}) as emulator,
        sdk(emulator.url) as client,
    ):
        with pytest.raises(errors.ClientError) as caught:
            await asked(client)

        assert caught.value.response.headers["retry-after"] == "7"
        assert caught.value.details["error"]["details"] == [
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}
        ]


CODES = [("server_error", 500, "INTERNAL"), (503, 503, "UNAVAILABLE")]


@pytest.mark.parametrize(("code", "number", "status"), CODES)
async def test_an_error_in_the_stream(code: str | int, number: int, status: str) -> None:
    scenario = {"error_event": {"after_events": 2, "code": code, "message": "overloaded"}}
    async with (
        emulators.run("gemini", scenario=scenario) as emulator,
        sdk(emulator.url) as client,
    ):
        seen: list[str | None] = []
        with pytest.raises(errors.APIError, match="overloaded") as caught:
            await collect(client, seen)

        assert seen == ["one", " two"]
        assert (caught.value.code, caught.value.status) == (number, status)


async def test_a_cut_stream_is_no_end() -> None:
    async with (
        emulators.run("gemini", scenario={"cut": {"after_events": 1}}) as emulator,
        sdk(emulator.url) as client,
    ):
        with pytest.raises(httpx.RemoteProtocolError):
            await asked(client, "one two", stream=True)


async def test_the_models_are_listed_in_pages() -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        pager = await client.models.list(config={"page_size": 2})
        names = [model.name async for model in pager]
        one = await client.models.get(model="mock-model")

        assert {"models/mock-model", "models/mock-large"} <= set(names)
        assert len(emulator.journal) == len(names) // 2 + len(names) % 2 + 1
        assert one.name == "models/mock-model"
        assert "generateContent" in (one.supported_actions or [])


async def test_a_missing_model_and_wrong_keys() -> None:
    async with emulators.run("gemini") as emulator:
        async with sdk(emulator.url) as client:
            with pytest.raises(errors.ClientError) as missing:
                await client.models.generate_content(model="missing-model", contents="hi")
        async with sdk(emulator.url, key="invalid-key") as client:
            with pytest.raises(errors.ClientError) as invalid:
                await asked(client)

        assert (missing.value.code, missing.value.status) == (404, "NOT_FOUND")
        assert (invalid.value.code, invalid.value.status) == (400, "INVALID_ARGUMENT")
        assert invalid.value.details["error"]["details"][0]["reason"] == "API_KEY_INVALID"


async def test_tokens_are_counted_and_texts_embedded() -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        counted = await client.models.count_tokens(model="mock-model", contents="one two three")
        embedded = await client.models.embed_content(
            model="gemini-embedding-001",
            contents=["a", "b", "a"],
            config={"output_dimensionality": 8},
        )

        assert counted.total_tokens == 3
        first, second, third = (one.values for one in embedded.embeddings or [])
        assert first == third != second
        assert len(first or []) == 8
        assert sum(value**2 for value in first or []) == pytest.approx(1)


async def collect(client: Any, seen: list[str | None]) -> None:
    stream = await client.models.generate_content_stream(
        model="mock-model", contents="one two three"
    )
    async for reply in stream:
        seen.append(reply.text)  # noqa: PERF401 - what came before an error is kept


async def asked(
    client: Any, contents: str = "hi", *, stream: bool = False, config: Any = None
) -> list[types.GenerateContentResponse]:
    wanted: dict[str, Any] = {"model": "mock-model", "contents": contents, "config": config}
    if not stream:
        return [await client.models.generate_content(**wanted)]
    return [reply async for reply in await client.models.generate_content_stream(**wanted)]


def parts(replies: list[types.GenerateContentResponse]) -> list[types.Part]:
    contents = [reply.candidates[0].content for reply in replies if reply.candidates]
    return [part for content in contents if content for part in content.parts or []]


def reason_of(replies: list[types.GenerateContentResponse]) -> str:
    candidates = replies[-1].candidates
    assert candidates
    reason = candidates[0].finish_reason
    assert reason
    return reason.value
