import pytest

from dragoman.dialects.anthropic_messages.natives import mark
from dragoman.dialects.anthropic_messages.part_encoder import content, encode_parts
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.errors import InputError
from dragoman.messages import (
    Audio,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native

URL = {"type": "url", "url": "https://x/y"}
CACHED = Native(NAME, {"cache_control": {"type": "ephemeral"}})

PARTS: list[tuple[str, tuple[Part, ...], list[dict[str, object]]]] = [
    ("text", (Text("Hi"), Text("")), [{"type": "text", "text": "Hi"}]),
    (
        "native fields",
        (Text("Hi", CACHED),),
        [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}],
    ),
    (
        "fields of others",
        (Text("Hi", Native("gemini", {"x": 1})),),
        [{"type": "text", "text": "Hi"}],
    ),
    ("a refusal", (Refusal("No."),), [{"type": "text", "text": "No."}]),
    ("an image", (Image(url="https://x/y"),), [{"type": "image", "source": URL}]),
    ("a document", (Document(url="https://x/y"),), [{"type": "document", "source": URL}]),
    (
        "thoughts",
        (
            Reasoning("hm", f"{NAME}:EqQB"),
            Reasoning("", f"{NAME}:redacted:EmwK"),
            Reasoning("unsigned"),
            Reasoning("theirs", "gemini:Cg=="),
        ),
        [
            {"type": "thinking", "thinking": "hm", "signature": "EqQB"},
            {"type": "redacted_thinking", "data": "EmwK"},
        ],
    ),
    (
        "a call",
        (mark("tool_use_fields", {"fields": {"caller": 1}}), ToolCall("t", "f", '{"a":1}')),
        [{"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}, "caller": 1}],
    ),
    (
        "a call without arguments, with an id of another service",
        (mark("tool_use_fields", {"fields": 1}), ToolCall("f:1", "f", "")),
        [{"type": "tool_use", "id": "id_Zjox", "name": "f", "input": {}}],
    ),
    (
        "a result",
        (ToolResult("f:1", (Text("sunny"),)),),
        [{"type": "tool_result", "tool_use_id": "id_Zjox", "content": "sunny"}],
    ),
    (
        "a result of many parts",
        (ToolResult("t", (Text(""), Text("a"), Image(url="https://x/y")), True, CACHED),),
        [
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "content": [{"type": "text", "text": "a"}, {"type": "image", "source": URL}],
                "is_error": True,
                "cache_control": {"type": "ephemeral"},
            }
        ],
    ),
    (
        "a result of nothing, and of what others say",
        (ToolResult("t", (Native("gemini", {"x": 1}), Native(NAME, {"type": "tool_reference"}))),),
        [
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "content": [{"type": "tool_reference"}],
            }
        ],
    ),
    (
        "results of nothing",
        (ToolResult("t", ()), ToolResult("u", (), True)),
        [
            {"type": "tool_result", "tool_use_id": "t"},
            {"type": "tool_result", "tool_use_id": "u", "content": "failed", "is_error": True},
        ],
    ),
    (
        "native blocks",
        (Native(NAME, {"type": "server_tool_use"}), Native("gemini", {"type": "x"}), mark("x")),
        [{"type": "server_tool_use"}, {"type": "x"}],
    ),
    (
        "citations and texts of their own",
        (
            Text("a"),
            mark("text_break"),
            Text("b"),
            mark("citations_delta", {"citation": 1}),
            mark("citations_delta", {"citation": 2}),
        ),
        [{"type": "text", "text": "a"}, {"type": "text", "text": "b", "citations": [1, 2]}],
    ),
    (
        "a mark of the end",
        (mark("message_delta", {"delta": {}, "usage": {}}), mark("citations_delta")),
        [],
    ),
    ("a citation of nothing", (mark("citations_delta", {"citation": 1}),), []),
]


@pytest.mark.parametrize(
    ("parts", "blocks"), [case[1:] for case in PARTS], ids=[c[0] for c in PARTS]
)
def test_parts_are_blocks(parts: tuple[Part, ...], blocks: list[dict[str, object]]) -> None:
    assert encode_parts(Message("user", parts), "messages[0]") == blocks


@pytest.mark.parametrize(
    "part",
    [Audio(b"RIFF", "audio/wav"), ToolCall("t", "f", "[1]"), ToolCall("t", "f", "{")],
)
def test_what_cannot_be_said_is_refused_by_its_place(part: Part) -> None:
    with pytest.raises(InputError) as caught:
        encode_parts(Message("user", (Text("a"), part)), "messages[2]")

    assert caught.value.place == "messages[2].content[1]"


def test_one_plain_text_is_a_string() -> None:
    plain: dict[str, object] = {"type": "text", "text": "a"}

    assert content([plain]) == "a"
    assert content([plain, plain]) == [plain, plain]
    assert content([{**plain, "cache_control": 1}]) == [{**plain, "cache_control": 1}]
