"""Options as callers write them: one table, and an error that names the one that is wrong."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.chat import ChatRequest
from dragoman.errors import InputError
from dragoman.options import OPTIONS, decode_options


def test_every_option_is_a_field_of_a_request() -> None:
    assert ChatRequest.__struct_fields__[2 : 2 + len(OPTIONS)] == tuple(OPTIONS)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("temperature", 0, 0.0),
        ("temperature", 2, 2.0),
        ("top_p", 0.5, 0.5),
        ("presence_penalty", -2, -2.0),
        ("frequency_penalty", 1.5, 1.5),
        ("max_tokens", 1, 1),
        ("seed", -1, -1),
        ("seed", 2**63 - 1, 2**63 - 1),
        ("stop", "x", ("x",)),
        ("stop", ["x", "y"], ("x", "y")),
        ("stop", ("x",), ("x",)),
        ("top_k", 1, 1),
        ("logprobs", 0, 0),
        ("logprobs", 20, 20),
        ("n", 128, 128),
        ("reasoning_budget", 0, 0),
        ("user", "someone else", "someone else"),
        ("parallel_tool_calls", False, False),
        ("parallel_tool_calls", True, True),
        ("reasoning_effort", "xhigh", "xhigh"),
        ("reasoning_summary", "none", "none"),
    ],
)
def test_an_option_becomes_what_a_request_has(name: str, value: object, expected: object) -> None:
    decoded = decode_options({name: value})

    assert decoded == {name: expected}
    assert type(decoded[name]) is type(expected)


@pytest.mark.parametrize("name", OPTIONS)
def test_none_was_not_asked_for(name: str) -> None:
    assert decode_options({name: None}) == {}


@pytest.mark.parametrize("value", [[], ()])
def test_no_stop_was_not_asked_for(value: object) -> None:
    assert decode_options({"stop": value}) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", 2.1),
        ("temperature", True),
        ("temperature", "1"),
        ("temperature", math.nan),
        ("temperature", math.inf),
        ("temperature", 10**400),
        ("temperature", []),
        ("top_p", 1.1),
        ("presence_penalty", -2.1),
        ("frequency_penalty", 2.1),
        ("max_tokens", 0),
        ("max_tokens", 1.0),
        ("max_tokens", True),
        ("max_tokens", 2**63),
        ("seed", 0.5),
        ("seed", False),
        ("seed", -(2**63) - 1),
        ("stop", ""),
        ("stop", [""]),
        ("stop", ["x", 7]),
        ("stop", ["\ud800"]),
        ("stop", 7),
        ("stop", {"x"}),
        ("top_k", 0),
        ("logprobs", -1),
        ("logprobs", 21),
        ("n", 0),
        ("n", 129),
        ("reasoning_budget", -1),
        ("user", ""),
        ("user", "a\nb"),
        ("user", "\ud800"),
        ("user", 7),
        ("parallel_tool_calls", 1),
        ("parallel_tool_calls", "true"),
        ("reasoning_effort", "huge"),
        ("reasoning_effort", 7),
        ("reasoning_summary", True),
    ],
)
def test_a_wrong_option_is_named_with_what_was_expected(name: str, value: object) -> None:
    if value == [] and name != "stop":
        assert decode_options({name: value}) == {}
        return

    with pytest.raises(InputError) as caught:
        decode_options({name: value})

    assert str(caught.value).startswith(f"{name} = ")
    assert str(caught.value).endswith(f": it is {OPTIONS[name]}")
    assert len(str(caught.value)) < 350


def test_an_unknown_option_is_named_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match="unknown option 'tempersture'; known: temperature, top_p"):
        decode_options({"tempersture": 1})


@given(
    st.dictionaries(
        st.sampled_from(sorted(OPTIONS)),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
    )
)
def test_any_value_is_an_option_or_an_input_error(options: dict[str, object]) -> None:
    try:
        decoded = decode_options(options)
    except InputError:
        return
    assert decode_options(decoded) == decoded


def test_a_number_that_cannot_be_written_out_is_an_option_that_is_wrong() -> None:
    with pytest.raises(InputError, match="seed = a number of very many digits: it is"):
        decode_options({"seed": 10**5000})
