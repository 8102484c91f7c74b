"""The Anthropic emulator as the official SDK sees it."""

from typing import Any, NamedTuple

import anthropic
import httpx2
import pytest
from anthropic.types import Message, ToolUseBlock
from tests.emulators.anthropic_client import PDF, PNG, TOOL, USER, sdk

from dragoman import emulators
from dragoman.emulators.emulator import Emulator

LIMIT = 4096
CALLED = [
    {"reasoning": "Let me "},
    {"reasoning": "see."},
    {"text": "I look "},
    {"text": "it up."},
    {"tool_call": {"name": "weather", "arguments": {"city": "Paris", "days": [1, 2]}}},
    {"tool_call": {"name": "clock"}},
]


async def chat(emulator: Emulator[Any], *messages: Any, **fields: Any) -> Message:
    """A whole answer."""
    async with sdk(emulator) as client:
        message: Message = await client.messages.create(**asked(*messages, **fields))
        return message


async def streamed(emulator: Emulator[Any], *messages: Any, **fields: Any) -> Message:
    """The answer that a stream adds up to."""
    async with (
        sdk(emulator) as client,
        client.messages.stream(**asked(*messages, **fields)) as stream,
    ):
        return await stream.get_final_message()


def asked(*messages: Any, **fields: Any) -> Any:
    """What the client is called with."""
    listed = list(messages or [USER])
    return {"model": "mock-model", "max_tokens": LIMIT, "messages": listed, **fields}


@pytest.mark.parametrize("way", [chat, streamed])
async def test_it_echoes(way: Any) -> None:
    async with emulators.run("anthropic") as emulator:
        message = await way(emulator)

        assert [block.text for block in message.content] == ["one two three"]
        assert (message.stop_reason, message.model) == ("end_turn", "mock-model")
        assert (message.usage.input_tokens, message.usage.output_tokens) == (3, 3)
        assert emulator.journal[0]["complaints"] == []


async def test_a_stream_brings_a_word_an_event() -> None:
    async with (
        emulators.run("anthropic", scenario={"answer": "as it is set"}) as emulator,
        sdk(emulator) as client,
    ):
        async with client.messages.stream(**asked(model="any-name")) as stream:
            pieces = [text async for text in stream.text_stream]

        assert pieces == ["as", " it", " is", " set"]


@pytest.mark.parametrize("way", [chat, streamed])
async def test_items_of_a_kind_are_one_block(way: Any) -> None:
    async with emulators.run("anthropic", scenario={"answer": CALLED}) as emulator:
        message = await way(emulator, tools=[TOOL])

        thinking, text, weather, clock = message.content
        assert (thinking.thinking, text.text) == ("Let me see.", "I look it up.")
        assert (weather.id, weather.input) == ("toolu_1", {"city": "Paris", "days": [1, 2]})
        assert (clock.id, clock.input) == ("toolu_2", {})
        assert message.stop_reason == "tool_use"


@pytest.mark.parametrize("way", [chat, streamed])
async def test_a_tool_round_trip_ends_with_the_results(way: Any) -> None:
    async with emulators.run("anthropic", scenario={"answer": CALLED}) as emulator:
        first = await way(emulator, tools=[TOOL])
        results = [
            {"type": "tool_result", "tool_use_id": block.id, "content": f"result {block.name}"}
            for block in first.content
            if isinstance(block, ToolUseBlock)
        ]
        history = (USER, first.to_param(), {"role": "user", "content": results})
        last = await way(emulator, *history, tools=[TOOL])

        assert [block.text for block in last.content] == ["result weather\nresult clock"]
        assert last.stop_reason == "end_turn"
        assert emulator.journal[1]["notes"]["thoughts"] == 1
        assert emulator.journal[1]["complaints"] == []


async def test_a_second_round_has_new_ids() -> None:
    answer = [{"tool_call": {"name": "weather"}}]
    async with emulators.run("anthropic", scenario={"answer": answer}) as emulator:
        first = await chat(emulator, tools=[TOOL])
        result = {"type": "tool_result", "tool_use_id": "toolu_1"}
        history = [USER, first.to_param(), {"role": "user", "content": [result]}]
        again = [*history, {"role": "assistant", "content": "sunny"}, USER]
        second = await chat(emulator, *again, tools=[TOOL])

        assert [block.id for block in second.content if block.type == "tool_use"] == ["toolu_2"]


