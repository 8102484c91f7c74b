"""`dragoman keys`: a key is told once, listed without it, and revoked."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.program import run

LIMITS = (
    *("--models", "echo*", "--models", "openai/*", "--requests-per-minute", "60"),
    *("--tokens-per-minute", "1000", "--concurrency", "4"),
)


def _listed() -> list[dict[str, object]]:
    result = run("keys", "list", "--json")
    assert (result.code, result.err) == (0, "")
    rows: list[dict[str, object]] = json.loads(result.out)
    return rows


def test_a_key_is_all_that_is_printed_and_printed_once() -> None:
    made = run("keys", "create", "shop")

    key = made.out.strip()
    assert made.code == 0
    assert made.out == f"{key}\n"
    assert key.startswith("sk-")
    assert "only its digest is kept" in made.err
    assert key not in made.err
    assert key not in run("keys", "list", "--json").out


def test_a_list_tells_what_each_key_may() -> None:
    run("keys", "create", "shop", *LIMITS)
    run("keys", "create", "alice@example.org")

    shop, alice = _listed()
    shown = run("keys", "list")

    made = datetime.fromisoformat(str(shop.pop("created")))
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=1)
    assert shop == {
        "name": "shop",
        "last_used": None,
        "revoked": None,
        "models": ["echo*", "openai/*"],
        "requests_per_minute": 60,
        "tokens_per_minute": 1000,
        "concurrency": 4,
    }
    assert (alice["name"], alice["models"], alice["concurrency"]) == ("alice@example.org", [], None)
    line = shown.out.splitlines()[0]
    assert "never  echo*, openai/*  60 requests a minute, 1000 tokens a minute, 4 at" in line


def test_a_key_as_json_is_a_name_and_a_key() -> None:
    result = run("keys", "create", "shop", "--json")

    told = json.loads(result.out)
    assert set(told) == {"name", "key"}
    assert told["name"] == "shop"


def test_a_revoked_key_is_listed_as_such_until_it_is_forgotten() -> None:
    run("keys", "create", "shop")

    revoked = run("keys", "revoke", "shop")
    (shop,) = _listed()
    line = run("keys", "list").out
    forgotten = run("keys", "revoke", "shop", "--forget")

    assert (revoked.code, revoked.out) == (0, "")
    assert "shop opens nothing any more" in revoked.err
    assert shop["revoked"]
    assert line.rstrip().endswith("revoked")
    assert forgotten.code == 0
    assert _listed() == []


def test_where_nothing_was_kept_nothing_is_made(tmp_path: Path) -> None:
    result = run("keys", "list")

    assert (result.code, result.out) == (0, "")
    assert result.err == "there is no key: dragoman keys create NAME\n"
    assert not list(Path.home().rglob("dragoman.db"))


def test_the_file_is_where_the_configuration_says(tmp_path: Path) -> None:
    config = tmp_path / "dragoman.toml"
    config.write_text('[gateway]\ndatabase_url = "sqlite:///here/keys.db"\n')

    assert run("keys", "create", "shop", "--config", str(config)).code == 0

    assert (tmp_path / "here" / "keys.db").stat().st_mode & 0o777 == 0o600
    assert _listed() == []


class Case(NamedTuple):
    words: tuple[str, ...]
    said: str


CASES = {
    "nothing to do": Case((), "Missing argument"),
    "something else to do": Case(("delete", "shop"), "'delete' is not one of"),
    "no name": Case(("create",), "expected a name: up to 64 letters"),
    "a name with a space": Case(("create", "my shop"), "expected a name"),
    "a name for the list": Case(("list", "shop"), "keys list takes no name: shop"),
    "a name that is taken": Case(("create", "taken"), "there is or was a key of the name taken"),
    "a name of the file": Case(
        ("create", "filed"), "the configuration has a key of the name filed"
    ),
    "no such key": Case(("revoke", "shop"), "there is no such key: shop"),
    "limits of no key": Case(("list", "--concurrency", "2"), "limits are given to a key when"),
    "limits too late": Case(("revoke", "taken", "--models", "a/*"), "limits are given"),
    "nothing to forget": Case(("create", "shop", "--forget"), "--forget is for keys revoke"),
    "a limit of nothing": Case(("create", "shop", "--concurrency", "0"), "'--concurrency'"),
    "a pattern of nothing": Case(("create", "shop", "--models", ""), "--models: expected"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_wrong_usage_is_one_line_and_changes_nothing(case: Case, tmp_path: Path) -> None:
    config = tmp_path / "dragoman.toml"
    config.write_text('[gateway]\nkeys = [{name = "filed", key = "sk-filed"}]\n')
    assert run("keys", "create", "taken").code == 0

    result = run("keys", *case.words, "--config", str(config))

    assert (result.code, result.out) == (2, "")
    assert case.said in result.err
    assert len(result.err.splitlines()) == 1
    assert [key["name"] for key in _listed()] == ["taken"]


def test_a_file_that_cannot_be_read_is_the_error(tmp_path: Path) -> None:
    (tmp_path / "bad.db").write_bytes(b"this is no database, whatever its name is" * 99)
    config = tmp_path / "dragoman.toml"
    config.write_text('[gateway]\ndatabase_url = "sqlite:///bad.db"\n')

    result = run("keys", "create", "shop", "--config", str(config))

    assert (result.code, result.out) == (1, "")
    assert result.err == f"error: {tmp_path / 'bad.db'}: it is no database. Move it away.\n"
