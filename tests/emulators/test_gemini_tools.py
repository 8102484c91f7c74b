"""Gemini's far side and functions: calls, their results, signatures, and who must be called."""

from collections.abc import Callable
from typing import Any

import pytest
from google.genai import errors, types
from google.genai.client import AsyncClient
from tests.emulators.gemini_client import sdk

from dragoman import emulators

WEATHER = types.FunctionDeclaration(
    name="weather",
    description="The weather of a town.",
    parameters=types.Schema(
        type=types.Type.OBJECT,
        properties={
            "town": types.Schema(type=types.Type.STRING),
            "days": types.Schema(type=types.Type.INTEGER, minimum=2),
        },
        required=["town", "days"],
    ),
)
TIME = types.FunctionDeclaration(
    name="time",
    parameters_json_schema={
        "type": "object",
        "properties": {"zone": {"type": "string", "enum": ["UTC", "CET"]}},
        "required": ["zone"],
    },
)
TOOLS = [types.Tool(function_declarations=[WEATHER, TIME])]
CALLS = [
    {"reasoning": "look it up"},
    {"tool_call": {"name": "weather", "arguments": {"town": "Brest", "days": 3}}},
    {"tool_call": {"name": "time", "arguments": {"zone": "CET"}}},
]
NO_LOOP = types.AutomaticFunctionCallingConfig(disable=True)
STRICT = "gemini-3-pro-preview"


async def said(
    client: AsyncClient, contents: Any, *, stream: bool = False, model: str = "mock-model"
) -> types.Content:
    """What the model says, all its parts in one content."""
    config = types.GenerateContentConfig(tools=list(TOOLS), automatic_function_calling=NO_LOOP)
    wanted: dict[str, Any] = {"model": model, "contents": contents, "config": config}
    if stream:
        replies = [reply async for reply in await client.models.generate_content_stream(**wanted)]
    else:
        replies = [await client.models.generate_content(**wanted)]
    found = [reply.candidates[0].content for reply in replies if reply.candidates]
    parts = [part for content in found if content for part in content.parts or []]
    return types.Content(role="model", parts=parts)


def results(content: types.Content) -> types.Content:
    calls = [part.function_call for part in content.parts or [] if part.function_call]
    responses = [
        types.FunctionResponse(id=call.id, name=call.name, response={"result": f"of {call.name}"})
        for call in calls
    ]
    return types.Content(
        role="user", parts=[types.Part(function_response=response) for response in responses]
    )


def asking(text: str = "hi") -> types.Content:
    return types.Content(role="user", parts=[types.Part(text=text)])


@pytest.mark.parametrize("stream", [False, True])
async def test_calls_come_whole_and_the_first_is_signed(stream: bool) -> None:
    async with (
        emulators.run("gemini", scenario={"answer": CALLS}) as emulator,
        sdk(emulator.url) as client,
    ):
        content = await said(client, "hi", stream=stream)

        parts = [part for part in content.parts or [] if part.function_call]
        calls = [part.function_call for part in parts if part.function_call]
        shown = [(call.name, call.args) for call in calls]
        assert shown == [("weather", {"town": "Brest", "days": 3}), ("time", {"zone": "CET"})]
        assert len({call.id for call in calls}) == 2
        assert [bool(part.thought_signature) for part in parts] == [True, False]
        assert emulator.journal[0]["notes"]["tools"] == ["weather", "time"]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_round_trip_ends_in_the_results(stream: bool) -> None:
    async with (
        emulators.run("gemini", scenario={"answer": CALLS}) as emulator,
        sdk(emulator.url) as client,
    ):
        content = await said(client, "hi", stream=stream, model=STRICT)
        after = await said(client, [asking(), content, results(content)], stream=stream)

        assert "".join(part.text or "" for part in after.parts or []) == "of weather\nof time"
        signatures = emulator.journal[1]["notes"]["signatures"]
        assert signatures == {"returned": 1, "calls_without": 1}
        assert emulator.journal[1]["complaints"] == []


@pytest.mark.parametrize("scenario", [{}, {"answer": CALLS}], ids=["echo", "listed"])
async def test_results_are_echoed_even_where_a_call_is_forced(scenario: dict[str, Any]) -> None:
    config = types.GenerateContentConfig(
        tools=list(TOOLS),
        automatic_function_calling=NO_LOOP,
        tool_config=types.ToolConfig(
            function_calling_config=types.FunctionCallingConfig(
                mode=types.FunctionCallingConfigMode.ANY
            )
        ),
    )
    async with emulators.run("gemini", scenario=scenario) as emulator, sdk(emulator.url) as client:
        wanted: dict[str, Any] = {"model": "mock-model", "config": config}
        first = await client.models.generate_content(contents="hi", **wanted)
        (candidate,) = first.candidates or []
        assert candidate.content
        past = [asking(), candidate.content, results(candidate.content)]
        last = await client.models.generate_content(contents=past, **wanted)

        assert first.function_calls
        assert last.function_calls is None
        assert (last.text or "").startswith("of weather")


