"""Responses through the official SDK: what a program sees of the emulator."""

import json
from typing import Any

import openai as sdk
import pytest
from openai.types.responses import (
    FunctionToolParam,
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseReasoningItem,
)
from tests.emulators.openai_wire import PDF, PNG, WEATHER, openai

TOOL: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "parameters": WEATHER,
    "strict": True,
}
CALL = {"tool_call": {"name": "weather", "arguments": {"city": "Rome", "days": 3}}}
THOUGHT = [{"reasoning": "let me"}, {"reasoning": " see"}]


async def test_it_echoes_with_usage() -> None:
    async with openai() as (emulator, client):
        said = await client.responses.create(model="any-name", input="one two three")

        assert said.output_text == "one two three"
        assert (said.status, said.model, said.service_tier) == ("completed", "any-name", "default")
        assert said.usage
        assert (said.usage.input_tokens, said.usage.total_tokens) == (3, 6)
        assert said.completed_at == said.created_at
        assert emulator.journal[0]["complaints"] == []


async def test_what_was_asked_is_repeated() -> None:
    async with openai() as (_, client):
        said = await client.responses.create(
            model="m",
            input="hi",
            instructions="be brief",
            temperature=0.5,
            metadata={"a": "b"},
            reasoning={"effort": "low"},
            text={"verbosity": "low"},
            tools=[TOOL],
            tool_choice="auto",
        )

        assert said.instructions == "be brief"
        assert (said.temperature, said.top_p, said.metadata) == (0.5, 1.0, {"a": "b"})
        assert said.reasoning
        assert (said.reasoning.effort, said.reasoning.summary) == ("low", None)
        assert said.text
        assert said.text.verbosity == "low"
        assert said.text.format
        assert said.text.format.type == "text"
        assert [tool.type for tool in said.tools] == ["function"]


async def test_items_go_in_and_the_last_user_text_comes_out() -> None:
    async with openai() as (emulator, client):
        said = await client.responses.create(
            model="m",
            input=[
                {"role": "developer", "content": "be brief"},
                {"role": "user", "content": "first"},
                {"role": "assistant", "content": "yes"},
                {
                    "type": "message",
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "look"},
                        {"type": "input_image", "image_url": PNG, "detail": "low"},
                        {"type": "input_image", "file_id": "file-1", "detail": "auto"},
                        {"type": "input_file", "file_data": PDF, "filename": "a.pdf"},
                        {"type": "input_file", "file_url": "https://example.com/a.pdf"},
                    ],
                },
            ],
        )

        assert said.output_text == "look"
        assert emulator.journal[0]["complaints"] == []
        assert emulator.journal[0]["notes"] == {
            "images": [{"media_type": "image/png", "size_bytes": 70}, {"file_id": "file-1"}],
            "files": [
                {"filename": "a.pdf", "media_type": "application/pdf", "size_bytes": 9},
                {"file_url": "https://example.com/a.pdf"},
            ],
        }


async def test_the_output_keeps_the_order_of_the_answer() -> None:
    answer = [*THOUGHT, {"text": "Wait"}, {"text": "."}, CALL, CALL, {"refusal": "No"}]
    async with openai({"answer": answer}) as (_, client):
        said = await client.responses.create(model="m", input="hi", tools=[TOOL])

        types = ["reasoning", "message", "function_call", "function_call", "message"]
        assert [item.type for item in said.output] == types
        assert len({item.id for item in said.output}) == 5
        assert said.output_text == "Wait."
        calls = [item for item in said.output if isinstance(item, ResponseFunctionToolCall)]
        assert [call.call_id for call in calls] == ["call_1", "call_2"]
        assert json.loads(calls[0].arguments) == {"city": "Rome", "days": 3}
        assert isinstance(said.output[-1], ResponseOutputMessage)
        assert said.output[-1].content[0].to_dict() == {"type": "refusal", "refusal": "No"}


