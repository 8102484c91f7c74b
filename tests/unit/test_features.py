"""What a chat uses, and how it is made fit: carried, left out and named, or refused by name."""

from collections.abc import Mapping

import msgspec
import pytest

from dragoman.chat import ChatRequest
from dragoman.errors import InputError
from dragoman.features import (
    CARRIED,
    FEATURES,
    HINT,
    How,
    Mapped,
    Refused,
    fit,
    used,
)
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

ALL: Mapping[str, How] = dict.fromkeys(FEATURES, CARRIED)
TEXT = Text("t")
USER = Message("user", (TEXT,))
SCHEMA = {"type": "object"}


def said(*parts: Part, role: Role = "user", last: bool = False) -> ChatRequest:
    message = Message(role, parts)
    return ChatRequest(model="m", messages=(message,) if last else (message, USER))


def asked(**fields: object) -> ChatRequest:
    return msgspec.structs.replace(said(TEXT), **fields)


def result(*parts: Text | Image | Document | Native, is_error: bool = False) -> ChatRequest:
    return said(ToolResult("c", parts, is_error), role="tool")


USES: dict[str, tuple[ChatRequest, str]] = {
    "system": (said(TEXT, role="system"), "messages[0]"),
    "system_later": (
        ChatRequest(model="m", messages=(USER, Message("system", (TEXT,)))),
        "messages[1]",
    ),
    "image": (said(TEXT, Image(content=b"", media_type="image/png")), "messages[0].content[1]"),
    "image_url": (said(Image(url="https://x.test")), "messages[0].content[0]"),
    "image_file": (said(Image(file_id="f")), "messages[0].content[0]"),
    "image_detail": (said(Image(file_id="f", detail="low")), "messages[0].content[0].detail"),
    "audio": (said(Audio(b"", "audio/wav")), "messages[0].content[0]"),
    "document": (said(Document(content=b"")), "messages[0].content[0]"),
    "document_url": (said(Document(url="https://x.test")), "messages[0].content[0]"),
    "document_file": (said(Document(file_id="f")), "messages[0].content[0]"),
    "document_name": (said(Document(file_id="f", name="n")), "messages[0].content[0].name"),
    "reasoning": (said(Reasoning("r"), role="assistant"), "messages[0].content[0]"),
    "refusal": (said(Refusal("r"), role="assistant"), "messages[0].content[0]"),
    "prefill": (said(TEXT, role="assistant", last=True), "messages[0]"),
    "tools": (asked(tools=(Tool(name="f"),)), "tools"),
    "tool_choice": (asked(tool_choice=ToolChoice("none")), "tool_choice"),
    "tool_choice_names": (asked(tool_choice=ToolChoice("auto", ("f",))), "tool_choice"),
    "tool_strict": (asked(tools=(Tool(name="f", strict=False),)), "tools[0].strict"),
    "tool_result_image": (result(TEXT, Image(file_id="f")), "messages[0].content[0].content[1]"),
    "tool_result_document": (result(Document(file_id="f")), "messages[0].content[0].content[0]"),
    "tool_result_error": (result(is_error=True), "messages[0].content[0]"),
    "parallel_tool_calls": (asked(parallel_tool_calls=False), "parallel_tool_calls"),
    "json_object": (asked(output=JsonObject()), "output"),
    "json_schema": (asked(output=JsonSchema(schema=SCHEMA)), "output"),
    "json_schema_name": (asked(output=JsonSchema(schema=SCHEMA, name="n")), "output.name"),
    "json_schema_strict": (asked(output=JsonSchema(schema=SCHEMA, strict=True)), "output.strict"),
    "temperature": (asked(temperature=0.0), "temperature"),
    "top_p": (asked(top_p=1.0), "top_p"),
    "top_k": (asked(top_k=1), "top_k"),
    "max_tokens": (asked(max_tokens=1), "max_tokens"),
    "stop": (asked(stop=("x",)), "stop"),
    "seed": (asked(seed=0), "seed"),
    "presence_penalty": (asked(presence_penalty=0.0), "presence_penalty"),
    "frequency_penalty": (asked(frequency_penalty=0.0), "frequency_penalty"),
    "logprobs": (asked(logprobs=0), "logprobs"),
    "n": (asked(n=1), "n"),
    "user": (asked(user="u"), "user"),
    "reasoning_effort": (asked(reasoning_effort="none"), "reasoning_effort"),
    "reasoning_budget": (asked(reasoning_budget=0), "reasoning_budget"),
    "reasoning_summary": (asked(reasoning_summary="none"), "reasoning_summary"),
}
"""For each feature a chat that uses it, and where."""