async def test_the_sdks_own_loop_of_calls_ends() -> None:
    def weather(town: str) -> str:
        """The weather of a town."""
        return f"rain in {town}"

    call = {"tool_call": {"name": "weather", "arguments": {"town": "Brest"}}}
    async with (
        emulators.run("gemini", scenario={"answer": [call]}) as emulator,
        sdk(emulator.url) as client,
    ):
        config = types.GenerateContentConfig(
            tools=[weather],
            automatic_function_calling=types.AutomaticFunctionCallingConfig(maximum_remote_calls=2),
        )
        reply = await client.models.generate_content(
            model="mock-model", contents="hi", config=config
        )

        assert reply.text == "rain in Brest"
        assert [len(entry["body"]["contents"]) for entry in emulator.journal] == [1, 3]
        assert all(entry["complaints"] == [] for entry in emulator.journal)


def unsigned(content: types.Content) -> None:
    for part in content.parts or []:
        part.thought_signature = None


def garbled(content: types.Content) -> None:
    for part in content.parts or []:
        if part.thought_signature:
            part.thought_signature = part.thought_signature[:-1] + b"!"


def moved(content: types.Content) -> None:
    signed, other = (part for part in content.parts or [] if part.function_call)
    other.thought_signature, signed.thought_signature = signed.thought_signature, None


def other_arguments(content: types.Content) -> None:
    for part in content.parts or []:
        if part.function_call and part.function_call.args:
            part.function_call.args["more"] = 1


def skipped(content: types.Content) -> None:
    for part in content.parts or []:
        if part.thought_signature:
            part.thought_signature = b"skip_thought_signature_validator"


HARMS = [
    (STRICT, unsigned, "missing a thought_signature"),
    (STRICT, moved, "Corrupted thought signature"),
    ("mock-model", garbled, "Corrupted thought signature"),
    ("mock-model", other_arguments, "Corrupted thought signature"),
]


@pytest.mark.parametrize(("model", "harm", "message"), HARMS)
async def test_a_harmed_signature_is_refused(
    model: str, harm: Callable[[types.Content], None], message: str
) -> None:
    async with (
        emulators.run("gemini", scenario={"answer": CALLS}) as emulator,
        sdk(emulator.url) as client,
    ):
        content = await said(client, "hi", model=model)
        harm(content)

        with pytest.raises(errors.ClientError, match=message) as caught:
            await said(client, [asking(), content, results(content)], model=model)

        assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")
        assert message in emulator.journal[1]["complaints"][0]


TOLERATED = [("mock-model", unsigned), (STRICT, skipped)]


@pytest.mark.parametrize(("model", "harm"), TOLERATED)
async def test_what_is_allowed_to_a_signature(
    model: str, harm: Callable[[types.Content], None]
) -> None:
    async with (
        emulators.run("gemini", scenario={"answer": CALLS}) as emulator,
        sdk(emulator.url) as client,
    ):
        content = await said(client, "hi", model=model)
        harm(content)
        await said(client, [asking(), content, results(content)], model=model)

        assert emulator.journal[1]["complaints"] == []


async def test_only_the_current_turn_needs_its_signatures() -> None:
    async with (
        emulators.run("gemini", scenario={"answer": CALLS}) as emulator,
        sdk(emulator.url) as client,
    ):
        content = await said(client, "hi", model=STRICT)
        unsigned(content)
        past = [asking(), content, results(content), types.Content(role="model", parts=[text()])]
        await said(client, [*past, asking("go on")], model=STRICT)

        assert emulator.journal[1]["complaints"] == []


def text() -> types.Part:
    return types.Part(text="done")


FORCED = [(None, "weather", {"town": "text", "days": 2}), (["time"], "time", {"zone": "UTC"})]


@pytest.mark.parametrize(("allowed", "name", "arguments"), FORCED)
async def test_a_forced_call_has_arguments_that_fit(
    allowed: list[str] | None, name: str, arguments: dict[str, Any]
) -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        choice = types.FunctionCallingConfig(
            mode=types.FunctionCallingConfigMode.ANY, allowed_function_names=allowed
        )
        config = types.GenerateContentConfig(
            tools=list(TOOLS),
            tool_config=types.ToolConfig(function_calling_config=choice),
            automatic_function_calling=NO_LOOP,
        )
        reply = await client.models.generate_content(
            model="mock-model", contents="hi", config=config
        )

        (call,) = reply.function_calls or []
        assert (call.name, call.args) == (name, arguments)


async def test_a_result_may_bring_a_picture() -> None:
    async with emulators.run("gemini") as emulator, sdk(emulator.url) as client:
        call = types.Part(function_call=types.FunctionCall(name="weather", args={}))
        blob = types.FunctionResponseBlob(mime_type="image/png", data=b"\x89PNG")
        response = types.FunctionResponse(
            name="weather",
            response={"output": "see"},
            parts=[types.FunctionResponsePart(inline_data=blob)],
        )
        contents = [
            asking(),
            types.Content(role="model", parts=[call]),
            types.Content(role="user", parts=[types.Part(function_response=response)]),
        ]
        content = await said(client, contents)

        assert "".join(part.text or "" for part in content.parts or []) == "see"
        noted = emulator.journal[0]["notes"]["media"]
        assert noted == [{"mime_type": "image/png", "size_bytes": 4}]
