"""Ollama's chat as its official SDK sees it, over a real socket."""

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import ollama
import pytest

from dragoman import emulators

MODEL = "mock-model"
HELLO: Sequence[dict[str, Any]] = [{"role": "user", "content": "one two three"}]
WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "How the weather is.",
        "parameters": {
            "type": "object",
            "required": ["city"],
            "properties": {"city": {"type": "string", "description": "Where."}},
        },
    },
}
CALLS = [
    {"reasoning": "Two places."},
    {"tool_call": {"name": "weather", "arguments": {"city": "Paris"}}},
    {"tool_call": {"name": "weather", "arguments": {"city": "Rome"}}},
]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16


class Seen:
    """An emulator and the SDK's client of it."""

    def __init__(self, emulator: emulators.Emulator[Any], client: ollama.AsyncClient) -> None:
        self.emulator = emulator
        self.client = client

    async def chat(
        self, messages: Sequence[Any] = HELLO, model: str = MODEL, **options: Any
    ) -> ollama.ChatResponse:
        reply = await self.client.chat(model=model, messages=messages, **options)
        assert isinstance(reply, ollama.ChatResponse)
        return reply

    async def stream(
        self, messages: Sequence[Any] = HELLO, **options: Any
    ) -> list[ollama.ChatResponse]:
        parts = await self.client.chat(model=MODEL, messages=messages, stream=True, **options)
        return [part async for part in parts]

    @property
    def notes(self) -> dict[str, Any]:
        return self.emulator.journal[-1]["notes"]

    @property
    def complaints(self) -> list[str]:
        return [each for entry in self.emulator.journal for each in entry["complaints"]]


@asynccontextmanager
async def ollama_with(**scenario: Any) -> AsyncIterator[Seen]:
    async with (
        emulators.run("ollama", scenario=scenario) as emulator,
        ollama.AsyncClient(host=emulator.url) as client,
    ):
        yield Seen(emulator, client)


def said(parts: list[ollama.ChatResponse]) -> list[str]:
    return [part.message.content or "" for part in parts]


async def test_an_answer_comes_whole() -> None:
    async with ollama_with() as seen:
        reply = await seen.chat()

        assert (reply.message.role, reply.message.content) == ("assistant", "one two three")
        assert (reply.model, reply.done, reply.done_reason) == (MODEL, True, "stop")
        assert seen.complaints == []


async def test_an_answer_streams_a_word_at_a_time() -> None:
    async with ollama_with() as seen:
        parts = await seen.stream()

        assert said(parts) == ["one", " two", " three", ""]
        assert [part.done for part in parts] == [False, False, False, True]
        assert parts[-1].done_reason == "stop"


async def test_counts_and_durations_stand_in_the_last_part() -> None:
    async with ollama_with() as seen:
        *parts, last = await seen.stream()

        assert all(part.eval_count is None for part in parts)
        assert (last.prompt_eval_count, last.eval_count) == (3, 3)
        times = (last.load_duration, last.prompt_eval_duration, last.eval_duration)
        assert all(times)
        assert last.total_duration == sum(time or 0 for time in times)


async def test_a_stated_usage_is_told_and_a_nought_left_out() -> None:
    answer = [{"text": "hi"}, {"usage": {"input_tokens": 0, "output_tokens": 9}}]
    async with ollama_with(answer=answer) as seen:
        reply = await seen.chat()

        assert (reply.prompt_eval_count, reply.eval_count) == (None, 9)


@pytest.mark.parametrize(
    ("said_reason", "told"),
    [("stop", "stop"), ("length", "length"), ("tool_calls", "stop"), ("load", "load")],
)
async def test_a_finish_reason_is_told_in_its_own_words(said_reason: str, told: str) -> None:
    async with ollama_with(answer=[{"text": "hi"}, {"finish_reason": said_reason}]) as seen:
        assert (await seen.chat()).done_reason == told
        assert (await seen.stream())[-1].done_reason == told


async def test_tool_calls_are_whole_and_numbered_in_a_stream() -> None:
    async with ollama_with(answer=CALLS) as seen:
        parts = await seen.stream(tools=[WEATHER])

        calls = [call for part in parts for call in part.message.tool_calls or []]
        assert [call.function.arguments for call in calls] == [{"city": "Paris"}, {"city": "Rome"}]
        assert {call.function.name for call in calls} == {"weather"}
        assert [len(part.message.tool_calls or []) for part in parts] == [0, 1, 1, 0]
        assert parts[-1].done_reason == "stop"
        assert seen.notes["tools"] == ["weather"]


async def test_a_tool_round_trip_ends_with_the_results() -> None:
    async with ollama_with(answer=CALLS) as seen:
        first = await seen.chat(tools=[WEATHER])
        results = [
            {"role": "tool", "tool_name": "weather", "content": weather}
            for weather in ("sun", "rain")
        ]
        second = await seen.chat([*HELLO, first.message, *results], tools=[WEATHER])

        assert second.message.content == "sun\nrain"
        assert seen.notes["thinking"] == ["Two places."]
        assert seen.complaints == []


async def test_thinking_has_its_own_field() -> None:
    answer = [{"reasoning": "Well,"}, {"reasoning": " yes."}, {"text": "Yes."}]
    async with ollama_with(answer=answer) as seen:
        whole = await seen.chat(think="high")
        parts = await seen.stream(think=True)

        assert (whole.message.thinking, whole.message.content) == ("Well, yes.", "Yes.")
        assert [part.message.thinking for part in parts] == ["Well,", " yes.", None, None]
        assert said(parts) == ["", "", "Yes.", ""]
        assert seen.notes["think"] is True