async def test_usage_that_is_set_holds_after_the_results_too() -> None:
    answer = [*CALLED, {"usage": {"input_tokens": 9, "output_tokens": 8}}]
    results = [{"type": "tool_result", "tool_use_id": f"toolu_{at}"} for at in (1, 2)]
    async with emulators.run("anthropic", scenario={"answer": answer}) as emulator:
        first = await chat(emulator, tools=[TOOL])
        last = await chat(
            emulator, USER, first.to_param(), {"role": "user", "content": results}, tools=[TOOL]
        )

        assert (last.usage.input_tokens, last.usage.output_tokens) == (9, 8)


class Forced(NamedTuple):
    choice: dict[str, Any]
    name: str


@pytest.mark.parametrize(
    "case", [Forced({"type": "any"}, "weather"), Forced({"type": "tool", "name": "b"}, "b")]
)
async def test_a_forced_tool_is_called(case: Forced) -> None:
    async with emulators.run("anthropic") as emulator:
        tools = [TOOL, {**TOOL, "name": "b"}]
        message = await chat(emulator, tools=tools, tool_choice=case.choice)

        (call,) = message.content
        assert isinstance(call, ToolUseBlock)
        assert (call.name, list(call.input)) == (case.name, ["city"])
        assert emulator.journal[0]["notes"]["tool_choice"] == case.choice


@pytest.mark.parametrize("way", [chat, streamed])
async def test_a_schema_is_answered_by_json_that_fits(way: Any) -> None:
    schema = {
        "type": "object",
        "properties": {"age": {"type": "integer"}},
        "required": ["age"],
        "additionalProperties": False,
    }
    config = {"effort": "high", "format": {"type": "json_schema", "schema": schema}}
    async with emulators.run("anthropic") as emulator:
        message = await way(emulator, output_config=config)

        assert message.content[0].text == '{"age":1}'
        assert emulator.journal[0]["notes"]["effort"] == "high"


async def test_images_and_documents_are_seen() -> None:
    image = {"type": "base64", "media_type": "image/png", "data": PNG}
    pdf = {"type": "base64", "media_type": "application/pdf", "data": PDF}
    content = [
        {"type": "text", "text": "what is"},
        {"type": "image", "source": image},
        {"type": "image", "source": {"type": "url", "url": "https://x.test/y.png"}},
        {"type": "document", "source": pdf, "title": "t"},
        {
            "type": "document",
            "source": {"type": "text", "media_type": "text/plain", "data": "a text"},
        },
        {"type": "text", "text": "this?"},
    ]
    async with emulators.run("anthropic") as emulator:
        message = await chat(emulator, {"role": "user", "content": content})

        notes = emulator.journal[0]["notes"]
        assert message.content[0].to_dict()["text"] == "what is\na text\nthis?"
        assert notes["images"] == [
            {"media_type": "image/png", "size_bytes": 16},
            "https://x.test/y.png",
        ]
        assert notes["documents"] == [{"media_type": "application/pdf", "size_bytes": 15}, "text"]


class Thinking(NamedTuple):
    asked: dict[str, Any]
    shown: str | None
    noted: Any


THINKING = [
    Thinking({"type": "enabled", "budget_tokens": 2048}, "Let me see.", 2048),
    Thinking({"type": "adaptive"}, "Let me see.", "adaptive"),
    Thinking({"type": "adaptive", "display": "omitted"}, "", "adaptive"),
    Thinking({"type": "disabled"}, None, "disabled"),
]


@pytest.mark.parametrize("way", [chat, streamed])
@pytest.mark.parametrize("case", THINKING, ids=str)
async def test_thinking_is_shown_as_it_was_asked_for(way: Any, case: Thinking) -> None:
    async with emulators.run("anthropic", scenario={"answer": CALLED[:4]}) as emulator:
        message = await way(emulator, thinking=case.asked)
        thoughts = [block for block in message.content if block.type == "thinking"]
        again = await way(emulator, USER, message.to_param(), USER, thinking=case.asked)

        assert [block.thinking for block in thoughts] == [case.shown][: case.shown is not None]
        assert all(block.signature for block in thoughts)
        assert emulator.journal[0]["notes"]["thinking"] == case.noted
        assert again.stop_reason == "end_turn"


