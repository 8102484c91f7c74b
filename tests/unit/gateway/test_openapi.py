"""The description of the gateway has every address that it answers."""

import json
import re

import pytest

from dragoman.gateway.faces import FACES
from dragoman.gateway.openapi import document, paths_of
from dragoman.gateway.routes import ROUTES, find_route, methods_at


def _paths(*, keys: bool = False) -> dict[str, dict[str, dict[str, object]]]:
    described = json.loads(json.dumps(document(FACES, ROUTES, keys=keys)))
    paths: dict[str, dict[str, dict[str, object]]] = described["paths"]
    return paths


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("/api/chat", ["/api/chat"]),
        ("/v1(?:beta)?/x", ["/v1/x", "/v1beta/x"]),
        (r"/m/(?P<model>.+):(?P<verb>a|b)", ["/m/{model}:a", "/m/{model}:b"]),
        (r"/openapi\.json", ["/openapi.json"]),
    ],
)
def test_a_pattern_stands_for_paths(pattern: str, paths: list[str]) -> None:
    assert list(paths_of(pattern)) == paths


def test_every_path_that_is_described_is_answered() -> None:
    patterns = {
        "post": [face.path for face in FACES],
        **{route.method.lower(): [] for route in ROUTES if route.method != "POST"},
    }
    for route in ROUTES:
        patterns[route.method.lower()].append(route.path)

    for path, methods in _paths().items():
        filled = re.sub(r"\{\w+\}", "work/small", path)
        for method in methods:
            assert any(re.fullmatch(pattern, filled) for pattern in patterns[method]), path


def test_every_operation_has_a_name_of_its_own_and_its_parameters() -> None:
    operations = [(path, each) for path, row in _paths().items() for each in row.values()]

    names = [each["operationId"] for _, each in operations]
    assert len(set(names)) == len(names)
    for path, each in operations:
        named = re.findall(r"\{(\w+)\}", path)
        given = each.get("parameters", [])
        assert isinstance(given, list)
        assert [row["name"] for row in given if row["in"] == "path"] == named


def test_keys_are_described_where_they_are_asked_for_and_health_wants_none() -> None:
    with_keys = document(FACES, ROUTES, keys=True)

    assert "security" not in document(FACES, ROUTES, keys=False)
    assert with_keys["security"]
    paths = _paths(keys=True)
    assert paths["/health/live"]["get"]["security"] == []
    assert "security" not in paths["/metrics"]["get"]


def test_a_row_is_found_by_method_and_path_and_every_function_is_there() -> None:
    found = find_route("HEAD", "/health/live")

    assert found is not None
    assert found[0].name == "live"
    assert find_route("POST", "/health/live") is None
    assert find_route("GET", "/nowhere") is None
    assert all(callable(route.load()) for route in ROUTES)


def test_an_address_tells_its_methods_and_one_that_is_nowhere_none() -> None:
    assert methods_at("/health/live") == ("GET", "HEAD")
    assert methods_at("/v1/embeddings") == ("POST",)
    assert methods_at("/nowhere") == ()
