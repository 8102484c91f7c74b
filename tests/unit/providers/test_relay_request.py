"""A request that is passed on: what is read of it, and what is changed in it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import InputError
from dragoman.providers.relay_request import ask_usage, read_ask, replace_model

_WORDS = ('"model"', "model", 'a"model":"b"', "\\", "é", "\u2028", "stream_options")
_TEXTS = st.text(max_size=8) | st.sampled_from(_WORDS)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=12,
)
_OURS = {"model", "stream", "n", "max_tokens", "max_completion_tokens", "max_output_tokens"}
_FIELDS = st.dictionaries(_TEXTS.filter(lambda name: name not in _OURS), _VALUES, max_size=5)
_STYLES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"separators": (",", ":")},
        {"ensure_ascii": False},
        {"indent": 1},
        {"separators": (" ,\t", "\r\n: ")},
    ]
)


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """Any request with a model, somewhere among its fields, in any style."""
    fields = [*draw(_FIELDS).items()]
    fields.insert(draw(st.integers(0, len(fields))), ("model", draw(_TEXTS)))
    return json.dumps(dict(fields), **draw(_STYLES))


@given(bodies(), _TEXTS)
def test_the_model_is_replaced_and_nothing_else(body: str, model: str) -> None:
    wire = body.encode()

    replaced = replace_model(wire, read_ask(wire), model)

    assert replaced is not None
    assert json.loads(replaced) == json.loads(wire) | {"model": model}
    assert list(json.loads(replaced)) == list(json.loads(wire))
    old, new = msgspec.json.encode(json.loads(wire)["model"]), msgspec.json.encode(model)
    kept = [wire[:at] for at in range(len(wire) + 1) if replaced == _put(wire, at, new)]
    assert kept or old == new


def _put(wire: bytes, at: int, new: bytes) -> bytes | None:
    """The bytes with another text in place of the one that begins here."""
    if wire[at : at + 1] != b'"':
        return None
    end = at + 1
    while wire[end : end + 1] not in {b'"', b""}:
        end += 2 if wire[end : end + 1] == b"\\" else 1
    return wire[:at] + new + wire[end + 1 :]


@pytest.mark.parametrize(
    ("body", "expect"),
    [
        (b'{"model":"a","model":"b"}', b'{"model":"X","model":"X"}'),
        (rb'{"m\u006fdel":"a"}', rb'{"m\u006fdel":"X"}'),
        (rb'{"mode\u006C":"a","model":"b","t":{"model":"c"}}',
         rb'{"mode\u006C":"X","model":"X","t":{"model":"c"}}'),
        (b'{"t":{"model":"c"},"model":"b"}', b'{"t":{"model":"c"},"model":"X"}'),
        (rb'{"x\"model":"c","model":"\"model\":\"a\""}', rb'{"x\"model":"c","model":"X"}'),
        (b' { "model" :\n"" } ', b' { "model" :\n"X" } '),
        (b'{"model":null,"model":"b"}', b'{"model":null,"model":"X"}'),
        (b'{"role":"model"}', None),
        (b'{"model":null}', None),
        (b'{"model":"a","model":null}', None),
        (b'{"model":"a","l":[' + b",".join([b'{"model":"b"}'] * 20) + b"]}", None),
    ],
)  # fmt: skip
def test_strange_models(body: bytes, expect: bytes | None) -> None:
    """Whichever of two a service believes, it is ours."""
    assert replace_model(body, read_ask(body), "X") == expect


def test_a_body_that_changed_since_it_was_read_is_not_touched() -> None:
    ask = read_ask(b'{"model":"a"}')

    assert replace_model(b'{"a":"model"}', ask, "X") is None
    assert replace_model(b'{"a":["model","model"]}', ask, "X") is None


@given(bodies())
def test_usage_is_asked_for_and_nothing_else_changed(body: str) -> None:
    wire = body.encode()
    ask = read_ask(wire)

    asked = ask_usage(wire, ask)

    fields = json.loads(wire)
    options = fields.get("stream_options")
    if asked is None:
        assert ask.asks_usage or options is not None
    else:
        expect = fields | {"stream_options": {**(options or {}), "include_usage": True}}
        assert json.loads(asked) == expect
        assert read_ask(asked).asks_usage


@pytest.mark.parametrize(
    ("body", "expect"),
    [
        (b"{}", b'{"stream_options":{"include_usage":true}}'),
        (b' {"a":1}', b' {"stream_options":{"include_usage":true},"a":1}'),
        (b'{"stream_options":null}', b'{"stream_options":{"include_usage":true}}'),
        (b'{"stream_options" : {"a":1,"include_usage":false},"b":2}',
         b'{"stream_options" : {"a":1,"include_usage":true},"b":2}'),
        (b'{"stream_options":{"include_usage":true}}', None),
        (b'{"stream_options":5}', None),
        (b'{"a":{"stream_options":{}},"stream_options":{}}', None),
        (rb'{"a":"\u00e9","stream_options":{}}', None),
        (rb'{"stream_\u006fptions":{}}', None),
        (b'{"stream_options":{},"stream_options":{}}', None),
    ],
)  # fmt: skip
def test_how_usage_is_asked_for(body: bytes, expect: bytes | None) -> None:
    assert ask_usage(body, read_ask(body)) == expect


def test_usage_is_not_put_where_the_field_is_not() -> None:
    ask = read_ask(b'{"stream_options":{}}')

    assert ask_usage(b'{"a":"stream_options"}', ask) is None
    assert ask_usage(b'{"stream_options":[]}', ask) is None


def test_what_is_read() -> None:
    body = {
        "model": "smart",
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 7,
        "max_tokens": 9,
        "n": 2,
        "logprobs": True,
        "tools": [{}],
        "response_format": {"type": "json_object"},
    }

    ask = read_ask(json.dumps(body).encode())

    assert (ask.model, ask.stream, ask.asks_usage) == ("smart", True, True)
    assert (ask.limit_tokens, ask.n) == (7, 2)
    assert ask.has_tools
    assert ask.has_schema
    assert ask.has_logprobs


@pytest.mark.parametrize("given", [{}, {"tools": [], "format": None, "logprobs": False}])
def test_what_is_not_there(given: dict[str, object]) -> None:
    ask = read_ask(json.dumps(given).encode())

    assert (ask.model, ask.stream, ask.limit_tokens, ask.n) == (None, None, None, None)
    assert not ask.asks_usage
    assert not any((ask.has_tools, ask.has_schema, ask.has_logprobs))


def test_ollamas_schema_is_one() -> None:
    assert read_ask(b'{"format":"json"}').has_schema


def test_options_that_are_none_ask_nothing() -> None:
    assert not read_ask(b'{"stream_options":5}').asks_usage


@pytest.mark.parametrize("body", [b"", b"[]", b'{"model":5}', b"{", b"\xff", b'{"model":"\xff"}'])
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(InputError):
        read_ask(body)