def test_there_is_a_chat_for_every_feature() -> None:
    assert list(USES) == list(FEATURES)


@pytest.mark.parametrize("name", USES)
def test_a_feature_is_found_at_its_place(name: str) -> None:
    chat, place = USES[name]

    assert (name, place) in list(used(chat))


def test_text_in_turns_uses_nothing() -> None:
    chat = ChatRequest(model="m", messages=(USER, Message("assistant", (TEXT,)), USER))

    assert list(used(chat)) == []
    assert list(used(ChatRequest(model="m", messages=()))) == []


@pytest.mark.parametrize(
    ("chat", "names"),
    [
        (said(ToolCall("c", "f", "{}"), role="assistant"), {"tools"}),
        (result(TEXT), {"tools"}),
        (
            result(Image(url="https://x.test", detail="low")),
            {"tools", "tool_result_image", "image_url", "image_detail"},
        ),
        (
            asked(output=JsonSchema(schema=SCHEMA, description="d")),
            {"json_schema", "json_schema_name"},
        ),
        (asked(tools=(Native("gemini", {}),)), {"tools"}),
        (
            ChatRequest(model="m", messages=(Message("system", (TEXT,)),) * 2),
            {"system"},
        ),
    ],
)
def test_what_is_used_is_found_wherever_it_stands(chat: ChatRequest, names: set[str]) -> None:
    assert {name for name, _ in used(chat)} == names


@pytest.mark.parametrize("name", USES)
def test_what_is_carried_or_said_otherwise_stays(name: str) -> None:
    chat, _ = USES[name]

    assert fit(chat, "p", ALL) == (chat, ())
    assert fit(chat, "p", {**ALL, name: Mapped("in other words")}) == (chat, ())


@pytest.mark.parametrize("name", USES)
def test_what_is_refused_is_an_error_that_names_it_and_its_place(name: str) -> None:
    chat, place = USES[name]
    silent = {key: how for key, how in ALL.items() if key != name}

    for says in ({**ALL, name: Refused("it cannot")}, silent):
        with pytest.raises(InputError) as caught:
            fit(chat, "fable", says)
        assert str(caught.value).startswith(f"fable has no {name}")
        assert caught.value.place == place
        assert (place == name) != (f"({place})" in str(caught.value))
        assert FEATURES[name] in str(caught.value)
    with pytest.raises(InputError, match=r": it cannot\. It is"):
        fit(chat, "fable", {**ALL, name: Refused("it cannot")})


# One cannot do without these: only their name tells that the wire does not say them.
_STAY = {
    *("system", "system_later", "prefill", "refusal", "audio"),
    *("image", "image_url", "image_file", "document", "document_url", "document_file"),
    *("tool_result_image", "tool_result_document", "json_object", "json_schema"),
}


@pytest.mark.parametrize("name", USES)
def test_a_hint_is_left_out_and_named(name: str) -> None:
    chat, _ = USES[name]

    fitted, dropped = fit(chat, "p", {**ALL, name: HINT})

    assert dropped == (name,)
    assert (name in {found for found, _ in used(fitted)}) == (name in _STAY)
    rest = {found for found, _ in used(chat)} - {name}
    assert {found for found, _ in used(fitted)} - {name} <= rest


