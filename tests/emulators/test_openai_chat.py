"""Chat Completions through the official SDK: what a program sees of the emulator."""

import json
from typing import Any

import pytest
from openai.types.chat import (
    ChatCompletionFunctionToolParam,
    ChatCompletionMessageFunctionToolCall,
    ChatCompletionMessageParam,
)
from tests.emulators.openai_wire import PDF, PNG, WEATHER, openai

HI: list[ChatCompletionMessageParam] = [{"role": "user", "content": "one two three"}]
TOOL: ChatCompletionFunctionToolParam = {
    "type": "function",
    "function": {"name": "weather", "parameters": WEATHER, "strict": True},
}
CALL = {"tool_call": {"name": "weather", "arguments": {"city": "Rome", "days": 3}}}


async def test_it_echoes_with_usage() -> None:
    async with openai() as (emulator, client):
        said = await client.chat.completions.create(model="any-name", messages=HI)

        assert said.choices[0].message.content == "one two three"
        assert said.choices[0].finish_reason == "stop"
        assert said.usage
        assert said.usage.total_tokens == 6
        assert (said.model, said.service_tier) == ("any-name", "default")
        assert said.system_fingerprint
        assert emulator.journal[0]["complaints"] == []


async def test_a_stream_says_the_same_with_usage_at_its_end() -> None:
    async with openai() as (_, client):
        stream = await client.chat.completions.create(
            model="mock-model", messages=HI, stream=True, stream_options={"include_usage": True}
        )
        seen = [chunk async for chunk in stream]

        texts = [chunk.choices[0].delta.content for chunk in seen if chunk.choices]
        assert texts == ["", "one", " two", " three", None]
        assert [chunk.usage is None for chunk in seen] == [True] * 5 + [False]
        assert seen[-2].choices[0].finish_reason == "stop"
        assert len({chunk.id for chunk in seen}) == 1


async def test_calls_in_parallel_come_whole_and_in_pieces() -> None:
    answer = [{"text": "Wait."}, CALL, CALL]
    async with openai({"answer": answer}) as (_, client):
        said = await client.chat.completions.create(model="m", messages=HI, tools=[TOOL])
        async with client.chat.completions.stream(model="m", messages=HI, tools=[TOOL]) as stream:
            gathered = await stream.get_final_completion()

        for message in (said.choices[0].message, gathered.choices[0].message):
            calls = message.tool_calls or []
            assert message.content == "Wait."
            assert [call.id for call in calls] == ["call_1", "call_2"]
            assert isinstance(calls[1], ChatCompletionMessageFunctionToolCall)
            assert json.loads(calls[1].function.arguments) == {"city": "Rome", "days": 3}
        assert said.choices[0].finish_reason == gathered.choices[0].finish_reason == "tool_calls"


async def test_a_tools_round_trip_ends_in_an_echo_of_its_result() -> None:
    async with openai({"answer": [CALL]}) as (emulator, client):
        said = await client.chat.completions.create(model="m", messages=HI, tools=[TOOL])
        assert said.choices[0].message.tool_calls
        asked: Any = said.choices[0].message.to_dict()
        result: ChatCompletionMessageParam = {
            "role": "tool",
            "tool_call_id": said.choices[0].message.tool_calls[0].id,
            "content": "sunny",
        }
        ended = await client.chat.completions.create(
            model="m", messages=[*HI, asked, result], tools=[TOOL], tool_choice="required"
        )

        assert ended.choices[0].message.content == "sunny"
        assert [entry["complaints"] for entry in emulator.journal] == [[], []]
        assert emulator.journal[1]["notes"]["tools"] == ["weather"]


