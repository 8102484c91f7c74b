"""Messages as values."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.messages import Message, Reasoning, Text, ToolResult, is_unicode


def test_the_text_of_a_message_is_its_text_parts() -> None:
    parts = (Text("a"), Reasoning("b"), Text("c"))

    assert Message("user", parts).text == "ac"
    assert ToolResult("1", (Text("a"), Text("c"))).text == "ac"


@given(st.text(st.characters(codec=None)))
def test_a_text_is_unicode_if_it_has_utf_8(text: str) -> None:
    has_utf_8 = text.encode("utf-8", "ignore").decode() == text

    assert is_unicode(text) is has_utf_8
