"""What Responses refuse, and how: each row is one wrong request."""

from typing import Any, NamedTuple

import pytest
from tests.emulators.openai_wire import KEY, WEATHER, openai, respond
from tests.emulators.wire import exchange, post_json

from dragoman.emulators.openai_reasoning import sealed

ASK = {"role": "user", "content": "hi"}
TOOL = {"type": "function", "name": "f", "parameters": {"type": "object"}}
CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "1"}
SAID = {"role": "assistant", "content": "yes"}


def thought(**fields: Any) -> dict[str, Any]:
    return {"type": "reasoning", "id": "rs_1", "summary": [], **fields}


def part(part: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return {"input": [{"role": role, "content": [part]}]}


def schema(schema: Any, **fields: Any) -> dict[str, Any]:
    return {"text": {"format": {"type": "json_schema", "name": "s", "schema": schema, **fields}}}


class Case(NamedTuple):
    what: str
    fields: dict[str, Any]
    param: str | None
    code: str | None = None
    status: int = 400


MISSING = "missing_required_parameter"
SHAPES = [
    Case("no input", {"input": None}, "input", MISSING),
    Case("no items", {"input": []}, "input", "invalid_value"),
    Case("an unknown item", {"input": [{"type": "thing"}]}, "input[0].type", "invalid_value"),
    Case("an unknown role", {"input": [{**ASK, "role": "tool"}]}, "input[0].role"),
    Case("no content", {"input": [{"role": "user"}]}, "input[0].content", MISSING),
    Case("a limit of nothing", {"max_output_tokens": 0}, "max_output_tokens", "invalid_value"),
    Case("a limit in words", {"max_output_tokens": "5"}, "max_output_tokens", "invalid_type"),
    Case("an unknown include", {"include": ["all"]}, "include[0]", "invalid_value"),
    Case("an unknown summary", {"reasoning": {"summary": "long"}}, "reasoning.summary"),
    Case("stream options alone", {"stream_options": {}}, "stream_options"),
    Case(
        "a part of the other API", part({"type": "text", "text": "a"}), "input[0].content[0].type"
    ),
    Case(
        "the user's part of an assistant",
        part({"type": "input_text", "text": "a"}, "assistant"),
        "input[0].content[0]",
    ),
    Case(
        "the assistant's part of a user",
        part({"type": "output_text", "text": "a"}),
        "input[0].content[0]",
    ),
    Case("a wrong id", {"input": [{**CALL, "id": "call_1"}, RESULT]}, "input[0].id"),
]
MEDIA = [
    Case(
        "no image",
        part({"type": "input_image", "image_url": "data:image/png;base64,aGVsbG8="}),
        "input[0].content[0].image_url",
        "invalid_image_format",
    ),
    Case(
        "no base64",
        part({"type": "input_image", "image_url": "data:image/png;base64,%"}),
        "input[0].content[0].image_url",
        "invalid_base64_image",
    ),
    Case("an image of nothing", part({"type": "input_image"}), "input[0].content[0]", MISSING),
    Case("a file of nothing", part({"type": "input_file"}), "input[0].content[0].file_id", MISSING),
    Case(
        "an image that is none in a result",
        {
            "input": [
                CALL,
                {**RESULT, "output": [{"type": "input_image", "image_url": "ftp://a"}]},
            ]
        },
        "input[1].output[0].image_url",
        "invalid_image_url",
    ),
]
PAIRS = [
    Case("a result of nothing", {"input": [ASK, RESULT]}, "input"),
    Case("a call without result", {"input": [ASK, CALL]}, "input"),
    Case("a result before its call", {"input": [RESULT, CALL]}, "input"),
    Case("two results of a call", {"input": [CALL, RESULT, RESULT]}, "input"),
    Case("reasoning that leads to nothing", {"input": [thought(encrypted_content="x")]}, None),
    Case(
        "reasoning before the user",
        {"input": [thought(encrypted_content=sealed("a")), ASK]},
        "input",
    ),
    Case("reasoning by an unknown id", {"input": [thought(), SAID]}, "input", status=404),
    Case("an unknown id", {"input": [{"type": "item_reference", "id": "x"}]}, "input", status=404),
    Case("an unknown id alone", {"input": [{"id": "x"}]}, "input", status=404),
]
SEALS = [
    Case("a foreign seal", {"input": [thought(encrypted_content="abc"), SAID]}, None),
    Case("a cut seal", {"input": [thought(encrypted_content=sealed("a")[:-4]), SAID]}, None),
    Case("a bent seal", {"input": [thought(encrypted_content="gAAAAx"), SAID]}, None),
    Case(
        "a seal of another text",
        {
            "input": [
                thought(
                    encrypted_content=sealed("a"), summary=[{"type": "summary_text", "text": "b"}]
                ),
                SAID,
            ]
        },
        None,
    ),
]
TOOLS = [
    Case("a tool of another kind", {"tools": [{"type": "thing"}]}, "tools[0].type"),
    Case(
        "a tool of the other API",
        {"tools": [{"type": "function", "function": {}}]},
        "tools[0].name",
    ),
    Case("a tool twice", {"tools": [TOOL, TOOL]}, "tools[1].name"),
    Case(
        "parameters that are no schema",
        {"tools": [{**TOOL, "parameters": {"type": "x"}}]},
        "tools[0].parameters",
        "invalid_function_parameters",
    ),
    Case(
        "a strict tool that is open",
        {"tools": [{**TOOL, "strict": True}]},
        "tools[0].parameters",
        "invalid_function_parameters",
    ),
    Case("a choice without tools", {"tool_choice": "required"}, "tool_choice"),
    Case(
        "a choice of no tool",
        {"tools": [TOOL], "tool_choice": {"type": "function", "name": "g"}},
        "tool_choice",
    ),
    Case("an unknown choice", {"tools": [TOOL], "tool_choice": {"type": "g"}}, "tool_choice.type"),
]
FORMATS = [
    Case("an unknown format", {"text": {"format": {"type": "xml"}}}, "text.format.type"),
    Case("no schema", schema({"type": "thing"}), "text.format.schema"),
    Case("a list at the root", schema({"type": "array"}), "text.format.schema"),
    Case(
        "a strict schema that is open",
        schema({"type": "object"}, strict=True),
        "text.format.schema",
    ),
    Case("JSON without the word", {"text": {"format": {"type": "json_object"}}}, "input"),
]
CASES = [*SHAPES, *MEDIA, *PAIRS, *SEALS, *TOOLS, *FORMATS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
async def test_what_is_wrong_is_refused_by_its_name_and_noted(case: Case) -> None:
    async with openai() as (emulator, _):
        reply = await respond(emulator, **case.fields)

        error = reply.json()["error"]
        assert reply.status == case.status, error
        assert error["type"] == "invalid_request_error"
        assert error["param"] == case.param
        assert case.code in (None, error["code"])
        assert emulator.journal[0]["complaints"] == [error["message"]]


@pytest.mark.parametrize("case", SEALS, ids=lambda case: case.what)
async def test_a_seal_that_was_harmed_has_a_code_of_its_own(case: Case) -> None:
    async with openai() as (emulator, _):
        reply = await respond(emulator, **case.fields)

        assert reply.json()["error"]["code"] == "invalid_encrypted_content"


async def test_a_refused_request_is_not_stored() -> None:
    async with openai() as (emulator, _):
        await respond(emulator, input=[RESULT])
        reply = await respond(emulator, previous_response_id="resp_1")

        assert reply.json()["error"]["code"] == "previous_response_not_found"


async def test_a_stored_call_still_wants_its_result() -> None:
    call = {"tool_call": {"name": "f", "arguments": {}}}
    async with openai({"answer": [call]}) as (emulator, _):
        said = (await respond(emulator, tools=[TOOL])).json()
        reply = await respond(emulator, input="go on", previous_response_id=said["id"])

        assert reply.status == 400
        assert "call_1" in reply.json()["error"]["message"]


async def test_what_the_emulator_does_not_play_is_taken_and_noted() -> None:
    searched = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {}}
    async with openai() as (emulator, _):
        reply = await respond(
            emulator,
            input=[searched, ASK],
            tools=[{"type": "web_search"}],
            background=True,
            top_k=5,
        )

        assert reply.json()["output"][0]["content"][0]["text"] == "hi"
        told = emulator.journal[0]["complaints"]
        assert [
            word for word in ("background", "web_search_call", "top_k") if word in str(told)
        ] == [
            "background",
            "web_search_call",
            "top_k",
        ]
        assert emulator.journal[0]["notes"] == {"tools": ["web_search"]}


@pytest.mark.parametrize(
    ("tool", "choice"),
    [
        ({"type": "custom", "name": "shell"}, {"type": "custom", "name": "shell"}),
        ({"type": "web_search"}, {"type": "web_search"}),
    ],
    ids=["custom", "web search"],
)
async def test_tools_that_are_no_functions_are_taken_and_never_called(
    tool: dict[str, str], choice: dict[str, str]
) -> None:
    async with openai() as (emulator, _):
        reply = await respond(emulator, tools=[tool], tool_choice=choice)

        assert reply.json()["output"][0]["content"][0]["text"] == "one two"
        assert reply.json()["tool_choice"] == choice


async def test_reasoning_may_lead_to_a_tool_of_the_services_own() -> None:
    searched = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    known = thought(encrypted_content=sealed("a"))
    async with openai() as (emulator, _):
        replies = [
            await respond(emulator, input=[known, following, ASK])
            for following in (
                searched,
                {"type": "mcp_approval_response"},
                {"type": "shell_call_output"},
            )
        ]

        assert [reply.status for reply in replies] == [200, 200, 400]


async def test_fields_inside_items_and_tools_are_noted_too() -> None:
    async with openai() as (emulator, _):
        await respond(
            emulator,
            input=[{**ASK, "mood": "good"}],
            tools=[{**TOOL, "parameters": WEATHER, "colour": "red"}],
        )

        assert emulator.journal[0]["complaints"] == [
            "the service has no field 'tools[0].colour'",
            "the service has no field 'input[0].mood'",
        ]


async def test_a_body_without_a_model_is_refused() -> None:
    async with openai() as (emulator, _):
        reply = await exchange(emulator.url, post_json("/v1/responses", {"input": "hi"}, KEY))

        assert reply.json()["error"]["param"] == "model"
