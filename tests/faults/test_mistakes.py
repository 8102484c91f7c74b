"""A configuration that cannot work is refused at start, and the refusal names the route."""

from pathlib import Path

import msgspec
import pytest

from dragoman.config import load_config
from dragoman.errors import InputError
from tests.cli.program import run

PROVIDER = """
[providers.a]
dialect = "openai_chat"
base_url = "http://127.0.0.1:9/v1"
models = ["mock-model"]
"""


class Case(msgspec.Struct, frozen=True):
    """A route, and words of the refusal."""

    name: str
    table: str
    words: str


CASES = [
    Case("no candidate", "[routes.r]", "routes.r.candidates"),
    Case("an empty list", "[routes.r]\ncandidates = []", "it would ask nobody"),
    Case("an unknown provider", '[routes.r]\ncandidates = ["q/x"]', "no provider or route"),
    Case("a misspelt one", '[routes.r]\ncandidates = ["eco"]', "did you mean echo"),
    Case("one twice", '[routes.r]\ncandidates = ["a", "a"]', "a is there twice"),
    Case("itself", '[routes.r]\ncandidates = ["r"]', "r → r"),
    Case(
        "a loop",
        '[routes.r]\ncandidates = ["s"]\n[routes.s]\ncandidates = ["t"]\n'
        '[routes.t]\ncandidates = ["r"]',
        "r → s → t → r",
    ),
    Case("a provider's name", '[routes.a]\ncandidates = ["echo"]', "a is a provider"),
    Case(
        "a first word after the end",
        '[routes.r]\ncandidates = ["a"]\nfirst_token_s = 9\ntotal_s = 9',
        "would never pass",
    ),
    Case(
        "a hedge after the first word's limit",
        '[routes.r]\ncandidates = ["a"]\nhedge_after_s = 12',
        "first_token_s is 10",
    ),
    Case("fewer than no retries", '[routes.r]\ncandidates = ["a"]\nretries = -1', "retries"),
    Case("an unknown rescue", '[routes.r]\ncandidates = ["a"]\nrescue = "yes"', "rescue"),
    Case("an unknown order", '[routes.r]\ncandidates = ["a"]\norder = "best"', "order"),
    Case("an unknown field", '[routes.r]\ncandidates = ["a"]\nretry = 1', "retries"),
    Case("a weight of nothing", '[routes.r]\ncandidates = [{model = "a", weight = 0}]', "weight"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_refused_by_name(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "dragoman.toml"
    path.write_text(PROVIDER + case.table, "utf-8")

    with pytest.raises(InputError, match="routes") as caught:
        load_config(path)

    assert case.words in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_server_with_such_a_mistake_does_not_start(tmp_path: Path) -> None:
    path = tmp_path / "dragoman.toml"
    path.write_text(f"{PROVIDER}[routes.smart]\ncandidates = []", "utf-8")

    ended = run("serve", "--config", str(path), "--port", "0")

    assert ended.code == 2
    assert "routes.smart" in ended.err
    assert ended.out == ""
