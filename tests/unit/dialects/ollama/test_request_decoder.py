"""What a program asks in Ollama's chat, and what is wrong with it."""

import base64
from typing import Any

import msgspec
import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.ollama.request_decoder import decode_request
from dragoman.errors import InputError
from dragoman.features import fit
from dragoman.messages import Image, Message, Reasoning, Text, ToolCall, ToolResult
from dragoman.native import Native
from dragoman.tools import Tool

PNG = b"\x89PNG\r\n\x1a\n"
PNG_64 = base64.b64encode(PNG).decode()
HI = {"role": "user", "content": "Hi"}


def heard(*messages: Any, **fields: Any) -> ChatRequest:
    body = {"model": "m", "messages": list(messages) or [HI], **fields}
    return decode_request(msgspec.json.encode(body))


def call(name: str, arguments: Any = None, **fields: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}, **fields}


def calls(*listed: Any) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": list(listed)}


def result(content: str = "", **fields: Any) -> dict[str, Any]:
    return {"role": "tool", "content": content, **fields}


def test_a_chat_streams_unless_it_says_otherwise() -> None:
    body = msgspec.json.encode({"model": "m", "messages": [HI], "stream": False})

    assert heard().stream is True
    assert heard(stream=None).stream is True
    assert decode_request(body).stream is False
    assert decode_request(body, model="other", stream=True) == ChatRequest(
        model="other", messages=(Message("user", (Text("Hi"),)),)
    )


def test_a_turn_has_thoughts_a_text_images_and_calls() -> None:
    turn = {**calls(call("f", {"a": [1]}, id="x")), "thinking": "hm", "content": "So."}
    chat = heard(
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Look.", "images": [PNG_64, PNG_64.rstrip("=")]},
        {"role": "user", "images": [PNG_64]},
        turn,
        {"role": "assistant", "content": ""},
    )

    image = Image(content=PNG, media_type="image/png")
    assert chat.messages == (
        Message("system", (Text("Be brief."),)),
        Message("user", (Text("Look."), image, image)),
        Message("user", (image,)),
        Message("assistant", (Reasoning("hm"), Text("So."), ToolCall("x", "f", '{"a":[1]}'))),
        Message("assistant", ()),
    )


class Matched(msgspec.Struct):
    name: str
    messages: list[dict[str, Any]]
    ids: list[str]
    """Those of the calls, then those that the results are of."""


MATCHED = [
    Matched(
        "by name, in order, where there are no ids",
        [
            calls(call("f"), call("g"), call("f")),
            *(result(tool_name=name) for name in ("f", "f", "g")),
        ],
        ["call_0", "call_1", "call_2", "call_0", "call_2", "call_1"],
    ),
    Matched(
        "over the whole conversation",
        [calls(call("f")), result(tool_name="f"), calls(call("f")), result(tool_name="f")],
        ["call_0", "call_1", "call_0", "call_1"],
    ),
    Matched(
        "beside ids that look made",
        [calls(call("f"), call("g", id="call_0")), result(tool_name="f"), result(tool_name="g")],
        ["call_1", "call_0", "call_1", "call_0"],
    ),
    Matched(
        "by id, whatever the order and the name",
        [
            calls(call("f", id="a"), call("f", id="b")),
            result(tool_call_id="b"),
            result(tool_call_id="a", tool_name="other"),
        ],
        ["a", "b", "b", "a"],
    ),
    Matched(
        "by order, where a result says nothing",
        [calls(call("f"), call("g")), result(), result()],
        ["call_0", "call_1", "call_0", "call_1"],
    ),
    Matched(
        "by name, where the calls have lost their ids on the way",
        [calls(call("f"), call("g")), result(tool_call_id="x", tool_name="g")],
        ["call_0", "call_1", "call_1"],
    ),
]


@pytest.mark.parametrize("case", MATCHED, ids=lambda case: case.name)
def test_results_are_matched_with_their_calls(case: Matched) -> None:
    parts = [part for message in heard(*case.messages).messages for part in message.parts]

    made = [part.id for part in parts if isinstance(part, ToolCall)]
    answered = [part.call_id for part in parts if isinstance(part, ToolResult)]
    assert made + answered == case.ids


def test_a_result_has_a_text_and_images() -> None:
    chat = heard(calls(call("f")), result("warm", tool_name="f", images=[PNG_64], label="x"))

    image = Image(content=PNG, media_type="image/png")
    own = Native("ollama", {"label": "x"})
    assert chat.messages[1] == Message(
        "tool", (ToolResult("call_0", (Text("warm"), image), native=own),)
    )


def test_tools_are_functions_and_others_are_the_dialects_own() -> None:
    schema = {"type": "object", "properties": {"city": {"type": ["string", "null"]}}}
    chat = heard(
        tools=[
            {
                "type": "function",
                "function": {"name": "f", "description": "d", "parameters": schema},
            },
            {"function": {"name": "g", "strict": True}, "items": []},
            {"type": "web_search", "max_results": 3},
        ]
    )

    assert chat.tools == (
        Tool(name="f", description="d", parameters=schema),
        Tool(name="g", native=Native("ollama", {"items": [], "function.strict": True})),
        Native("ollama", {"type": "web_search", "max_results": 3}),
    )
    assert heard(tools=[]).tools is None


