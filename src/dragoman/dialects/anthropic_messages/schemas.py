"""The schema of an answer as the service takes it: objects name all that is in them.

The service refuses an object that leaves open what else may stand in it. An object that lists its
properties is closed: whatever fits the closed schema fits the open one, too. One that lists none
stays as it is, since closed it would be empty. Bounds, which the service refuses as well, are told
to the model in the description.
Source: Claude API docs "Structured outputs", read 2026-11-21.
"""

from collections.abc import Mapping

__all__ = ["closed"]

_NAMED = frozenset({"properties", "$defs", "definitions"})
_BOUNDS = frozenset(
    {
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
    }
)
_INNER = frozenset({"items", "anyOf", "oneOf", "allOf", "prefixItems"})


def closed(schema: Mapping[str, object]) -> dict[str, object]:
    """The schema with all objects closed that list their properties and do not say otherwise."""
    found: dict[str, object] = {}
    bounds = [f"{name} {value}" for name, value in schema.items() if _is_bound(name, value)]
    for name, value in schema.items():
        if _is_bound(name, value):
            continue
        if name in _NAMED and isinstance(value, Mapping):
            found[name] = {key: _closed(inner) for key, inner in value.items()}
        else:
            found[name] = _closed(value) if name in _INNER else value
    if isinstance(schema.get("properties"), Mapping):
        found.setdefault("additionalProperties", False)
    if bounds:
        about = schema.get("description")
        said = f"{about} " if isinstance(about, str) else ""
        found["description"] = f"{said}({', '.join(bounds)})"
    return found


def _is_bound(name: str, value: object) -> bool:
    return name in _BOUNDS and (name != "minItems" or value not in (0, 1))


def _closed(value: object) -> object:
    if isinstance(value, list):
        return [_closed(item) for item in value]
    return closed(value) if isinstance(value, Mapping) else value