async def test_it_does_not_think_when_it_is_told_not_to() -> None:
    async with ollama_with(answer=[{"reasoning": "Well,"}, {"text": "Yes."}]) as seen:
        reply = await seen.chat(think=False)

        assert (reply.message.thinking, reply.message.content) == (None, "Yes.")
        assert reply.eval_count == 1


async def test_images_are_seen_by_their_size() -> None:
    async with ollama_with() as seen:
        encoded = base64.b64encode(PNG).decode()
        reply = await seen.chat([{"role": "user", "content": "look", "images": [encoded]}])

        assert reply.message.content == "look"
        assert seen.notes["image_bytes"] == [len(PNG)]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_format_gets_the_least_value_that_fits(stream: bool) -> None:
    schema = {
        "type": "object",
        "properties": {"age": {"type": "integer"}, "name": {"type": "string"}},
        "required": ["age"],
    }
    async with ollama_with() as seen:
        if stream:
            text = "".join(said(await seen.stream(format=schema)))
        else:
            text = (await seen.chat(format=schema)).message.content or ""

        assert text == '{"age":1}'
        assert seen.notes["format"] == schema


async def test_the_format_json_gets_an_object() -> None:
    async with ollama_with() as seen:
        assert (await seen.chat(format="json")).message.content == "{}"


async def test_a_set_answer_wins_over_a_format() -> None:
    async with ollama_with(answer="as set") as seen:
        assert (await seen.chat(format="json")).message.content == "as set"


async def test_words_are_cut_at_num_predict() -> None:
    async with ollama_with() as seen:
        reply = await seen.chat(options={"num_predict": 2})
        enough = await seen.chat(options={"num_predict": 3})
        whole = await seen.chat(options={"num_predict": -1})

        assert (reply.message.content, reply.done_reason, reply.eval_count) == (
            "one two",
            "length",
            2,
        )
        for reply in (enough, whole):
            assert (reply.message.content, reply.done_reason) == ("one two three", "stop")


async def test_a_stop_sequence_is_not_said_nor_what_follows_it() -> None:
    texts = [{"text": text} for text in ("no", "ne tw", "o three")]
    async with ollama_with(answer=[{"reasoning": "Well,"}, *texts, *CALLS]) as seen:
        reply = await seen.chat(options={"stop": ["zzz", "two"]})
        parts = await seen.stream(options={"stop": ["two"]})
        between = await seen.stream(options={"stop": ["ne tw"]})

        assert (reply.message.content, reply.done_reason) == ("none ", "stop")
        assert (reply.message.thinking, reply.message.tool_calls) == ("Well,", None)
        assert said(parts) == ["", "no", "ne ", ""]
        assert said(between) == ["", "no", ""]


async def test_a_refusal_is_a_text() -> None:
    async with ollama_with(answer=[{"refusal": "I will not."}]) as seen:
        assert (await seen.chat()).message.content == "I will not."


async def test_logprobs_come_with_their_words() -> None:
    async with ollama_with() as seen:
        whole = await seen.chat(logprobs=True, top_logprobs=2)
        parts = await seen.stream(logprobs=True)
        without = await seen.chat()

        rows = whole.logprobs or []
        assert [row.token for row in rows] == ["one", " two", " three"]
        assert all(row.logprob < 0 and len(row.top_logprobs or []) == 2 for row in rows)
        assert [len(part.logprobs or []) for part in parts] == [1, 1, 1, 0]
        assert without.logprobs is None


@pytest.mark.parametrize("keep_alive", [None, 0])
async def test_without_messages_it_only_loads_or_unloads(keep_alive: int | None) -> None:
    async with ollama_with() as seen:
        reply = await seen.chat([], keep_alive=keep_alive)
        running = await seen.client.ps()

        expected = "unload" if keep_alive == 0 else "load"
        assert (reply.message.content, reply.done, reply.done_reason) == ("", True, expected)
        assert [each.model for each in running.models] == ([] if keep_alive == 0 else [MODEL])


async def test_a_missing_model_is_a_404() -> None:
    async with ollama_with() as seen:
        with pytest.raises(ollama.ResponseError, match="model 'missing-model' not found") as caught:
            await seen.chat(model="missing-model")

        assert caught.value.status_code == 404
        assert seen.complaints == []


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
async def test_a_status_is_the_sdks_own_error(status: int) -> None:
    async with ollama_with(status=status) as seen:
        with pytest.raises(ollama.ResponseError) as whole:
            await seen.chat()
        with pytest.raises(ollama.ResponseError) as streamed:
            await seen.stream()

        assert (whole.value.status_code, streamed.value.status_code) == (status, status)
        assert whole.value.error == f"the scenario says {status}"


async def test_an_error_in_the_stream_is_a_line_of_its_own() -> None:
    """The SDK raises it, without a status."""
    async with ollama_with(error_event={"after_events": 2, "message": "broke down"}) as seen:
        parts = await seen.client.chat(model=MODEL, messages=HELLO, stream=True)
        came = [(await anext(parts)).message.content for _ in range(2)]
        with pytest.raises(ollama.ResponseError, match="broke down"):
            await anext(parts)

        assert came == ["one", " two"]


async def test_a_cut_stream_breaks_off_under_the_sdk() -> None:
    async with ollama_with(cut={"after_events": 2, "how": "fin"}) as seen:
        with pytest.raises(httpx.RemoteProtocolError):
            await seen.stream()
