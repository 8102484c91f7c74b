"""Models in the shape of each face: what is not known is not told, and pages follow each other."""

from typing import Any

import msgspec
import pytest

from dragoman.catalog import ModelCard
from dragoman.errors import InputError
from dragoman.gateway.model_shapes import PAGES, SHAPES
from dragoman.providers.api.model_list import decode_cards
from dragoman.wire.http import HttpReply, ReplyHead

KNOWN = ModelCard(
    name="big",
    context=1000,
    max_output=100,
    tools=True,
    images=False,
    documents=True,
    schema=True,
    reasoning=True,
)
CARDS = {f"a/{number}": ModelCard(name=str(number)) for number in range(5)}


def names(page: dict[str, Any]) -> list[str]:
    rows = page.get("data", page.get("models"))
    assert isinstance(rows, list)
    return [row.get("id", row.get("name")) for row in rows]


@pytest.mark.parametrize("dialect", SHAPES)
def test_what_we_tell_another_of_us_reads(dialect: str) -> None:
    """A gateway may stand behind another one."""
    body = msgspec.json.encode(PAGES[dialect]({"a/big": KNOWN}, {}))

    (read,) = decode_cards(HttpReply(ReplyHead(200, {}, ""), body))

    assert (read.name, read.context, read.max_output) == ("a/big", 1000, 100)
    assert read.reasoning is True
    for field in ("tools", "images", "documents", "schema"):
        assert getattr(read, field) in {None, getattr(KNOWN, field)}


def test_what_is_not_known_is_not_told() -> None:
    bare = ModelCard(name="b")

    assert SHAPES["openai_chat"]("a/b", bare) == {
        "id": "a/b",
        "object": "model",
        "created": 0,
        "owned_by": "a",
    }
    anthropic = SHAPES["anthropic_messages"]("a/b", bare)
    assert anthropic["capabilities"] is anthropic["max_tokens"] is None
    assert SHAPES["gemini"]("a/b", bare) == {
        "name": "models/a/b",
        "version": "",
        "displayName": "b",
        "supportedGenerationMethods": ["generateContent"],
    }


def test_a_route_is_the_gateways_own() -> None:
    """It has no provider, and one name everywhere, also if there is a slash in it."""
    route = ModelCard(name="team/smart")

    assert SHAPES["openai_chat"]("team/smart", route)["owned_by"] == "dragoman"
    assert SHAPES["anthropic_messages"]("team/smart", route)["display_name"] == "team/smart"
    assert SHAPES["gemini"]("team/smart", route)["name"] == "models/team/smart"


@pytest.mark.parametrize(
    ("query", "listed", "more"),
    [
        ({}, "01234", False),
        ({"limit": "2"}, "01", True),
        ({"limit": "2", "after_id": "a/1"}, "23", True),
        ({"limit": "2", "after_id": "a/2"}, "34", False),
        ({"limit": "2", "before_id": "a/4"}, "23", True),
        ({"limit": "2", "before_id": "a/2"}, "01", False),
        ({"after_id": "a/4"}, "", False),
    ],
)
def test_anthropics_pages(query: dict[str, str], listed: str, more: bool) -> None:
    page = PAGES["anthropic_messages"](CARDS, query)

    wanted = [f"a/{digit}" for digit in listed]
    assert names(page) == wanted
    assert page["has_more"] is more
    assert page["first_id"] == (wanted[0] if wanted else None)
    assert page["last_id"] == (wanted[-1] if wanted else None)


def test_geminis_pages_follow_each_other() -> None:
    found: list[str] = []
    query = {"pageSize": "2"}
    while True:
        page = PAGES["gemini"](CARDS, query)
        found += names(page)
        if "nextPageToken" not in page:
            break
        query = {"pageSize": "2", "pageToken": str(page["nextPageToken"])}

    assert found == [f"models/{name}" for name in CARDS]
    assert len(names(PAGES["gemini"](CARDS, {"pageSize": "1000000"}))) == 5


@pytest.mark.parametrize(
    ("dialect", "field", "value"),
    [
        ("anthropic_messages", "limit", "0"),
        ("anthropic_messages", "limit", "1001"),
        ("anthropic_messages", "limit", "two"),
        ("anthropic_messages", "limit", "٣"),
        ("anthropic_messages", "after_id", "a/9"),
        ("anthropic_messages", "before_id", ""),
        ("gemini", "pageSize", "-1"),
        ("gemini", "pageSize", "9" * 5000),
        ("gemini", "pageToken", "x"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(dialect: str, field: str, value: str) -> None:
    with pytest.raises(InputError) as caught:
        PAGES[dialect](CARDS, {field: value})

    assert caught.value.place == field
