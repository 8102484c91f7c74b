"""A chat as Ollama's JSON: what stands where, and what cannot be sent."""

import base64
from typing import Any

import msgspec
import pytest
from ollama import _types as official

from dragoman.chat import ChatRequest
from dragoman.dialects.ollama import DIALECT
from dragoman.dialects.ollama.request_encoder import encode_request
from dragoman.errors import InputError
from dragoman.features import fit
from dragoman.messages import (
    Audio,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native
from dragoman.tools import JsonObject, JsonSchema, Tool, ToolChoice

PNG = b"\x89PNG\r\n\x1a\n"
PNG_64 = base64.b64encode(PNG).decode()
USER = Message("user", (Text("Hi"),))
WEATHER = Tool(name="weather", description="How it is.", parameters={"type": "object"})
CLOCK = Tool(name="clock")
CALLED = Message(
    "assistant", (ToolCall("c1", "weather", '{"city":"Rome"}'), ToolCall("c2", "clock", ""))
)


def encoded(*messages: Message, **asked: Any) -> dict[str, Any]:
    chat = ChatRequest(model="m", messages=messages or (USER,), **asked)
    body = encode_request(fit(chat, "ollama", DIALECT.says, "ollama")[0])
    # What goes over the wire is what the official package sends.
    official.ChatRequest.model_validate_json(msgspec.json.encode(body))
    return body


def sent(*parts: Part, role: Role = "assistant") -> object:
    """The one message that becomes of a turn."""
    (message,) = encoded(Message(role, parts))["messages"]
    return message


def test_a_plain_chat_is_model_messages_and_how_the_answer_comes() -> None:
    assert encoded() == {
        "model": "m",
        "stream": True,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    assert encoded(stream=False)["stream"] is False


def test_the_options_of_a_chat_stand_in_one_object() -> None:
    body = encoded(
        temperature=0.5,
        top_p=0.9,
        top_k=40,
        max_tokens=9,
        stop=("END",),
        seed=0,
        presence_penalty=1.0,
        frequency_penalty=-1.0,
    )

    assert body["options"] == {
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "num_predict": 9,
        "stop": ("END",),
        "seed": 0,
        "presence_penalty": 1.0,
        "frequency_penalty": -1.0,
    }


def test_an_output_is_a_format() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}

    assert encoded(output=JsonObject())["format"] == "json"
    assert encoded(output=JsonSchema(schema=schema, strict=True))["format"] == schema


def test_likelihoods_are_asked_for_with_and_without_others() -> None:
    bare, some = encoded(logprobs=0), encoded(logprobs=3)

    assert (bare["logprobs"], bare.get("top_logprobs")) == (True, None)
    assert (some["logprobs"], some["top_logprobs"]) == (True, 3)


def test_texts_are_one_and_images_stand_beside_them() -> None:
    image = Image(content=PNG, media_type="image/png", detail="low")

    assert sent(Text("What is"), image, Text(" this?"), image, role="user") == {
        "role": "user",
        "content": "What is this?",
        "images": [PNG_64, PNG_64],
    }


def test_the_assistants_turn_keeps_its_thoughts_and_its_refusal() -> None:
    message = sent(Reasoning("hm", "gemini:x"), Refusal("I will not."), Reasoning("", "gemini:y"))

    assert message == {"role": "assistant", "content": "I will not.", "thinking": "hm"}


def test_calls_are_objects_and_their_results_name_them() -> None:
    results = Message(
        "tool",
        (
            ToolResult("c2", (Text("noon"),)),
            ToolResult("c1", (Text("warm"), Image(content=PNG)), is_error=True),
        ),
    )

    body = encoded(USER, CALLED, results, tools=(WEATHER, CLOCK))

    assert body["messages"] == [
        {"role": "user", "content": "Hi"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"index": 0, "name": "weather", "arguments": {"city": "Rome"}},
                },
                {
                    "id": "c2",
                    "type": "function",
                    "function": {"index": 1, "name": "clock", "arguments": {}},
                },
            ],
        },
        {"role": "tool", "content": "noon", "tool_name": "clock", "tool_call_id": "c2"},
        {
            "role": "tool",
            "content": "warm",
            "images": [PNG_64],
            "tool_name": "weather",
            "tool_call_id": "c1",
        },
    ]
    assert body["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "How it is.",
                "parameters": {"type": "object"},
            },
        },
        {
            "type": "function",
            "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}},
        },
    ]


