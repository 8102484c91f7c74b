"""An example for a JSON Schema: the least value that fits it, the same one each time.

It covers what the services take in tools and structured answers: types (also Gemini's upper-case
ones), `enum`, `const`, `$ref`, `anyOf`, `oneOf`, `allOf`, arrays, bounds and formats. A property
that is not required is left out, unless the schema requires none; a schema that holds itself ends
soon, with null if it cannot end in any other way.
Source: JSON Schema 2020-12, core and validation, read 2026-11-21.
"""

import math
from typing import TypeAlias

import msgspec

from dragoman.emulators.service import Json

__all__ = ["example_json", "resolved", "schema_problem"]

_Schema: TypeAlias = dict[str, Json]

_CALM_DEPTH = 6
_MAX_DEPTH = 16
_MAX_VISITS = 3

_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_UNIONS = ("anyOf", "oneOf")
_LISTS = (*_UNIONS, "allOf", "prefixItems")
_FORMATS = {
    "date": "2026-11-21",
    "date-time": "2026-11-21T12:00:00Z",
    "duration": "PT1H",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


class _Place(msgspec.Struct, frozen=True):
    """Where an example is made: how deep, and through which references.

    Where it is calm, only what must be there is made; where it is over, null.
    """

    root: Json
    depth: int = -1
    references: tuple[str, ...] = ()

    def inside(self, schema: Json) -> "_Place":
        """One step into a schema."""
        name = schema.get("$ref") if isinstance(schema, dict) else None
        references = self.references if name is None else (*self.references, str(name))
        return _Place(self.root, self.depth + 1, references)

    @property
    def calm(self) -> bool:
        repeated = len(set(self.references)) < len(self.references)
        return repeated or self.depth > _CALM_DEPTH

    @property
    def over(self) -> bool:
        visits = map(self.references.count, self.references)
        return self.depth > _MAX_DEPTH or max(visits, default=0) > _MAX_VISITS


def example_json(schema: Json) -> str:
    """Compact JSON of the least value that fits; `null` where the schema allows everything."""
    return msgspec.json.encode(_example(schema, _Place(schema))).decode()


def schema_problem(schema: Json, root: Json = None, path: str = "") -> str:
    """What makes a value no schema, with its place; "" if it is one."""
    whole = schema if root is None else root
    if isinstance(schema, bool):
        return ""
    if not isinstance(schema, dict):
        return f"{path or 'the schema'} is neither an object nor a boolean"
    own = _own_problem(schema, whole)
    if own:
        return f"{path}: {own}" if path else own
    found = (schema_problem(each, whole, place) for each, place in _children(schema, path))
    return next(filter(None, found), "")


def resolved(schema: Json, root: Json) -> Json:
    """The schema that a local `$ref` names, followed to its end; None if it leads nowhere."""
    for _ in range(_MAX_DEPTH):
        if not isinstance(schema, dict) or "$ref" not in schema:
            return schema
        schema = _target(schema["$ref"], root)
    return None


def _target(reference: Json, root: Json) -> Json:
    head, *names = str(reference).split("/")
    found = root if head == "#" else None
    for name in names:
        key = name.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _types(schema: _Schema) -> list[str]:
    """The types it allows in lower case; guessed from the other words if it names none."""
    named = schema.get("type")
    if named is not None:
        return [str(each).lower() for each in (named if isinstance(named, list) else [named])]
    for word, guess in (("properties", "object"), ("required", "object"), ("items", "array")):
        if word in schema:
            return [guess]
    return []


def _example(schema: Json, place: _Place) -> Json:
    place = place.inside(schema)
    schema = _merged(resolved(schema, place.root), place.root)
    if place.over:
        return None
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for union in _UNIONS:
        if schema.get(union):
            return _example(_branch(schema[union], place), place)
    return _of_type(schema, place)


def _merged(schema: Json, root: Json) -> _Schema:
    """The schema with what its `allOf` adds, one level deep."""
    if not isinstance(schema, dict):
        return {}
    merged = dict(schema)
    for part in schema.get("allOf", ()):
        added = resolved(part, root)
        added = added if isinstance(added, dict) else {}
        properties = {**merged.get("properties", {}), **added.get("properties", {})}
        required = [*merged.get("required", ()), *added.get("required", ())]
        merged.update(added)
        merged |= {"properties": properties} if properties else {}
        merged |= {"required": required} if required else {}
    return merged


def _branch(branches: list[Json], place: _Place) -> Json:
    """The first one that says something; deep down null, if it may be."""

    def is_null(branch: Json) -> bool:
        found = resolved(branch, place.root)
        return isinstance(found, dict) and _types(found) == ["null"]

    return next((branch for branch in branches if is_null(branch) == place.calm), branches[0])


def _of_type(schema: _Schema, place: _Place) -> Json:
    types = _types(schema)
    if "null" in types and place.calm:
        return None
    match next((each for each in types if each != "null"), "null"):
        case "object":
            return _object(schema, place)
        case "array":
            return _array(schema, place)
        case "string":
            return _string(schema)
        case "integer":
            return _number(schema, whole=True)
        case "number":
            return _number(schema, whole=False)
        case "boolean":
            return True
        case _:
            return None


def _object(schema: _Schema, place: _Place) -> Json:
    properties = schema.get("properties", {})
    names = schema.get("required", [] if place.calm else list(properties))
    return {name: _example(properties.get(name), place) for name in names}


def _array(schema: _Schema, place: _Place) -> Json:
    least = _bound(schema, "minItems", 0 if place.calm else 1)
    count = int(min(least, _bound(schema, "maxItems", least)))
    first = schema.get("prefixItems", [])
    each = [*first, *[schema.get("items")] * max(0, count - len(first))]
    return [_example(item, place) for item in each]


def _string(schema: _Schema) -> str:
    text = _FORMATS.get(str(schema.get("format")), "text")
    text += "x" * int(_bound(schema, "minLength", 0) - len(text))
    return text[: int(_bound(schema, "maxLength", len(text)))]


def _number(schema: _Schema, *, whole: bool) -> float:
    """The least number of the right kind at or above the lower bound, 1 if there is no bound."""
    step = _bound(schema, "multipleOf", 1 if whole else 0)
    above = _bound(schema, "exclusiveMinimum", -math.inf)
    below = _bound(schema, "exclusiveMaximum", math.inf)
    low = max(_bound(schema, "minimum", -math.inf), above)
    high = min(_bound(schema, "maximum", math.inf), below)
    value = min(1, high) if low == -math.inf else low
    if step:
        value = math.ceil(value / step) * step
    if value == above:
        value += step or 1
    if value == below or value > high:
        value -= step or 1
    return int(value) if value == int(value) else value


def _bound(schema: _Schema, name: str, default: float) -> float:
    """A bound as a number: Gemini writes whole ones as strings."""
    value = schema.get(name, default)
    try:
        return float(value)
    except (TypeError, ValueError):
        return default


def _own_problem(schema: _Schema, root: Json) -> str:
    """What is wrong with this schema itself, without those inside it."""
    if "$ref" in schema and resolved(schema, root) is None:
        return f"$ref {schema['$ref']!r} leads nowhere"
    wrong = [each for each in _types(schema) if each not in _TYPES]
    if wrong:
        return f"{wrong[0]!r} is not a type"
    for name, kind in (("properties", dict), ("$defs", dict), ("required", list), ("enum", list)):
        if not isinstance(schema.get(name, kind()), kind):
            return f"{name!r} has a wrong shape"
    if any(not isinstance(name, str) for name in schema.get("required", ())):
        return "'required' holds something that is no name"
    for name in _LISTS:
        if not isinstance(schema.get(name, []), list):
            return f"{name!r} is no list"
    return "'enum' is empty" if schema.get("enum") == [] else ""


def _children(schema: _Schema, path: str) -> list[tuple[Json, str]]:
    place = f"{path}." if path else ""
    named = [
        (each, f"{place}{group}.{name}")
        for group in ("properties", "$defs")
        for name, each in schema.get(group, {}).items()
    ]
    listed = [
        (each, f"{place}{group}[{at}]")
        for group in _LISTS
        for at, each in enumerate(schema.get(group, ()))
    ]
    items = [(schema["items"], f"{place}items")] if "items" in schema else []
    return named + listed + items
