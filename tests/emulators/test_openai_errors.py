"""OpenAI's errors, models and embeddings, as the official SDK sees them."""

import math
from typing import Any

import openai as sdk
import pytest
from openai.types.chat import ChatCompletionMessageParam
from tests.emulators.openai_wire import KEY, chat, openai, respond
from tests.emulators.wire import exchange, post_json, request

HI: list[ChatCompletionMessageParam] = [{"role": "user", "content": "one two three"}]


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, sdk.BadRequestError, "invalid_request_error"),
        (401, sdk.AuthenticationError, "invalid_request_error"),
        (403, sdk.PermissionDeniedError, "request_forbidden"),
        (404, sdk.NotFoundError, "invalid_request_error"),
        (409, sdk.ConflictError, "invalid_request_error"),
        (422, sdk.UnprocessableEntityError, "invalid_request_error"),
        (429, sdk.RateLimitError, "requests"),
        (500, sdk.InternalServerError, "server_error"),
        (503, sdk.InternalServerError, "server_error"),
    ],
)
async def test_each_status_is_its_own_exception(
    status: int, error: type[sdk.APIStatusError], kind: str
) -> None:
    async with openai({"status": status}) as (_, client):
        with pytest.raises(error) as caught:
            await client.chat.completions.create(model="m", messages=HI)

        assert caught.value.type == kind
        assert str(status) in caught.value.message


async def test_how_long_to_wait_is_told() -> None:
    async with openai({"retry_after": 7}) as (_, client):
        with pytest.raises(sdk.RateLimitError) as caught:
            await client.responses.create(model="m", input="hi")

        assert caught.value.response.headers["retry-after"] == "7"
        assert caught.value.code == "rate_limit_exceeded"


async def test_every_answer_has_the_id_of_its_request() -> None:
    async with openai() as (_, client):
        said = await client.chat.completions.create(model="m", messages=HI)
        with pytest.raises(sdk.NotFoundError) as caught:
            await client.models.retrieve("missing-model")

        assert said._request_id == "req_1"
        assert caught.value.request_id == "req_2"


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses", "/v1/embeddings"])
async def test_without_a_key_nothing_is_answered(path: str) -> None:
    async with openai() as (emulator, _):
        reply = await exchange(emulator.url, post_json(path, {"model": "m"}))

        assert reply.status == 401
        assert reply.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/chat/completions", 404),
        ("POST", "/responses", 404),
        ("GET", "/models", 404),
        ("POST", "/v1/completions", 404),
        ("GET", "/v1/chat/completions", 405),
        ("GET", "/v1/responses", 405),
        ("POST", "/v1/models", 405),
    ],
)
async def test_other_paths_and_methods(method: str, path: str, status: int) -> None:
    async with openai() as (emulator, _):
        reply = await exchange(emulator.url, request(method, path, KEY))

        assert reply.status == status
        assert method in reply.json()["error"]["message"]
        assert emulator.chats == (1 if status == 405 and "models" not in path else 0)


async def test_a_model_that_is_missing_is_not_found_anywhere() -> None:
    missing: Any = {"model": "missing-model"}
    async with openai() as (_, client):
        for asking in (
            client.chat.completions.create(messages=HI, **missing),
            client.responses.create(input="hi", **missing),
            client.embeddings.create(input="hi", **missing),
            client.models.retrieve("missing-model"),
        ):
            with pytest.raises(sdk.NotFoundError) as caught:
                await asking
            assert caught.value.code == "model_not_found"


async def test_models_are_listed_and_any_other_is_known_too() -> None:
    async with openai() as (emulator, client):
        names = [model.id async for model in client.models.list()]
        other = await client.models.retrieve("org/other:free")

        assert names == ["mock-model", "mock-large", "mock-reasoner", "mock-embedding"]
        assert (other.id, other.object) == ("org/other:free", "model")
        assert emulator.chats == 0


async def test_an_error_in_a_chat_stream_is_raised() -> None:
    fault = {"after_events": 2, "message": "broke down", "code": "overloaded"}
    async with openai({"error_event": fault}) as (_, client):
        stream = await client.chat.completions.create(model="m", messages=HI, stream=True)
        chunks = aiter(stream)
        texts = [(await anext(chunks)).choices[0].delta.content for _ in range(2)]
        with pytest.raises(sdk.APIError, match="broke down") as caught:
            await anext(chunks)

        assert texts == ["", "one"]
        assert (caught.value.code, caught.value.type) == ("overloaded", "server_error")