def test_fields_that_are_not_known_are_kept_where_they_were() -> None:
    entry = call("f", {}, id="a", extra=1)
    entry["function"]["description"] = "d"
    chat = heard({**HI, "name": "Ann", "thinking": "hm"}, calls(entry), tool_choice="auto")

    assert chat.native == Native("ollama", {"tool_choice": "auto"})
    assert chat.messages[0].native == Native("ollama", {"name": "Ann", "thinking": "hm"})
    (made,) = chat.messages[1].parts
    assert isinstance(made, ToolCall)
    assert made.native == Native("ollama", {"extra": 1, "function.description": "d"})


def test_hints_are_left_out_for_others_and_named() -> None:
    chat = heard(keep_alive="5m", truncate=False, shift=True, options={"num_ctx": 4096})

    fitted, dropped = fit(chat, "other", {}, "openai_chat")

    assert fitted.native is not None
    assert dropped == ("keep_alive", "options.num_ctx", "shift", "truncate")


BAD_BASE64 = "%%%"
PDF_64 = base64.b64encode(b"%PDF-1.7").decode()


def tool(**fields: Any) -> dict[str, Any]:
    return {"tools": [{"type": "function", "function": {"name": "f", **fields}}]}


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        (None, None),
        ("model", {"model": None}),
        ("model", {"model": ""}),
        ("stream", {"stream": "yes"}),
        ("messages", {"messages": None}),
        ("messages", {"messages": []}),
        ("messages", {"messages": "Hi"}),
        ("messages[0]", {"messages": ["Hi"]}),
        ("messages[0].role", {"messages": [{"content": "Hi"}]}),
        ("messages[0].role", {"messages": [{"role": "developer", "content": "Hi"}]}),
        ("messages[0].content", {"messages": [{"role": "user", "content": [{"type": "text"}]}]}),
        ("messages[0].content", {"messages": [{"role": "user", "content": 3}]}),
        ("messages[0].thinking", {"messages": [{"role": "assistant", "thinking": True}]}),
        ("messages[0].images", {"messages": [{**HI, "images": PNG_64}]}),
        ("messages[0].images[0]", {"messages": [{**HI, "images": [{"url": "x"}]}]}),
        ("messages[0].images[0]", {"messages": [{**HI, "images": [""]}]}),
        ("messages[0].images[1]", {"messages": [{**HI, "images": [PNG_64, BAD_BASE64]}]}),
        ("messages[0].images[0]", {"messages": [{**HI, "images": [PDF_64]}]}),
        ("messages[0].images[0]", {"messages": [{**HI, "images": ["aGVsbG8="]}]}),
        ("messages[0].tool_calls", {"messages": [{"role": "assistant", "tool_calls": {}}]}),
        ("messages[0].tool_calls[0]", {"messages": [calls("f")]}),
        ("messages[0].tool_calls[0].id", {"messages": [calls(call("f", id=7))]}),
        ("messages[0].tool_calls[0].function", {"messages": [calls({})]}),
        ("messages[0].tool_calls[0].function.name", {"messages": [calls(call(""))]}),
        ("messages[0].tool_calls[0].function.arguments", {"messages": [calls(call("f", "{}"))]}),
        ("messages[0].tool_calls[0].function.arguments", {"messages": [calls(call("f", [1]))]}),
        ("messages[1]", {"messages": [HI, result(tool_name="f")]}),
        ("messages[1]", {"messages": [calls(call("f")), result(tool_name="g")]}),
        ("messages[1]", {"messages": [calls(call("f", id="a")), result(tool_call_id="b")]}),
        ("messages[2]", {"messages": [calls(call("f")), result(tool_name="f"), result()]}),
        ("messages[1].tool_name", {"messages": [calls(call("f")), result(tool_name=1)]}),
        ("tools", {"tools": {}}),
        ("tools[0].type", {"tools": [{"type": 1}]}),
        ("tools[0].function", {"tools": [{"type": "function"}]}),
        ("tools[0].function.name", tool(name="")),
        ("tools[0].function.description", tool(description=1)),
        ("tools[0].function.parameters", tool(parameters=[])),
        ("tools[0].function.parameters.type", tool(parameters={"type": "thing"})),
        ("tools[1]", {"tools": tool()["tools"] * 2}),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(place: str | None, fields: Any) -> None:
    body = None if fields is None else {"model": "m", "messages": [HI], **fields}

    with pytest.raises(InputError) as caught:
        decode_request(msgspec.json.encode(body))

    assert caught.value.place == place


def test_to_load_a_model_is_no_chat() -> None:
    with pytest.raises(InputError, match="to load or unload a model is not a chat"):
        decode_request(b'{"model":"m","messages":[]}')
