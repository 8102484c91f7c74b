from dragoman.dialects.anthropic_messages.schemas import closed


def test_objects_that_list_their_properties_are_closed_wherever_they_stand() -> None:
    inner = {"properties": {"a": {"type": "string"}}}
    shut = {**inner, "additionalProperties": False}

    assert closed(
        {
            "properties": {"x": inner, "items": {"type": "array", "items": inner}},
            "$defs": {"y": {"anyOf": [inner, {"type": "null"}, True]}},
        }
    ) == {
        "properties": {"x": shut, "items": {"type": "array", "items": shut}},
        "$defs": {"y": {"anyOf": [shut, {"type": "null"}, True]}},
        "additionalProperties": False,
    }


def test_what_says_otherwise_or_lists_nothing_stays_as_it_is() -> None:
    for schema in (
        {"type": "object"},
        {"properties": {}, "additionalProperties": {"type": "string"}},
        {"type": "string", "enum": ["a"], "properties": 1, "items": 2},
    ):
        assert closed(schema) == schema


def test_bounds_are_told_in_the_description() -> None:
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 1, "maximum": 9, "description": "How many."},
            "of": {"type": "array", "items": {"type": "string", "maxLength": 3}, "minItems": 1},
            "two": {"type": "array", "minItems": 2},
        },
    }

    assert closed(schema)["properties"] == {
        "n": {"type": "integer", "description": "How many. (minimum 1, maximum 9)"},
        "of": {
            "type": "array",
            "items": {"type": "string", "description": "(maxLength 3)"},
            "minItems": 1,
        },
        "two": {"type": "array", "description": "(minItems 2)"},
    }
