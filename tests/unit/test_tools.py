"""Tools and what is native, as values."""

import pytest

from dragoman.native import Native
from dragoman.tools import Tool, ToolChoice


def test_what_is_native_is_said_in_its_own_dialect_only() -> None:
    native = Native("gemini", {"safety": 1}, frozenset({"safety"}))

    assert native.of("gemini") == {"safety": 1}
    assert native.of("ollama") == {}


def test_a_tool_that_takes_nothing_needs_only_a_name() -> None:
    assert Tool(name="f") == Tool(
        name="f", description=None, parameters=None, strict=None, native=None
    )


def test_a_choice_is_free_where_nothing_is_said() -> None:
    assert ToolChoice() == ToolChoice("auto", ())


@pytest.mark.parametrize("value", [Native("a", {}), Tool(name="f"), ToolChoice()])
def test_values_are_frozen(value: object) -> None:
    with pytest.raises(AttributeError):
        value.native = None  # type: ignore[attr-defined]  # the claim