@pytest.mark.parametrize("way", [chat, streamed])
async def test_redacted_thinking_comes_and_goes_back(way: Any) -> None:
    scenario = {"answer": CALLED[:3], "redacted_thinking": True}
    async with emulators.run("anthropic", scenario=scenario) as emulator:
        message = await way(emulator)
        again = await way(emulator, USER, message.to_param(), USER)

        assert [block.type for block in message.content] == ["redacted_thinking", "text"]
        assert again.content[0].data == message.content[0].data


@pytest.mark.parametrize("way", [chat, streamed])
async def test_cached_tokens_are_not_among_the_input_tokens(way: Any) -> None:
    usage = {"input_tokens": 100, "output_tokens": 20, "cached_tokens": 60, "reasoning_tokens": 5}
    scenario = {"answer": [{"text": "hi"}, {"usage": usage}], "cache_creation_tokens": 30}
    async with emulators.run("anthropic", scenario=scenario) as emulator:
        got = (await way(emulator)).usage

        assert (got.input_tokens, got.cache_read_input_tokens) == (10, 60)
        assert (got.cache_creation_input_tokens, got.output_tokens) == (30, 20)
        assert got.output_tokens_details.thinking_tokens == 5


class End(NamedTuple):
    answer: Any
    fields: dict[str, Any]
    text: str
    reason: str
    stop: str | None = None


ENDS = [
    End("echo", {"max_tokens": 2}, "one two", "max_tokens"),
    End("echo", {"max_tokens": 3}, "one two three", "end_turn"),
    End("echo", {"max_tokens": 0}, "", "max_tokens"),
    End("echo", {"stop_sequences": ["three", "wo"]}, "one t", "stop_sequence", "wo"),
    End("echo", {"stop_sequences": ["one"]}, "", "stop_sequence", "one"),
    End([{"text": "a b c"}], {"max_tokens": 1}, "a b c", "end_turn"),
    End(
        [{"text": "a b"}, {"text": " c"}], {"stop_sequences": ["b c"]}, "a ", "stop_sequence", "b c"
    ),
    End([{"text": "a"}, {"finish_reason": "length"}], {}, "a", "max_tokens"),
    End([{"text": "a"}, {"finish_reason": "content_filter"}], {}, "a", "refusal"),
    End([{"text": "a"}, {"finish_reason": "pause_turn"}], {}, "a", "pause_turn"),
    End([{"text": "a"}, {"refusal": "I will not"}], {}, "a", "refusal"),
]


@pytest.mark.parametrize("way", [chat, streamed])
@pytest.mark.parametrize("case", ENDS, ids=str)
async def test_an_answer_ends_as_it_must(way: Any, case: End) -> None:
    async with emulators.run("anthropic", scenario={"answer": case.answer}) as emulator:
        message = await way(emulator, **case.fields)

        assert "".join(block.text for block in message.content) == case.text
        assert (message.stop_reason, message.stop_sequence) == (case.reason, case.stop)
        assert (message.stop_details is not None) == (case.reason == "refusal")


async def test_a_refusal_is_explained() -> None:
    async with emulators.run("anthropic", scenario={"answer": [{"refusal": "No."}]}) as emulator:
        message = await streamed(emulator)

        assert message.content == []
        assert message.stop_details is not None
        assert message.stop_details.explanation == "No."


@pytest.mark.parametrize(("prefill", "rest"), [("one two", " three"), ("Well:", "one two three")])
async def test_an_answer_goes_on_after_a_prefill(prefill: str, rest: str) -> None:
    async with emulators.run("anthropic") as emulator:
        message = await streamed(emulator, USER, {"role": "assistant", "content": prefill})

        assert [block.to_dict().get("text") for block in message.content] == [rest]