@pytest.mark.parametrize(
    "choice",
    [
        "required",
        {"type": "function", "function": {"name": "weather"}},
        {
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "required",
                "tools": [{"type": "function", "function": {"name": "weather"}}],
            },
        },
    ],
    ids=["required", "named", "allowed"],
)
async def test_a_tool_that_is_forced_is_called_with_what_fits_its_schema(choice: Any) -> None:
    async with openai() as (_, client):
        said = await client.chat.completions.create(
            model="m", messages=HI, tools=[TOOL], tool_choice=choice
        )

        calls = said.choices[0].message.tool_calls or []
        assert isinstance(calls[0], ChatCompletionMessageFunctionToolCall)
        assert json.loads(calls[0].function.arguments) == {"city": "text", "days": 2}
        assert said.choices[0].message.content is None


@pytest.mark.parametrize("choice", ["none", "auto"])
async def test_a_tool_that_is_not_forced_is_not_called(choice: Any) -> None:
    async with openai() as (_, client):
        said = await client.chat.completions.create(
            model="m", messages=HI, tools=[TOOL], tool_choice=choice
        )

        assert said.choices[0].message.content == "one two three"


async def test_without_parallel_calls_there_is_one() -> None:
    async with openai({"answer": [CALL, CALL]}) as (_, client):
        said = await client.chat.completions.create(
            model="m", messages=HI, tools=[TOOL], parallel_tool_calls=False
        )

        assert len(said.choices[0].message.tool_calls or []) == 1


async def test_a_schema_is_answered_by_an_example_of_it() -> None:
    async with openai() as (emulator, client):
        said = await client.chat.completions.create(
            model="m",
            messages=HI,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "forecast", "schema": WEATHER, "strict": True},
            },
        )

        assert json.loads(said.choices[0].message.content or "") == {"city": "text", "days": 2}
        assert emulator.journal[0]["notes"]["schema"] == "forecast"


async def test_any_json_object_is_an_echo_in_json() -> None:
    asked: list[ChatCompletionMessageParam] = [{"role": "user", "content": "some JSON"}]
    async with openai() as (_, client):
        said = await client.chat.completions.create(
            model="m", messages=asked, response_format={"type": "json_object"}
        )

        assert json.loads(said.choices[0].message.content or "") == {"echo": "some JSON"}


async def test_what_is_attached_is_noted_and_the_text_is_echoed() -> None:
    async with openai() as (emulator, client):
        said = await client.chat.completions.create(
            model="m",
            messages=[
                {"role": "developer", "content": "be brief"},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "look"},
                        {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
                        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
                        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                        {"type": "file", "file": {"file_data": PDF, "filename": "a.pdf"}},
                        {"type": "file", "file": {"file_id": "file-1"}},
                    ],
                },
            ],
        )

        assert said.choices[0].message.content == "look"
        assert emulator.journal[0]["complaints"] == []
        assert emulator.journal[0]["notes"] == {
            "images": [
                {"media_type": "image/png", "size_bytes": 70},
                {"url": "https://example.com/a.png"},
            ],
            "audio": [{"format": "wav", "size_bytes": 3}],
            "files": [
                {"filename": "a.pdf", "media_type": "application/pdf", "size_bytes": 9},
                {"file_id": "file-1"},
            ],
        }


async def test_reasoning_stands_beside_the_text_and_may_come_back() -> None:
    answer = [{"reasoning": "let me"}, {"reasoning": " see"}, {"text": "Hi"}]
    async with openai({"answer": answer}) as (emulator, client):
        said = await client.chat.completions.create(model="m", messages=HI, reasoning_effort="high")
        again: Any = said.choices[0].message.to_dict()
        await client.chat.completions.create(model="m", messages=[*HI, again, *HI])

        assert said.choices[0].message.model_extra == {"reasoning_content": "let me see"}
        details = said.usage and said.usage.completion_tokens_details
        assert details
        assert details.reasoning_tokens == 3
        assert emulator.journal[0]["notes"] == {"effort": "high"}
        assert emulator.journal[1]["notes"] == {"reasoning_returned": 1}
        assert emulator.journal[1]["complaints"] == []


