"""An answer of a given shape becomes a value, or an error that says why it is none."""

import pytest
from tests.unit.test_structured import Street, reply

from dragoman.chat import ChatReply
from dragoman.errors import ResponseError
from dragoman.messages import Message, Refusal
from dragoman.structured import ValuedReply, valued


def test_an_answer_becomes_a_value_beside_all_that_is_told_of_it() -> None:
    answer = reply('{"name": "Elm"}', id="i", dropped=("seed",))

    found = valued(answer, Street)

    assert found.value == Street("Elm")
    assert isinstance(found, ValuedReply)
    assert {name: getattr(found, name) for name in ChatReply.__struct_fields__} == {
        name: getattr(answer, name) for name in ChatReply.__struct_fields__
    }


@pytest.mark.parametrize(
    "text", ["", "Elm", "{", '{"name": 7}', "[" * 100_000, '{"name": "\ud800"}'], ids=range(6)
)
def test_an_answer_of_another_form_is_an_error_with_the_answer(text: str) -> None:
    with pytest.raises(ResponseError, match="the answer is no Street: ") as caught:
        valued(reply(text), Street)

    assert caught.value.text == text
    assert caught.value.hint is None
    assert len(str(caught.value)) < 500


def test_an_answer_that_was_cut_tells_what_to_do() -> None:
    with pytest.raises(ResponseError) as caught:
        valued(reply('{"name": "E', finish_reason="length"), Street)

    assert caught.value.hint == "The answer stopped at its limit: allow more with max_tokens"


def test_a_refusal_in_place_of_a_value_is_quoted() -> None:
    refusal = ChatReply(model="m", message=Message("assistant", (Refusal("I would rather not"),)))

    with pytest.raises(ResponseError, match="I would rather not"):
        valued(refusal, Street)