def test_what_is_left_out_takes_nothing_else_with_it() -> None:
    call = ToolCall("c", "f", "{}")
    image = Image(url="https://x.test", detail="low")
    before = ChatRequest(
        model="m",
        messages=(
            Message("user", (TEXT, image)),
            Message("assistant", (Reasoning("r"),)),
            Message("assistant", (Reasoning("r"), TEXT, call)),
            Message("tool", (ToolResult("c", (TEXT, image), True),)),
            Message("user", ()),
        ),
        tools=(Native("d", {"type": "x"}), Tool(name="f", description="d", strict=True)),
        tool_choice=ToolChoice("required", ("f",)),
        output=JsonSchema(schema=SCHEMA, name="n", description="d", strict=True),
        seed=1,
        temperature=0.5,
    )
    hints = (
        *("image_detail", "reasoning", "tool_strict", "tool_choice_names", "tool_result_error"),
        *("json_schema_name", "json_schema_strict", "seed"),
    )

    after, dropped = fit(before, "p", {**ALL, **dict.fromkeys(hints, HINT)}, "d")

    plain = Image(url="https://x.test")
    assert dropped == tuple(sorted(hints))
    assert after == ChatRequest(
        model="m",
        messages=(
            Message("user", (TEXT, plain)),
            Message("assistant", (TEXT, call)),
            Message("tool", (ToolResult("c", (TEXT, plain)),)),
            Message("user", ()),
        ),
        tools=(Native("d", {"type": "x"}), Tool(name="f", description="d")),
        tool_choice=ToolChoice("required"),
        output=JsonSchema(schema=SCHEMA),
        temperature=0.5,
    )


def test_a_hint_of_a_schema_leaves_some_json_object_alone() -> None:
    chat = asked(output=JsonObject(), seed=1, tools=(Tool(name="f"),))

    fitted, _ = fit(chat, "p", {**ALL, "seed": HINT, "json_schema_name": HINT})

    assert fitted.output == JsonObject()


NATIVE = Native("there", {"cache": 1, "tier": 2}, frozenset({"cache", "tier"}))
STRANGE = Native("there", {"cache": 1, "must": 2}, frozenset({"cache"}))
WHOLE = Native("there", {"type": "mark"}, frozenset({"mark"}))
NEEDED = Native("there", {"type": "web_search"})
NAMELESS = Native("there", {"a": 1})

PLACES: list[tuple[str, str]] = [
    ("", ""),
    ("tools[0]", "tools[0]."),
    ("messages[0]", "messages[0]."),
    ("messages[0].content[0]", "messages[0].content[0]."),
    ("messages[0].content[0].content[0]", "messages[0].content[0].content[0]."),
]


def with_fields(place: str, native: Native) -> ChatRequest:
    """A chat with fields of another dialect at this place."""
    match place:
        case "":
            return asked(native=native)
        case "tools[0]":
            return asked(tools=(Tool(name="f", native=native),))
        case "messages[0]":
            return ChatRequest(model="m", messages=(Message("user", (TEXT,), native),))
        case "messages[0].content[0]":
            return said(Text("t", native))
        case _:
            return result(Text("t", native))


def with_piece(place: str, native: Native) -> ChatRequest:
    """A chat with a whole piece of another dialect at this place."""
    match place:
        case "tools[0]":
            return asked(tools=(native,))
        case "messages[0].content[0]":
            return said(native)
        case _:
            return result(native)


@pytest.mark.parametrize(("place", "before"), PLACES)
def test_native_hints_of_another_dialect_are_left_out_and_named(place: str, before: str) -> None:
    chat = with_fields(place, NATIVE)

    assert fit(chat, "p", ALL, "here")[1] == (f"{before}cache", f"{before}tier")
    assert fit(chat, "p", ALL, "there") == (chat, ())


@pytest.mark.parametrize(("place", "before"), PLACES)
def test_a_native_field_that_matters_is_refused_at_its_place(place: str, before: str) -> None:
    with pytest.raises(InputError) as caught:
        fit(with_fields(place, STRANGE), "fable", ALL, "here")

    assert caught.value.place == f"{before}must"
    assert str(caught.value).startswith(
        f"{before}must is there's own, and fable has no word for it"
    )


@pytest.mark.parametrize("place", [PLACES[1][0], PLACES[3][0], PLACES[4][0]])
def test_a_native_piece_is_a_hint_by_its_type_or_refused(place: str) -> None:
    assert fit(with_piece(place, WHOLE), "p", ALL, "here")[1] == (place,)
    assert fit(with_piece(place, NEEDED), "p", ALL, "there")[1] == ()
    with pytest.raises(InputError, match="of type 'web_search' is there's own") as caught:
        fit(with_piece(place, NEEDED), "p", ALL, "here")
    assert caught.value.place == place
    with pytest.raises(InputError) as caught:
        fit(with_piece(place, NAMELESS), "p", ALL, "here")
    assert str(caught.value).startswith(f"{place} is there's own")