async def test_a_refusal_has_its_own_field() -> None:
    async with openai({"answer": [{"refusal": "I cannot"}, {"refusal": " do that"}]}) as (
        _,
        client,
    ):
        said = await client.chat.completions.create(model="m", messages=HI)
        async with client.chat.completions.stream(model="m", messages=HI) as stream:
            gathered = await stream.get_final_completion()

        for message in (said.choices[0].message, gathered.choices[0].message):
            assert message.refusal == "I cannot do that"
            assert not message.content


async def test_usage_is_the_scenarios() -> None:
    usage = {"input_tokens": 9, "output_tokens": 7, "cached_tokens": 5, "reasoning_tokens": 2}
    async with openai({"answer": [{"text": "Hi"}, {"usage": usage}]}) as (_, client):
        said = await client.chat.completions.create(model="m", messages=HI, n=2)

        assert said.usage
        assert (said.usage.prompt_tokens, said.usage.completion_tokens) == (9, 14)
        assert said.usage.prompt_tokens_details
        assert said.usage.prompt_tokens_details.cached_tokens == 5
        assert said.usage.completion_tokens_details
        assert said.usage.completion_tokens_details.reasoning_tokens == 4


async def test_choices_are_equal() -> None:
    async with openai() as (_, client):
        said = await client.chat.completions.create(model="m", messages=HI, n=3)

        assert [choice.index for choice in said.choices] == [0, 1, 2]
        assert {choice.message.content for choice in said.choices} == {"one two three"}


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_the_limit_cuts_after_that_many_words(name: str) -> None:
    limit: dict[str, Any] = {name: 2}
    async with openai() as (_, client):
        said = await client.chat.completions.create(model="m", messages=HI, **limit)

        assert said.choices[0].message.content == "one two"
        assert said.choices[0].finish_reason == "length"
        assert said.usage
        assert said.usage.completion_tokens == 2


async def test_a_limit_leaves_a_listed_answer_alone() -> None:
    async with openai({"answer": [{"text": "a"}, {"text": "b"}]}) as (_, client):
        said = await client.chat.completions.create(model="m", messages=HI, max_tokens=1)

        assert said.choices[0].message.content == "ab"
        assert said.choices[0].finish_reason == "stop"


@pytest.mark.parametrize(
    ("stop", "text"),
    [("two", "one "), ([" three", "e t"], "on"), ("four", "one two three"), ("one", "")],
)
async def test_a_stop_sequence_ends_the_text_and_is_not_said(stop: Any, text: str) -> None:
    async with openai() as (_, client):
        said = await client.chat.completions.create(model="m", messages=HI, stop=stop)

        assert said.choices[0].message.content == text
        assert said.choices[0].finish_reason == "stop"


async def test_each_token_has_its_probability() -> None:
    async with openai() as (_, client):
        said = await client.chat.completions.create(
            model="m", messages=HI, logprobs=True, top_logprobs=2
        )

        tokens = said.choices[0].logprobs and said.choices[0].logprobs.content
        assert tokens
        assert "".join(token.token for token in tokens) == "one two three"
        assert all(token.logprob < 0 for token in tokens)
        assert [top.token for top in tokens[0].top_logprobs] == ["one", "one?"]
        assert tokens[0].bytes == list(b"one")


@pytest.mark.parametrize(
    ("asked", "told"), [("auto", "default"), ("flex", "flex"), ("fast", "priority")]
)
async def test_the_tier_is_told(asked: Any, told: str) -> None:
    async with openai() as (_, client):
        said = await client.chat.completions.create(model="m", messages=HI, service_tier=asked)

        assert said.service_tier == told


@pytest.mark.parametrize("word", ["length", "content_filter", "function_call", "strange"])
async def test_the_scenarios_reason_is_the_finish_reason(word: str) -> None:
    async with openai({"answer": [{"text": "Hi"}, {"finish_reason": word}]}) as (_, client):
        said = await client.chat.completions.create(model="m", messages=HI)

        assert said.choices[0].finish_reason == word
