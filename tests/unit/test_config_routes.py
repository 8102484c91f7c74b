"""`[routes.NAME]`: candidates under one name, and every mistake refused at start, by name."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from dragoman.client import Client
from dragoman.config import Config, load_config
from dragoman.errors import InputError, ModelNotSupportedError
from dragoman.names import full_name, resolve_name, resolve_route
from dragoman.routing.health_settings import HealthSettings
from dragoman.routing.route import Candidate, Route
from dragoman.routing.route_tables import CANDIDATE_FIELDS, FIELDS

WORK = """
[providers.work]
dialect = "openai_chat"
base_url = "http://127.0.0.1:9100/v1"
models = ["mock-model"]
"""
LINES = WORK.count("\n")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text: str) -> Config:
    Path("dragoman.toml").write_text(WORK + text, "utf-8")
    return load_config()


def test_every_field_is_described() -> None:
    made_by_us = {"name", "is_named"}
    assert {*FIELDS} | made_by_us == {*Route.__struct_fields__}
    assert {*CANDIDATE_FIELDS} == {"model", "weight"}


def test_without_a_table_there_are_no_routes() -> None:
    assert load("").routes == Config().routes == {}
    assert load("").health == Config().health == HealthSettings()


def test_a_table_says_everything() -> None:
    found = load(
        """
        [routes.smart]
        candidates = ["work/mock-model", { model = "echo", weight = 3 }, "work:other"]
        order = "weighted"
        retries = 0
        rescue = "continue"
        connect_s = 1
        first_token_s = 2
        idle_s = 3
        total_s = 4.5
        retry_after_max_s = 0
        hedge_after_s = 1.5
        share = true
        """
    )

    assert found.routes == {
        "smart": Route(
            name="smart",
            candidates=(
                Candidate("work", "mock-model"),
                Candidate("echo", "", 3.0),
                Candidate("work", "other"),
            ),
            order="weighted",
            retries=0,
            rescue="continue",
            connect_s=1.0,
            first_token_s=2.0,
            idle_s=3.0,
            total_s=4.5,
            retry_after_max_s=0.0,
            hedge_after_s=1.5,
            share=True,
            is_named=True,
        )
    }


def test_what_is_not_said_is_left_open() -> None:
    (found,) = load('[routes.smart]\ncandidates = ["echo"]').routes.values()

    assert found == Route(name="smart", candidates=(Candidate("echo"),), is_named=True)


def test_tables_may_stand_one_by_one() -> None:
    found = load('[[routes.r.candidates]]\nmodel = "echo"\n[[routes.r.candidates]]\nmodel = "work"')

    assert found.routes["r"].candidates == (Candidate("echo"), Candidate("work"))


def test_a_program_may_say_in_mappings_what_a_file_says() -> None:
    config = Config.of(
        {},
        routes={"smart": {"candidates": ["echo", "local"], "hedge_after_s": "p95"}},
        health={"breaker_failures": 0},
    )

    assert config.routes["smart"].hedge_after_s == "p95"
    assert config.health.breaker_failures == 0


def test_a_route_may_be_a_candidate() -> None:
    """Its candidates stand in its place, and share its weight."""
    found = load(
        """
        [routes.all]
        candidates = [{ model = "pair", weight = 8 }, "local"]
        [routes.pair]
        candidates = ["echo", { model = "work/mock-model", weight = 3 }]
        """
    )

    assert found.routes["all"].candidates == (
        Candidate("echo", "", 2.0),
        Candidate("work", "mock-model", 6.0),
        Candidate("local"),
    )


@pytest.mark.parametrize("name", ["smart", "gpt-4o", "team/smart", "a:b", "für.alle", "\U0001f98a"])
def test_any_name_finds_its_route_that_has_no_other_meaning(name: str) -> None:
    config = load(f'[routes."{name}"]\ncandidates = ["echo"]\n')

    assert resolve_route(name, config) is config.routes[name]


def test_a_route_may_be_the_default_model() -> None:
    Path("dragoman.toml").write_text('model = "smart"\n[routes.smart]\ncandidates = ["echo"]')
    config = load_config()

    assert resolve_route(None, config).name == "smart"


def test_any_other_name_is_a_route_of_one_model() -> None:
    config = load('[routes.smart]\ncandidates = ["echo"]')

    assert resolve_route("work/x", config) == Route(
        name="work/x", candidates=(Candidate("work", "x"),)
    )


def test_a_name_near_a_route_names_it() -> None:
    config = load('[routes.smart]\ncandidates = ["echo"]')

    with pytest.raises(ModelNotSupportedError, match="no model 'smrt'; did you mean smart"):
        resolve_route("smrt", config)


def test_where_one_model_is_meant_a_route_is_told_from_it() -> None:
    config = load('[routes.smart]\ncandidates = ["work/mock-model", "echo"]')

    with pytest.raises(InputError, match=r"smart is a route, .* name it, as work/mock-model"):
        resolve_name("smart", config)


def test_lists_call_a_model_by_its_whole_name() -> None:
    config = load('[routes."my/smart"]\ncandidates = ["work/mock-model", "echo"]')

    assert full_name("my/smart", config) == "my/smart"
    assert full_name("work", config) == full_name("mock-model", config) == "work/mock-model"


async def test_a_client_lists_routes_first() -> None:
    config = await asyncio.to_thread(load, '[routes.smart]\ncandidates = ["echo"]')

    async with Client(config) as client:
        assert (await client.models())[0] == "smart"
        assert await client.models("echo") == ["echo/echo"]


class Case(msgspec.Struct, frozen=True):
    claim: str
    text: str
    complaint: str
    """What follows the file's path; lines are counted after the provider's table."""


def route(*lines: str) -> str:
    return "\n".join(["[routes.smart]", *lines])


ECHO = 'candidates = ["echo"]'
LIST = "routes.smart.candidates: expected a list of at least one text or table"
CASES = [
    Case("no tables", "routes = 7", ":1: routes: expected tables, as [routes.NAME]"),
    Case("no table", "[routes]\nsmart = 7", ":2: routes.smart: expected a table, as [routes.NAME]"),
    Case("no candidate", route(), f":1: {LIST}"),
    Case("an empty list", route("candidates = []"), f":2: {LIST}"),
    Case("a list of something else", route("candidates = [7]"), f":2: {LIST}"),
    Case("a text alone", route('candidates = "echo"'), f":2: {LIST}"),
    Case(
        "an unknown field",
        route(ECHO, "retry = 1"),
        ":3: routes.smart.retry: unknown; known: candidates, order, retries",
    ),
    Case(
        "an unknown order",
        route(ECHO, 'order = "random"'),
        ":3: routes.smart.order: expected listed, weighted, fastest, cheapest or rotate",
    ),
    Case(
        "an unknown rescue",
        route(ECHO, 'rescue = "yes"'),
        ":3: routes.smart.rescue: expected off, replay or continue",
    ),
    Case(
        "less than no retry",
        route(ECHO, "retries = -1"),
        ":3: routes.smart.retries: expected a whole number from 0 to 100",
    ),
    Case(
        "no time at all",
        route(ECHO, "idle_s = 0"),
        ":3: routes.smart.idle_s: expected a number of seconds above 0",
    ),
    Case("for ever", route(ECHO, "total_s = inf"), ":3: routes.smart.total_s: expected a number"),
    Case(
        "a hedge in words",
        route(ECHO, 'hedge_after_s = "p99"'),
        ":3: routes.smart.hedge_after_s: expected a number of seconds from 0 to 86400, or",
    ),
    Case("a share in words", route(ECHO, "share = 1"), ":3: routes.smart.share: expected true or"),
    Case(
        "a name with a space",
        f'[routes."my route"]\n{ECHO}',
        ":1: routes.my route: a route's name is a text without spaces",
    ),
    Case("no name", f'[routes.""]\n{ECHO}', ":1: routes.: a route's name is a text"),
    Case(
        "the name of a provider",
        f"[routes.echo]\n{ECHO}",
        ":1: routes.echo: echo is a provider, so this name has a meaning",
    ),
    Case(
        "the name of a provider's model",
        f'[routes."work/mock-model"]\n{ECHO}',
        ":1: routes.work/mock-model: work is a provider, so this name has a meaning",
    ),
    Case(
        "the name of a provider's model, the other way",
        f'[routes."work:x"]\n{ECHO}',
        ":1: routes.work:x: work is a provider",
    ),
    Case(
        "an unknown provider",
        route('candidates = ["wrok/x"]'),
        ":2: routes.smart.candidates: no provider or route for 'wrok/x'; did you mean work/x?",
    ),
    Case(
        "a model without its provider",
        route('candidates = ["mock-model"]'),
        ":2: routes.smart.candidates: no provider or route for 'mock-model'; did you mean "
        "work/mock-model?",
    ),
    Case(
        "an unknown route",
        f"[routes.other]\n{ECHO}\n" + route('candidates = ["othr"]'),
        ":4: routes.smart.candidates: no provider or route for 'othr'; did you mean other?",
    ),
    Case(
        "a name that is like no other",
        route('candidates = ["%%%%%%%%%%%"]'),
        ":2: routes.smart.candidates: no provider or route for '%%%%%%%%%%%'",
    ),
    Case("an empty name", route('candidates = [""]'), ":2: routes.smart.candidates: no provider"),
    Case(
        "the same twice",
        route('candidates = ["work/x", "echo", "work:x"]'),
        ":2: routes.smart.candidates: work/x is there twice: name it once",
    ),
    Case(
        "the same twice, through a route",
        f"[routes.other]\n{ECHO}\n" + route('candidates = ["echo", "other"]'),
        ":4: routes.smart.candidates: echo is there twice: name it once",
    ),
    Case(
        "a table without a model",
        route("candidates = [{ weight = 1 }]"),
        ":2: routes.smart.candidates.1: expected model: the candidate",
    ),
    Case(
        "a table with more",
        "[[routes.smart.candidates]]\nmodel = 'echo'\nwieght = 2",
        ":3: routes.smart.candidates.1.wieght: unknown; known: model, weight",
    ),
    Case(
        "no weight",
        route("candidates = [{ model = 'echo', weight = 0 }]"),
        ":2: routes.smart.candidates.1.weight: expected a number above 0",
    ),
    Case(
        "a route of itself",
        route('candidates = ["smart"]'),
        ":2: routes.smart.candidates: a loop of routes, which has no end: smart → smart",
    ),
    Case(
        "a loop of routes",
        '[routes.a]\ncandidates = ["b"]\n[routes.b]\ncandidates = ["c"]\n'
        '[routes.c]\ncandidates = ["echo", "b"]',
        ":4: routes.b.candidates: a loop of routes, which has no end: b → c → b",
    ),
    Case(
        "a first token after the end",
        route(ECHO, "first_token_s = 20", "total_s = 20"),
        ":3: routes.smart.first_token_s: 20 would never pass: total_s is 20",
    ),
    Case(
        "a first token after the usual end",
        route(ECHO, "first_token_s = 400"),
        ":3: routes.smart.first_token_s: 400 would never pass: total_s is 300",
    ),
    Case(
        "a connection after the end",
        route(ECHO, "connect_s = 5.5", "total_s = 5"),
        ":3: routes.smart.connect_s: 5.5 would never pass: total_s is 5",
    ),
    Case(
        "a silence longer than all of it",
        route(ECHO, "total_s = 5", "idle_s = 6"),
        ":4: routes.smart.idle_s: 6 would never pass: total_s is 5",
    ),
    Case(
        "a hedge after the first token's limit",
        route(ECHO, "hedge_after_s = 10"),
        ":3: routes.smart.hedge_after_s: 10 would never pass: first_token_s is 10",
    ),
    Case(
        "a hedge after the end",
        route(ECHO, "hedge_after_s = 6", "total_s = 5"),
        ":3: routes.smart.hedge_after_s: 6 would never pass: total_s is 5",
    ),
    Case(
        "an unknown field of health",
        "[health]\nbreaker = 1",
        ":2: health.breaker: unknown; known: breaker_failures",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_a_mistake_is_named_with_file_and_line(case: Case, folder: Path) -> None:
    first = "" if case.text.startswith("[") else case.text
    path = folder / "dragoman.toml"
    path.write_text(f"{first}\n{WORK}{case.text if not first else ''}", "utf-8")

    with pytest.raises(InputError) as caught:
        load_config()

    line, _, rest = case.complaint[1:].partition(":")
    number = int(line) if first else int(line) + LINES + 1
    assert str(caught.value).startswith(f"dragoman.toml:{number}:{rest}")


def test_a_short_total_alone_is_no_mistake() -> None:
    """It comes before the usual other limits, and that is all."""
    assert load(route(ECHO, "total_s = 4")).routes["smart"].total_s == 4


def test_a_mapping_is_checked_alike() -> None:
    with pytest.raises(InputError, match="a route's name is a text without spaces"):
        Config.of({}, routes={"a\x07": {"candidates": ["echo"]}})
    with pytest.raises(InputError, match=r"^routes\.smart\.candidates: expected a list"):
        Config.of({}, routes={"smart": {}})
