"""What is asked of embeddings, and what a provider that takes only texts makes of it."""

from typing import Any

import pytest

from dragoman.embeddings import EmbeddingRequest, check_count, check_inputs
from dragoman.errors import InputError, ResponseError


def asked(**fields: Any) -> EmbeddingRequest:
    return EmbeddingRequest(**{"model": "m", "inputs": ("one", "two"), **fields})


def test_texts_are_the_inputs() -> None:
    assert asked().texts("gemini") == ["one", "two"]


def test_tokens_are_refused_where_only_texts_are_taken() -> None:
    with pytest.raises(InputError, match="gemini takes texts") as caught:
        asked(inputs=("one", (1, 2))).texts("gemini")

    assert caught.value.place == "input[1]"


def test_a_field_that_a_provider_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="ollama has no such field") as caught:
        asked(native={"input_type": "query"}).texts("ollama")

    assert caught.value.place == "input_type"


def test_the_user_is_a_hint() -> None:
    assert asked().left_out() == ()
    assert asked(user="somebody").left_out() == ("user",)


def test_there_is_one_vector_for_each_input() -> None:
    check_count([1, 2], ["a", "b"])
    with pytest.raises(ResponseError, match="1 embeddings came for 2 inputs"):
        check_count([1], ["a", "b"])


@pytest.mark.parametrize("inputs", [(), ("",), ("a", ""), (3,), ("\ud800",)])
def test_inputs_are_texts_that_are_not_empty(inputs: tuple[object, ...]) -> None:
    check_inputs(["a", "ß"])
    with pytest.raises(InputError, match="input"):
        check_inputs(inputs)
