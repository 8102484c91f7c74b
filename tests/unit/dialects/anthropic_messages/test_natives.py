from dragoman.dialects.anthropic_messages.natives import (
    MARKS,
    TEXT_BREAK,
    mark,
    merged,
    native_fields,
    redacted_of,
    seal_redacted,
    seal_tool,
    tool_seal_of,
)
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.native import Native


def test_a_mark_is_a_hint_to_other_dialects() -> None:
    assert mark(TEXT_BREAK) == Native(NAME, {"type": "text_break"}, MARKS)


def test_no_fields_are_no_native() -> None:
    assert native_fields({}) is None
    assert native_fields({"cache_control": 1, "x": 2}) == Native(
        NAME, {"cache_control": 1, "x": 2}, frozenset({"cache_control"})
    )


def test_objects_are_merged_and_other_values_replaced() -> None:
    under = {"a": {"x": 1, "y": 1}, "b": 1, "c": 1}

    assert merged(under, {"a": {"y": 2}, "b": {"z": 2}}) == {
        "a": {"x": 1, "y": 2},
        "b": {"z": 2},
        "c": 1,
    }


def test_a_seal_is_told_from_what_the_service_says() -> None:
    assert redacted_of(seal_redacted("EmwK")) == "EmwK"
    assert tool_seal_of(seal_tool("gemini:Cg==")) == "gemini:Cg=="
    assert redacted_of("EqQB") is None
    assert tool_seal_of("EmwK") is None
