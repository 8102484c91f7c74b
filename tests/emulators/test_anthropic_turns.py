"""Which conversations the Anthropic emulator takes: roles, empty texts, calls and results."""

import pytest
from tests.emulators.anthropic_client import (
    CALL,
    RESULT,
    USER,
    Case,
    ask,
    assert_refused,
    fields,
    said,
)

from dragoman import emulators

TEXT = {"type": "text", "text": "hi"}
MARKED = {**TEXT, "cache_control": {"type": "ephemeral"}}
FOREIGN = {**RESULT, "tool_use_id": "toolu_9"}
TURNS = [
    Case(
        fields(messages=[{"role": "tool", "content": "x"}]),
        "messages.0.role: Input should be 'user', 'assistant' or 'system'",
    ),
    Case(
        fields(messages=[{"role": "assistant", "content": "x"}, USER]),
        'messages: first message must use the "user" role',
    ),
    Case(
        fields(messages=[{"role": "system", "content": "x"}, USER]),
        'messages: first message must use the "user" role',
    ),
    Case(
        {
            **said("hi", "ho"),
            "messages": [*said("hi", "ho")["messages"], {"role": "system", "content": "x"}],
        },
        "messages.2: a system message must follow a user message",
    ),
    Case(
        fields(messages=[USER, {"role": "system", "content": [CALL]}]),
        "messages.1.content.0: system messages take `text` blocks only",
    ),
    Case(said(""), "messages.0: all messages must have non-empty content"),
    Case(said([]), "messages.0: all messages must have non-empty content"),
    Case(said([{"type": "text", "text": ""}]), "messages: text content blocks must be non-empty"),
    Case(said(" \n"), "messages: text content blocks must contain non-whitespace text"),
    Case(said([{"text": "hi"}]), "messages.0.content.0.type: Field required"),
    Case(said([{**TEXT, "index": 0}]), "messages.0.content.0.text.index: Extra inputs are not"),
    Case(said("hi", "Well "), "messages: final assistant content cannot end with trailing"),
    Case(said([CALL]), "messages.0: `tool_use` blocks can only be in `assistant` messages"),
    Case(
        said("hi", [RESULT], "x"), "messages.1: `tool_result` blocks can only be in `user` messages"
    ),
    Case(
        said("hi", [CALL]),
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: "
        "toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next "
        "message.",
    ),
    Case(said("hi", [CALL], "so?"), "messages.1: `tool_use` ids were found without"),
    Case(said("hi", [CALL], [TEXT, RESULT]), "messages.1: `tool_use` ids were found without"),
    Case(
        said("hi", [CALL], [RESULT, FOREIGN]),
        "messages.2.content.1: unexpected `tool_use_id` found in `tool_result` blocks: toolu_9. "
        "Each `tool_result` block must have a corresponding `tool_use` block in the previous "
        "message.",
    ),
    Case(said([RESULT]), "messages.0.content.0: unexpected `tool_use_id` found in `tool_result`"),
    Case(
        said("hi", [CALL], [RESULT], "sunny", [RESULT]),
        "messages.4.content.0: unexpected `tool_use_id` found",
    ),
    Case(
        said("hi", [CALL], [RESULT, RESULT]),
        "messages.2.content.1: each `tool_use` must have a single result. Found multiple",
    ),
    Case(said("hi", [CALL], [RESULT], [CALL], [RESULT]), "messages: `tool_use` ids must be unique"),
    Case(
        said("hi", [CALL], [{"type": "tool_result", "tool_use_id": "toolu_1", "is_error": True}]),
        "messages.2.content.0.tool_result: content cannot be empty if `is_error` is true",
    ),
    Case(
        said("hi", [{**CALL, "id": "a b"}], [RESULT]),
        "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ),
    Case(
        said("hi", [{**CALL, "input": "{}"}], [RESULT]),
        "messages.1.content.0.tool_use.input: Input should be an object",
    ),
    Case(said([MARKED] * 5), "A maximum of 4 blocks with cache_control may be provided. Found 5."),
    Case(
        said([{**TEXT, "cache_control": {"type": "forever"}}]),
        "messages.0.content.0.text.cache_control.type: Input should be 'ephemeral'",
    ),
]


@pytest.mark.parametrize("case", TURNS, ids=lambda case: case.message[:60])
async def test_a_conversation_that_cannot_be_is_refused(case: Case) -> None:
    await assert_refused(case)


async def test_results_in_messages_of_their_own_are_one_turn() -> None:
    second = {**CALL, "id": "b"}
    results = [RESULT, {**RESULT, "tool_use_id": "b", "content": "rainy"}]
    messages = [
        USER,
        {"role": "assistant", "content": [CALL]},
        {"role": "assistant", "content": [second]},
        *({"role": "user", "content": [result]} for result in results),
    ]
    async with emulators.run("anthropic") as emulator:
        reply = await ask(emulator, fields(messages=messages))

        assert reply.json()["content"] == [{"type": "text", "text": "sunny\nrainy"}]


async def test_a_model_may_take_no_prefill() -> None:
    async with emulators.run("anthropic", scenario={"prefill": False}) as emulator:
        reply = await ask(emulator, said("hi", "Well"))

        assert reply.status == 400
        assert "does not support assistant message prefill" in reply.json()["error"]["message"]