@pytest.mark.parametrize("output", ["sunny", [{"type": "input_text", "text": "sunny"}]])
async def test_a_tools_round_trip_ends_in_an_echo_of_its_result(output: Any) -> None:
    asking: list[Any] = [{"role": "user", "content": "weather?"}]
    async with openai({"answer": [CALL]}) as (emulator, client):
        said = await client.responses.create(model="m", input=asking, tools=[TOOL], store=False)
        asking += [item.to_dict() for item in said.output]
        asking += [{"type": "function_call_output", "call_id": "call_1", "output": output}]
        ended = await client.responses.create(
            model="m", input=asking, tools=[TOOL], tool_choice="required", store=False
        )

        assert ended.output_text == "sunny"
        assert [entry["complaints"] for entry in emulator.journal] == [[], []]


@pytest.mark.parametrize(
    "choice",
    [
        "required",
        {"type": "function", "name": "weather"},
        {
            "type": "allowed_tools",
            "mode": "required",
            "tools": [{"type": "function", "name": "weather"}],
        },
    ],
    ids=["required", "named", "allowed"],
)
async def test_a_tool_that_is_forced_is_called_with_what_fits_its_schema(choice: Any) -> None:
    async with openai() as (_, client):
        said = await client.responses.create(
            model="m", input="hi", tools=[TOOL], tool_choice=choice
        )

        assert isinstance(said.output[0], ResponseFunctionToolCall)
        assert json.loads(said.output[0].arguments) == {"city": "text", "days": 2}


@pytest.mark.parametrize("choice", ["none", "auto"])
async def test_a_tool_that_is_not_forced_is_not_called(choice: Any) -> None:
    async with openai() as (_, client):
        said = await client.responses.create(
            model="m", input="hi", tools=[TOOL], tool_choice=choice
        )

        assert said.output_text == "hi"


async def test_a_schema_is_answered_by_an_example_of_it() -> None:
    async with openai() as (emulator, client):
        said = await client.responses.create(
            model="m",
            input="hi",
            text={
                "format": {
                    "type": "json_schema",
                    "name": "forecast",
                    "schema": WEATHER,
                    "strict": True,
                }
            },
        )
        free = await client.responses.create(
            model="m", input="as JSON", text={"format": {"type": "json_object"}}
        )

        assert json.loads(said.output_text) == {"city": "text", "days": 2}
        assert json.loads(free.output_text) == {"echo": "as JSON"}
        assert emulator.journal[0]["notes"] == {"schema": "forecast"}


@pytest.mark.parametrize(
    ("finish_reason", "status", "reason"),
    [
        ("stop", "completed", None),
        ("tool_calls", "completed", None),
        ("length", "incomplete", "max_output_tokens"),
        ("max_output_tokens", "incomplete", "max_output_tokens"),
        ("content_filter", "incomplete", "content_filter"),
        ("failed", "failed", None),
    ],
)
async def test_the_scenarios_reason_is_the_status(
    finish_reason: str, status: str, reason: str | None
) -> None:
    answer = [{"text": "Hi"}, {"finish_reason": finish_reason}]
    async with openai({"answer": answer}) as (_, client):
        said = await client.responses.create(model="m", input="hi")

        assert said.status == status
        assert (said.incomplete_details and said.incomplete_details.reason) == reason
        assert (said.error is None) == (status != "failed")


async def test_the_limit_cuts_after_that_many_words() -> None:
    text = " ".join(str(number) for number in range(20))
    async with openai() as (emulator, client):
        said = await client.responses.create(model="m", input=text, max_output_tokens=16)
        short = await client.responses.create(model="m", input=text, max_output_tokens=2)

        assert (said.status, len(said.output_text.split())) == ("incomplete", 16)
        assert isinstance(said.output[0], ResponseOutputMessage)
        assert said.output[0].status == "incomplete"
        assert short.output_text == "0 1"
        assert [len(entry["complaints"]) for entry in emulator.journal] == [0, 1]


