"""Both spellings of a field, and native fields that go back to their places."""

import pytest

from dragoman.dialects.gemini.spelling import camel, get, items, merge, native, need, rest
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.native import Native


@pytest.mark.parametrize("spelling", ["fileData", "file_data"])
def test_a_field_is_read_in_both_spellings_and_named_in_the_callers(spelling: str) -> None:
    found = get(Field({spelling: 1}, "parts[0]"), "fileData")

    assert found == Field(1, f"parts[0].{spelling}")
    assert rest(Field({spelling: 1, "other": 2}), "fileData", path="x.") == {"x.other": 2}


def test_a_field_that_must_be_there_is_named_in_camel_case() -> None:
    assert need(Field({"file_data": 1}), "fileData").value == 1

    with pytest.raises(InputError, match="fileData: is missing"):
        need(Field({}), "fileData")


def test_one_object_may_stand_for_a_list_of_one() -> None:
    assert [field.value for field in items(Field({"a": 1}))] == [{"a": 1}]
    assert [field.place for field in items(Field([1, 2], "x"))] == ["x[0]", "x[1]"]


def test_native_fields_are_hints_if_their_path_is_one_in_either_spelling() -> None:
    found = native({"media_resolution": 1, "videoMetadata": 2}, frozenset({"mediaResolution"}))

    assert found is not None
    assert found.hints == {"media_resolution"}
    assert native({}, frozenset()) is None
    assert camel("any_of_these") == "anyOfThese"


def test_native_fields_go_back_to_where_their_paths_say() -> None:
    found = Native("gemini", {"a.b": 1, "a.c.d": 2, "e": 3, "f.g": 4})

    merged = merge({"a": {"b": 0, "x": 9}, "f": "no object"}, found)

    assert merged == {"a": {"b": 1, "x": 9, "c": {"d": 2}}, "e": 3, "f": "no object"}
    assert merge({}, Native("ollama", {"a": 1})) == {}
    assert merge({}, None) == {}
