import msgspec
import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.anthropic_messages.request_encoder import encode_request
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.errors import InputError
from dragoman.messages import Message, Text
from dragoman.native import Native
from dragoman.tools import JsonSchema, Tool, ToolChoice

HI = (Message("user", (Text("Hi"),)),)
BASE = ChatRequest(model="m", messages=HI)
BODY: dict[str, object] = {
    "model": "m",
    "max_tokens": 8192,
    "messages": [{"role": "user", "content": "Hi"}],
    "stream": True,
}
TOOL = Tool(name="f", description="d", parameters={"properties": {}}, strict=True)
PLAIN = Tool(name="g")
TOOLS: dict[str, dict[str, object]] = {
    "f": {
        "name": "f",
        "description": "d",
        "strict": True,
        "input_schema": {"type": "object", "properties": {}},
    },
    "g": {"name": "g", "input_schema": {"type": "object", "properties": {}}},
}
SEARCH = Native(NAME, {"type": "web_search_20260318", "name": "web_search"})
SCHEMA = {"type": "object", "additionalProperties": False}

CASES: list[tuple[str, dict[str, object], dict[str, object]]] = [
    ("nothing more", {}, {}),
    ("a whole answer", {"stream": False}, {"stream": False}),
    (
        "options",
        {"temperature": 1.0, "top_p": 0.5, "top_k": 3, "max_tokens": 9, "stop": ("a",)},
        {"temperature": 1.0, "top_p": 0.5, "top_k": 3, "max_tokens": 9, "stop_sequences": ("a",)},
    ),
    ("a user", {"user": "u"}, {"metadata": {"user_id": "u"}}),
    (
        "a budget, for which there must be room",
        {"reasoning_budget": 2000},
        {"max_tokens": 10_192, "thinking": {"type": "enabled", "budget_tokens": 2000}},
    ),
    (
        "a schema beside an effort",
        {"output": JsonSchema(schema=SCHEMA), "reasoning_effort": "low"},
        {
            "output_config": {
                "format": {"type": "json_schema", "schema": SCHEMA},
                "effort": "low",
            },
            "thinking": {"type": "adaptive"},
        },
    ),
    ("tools", {"tools": (TOOL, PLAIN)}, {"tools": [TOOLS["f"], TOOLS["g"]]}),
    (
        "a tool of the service's, and one of another's",
        {"tools": (SEARCH, Native("gemini", {"x": 1}))},
        {"tools": [SEARCH.fields]},
    ),
    (
        "native fields of a tool",
        {"tools": (Tool(name="g", native=Native(NAME, {"defer_loading": True})),)},
        {"tools": [{**TOOLS["g"], "defer_loading": True}]},
    ),
    (
        "a forced tool, alone",
        {
            "tools": (TOOL, PLAIN),
            "tool_choice": ToolChoice("required", ("g",)),
            "parallel_tool_calls": False,
        },
        {
            "tools": [TOOLS["g"]],
            "tool_choice": {"type": "tool", "name": "g", "disable_parallel_tool_use": True},
        },
    ),
    (
        "some tools",
        {"tools": (TOOL, PLAIN, SEARCH), "tool_choice": ToolChoice("auto", ("f", "web_search"))},
        {"tools": [TOOLS["f"], SEARCH.fields], "tool_choice": {"type": "auto"}},
    ),
    (
        "any of two tools",
        {"tools": (TOOL, PLAIN), "tool_choice": ToolChoice("required", ("f", "g"))},
        {"tools": [TOOLS["f"], TOOLS["g"]], "tool_choice": {"type": "any"}},
    ),
    (
        "no tool",
        {
            "tools": (PLAIN,),
            "tool_choice": ToolChoice("none", ("f",)),
            "parallel_tool_calls": True,
        },
        {"tools": [TOOLS["g"]], "tool_choice": {"type": "none"}},
    ),
    (
        "only whether at once",
        {"tools": (PLAIN,), "parallel_tool_calls": True},
        {
            "tools": [TOOLS["g"]],
            "tool_choice": {"type": "auto", "disable_parallel_tool_use": False},
        },
    ),
    ("a choice of nothing", {"tool_choice": ToolChoice("auto")}, {}),
    (
        "native fields",
        {"user": "u", "native": Native(NAME, {"metadata": {"x": 1}, "speed": "fast"})},
        {"metadata": {"x": 1, "user_id": "u"}, "speed": "fast"},
    ),
    ("native fields of others", {"native": Native("gemini", {"x": 1})}, {}),
]


@pytest.mark.parametrize(("options", "told"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_chat_is_a_request(options: dict[str, object], told: dict[str, object]) -> None:
    chat = msgspec.structs.replace(BASE, **options)

    assert encode_request(chat) == {**BODY, **told}


def test_a_system_message_is_a_field() -> None:
    chat = msgspec.structs.replace(BASE, messages=(Message("system", (Text("s"),)), *HI))

    assert encode_request(chat) == {**BODY, "system": "s"}


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"temperature": 1.5}, "temperature"),
        ({"tool_choice": ToolChoice("required")}, "tool_choice"),
        ({"tools": (Tool(name="f", parameters={"type": "array"}),)}, "tools[0]"),
    ],
)
def test_what_cannot_be_said_is_refused_by_its_place(
    options: dict[str, object], place: str
) -> None:
    with pytest.raises(InputError) as caught:
        encode_request(msgspec.structs.replace(BASE, **options))

    assert caught.value.place == place