async def test_a_summary_is_shown_to_who_asks_for_it() -> None:
    async with openai({"answer": [*THOUGHT, {"text": "Hi"}]}) as (_, client):
        shown = await client.responses.create(
            model="m", input="hi", reasoning={"effort": "high", "summary": "auto"}
        )
        hidden = await client.responses.create(model="m", input="hi")

        first, second = shown.output[0], hidden.output[0]
        assert isinstance(first, ResponseReasoningItem)
        assert isinstance(second, ResponseReasoningItem)
        assert [part.text for part in first.summary] == ["let me see"]
        assert second.summary == []
        assert first.encrypted_content is None
        assert shown.usage
        assert shown.usage.output_tokens_details.reasoning_tokens == 3


@pytest.mark.parametrize("summary", [None, "auto"])
async def test_sealed_reasoning_comes_back_unharmed(summary: Any) -> None:
    asking: list[Any] = [{"role": "user", "content": "hi"}]
    async with openai({"answer": [*THOUGHT, {"text": "Hi"}]}) as (emulator, client):
        said = await client.responses.create(
            model="m",
            input=asking,
            reasoning={"summary": summary},
            include=["reasoning.encrypted_content"],
            store=False,
        )
        asking += [item.to_dict() for item in said.output]
        await client.responses.create(model="m", input=[*asking, *asking[:1]], store=False)

        assert emulator.journal[1]["notes"] == {"reasoning_returned": 1}
        assert emulator.journal[1]["complaints"] == []


async def test_a_stored_response_goes_on_past_a_new_scenario() -> None:
    async with openai({"answer": [CALL]}) as (emulator, client):
        said = await client.responses.create(model="m", input="weather?", tools=[TOOL])
        emulator.scenario()
        result: Any = {"type": "function_call_output", "call_id": "call_1", "output": "sunny"}
        ended = await client.responses.create(
            model="m", input=[result], previous_response_id=said.id
        )
        third = await client.responses.create(
            model="m", input="thanks", previous_response_id=ended.id
        )

        assert ended.output_text == "sunny"
        assert ended.previous_response_id == said.id
        assert third.output_text == "thanks"


async def test_a_response_that_was_not_stored_is_unknown() -> None:
    async with openai() as (_, client):
        said = await client.responses.create(model="m", input="hi", store=False)
        with pytest.raises(sdk.BadRequestError) as caught:
            await client.responses.create(model="m", input="hi", previous_response_id=said.id)

        assert caught.value.code == "previous_response_not_found"
        assert caught.value.param == "previous_response_id"


async def test_a_stored_item_may_be_named_by_its_id() -> None:
    async with openai({"answer": [*THOUGHT, CALL]}) as (emulator, client):
        said = await client.responses.create(model="m", input="hi", tools=[TOOL])
        emulator.scenario()
        back: list[Any] = [{"type": "item_reference", "id": item.id} for item in said.output]
        back += [{"type": "function_call_output", "call_id": "call_1", "output": "sunny"}]
        ended = await client.responses.create(model="m", input=back)

        assert ended.output_text == "sunny"


async def test_each_token_has_its_probability() -> None:
    async with openai() as (_, client):
        said = await client.responses.create(
            model="m",
            input="one two",
            include=["message.output_text.logprobs"],
            top_logprobs=1,
        )

        assert isinstance(said.output[0], ResponseOutputMessage)
        part = said.output[0].content[0]
        assert part.type == "output_text"
        assert [token.token for token in part.logprobs or ()] == ["one", " two"]
        assert [len(token.top_logprobs) for token in part.logprobs or ()] == [1, 1]


async def test_it_counts_the_words_of_a_request() -> None:
    async with openai() as (emulator, client):
        said = await client.responses.input_tokens.count(
            model="m", input=[{"role": "user", "content": "one two"}], instructions="three"
        )
        with pytest.raises(sdk.NotFoundError):
            await client.responses.input_tokens.count(model="missing-model", input="one")

        assert (said.object, said.input_tokens) == ("response.input_tokens", 3)
        assert emulator.journal[0]["complaints"] == []
