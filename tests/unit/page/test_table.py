"""The addresses of the page's interface."""

import pytest

from dragoman.page.table import find_row, methods_of

ID = "0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("method", "path", "handler", "groups"),
    [
        ("GET", "/me", "session:me", {}),
        ("PATCH", f"/conversations/{ID}", "conversations:change", {"conversation": ID}),
        ("POST", f"/turns/{ID}/stop", "turns:stop", {"turn": ID}),
        ("GET", f"/turns/{ID}/pictures/3", "pictures:kept", {"turn": ID, "number": "3"}),
        ("POST", "/board/a.b/probe", "board:probe", {"provider": "a.b"}),
    ],
)
def test_an_address_has_one_row(
    method: str, path: str, handler: str, groups: dict[str, str]
) -> None:
    found = find_row(method, path)

    assert found is not None
    assert (found[0].handler, found[1]) == (handler, groups)


@pytest.mark.parametrize(
    "path", ["/", "/me/", "/conversations/1", f"/conversations/{ID}/../me", f"/turns/{ID}\n/stop"]
)
def test_there_is_nothing_beside_them(path: str) -> None:
    assert find_row("GET", path) is None
    assert methods_of(path) == []


def test_methods_of_an_address_are_known() -> None:
    assert methods_of(f"/conversations/{ID}") == ["DELETE", "GET", "PATCH"]


def test_a_row_loads_its_function() -> None:
    found = find_row("GET", "/me")

    assert found is not None
    assert found[0].load().__name__ == "me"