async def test_models_are_listed_a_page_at_a_time() -> None:
    async with emulators.run("anthropic") as emulator, sdk(emulator) as client:
        names = [model.id async for model in client.models.list(limit=1)]
        one = await client.models.retrieve("any-name")
        with pytest.raises(anthropic.NotFoundError):
            await client.models.retrieve("missing-model")

        assert names[0] == "mock-model"
        assert "mock-large" in names
        assert (one.id, one.lifecycle) == ("any-name", "active")
        assert one.capabilities is not None
        assert one.capabilities.thinking.types.adaptive.supported


async def test_tokens_are_counted_as_usage_counts_them() -> None:
    async with emulators.run("anthropic") as emulator, sdk(emulator) as client:
        count = await client.messages.count_tokens(
            model="m", system="be kind", messages=asked()["messages"]
        )
        message = await chat(emulator, system="be kind")

        assert count.input_tokens == message.usage.input_tokens == 5


class Failed(NamedTuple):
    status: int
    error: type[anthropic.APIStatusError]
    kind: str


FAILURES = [
    Failed(400, anthropic.BadRequestError, "invalid_request_error"),
    Failed(401, anthropic.AuthenticationError, "authentication_error"),
    Failed(402, anthropic.PaymentRequiredError, "billing_error"),
    Failed(403, anthropic.PermissionDeniedError, "permission_error"),
    Failed(404, anthropic.NotFoundError, "not_found_error"),
    Failed(409, anthropic.ConflictError, "conflict_error"),
    Failed(413, anthropic.ContentTooLargeError, "request_too_large"),
    Failed(422, anthropic.UnprocessableEntityError, "invalid_request_error"),
    Failed(429, anthropic.RateLimitError, "rate_limit_error"),
    Failed(500, anthropic.InternalServerError, "api_error"),
    Failed(504, anthropic.GatewayTimeoutError, "timeout_error"),
    Failed(529, anthropic.OverloadedError, "overloaded_error"),
]


@pytest.mark.parametrize("case", FAILURES, ids=lambda case: str(case.status))
async def test_each_status_has_its_own_error(case: Failed) -> None:
    scenario = {"status": case.status, "retry_after": 7}
    async with emulators.run("anthropic", scenario=scenario) as emulator:
        with pytest.raises(case.error) as caught:
            await chat(emulator)

        assert (caught.value.status_code, caught.value.type) == (case.status, case.kind)
        assert caught.value.response.headers["retry-after"] == "7"
        assert isinstance(caught.value.body, dict)
        assert caught.value.body["request_id"] == caught.value.request_id
        assert caught.value.body["type"] == "error"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (529, "overloaded_error"),
        ("rate_limit_error", "rate_limit_error"),
        ("server_error", "api_error"),
    ],
)
async def test_an_error_may_come_in_the_stream(code: object, kind: str) -> None:
    scenario = {"error_event": {"after_events": 4, "code": code, "message": "no more"}}
    async with emulators.run("anthropic", scenario=scenario) as emulator:
        with pytest.raises(anthropic.APIStatusError) as caught:
            await streamed(emulator)

        assert (caught.value.type, caught.value.api_message) == (kind, "no more")
        assert isinstance(caught.value.body, dict)
        assert caught.value.body["request_id"] == caught.value.request_id


async def test_a_missing_model_is_not_found() -> None:
    async with emulators.run("anthropic") as emulator, sdk(emulator) as client:
        with pytest.raises(anthropic.NotFoundError, match="model: missing-model"):
            await client.messages.create(**asked(model="missing-model"))


async def test_a_cut_stream_has_no_end() -> None:
    scenario = {"cut": {"after_events": 5}}
    async with (
        emulators.run("anthropic", scenario=scenario) as emulator,
        sdk(emulator) as client,
        client.messages.stream(**asked()) as stream,
    ):
        texts = aiter(stream.text_stream)
        came = [await anext(texts), await anext(texts)]

        assert came == ["one", " two"]
        with pytest.raises(httpx2.RemoteProtocolError):
            await anext(texts)


async def test_a_cancelled_stream_is_left_at_once() -> None:
    async with emulators.run("anthropic", scenario={"stall": {"after_events": 4}}) as emulator:
        async with (
            sdk(emulator) as client,
            client.messages.stream(**asked()) as stream,
        ):
            async for _ in stream.text_stream:
                break

        await emulator.wait_idle()
        assert emulator.abandoned == 1
