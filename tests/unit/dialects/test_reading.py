"""A program's JSON, field by field: a value, or an error with its place."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.dialects.reading import Field, read_object
from dragoman.errors import InputError

HERE = Field({"a": 1, "b": None, "list": [1, {"x": "y"}]}, "top")


def test_a_field_knows_where_it_stands() -> None:
    inner = list(HERE.need("list").items())[1].need("x")

    assert inner == Field("y", "top.list[1].x")
    assert Field({"a": 1}).need("a").place == "a"


def test_null_is_as_good_as_nothing() -> None:
    assert HERE.get("b", "c") is None
    assert HERE.get("b", "a") == Field(1, "top.a")
    assert HERE.rest(("a",)) == {"list": [1, {"x": "y"}]}


@pytest.mark.parametrize(("field", "place"), [(HERE, "top.b"), (Field({}), "b")])
def test_what_is_missing_is_named_by_its_place(field: Field, place: str) -> None:
    with pytest.raises(InputError, match=f"^{place}: is missing$") as caught:
        field.need("b")

    assert caught.value.place == place


RIGHT: list[tuple[str, object, Callable[[Field], object], object]] = [
    ("text", "x", Field.text, "x"),
    ("empty text", "", Field.text, ""),
    ("a word", "b", lambda field: field.word(("a", "b")), "b"),
    ("a flag", False, Field.flag, False),
    ("a number", 1, lambda field: field.number(0, 1), 1.0),
    ("bytes", "SGk", Field.base64, b"Hi"),
    ("a whole number", 3, lambda field: field.whole(0), 3),
    ("a whole number with a point", 3.0, lambda field: field.whole(0), 3),
    ("a tuple", (1,), lambda field: [item.value for item in field.items()], [1]),
]


@pytest.mark.parametrize(
    ("value", "read", "expected"), [row[1:] for row in RIGHT], ids=[row[0] for row in RIGHT]
)
def test_a_value_is_read(value: object, read: Callable[[Field], object], expected: object) -> None:
    found = read(Field(value, "p"))

    assert found == expected
    assert type(found) is type(expected)


WRONG: list[tuple[str, object, Callable[[Field], object], str]] = [
    ("no object", [], lambda field: field.get("a"), "p: expected an object, not []"),
    ("no list", {"a": 1}, lambda field: list(field.items()), "p: expected a list, not {'a': 1}"),
    ("no text", 7, Field.text, "p: expected text, not 7"),
    (
        "empty",
        "",
        lambda field: field.text(empty=False),
        "p: expected text that is not empty, not ''",
    ),
    ("null", None, Field.text, "p: expected text, not null"),
    ("half a character", "\ud800", Field.text, "p: holds half of a surrogate pair"),
    ("another word", "c", lambda field: field.word(("a", "b")), "p: expected one of a, b, not 'c'"),
    ("no word", {}, lambda field: field.word(("a",)), "p: expected one of a, not {}"),
    ("no base64", "?", Field.base64, "p: expected base64 of some bytes, not '?'"),
    ("no bytes", "", Field.base64, "p: expected base64 of some bytes, not ''"),
    ("no flag", 1, Field.flag, "p: expected true or false, not 1"),
    ("no number", "1", lambda field: field.number(0, 2), "p: expected a number from 0 to 2"),
    ("a flag", True, lambda field: field.number(0, 2), "p: expected a number from 0 to 2"),
    ("too much", 2.5, lambda field: field.number(0, 2), "p: expected a number from 0 to 2"),
    ("not a number", float("nan"), lambda field: field.number(0, 2), "p: expected a number"),
    ("a fraction", 1.5, lambda field: field.whole(0), "p: expected a whole number, at least 0"),
    ("a flag, again", True, lambda field: field.whole(0), "p: expected a whole number, at least 0"),
    ("too little", 0, lambda field: field.whole(1), "p: expected a whole number, at least 1"),
    ("too many", 21, lambda field: field.whole(0, 20), "p: expected 0 to 20, not 21"),
    ("endless", float("inf"), lambda field: field.whole(0), "p: expected a whole number"),
]


@pytest.mark.parametrize(
    ("value", "read", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_a_wrong_value_is_shown_with_what_was_expected(
    value: object, read: Callable[[Field], object], words: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(Field(value, "p"))

    assert str(caught.value).startswith(words)
    assert caught.value.place == "p"


def test_the_request_itself_has_no_place() -> None:
    for fail in (Field(1).wrong, Field(1).refuse):
        with pytest.raises(InputError, match=r"^the request: ") as caught:
            fail("x")
        assert caught.value.place is None


@pytest.mark.parametrize("value", ["x" * 10**7, [[0] * 1000] * 1000, 10**5000], ids=range(3))
def test_however_large_a_wrong_value_is_its_error_is_short(value: object) -> None:
    with pytest.raises(InputError) as caught:
        Field(value).flag()

    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("depth", [10, 200, 900])
def test_however_deep_a_wrong_value_is_its_error_is_short(depth: int) -> None:
    body = b'{"a":' + b"[" * depth + b"]" * depth + b"}"

    with pytest.raises(InputError) as caught:
        read_object(body).need("a").flag()

    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b'{"a": "\xff"}', "no JSON"),
        (b'{"a": [true, "\\ud83d\\ude00", {"b": "\\ud800"}]}', "a[2].b: holds half of a surrogate"),
        (b'{"a": {"\\ud800": 1}}', "a: holds half of a surrogate pair"),
        (b'[{"b": "\\udc00"}, "\\ud800"]', "[0].b: holds half of a surrogate pair"),
        (b'{"a": 1e999}', "no JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "no JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "no JSON"),
        (b"[]", "the request: expected an object, not []"),
        (b"null", "the request: expected an object, not null"),
    ],
    ids=range(11),
)
def test_a_body_that_is_no_object_is_said_to_be_none(body: bytes, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_object(body)

    assert words in str(caught.value)


def test_a_body_is_an_object() -> None:
    assert read_object(b'{"a": [1.5, null]}') == Field({"a": [1.5, None]})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
_READS: list[Callable[[Field], Any]] = [
    Field.text,
    Field.flag,
    Field.fields,
    lambda field: list(field.items()),
    lambda field: field.get("", "a"),
    lambda field: field.need("a"),
    lambda field: field.rest(("a",)),
    lambda field: field.word(("a", "b")),
    lambda field: field.number(0, 1),
    lambda field: field.whole(-1, 5),
]


@given(_JSON, st.sampled_from(_READS))
def test_any_json_is_a_value_or_an_input_error(value: object, read: Callable[[Field], Any]) -> None:
    try:
        read(Field(value, "p"))
    except InputError:
        return


@given(st.binary() | st.text().map(str.encode) | _JSON.map(lambda value: _encoded(value)))
def test_any_body_is_an_object_or_an_input_error(body: bytes) -> None:
    try:
        read_object(body)
    except InputError:
        return


def _encoded(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return b""
