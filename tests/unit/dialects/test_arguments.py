"""Arguments are the JSON text of an object, and an error that names the tool is the rest."""

import pytest

from dragoman.dialects.arguments import (
    decode_arguments,
    is_object,
    said_arguments,
    sent_arguments,
)
from dragoman.dialects.reading import Field
from dragoman.errors import InputError, ResponseError
from dragoman.messages import ToolCall

NO_OBJECTS = ["[1]", "7", '{"a":', "{} {}", "{}x", "\ud800", "[" * 4000]


@pytest.mark.parametrize("text", NO_OBJECTS, ids=lambda text: ascii(text[:6]))
def test_what_is_no_object_is_refused(text: str) -> None:
    assert not is_object(text)
    with pytest.raises(ResponseError, match="the tool f are no JSON object"):
        said_arguments("f", text)
    with pytest.raises(InputError, match="p: the arguments of the tool f are no") as caught:
        sent_arguments(ToolCall("c", "f", text), "p")
    assert caught.value.place == "p"
    with pytest.raises(InputError) as caught:
        decode_arguments(Field(text, "p"))
    assert caught.value.place == "p"


def test_an_object_is_taken() -> None:
    text = ' {"a": [1]} '

    assert is_object(text)
    assert said_arguments("f", text) == sent_arguments(ToolCall("c", "f", text), "p") == {"a": [1]}
    assert decode_arguments(Field(text)) == text


def test_none_at_all_are_an_empty_object() -> None:
    assert said_arguments("f", "") == sent_arguments(ToolCall("c", "f", ""), "p") == {}
    assert [decode_arguments(field) for field in (None, Field(""), Field(" \n"))] == ["{}"] * 3
    assert not is_object("")
