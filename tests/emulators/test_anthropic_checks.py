"""What the Anthropic emulator refuses, and in which words."""

from base64 import b64encode
from typing import Any

import pytest
from tests.emulators.anthropic_client import (
    CALL,
    JPEG,
    KEY,
    NEW,
    OLD,
    PDF,
    PNG,
    RESULT,
    TOOL,
    USER,
    Case,
    ask,
    assert_refused,
    fields,
    picture,
    said,
)

from dragoman import emulators

ENABLED = {"type": "enabled", "budget_tokens": 1024}
TEXT = {"type": "text", "text": "hi"}
MARKED = {**TEXT, "cache_control": {"type": "ephemeral"}}


def tool(**changed: Any) -> dict[str, Any]:
    """A request with one tool, changed."""
    return fields(tools=[{**TOOL, **changed}])


def schema(**changed: Any) -> dict[str, Any]:
    """A request with a tool of this schema."""
    return tool(input_schema={"type": "object", **changed})


def answered(schema: Any) -> dict[str, Any]:
    """A request for an answer that fits a schema."""
    return fields(output_config={"format": {"type": "json_schema", "schema": schema}})


def chosen(choice: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A request with a tool choice."""
    return fields(tools=[TOOL], tool_choice=choice, **changed)


def document(source: dict[str, Any]) -> dict[str, Any]:
    """A request with one document."""
    return said([{"type": "document", "source": source}])


FIELDS = [
    Case(fields(model=...), "model: Field required"),
    Case(fields(model=5), "model: Input should be a valid string"),
    Case(fields(max_tokens=...), "max_tokens: Field required"),
    Case(fields(max_tokens="9"), "max_tokens: Input should be a valid integer"),
    Case(fields(max_tokens=-1), "max_tokens: Input should be greater than or equal to 0"),
    Case(fields(max_tokens=200_000), "max_tokens: 200000 > 128000, which is the maximum"),
    Case(fields(messages=...), "messages: Field required"),
    Case(fields(messages=[]), "messages: at least one message is required"),
    Case(fields(messages="hi"), "messages: Input should be a valid list"),
    Case(fields(frequency_penalty=1), "frequency_penalty: Extra inputs are not permitted"),
    Case(fields(stream="yes"), "stream: Input should be a valid boolean"),
    Case(fields(temperature=1.5), "temperature: Input should be less than or equal to 1"),
    Case(fields(temperature=True), "temperature: Input should be a valid number"),
    Case(fields(top_p=-0.1), "top_p: Input should be greater than or equal to 0"),
    Case(fields(top_k=0.5), "top_k: Input should be a valid integer"),
    Case(fields(stop_sequences="x"), "stop_sequences: Input should be a valid list"),
    Case(fields(stop_sequences=["\n"]), "stop_sequences: each stop sequence must contain"),
    Case(fields(service_tier="flex"), "service_tier: Input should be 'auto' or 'standard_only'"),
    Case(fields(metadata={"a": 1}), "metadata.a: Extra inputs are not permitted"),
    Case(fields(system=5), "system: Input should be a valid list"),
    Case(fields(system=[{"type": "text", "text": ""}]), "system: text content blocks must be"),
    Case(fields(system=[{"type": "image"}]), "system.0: Input tag 'image' found using 'type'"),
]

THINKING = [
    Case(fields(thinking={"type": "enabled"}), "thinking.enabled.budget_tokens: Field required"),
    Case(
        fields(thinking={**ENABLED, "budget_tokens": 512}),
        "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    ),
    Case(
        fields(thinking=ENABLED, max_tokens=1024),
        "`max_tokens` must be greater than `thinking.budget_tokens`",
    ),
    Case(
        fields(thinking={"type": "adaptive", "budget_tokens": 2000}),
        "thinking.adaptive.budget_tokens: Extra inputs are not permitted",
    ),
    Case(fields(thinking={"type": "on"}), "thinking: Input tag 'on' found using 'type'"),
    Case(fields(thinking=True), "thinking: Input should be an object"),
    Case(
        fields(thinking=ENABLED, temperature=0),
        "`temperature` may only be set to 1 when thinking is enabled",
    ),
    Case(fields(thinking=ENABLED, top_k=5), "`top_k` must be unset when thinking is enabled"),
    Case(fields(thinking=ENABLED, top_p=0.5), "`top_p` must be greater than or equal to 0.95"),
    Case(
        chosen({"type": "any"}, thinking=ENABLED),
        "Thinking may not be enabled when tool_choice forces tool use.",
    ),
    Case(
        {**said("hi", "Well"), "thinking": ENABLED},
        "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`",
    ),
    Case(
        said("hi", [{"type": "thinking", "thinking": "hm", "signature": "abc"}], "go on"),
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    Case(
        said("hi", [{"type": "thinking", "thinking": "hm", "signature": PNG}], "go on"),
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    Case(
        said("hi", [{"type": "thinking", "thinking": "hm", "signature": "no base64!"}], "go on"),
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    Case(
        said("hi", [{"type": "thinking", "thinking": "hm"}], "go on"),
        "messages.1.content.0.thinking.signature: Field required",
    ),
    Case(
        said("hi", [{"type": "redacted_thinking", "data": "abc"}], "go on"),
        "messages.1.content.0: Invalid `data` in `redacted_thinking` block",
    ),
]

TOOLS = [
    Case(tool(name="a.b"), "tools.0.custom.name: String should match pattern"),
    Case(fields(tools=[{"name": "a"}]), "tools.0.custom.input_schema: Field required"),
    Case(tool(parameters={}), "tools.0.custom.parameters: Extra inputs are not permitted"),
    Case(tool(type="function"), "tools.0: Input tag 'function' found using 'type'"),
    Case(tool(input_schema={}), "tools.0.custom.input_schema.type: Field required"),
    Case(
        tool(input_schema={"type": "string"}),
        "tools.0.custom.input_schema.type: Input should be 'object'",
    ),
    Case(
        schema(properties={"a": {"type": "text"}}),
        "tools.0.custom.input_schema: JSON schema is invalid.",
    ),
    Case(schema(properties={"a": {"type": "STRING"}}), "JSON schema is invalid."),
    Case(schema(properties={"a": {"type": None}}), "JSON schema is invalid."),
    Case(schema(properties=[]), "JSON schema is invalid."),
    Case(schema(required="a"), "JSON schema is invalid."),
    Case(tool(strict=True), "tools.0.custom: For 'object' type, 'additionalProperties' must be"),
    Case(fields(tools=[TOOL, TOOL]), "tools: Tool names must be unique."),
    Case(chosen({"type": "tool", "name": "x"}), "Tool 'x' not found in provided tools"),
    Case(chosen({"type": "tool"}), "tool_choice.tool.name: Field required"),
    Case(chosen({"type": "required"}), "tool_choice: Input tag 'required' found using 'type'"),
    Case(fields(tool_choice="auto"), "tool_choice: Input should be an object"),
    Case(fields(tool_choice={"type": "auto"}), "tool_choice: may only be specified while"),
    Case(fields(tools=[], tool_choice={"type": "any"}), "tool_choice: may only be specified"),
    Case(
        fields(output_config={"effort": "minimal"}), "output_config.effort: Input should be 'low'"
    ),
    Case(
        fields(output_config={"format": {"type": "json_object"}}),
        "output_config.format.schema: Field required",
    ),
    Case(answered({"type": "object"}), "'additionalProperties' must be explicitly set to false"),
    Case(
        answered({"type": "array", "items": {"type": "integer", "minimum": 1}}),
        "output_config.format.schema: For 'integer' type, properties minimum are not supported",
    ),
    Case(answered({"type": "nothing"}), "output_config.format.schema: JSON schema is invalid."),
]

SOURCES = [
    Case(picture({}), "messages.0.content.0.image.source.type: Field required"),
    Case(
        picture({"type": "base64", "media_type": "image/bmp", "data": PNG}),
        "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', "
        "'image/png', 'image/gif' or 'image/webp'",
    ),
    Case(
        picture({"type": "base64", "media_type": "image/png", "data": JPEG}),
        "messages.0.content.0.image.source.base64.data: Image does not match the provided media "
        "type image/png",
    ),
    Case(
        picture({"type": "base64", "media_type": "image/png", "data": "@@@"}),
        "messages.0.content.0.image.source.base64.data: invalid base64 data",
    ),
    Case(
        picture({"type": "base64", "media_type": "image/png", "data": f"data:;base64,{PNG}"}),
        "invalid base64 data",
    ),
    Case(
        picture({"type": "base64", "media_type": "image/png", "data": ""}),
        "messages.0.content.0.image.source.base64: image cannot be empty",
    ),
    Case(
        picture({"type": "base64", "media_type": "image/png", "data": "aGVsbG8="}),
        "Could not process image",
    ),
    Case(
        picture(
            {
                "type": "base64",
                "media_type": "image/webp",
                "data": b64encode(b"RIFF\0\0\0\0WAVE").decode(),
            }
        ),
        "Could not process image",
    ),
    Case(picture({"type": "url", "url": "http://x.test/y.png"}), "Only HTTPS URLs are supported."),
    Case(
        said([{"type": "image_url", "image_url": {"url": "x"}}]),
        "messages.0.content.0: Input tag 'image_url' found using 'type' does not match",
    ),
    Case(
        document({"type": "base64", "media_type": "application/pdf", "data": PNG}),
        "messages.0.content.0.document.source.base64.data: The PDF specified was not valid.",
    ),
    Case(
        document({"type": "text", "media_type": "text/html", "data": "x"}),
        "messages.0.content.0.document.source.text.media_type: Input should be 'text/plain'",
    ),
    Case(
        said("hi", [CALL], [{**RESULT, "content": [{"type": "image", "source": {}}]}]),
        "messages.2.content.0.tool_result.content.0.image.source.type: Field required",
    ),
]


@pytest.mark.parametrize(
    "case", [*FIELDS, *THINKING, *TOOLS, *SOURCES], ids=lambda case: case.message[:60]
)
async def test_a_wrong_request_is_refused_and_noted(case: Case) -> None:
    await assert_refused(case)


SYSTEM = {"role": "system", "content": "be brief"}
GOOD = [
    fields(system="be kind", metadata={"user_id": None}, service_tier="auto", stop_sequences=[]),
    fields(tools=[]),
    fields(tools=[TOOL], tool_choice={"type": "none"}),
    fields(tools=[TOOL], tool_choice={"type": "auto", "disable_parallel_tool_use": True}),
    tool(type="custom", description="d", cache_control={"type": "ephemeral", "ttl": "1h"}),
    answered({"type": "object", "properties": {}, "additionalProperties": False}),
    fields(messages=[USER, USER]),
    fields(messages=[USER, SYSTEM]),
    said("hi", "ho", [TEXT, {"type": "text", "text": " "}]),
    said("hi", [CALL, {**CALL, "id": "b"}], [{**RESULT, "tool_use_id": "b"}, RESULT, TEXT]),
    said(
        "hi",
        [CALL],
        [
            {
                **RESULT,
                "content": [
                    TEXT,
                    *picture({"type": "base64", "media_type": "image/png", "data": PNG})[
                        "messages"
                    ][0]["content"],
                ],
            }
        ],
    ),
    said("hi", [CALL], [{"type": "tool_result", "tool_use_id": "toolu_1"}]),
    picture({"type": "base64", "media_type": "image/jpeg", "data": JPEG}),
    picture({"type": "file", "file_id": "file_1"}),
    document({"type": "base64", "media_type": "application/pdf", "data": PDF}),
    document({"type": "content", "content": [TEXT]}),
    said([{"type": "search_result", "source": "s", "title": "t", "content": [TEXT]}, TEXT]),
    said([MARKED] * 4),
]


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("body", GOOD, ids=lambda body: repr(body)[40:140])
async def test_a_good_request_is_answered(body: Any, version: str) -> None:
    async with emulators.run("anthropic") as emulator:
        reply = await ask(emulator, body, KEY, version)

        assert (reply.status, emulator.journal[0]["complaints"]) == (200, [])


async def test_a_budget_may_be_above_the_limit_between_tools() -> None:
    interleaved = "anthropic-beta: interleaved-thinking-2025-05-14"
    body = fields(thinking={**ENABLED, "budget_tokens": 9000}, tools=[TOOL])
    async with emulators.run("anthropic") as emulator:
        plain = await ask(emulator, body, KEY, OLD)
        beta = await ask(emulator, body, KEY, OLD, interleaved)

        assert (plain.status, beta.status) == (400, 200)
        assert emulator.journal[1]["notes"]["betas"] == "interleaved-thinking-2025-05-14"


async def test_a_tool_of_the_service_is_noted() -> None:
    search = {"type": "web_search_20250305", "name": "web_search"}
    async with emulators.run("anthropic") as emulator:
        reply = await ask(emulator, fields(tools=[search]))

        assert reply.status == 200
        assert "web_search_20250305" in emulator.journal[0]["complaints"][0]


async def test_a_thought_that_was_changed_is_refused() -> None:
    async with emulators.run("anthropic", scenario={"answer": [{"reasoning": "hm"}]}) as emulator:
        (thought,) = (await ask(emulator, fields())).json()["content"]
        kept = await ask(emulator, said("hi", [thought], "go on"))
        changed = await ask(emulator, said("hi", [{**thought, "thinking": "ha"}], "go on"))
        emptied = await ask(emulator, said("hi", [{**thought, "thinking": ""}], "go on"))

        assert (kept.status, changed.status, emptied.status) == (200, 400, 400)


async def test_counting_checks_the_same_but_needs_no_limit() -> None:
    path = "/v1/messages/count_tokens"
    async with emulators.run("anthropic") as emulator:
        good = await ask(emulator, fields(max_tokens=...), path=path)
        limited = await ask(emulator, fields(), path=path)
        wrong = await ask(emulator, {**said("hi", [CALL]), "max_tokens": 1}, path=path)

        assert good.json() == {"input_tokens": 3}
        assert limited.json()["error"]["message"] == "max_tokens: Extra inputs are not permitted"
        assert wrong.status == 400
