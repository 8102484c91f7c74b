import pytest

from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.dialects.anthropic_messages.turn_decoder import decode_system, decode_turns
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.messages import Image, Message, Reasoning, Text, ToolCall, ToolResult
from dragoman.native import Native

CALL = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}
CALLED = {"role": "assistant", "content": [CALL]}
CACHE = {"cache_control": {"type": "ephemeral"}}
CACHED = Native(NAME, CACHE, frozenset({"cache_control"}))
IMAGE = {"type": "image", "source": {"type": "url", "url": "https://x/y"}}
CONTENT = {"type": "document", "source": {"type": "content", "content": "x"}}


def turns(*said: object) -> list[Message]:
    return decode_turns(Field({"messages": list(said)}))


def parts(*blocks: object) -> tuple[object, ...]:
    return turns({"role": "assistant", "content": list(blocks)})[0].parts


def test_a_text_is_one_part() -> None:
    assert turns({"role": "user", "content": "Hi", "x": 1, "y": None}) == [
        Message("user", (Text("Hi"),), Native(NAME, {"x": 1}))
    ]
    assert turns({"role": "user", "content": []}) == [Message("user", ())]


def test_a_system_turn_stays_where_it_is() -> None:
    block = {"type": "text", "text": "b", **CACHE}

    assert turns({"role": "system", "content": "a"}, {"role": "system", "content": [block]}) == [
        Message("system", (Text("a"),)),
        Message("system", (Text("b", CACHED),)),
    ]


def test_the_system_is_a_message_if_it_says_anything() -> None:
    block = {"type": "text", "text": "b"}

    assert decode_system(Field({"system": "a"})) == [Message("system", (Text("a"),))]
    assert decode_system(Field({"system": [block]})) == [Message("system", (Text("b"),))]
    assert decode_system(Field({})) == decode_system(Field({"system": ""})) == []
    assert decode_system(Field({"system": []})) == []


def test_blocks_are_parts() -> None:
    quoted = {"type": "text", "text": "b", "citations": [{"type": "page_location"}]}
    hints = frozenset({"citations"})

    assert parts({"type": "text", "text": "a"}, quoted, IMAGE, CONTENT, {"type": "later"}) == (
        Text("a"),
        Text("b", Native(NAME, {"citations": quoted["citations"]}, hints)),
        Image(url="https://x/y"),
        Native(NAME, CONTENT),
        Native(NAME, {"type": "later"}),
    )


def test_thoughts_come_back_with_their_proofs() -> None:
    thought = {"type": "thinking", "thinking": "hm"}

    assert parts(
        {**thought, "signature": "EqQB"},
        {**thought, "signature": "gemini:Cg=="},
        {**thought, "signature": ""},
        thought,
        {"type": "redacted_thinking", "data": "EmwK"},
    ) == (
        Reasoning("hm", f"{NAME}:EqQB"),
        Reasoning("hm", "gemini:Cg=="),
        Reasoning("hm"),
        Reasoning("hm"),
        Reasoning("", f"{NAME}:redacted:EmwK"),
    )


def test_the_proof_of_a_call_stands_before_it() -> None:
    sealed = {"type": "redacted_thinking", "data": "tool:gemini:Cg=="}

    assert parts(sealed, {**CALL, "caller": {"type": "direct"}}, {**CALL, "id": "u"}) == (
        ToolCall(
            "t",
            "f",
            '{"a":1}',
            "gemini:Cg==",
            Native(NAME, {"caller": {"type": "direct"}}, frozenset({"caller"})),
        ),
        ToolCall("u", "f", '{"a":1}'),
    )


def test_results_are_a_message_of_their_own_before_the_rest() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": "sunny"}
    failed = {"type": "tool_result", "tool_use_id": "t", "is_error": True, **CACHE}
    text = {"type": "text", "text": "and?"}

    assert turns(CALLED, {"role": "user", "content": [text, result, failed], "x": 1})[1:] == [
        Message(
            "tool",
            (ToolResult("t", (Text("sunny"),)), ToolResult("t", (), True, CACHED)),
        ),
        Message("user", (Text("and?"),), Native(NAME, {"x": 1})),
    ]
    assert turns(CALLED, {"role": "user", "content": [result], "x": 1})[1:] == [
        Message("tool", (ToolResult("t", (Text("sunny"),)),), Native(NAME, {"x": 1}))
    ]


def test_a_result_may_hold_more_than_text() -> None:
    content = [{"type": "text", "text": "a"}, IMAGE, CONTENT, {"type": "tool_reference"}]
    result = {"type": "tool_result", "tool_use_id": "t", "content": content}

    found = turns(CALLED, {"role": "user", "content": [result]})[1].parts[0]

    assert found == ToolResult(
        "t",
        (
            Text("a"),
            Image(url="https://x/y"),
            Native(NAME, CONTENT),
            Native(NAME, {"type": "tool_reference"}),
        ),
    )


WRONG: list[tuple[object, str]] = [
    ({"content": "Hi"}, "role"),
    ({"role": "tool", "content": "Hi"}, "role"),
    ({"role": "user"}, "content"),
    ({"role": "user", "content": 1}, "content"),
    ({"role": "user", "content": [{}]}, "content[0].type"),
    ({"role": "user", "content": [{"type": 1}]}, "content[0].type"),
    ({"role": "user", "content": [{"type": "text"}]}, "content[0].text"),
    ({"role": "system", "content": [IMAGE]}, "content[0].type"),
    ({"role": "assistant", "content": [{**CALL, "input": "{}"}]}, "content[0].input"),
    (
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x"}]},
        "content[0].tool_use_id",
    ),
]


@pytest.mark.parametrize(("turn", "place"), WRONG)
def test_what_is_wrong_is_named_by_its_place(turn: object, place: str) -> None:
    with pytest.raises(InputError) as caught:
        turns({"role": "user", "content": "Hi"}, turn)

    assert caught.value.place == f"messages[1].{place}"


@pytest.mark.parametrize("body", [{}, {"messages": []}])
def test_a_chat_has_turns(body: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        decode_turns(Field(body))

    assert caught.value.place == "messages"