async def test_an_error_in_a_whole_chat_is_a_server_error() -> None:
    async with openai({"error_event": {"message": "broke down"}}) as (emulator, client):
        with pytest.raises(sdk.InternalServerError, match="broke down"):
            await client.chat.completions.create(model="m", messages=HI)

        assert emulator.journal[0]["complaints"] == []


async def test_an_error_in_a_response_stream_is_an_event_with_the_next_number() -> None:
    fault = {"after_events": 3, "message": "broke down", "code": "server_error"}
    async with openai({"error_event": fault}) as (_, client):
        stream = await client.responses.create(model="m", input="hi", stream=True)
        seen = [event async for event in stream]

        assert [event.sequence_number for event in seen] == [0, 1, 2, 3]
        assert seen[-1].type == "error"
        assert (seen[-1].code, seen[-1].message) == ("server_error", "broke down")


async def test_an_error_has_the_form_of_the_api_that_was_asked() -> None:
    async with openai({"error_event": {"after_events": 0}}) as (emulator, _):
        replies = [await one(emulator, stream=True) for one in (chat, respond, chat, respond)]

        forms = [reply.text.partition(":")[0] for reply in replies]
        assert forms == ["data", "event", "data", "event"]


async def test_an_error_in_a_whole_response_is_a_failed_one() -> None:
    fault = {"message": "broke down", "code": "server_error"}
    async with openai({"error_event": fault}) as (_, client):
        said = await client.responses.create(model="m", input="hi")

        assert said.status == "failed"
        assert said.error
        assert (said.error.code, said.error.message) == ("server_error", "broke down")


async def test_a_stream_that_is_cut_is_an_error_to_the_sdk() -> None:
    async with openai({"cut": {"after_events": 2}}) as (_, client):
        chatting = await client.chat.completions.create(model="m", messages=HI, stream=True)
        with pytest.raises(sdk.APIConnectionError):
            [chunk async for chunk in chatting]
        responding = await client.responses.create(model="m", input="hi", stream=True)
        with pytest.raises(sdk.APIConnectionError):
            [event async for event in responding]


async def test_for_goes_by_the_key() -> None:
    async with openai({"status": 500, "for": "any"}) as (emulator, client):
        other = await client.with_options(api_key="other").models.list()

        assert other.data
        assert (await chat(emulator)).status == (await respond(emulator)).status == 500


async def test_embeddings_follow_from_the_text_and_have_length_one() -> None:
    async with openai() as (_, client):
        one = await client.embeddings.create(model="m", input=["a b", "c", "a b"])
        plain = await client.embeddings.create(
            model="m", input="a b", dimensions=3, encoding_format="float"
        )

        vectors = [each.embedding for each in one.data]
        assert vectors[0] == vectors[2] != vectors[1]
        assert [each.index for each in one.data] == [0, 1, 2]
        assert len(vectors[0]) == 1536
        assert math.isclose(math.hypot(*vectors[0]), 1, rel_tol=1e-6)
        assert one.usage.prompt_tokens == 5
        assert len(plain.data[0].embedding) == 3


async def test_embeddings_take_tokens() -> None:
    async with openai() as (_, client):
        one = await client.embeddings.create(model="m", input=[1, 2, 3])
        two = await client.embeddings.create(model="m", input=[[1, 2, 3], [4]])

        assert one.data[0].embedding == two.data[0].embedding
        assert (len(one.data), len(two.data), two.usage.total_tokens) == (1, 2, 4)


@pytest.mark.parametrize("asked", ["", [], ["a", ""], [1, "a"], [[]], {}, None], ids=repr)
async def test_an_input_that_is_none_is_refused(asked: Any) -> None:
    async with openai() as (emulator, _):
        sent = post_json("/v1/embeddings", {"model": "m", "input": asked}, KEY)
        reply = await exchange(emulator.url, sent)

        assert reply.status == 400
        assert reply.json()["error"]["param"].startswith("input")