def test_results_in_a_users_turn_come_before_its_words() -> None:
    turn = Message("user", (Text("And now?"), ToolResult("c1", (Text("warm"),))))

    *_, result, words = encoded(CALLED, turn)["messages"]

    assert (result["role"], words) == ("tool", {"role": "user", "content": "And now?"})


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (ToolChoice("auto"), ["weather", "clock"]),
        (ToolChoice("auto", ("clock",)), ["clock"]),
        (ToolChoice("none"), None),
    ],
    ids=str,
)
def test_a_choice_among_tools_is_made_by_sending_them(
    choice: ToolChoice, names: list[str] | None
) -> None:
    body = encoded(tools=(WEATHER, CLOCK), tool_choice=choice)

    tools = body.get("tools")
    assert (tools and [tool["function"]["name"] for tool in tools]) == names


class Refused(msgspec.Struct):
    name: str
    messages: tuple[Message, ...]
    place: str
    words: str
    asked: dict[str, Any] = {}


REFUSED = [
    Refused(
        "a call that must be made",
        (USER,),
        "tool_choice",
        "cannot be told that a tool must be called",
        {"tools": (WEATHER,), "tool_choice": ToolChoice("required")},
    ),
    Refused(
        "a result without its call",
        (USER, Message("tool", (ToolResult("c9", ()),))),
        "messages[1].content[0]",
        "the call 'c9' is in no message before",
    ),
    Refused(
        "arguments that are no object",
        (Message("assistant", (ToolCall("c", "f", "[1]"),)),),
        "messages[0].content[0]",
        "are no JSON object",
    ),
    Refused(
        "arguments that are half a text",
        (Message("assistant", (ToolCall("c", "f", '{"a":'),)),),
        "messages[0].content[0]",
        "are no JSON object",
    ),
    Refused(
        "words in a tool's message",
        (Message("tool", (Text("22"),)),),
        "messages[0].content[0]",
        "holds results only",
    ),
    Refused(
        "an image in a format that is seldom read",
        (
            Message(
                "user",
                (Text("x"), Image(content=b"II*\x00")),
            ),
        ),
        "messages[0].content[1]",
        "image/tiff",
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_cannot_be_sent_is_named(case: Refused) -> None:
    with pytest.raises(InputError) as caught:
        encoded(*case.messages, **case.asked)

    assert caught.value.place == case.place
    assert case.words in str(caught.value)


@pytest.mark.parametrize(
    "part",
    [
        Image(url="https://x.test/a.png"),
        Document(content=b"%PDF-", media_type="application/pdf"),
        Audio(b"ID3", "audio/mpeg"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_what_was_not_made_fit_is_refused_all_the_same(part: Part) -> None:
    with pytest.raises(InputError) as caught:
        encode_request(ChatRequest(model="m", messages=(Message("user", (part,)),)))

    assert caught.value.place == "messages[0].content[0]"


def test_what_is_the_dialects_own_goes_back_to_its_place() -> None:
    def own(**fields: object) -> Native:
        return Native("ollama", fields)

    call = ToolCall("c", "f", "{}", native=own(extra=1, **{"function.description": "d"}))
    result = ToolResult("c", (), native=own(label="r"))
    tool = Tool(name="f", native=own(items=[], **{"function.strict": True}))
    search = own(type="web_search", max_results=3)
    messages = (Message("assistant", (call,)), Message("tool", (result,)))
    native = own(keep_alive="5m", **{"options.num_ctx": 4096})

    body = encoded(
        *messages, Message("user", (), own(name="Ann")), tools=(tool, search), native=native
    )

    first, answered, last = body["messages"]
    assert first["tool_calls"][0]["extra"] == 1
    assert first["tool_calls"][0]["function"]["description"] == "d"
    assert (answered["label"], last["name"]) == ("r", "Ann")
    assert body["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "f",
                "parameters": {"type": "object", "properties": {}},
                "strict": True,
            },
            "items": [],
        },
        {"type": "web_search", "max_results": 3},
    ]
    assert (body["keep_alive"], body["options"]) == ("5m", {"num_ctx": 4096})


def test_pictures_that_the_model_drew_go_back_and_other_pieces_do_not() -> None:
    pictures = Native("ollama", {"type": "images", "images": [PNG_64]}, frozenset({"context"}))
    tokens = Native("ollama", {"type": "context", "context": [1]}, frozenset({"context"}))

    assert sent(pictures, tokens) == {"role": "assistant", "content": "", "images": [PNG_64]}


def test_what_is_anothers_own_stays_away() -> None:
    foreign = Native("openai_chat", {"store": True}, frozenset({"store"}))

    body = encoded(native=foreign)

    assert set(body) == {"model", "stream", "messages"}
