"""Responses of functions: texts, errors, and objects to the letter."""

import pytest

from dragoman.dialects.gemini.results import decode_response, encode_response


@pytest.mark.parametrize(
    ("response", "text", "is_error"),
    [
        ({"output": "fine"}, "fine", False),
        ({"error": "broken"}, "broken", True),
        ({"result": 5}, '{"result":5}', False),
        ({"output": "a", "error": "b"}, '{"output":"a","error":"b"}', False),
        ({"output": {"x": 1}}, '{"output":{"x":1}}', False),
        ({"error": {"code": 5}}, '{"error":{"code":5}}', True),
        ({}, None, False),
    ],
)
def test_a_response_is_read_and_said_again(
    response: dict[str, object], text: str | None, is_error: bool
) -> None:
    assert decode_response(response) == (text, is_error)
    assert encode_response(text, is_error=is_error) == response


@pytest.mark.parametrize(
    ("text", "is_error"),
    [
        ("{}", False),
        ('{"output":"x"}', False),
        ('{"error":5}', False),
        ('{"a":1}', True),
        ('{ "a": 1 }', False),
        ("{broken", False),
        ("[1]", False),
        ("", True),
    ],
)
def test_a_text_that_would_not_come_back_to_the_letter_stays_a_text(
    text: str, is_error: bool
) -> None:
    response = encode_response(text, is_error=is_error)

    assert response == {"error" if is_error else "output": text}
    assert decode_response(response) == (text, is_error)


def test_an_error_without_a_word_is_still_an_error() -> None:
    assert encode_response(None, is_error=True) == {"error": ""}
