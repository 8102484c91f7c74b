"""A scenario replaces the one before it whole, and says which knob is wrong."""

from typing import Any, NamedTuple

import pytest
from tests.emulators.wire import aichat, conversation, exchange, post_json, request

from dragoman import emulators
from dragoman.emulators.knobs import KNOBS, markdown
from dragoman.emulators.names import load
from dragoman.emulators.scenario import knob_metas


class Case(NamedTuple):
    name: str
    scenario: dict[str, Any]
    said: str


WRONG = [
    Case("an unknown knob", {"statsu": 500}, "statsu"),
    Case("a knob of another emulator", {"pool": {"accounts": []}}, "pool"),
    Case("a text for a number", {"status": "500"}, "status"),
    Case("a status that is none", {"status": 7}, "status"),
    Case("a cut without a place", {"cut": {"how": "fin"}}, "cut"),
    Case("a cut with two places", {"cut": {"after_events": 1, "after_bytes": 1}}, "cut"),
    Case("a cut of an unknown kind", {"cut": {"after_events": 1, "how": "axe"}}, "cut.how"),
    Case("a field that is not there", {"slow": {"before_s": 1}}, "slow"),
    Case("a negative pause", {"slow": {"before_first_s": -1}}, "slow"),
    Case("chunks of nothing", {"split": 0}, "split"),
    Case("an unknown coding", {"encoding": "zip"}, "encoding"),
    Case("no list of requests", {"on": 2}, "on"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.name)
async def test_a_wrong_scenario_is_refused_by_name(case: Case) -> None:
    async with emulators.run("aichat") as emulator:
        with pytest.raises(ValueError, match=case.said):
            emulator.scenario(case.scenario)
        by_http = await exchange(emulator.url, put(case.scenario))

        assert by_http.status == 400
        assert case.said in by_http.json()["error"]


async def test_a_wrong_scenario_leaves_the_old_one() -> None:
    async with emulators.run("aichat", scenario={"status": 500}) as emulator:
        with pytest.raises(ValueError, match="statsu"):
            emulator.scenario(statsu=429)

        assert (await exchange(emulator.url, aichat())).status == 500


async def test_a_body_that_is_no_object_is_a_400() -> None:
    async with emulators.run("aichat") as emulator:
        refused = await exchange(emulator.url, put([1]))

        assert (refused.status, list(refused.json())) == (400, ["error"])


async def test_a_scenario_comes_back_as_it_was_put() -> None:
    scenario = {"cut": {"after_events": 2, "how": "rst"}, "on": [2]}
    async with emulators.run("fakegpt") as emulator:
        await exchange(emulator.url, put(scenario))

        got = await exchange(emulator.url, request("GET", "/_emulator/scenario"))

        assert got.json() == scenario


async def test_a_new_scenario_replaces_the_old_one_whole() -> None:
    async with emulators.run("aichat", scenario={"status": 500}) as emulator:
        emulator.scenario(unicode=True)
        changed = await exchange(emulator.url, aichat())
        await exchange(emulator.url, put({}))
        cleared = await exchange(emulator.url, aichat())

        assert (changed.status, "\0" in changed.json()["message"]) == (200, True)
        assert cleared.json() == {"response": True, "message": "one two three"}


async def test_keywords_and_a_mapping_are_one_scenario() -> None:
    async with emulators.run("aichat") as emulator:
        emulator.scenario({"status": 503}, retry_after=7)

        refused = await exchange(emulator.url, aichat())

        assert (refused.status, refused.headers["retry-after"]) == (503, "7")


async def test_on_limits_the_faults_to_those_chats_and_a_new_scenario_counts_anew() -> None:
    async with emulators.run("fakegpt") as emulator:
        for _ in range(2):
            emulator.scenario(status=503, on=[2, 3])
            await exchange(emulator.url, request("GET", "/api/loads?t=1"))
            seen = [(await exchange(emulator.url, conversation())).status for _ in range(4)]

            assert seen == [200, 503, 503, 200]


async def test_on_leaves_the_settings_alone() -> None:
    async with emulators.run("aichat") as emulator:
        emulator.scenario(answer="set", status=503, on=[2])

        first = await exchange(emulator.url, aichat())

        assert first.json()["message"] == "set"


async def test_at_limits_the_faults_to_those_steps() -> None:
    async with emulators.run("fakegpt", scenario={"status": 503, "at": ["loads"]}) as emulator:
        loads = await exchange(emulator.url, request("GET", "/api/loads?t=1"))
        chat = await exchange(emulator.url, conversation())

        assert (loads.status, chat.status) == (503, 200)


async def test_for_limits_the_faults_to_one_client() -> None:
    async with emulators.run("fakegpt", scenario={"status": 503, "for": "ann"}) as emulator:
        ann = await exchange(emulator.url, conversation(bearer="ann"))
        bob = await exchange(emulator.url, conversation(bearer="bob"))

        assert (ann.status, bob.status) == (503, 200)


async def test_control_paths_are_free_of_every_fault() -> None:
    async with emulators.run("aichat", scenario={"connection": "reset"}) as emulator:
        got = await exchange(emulator.url, request("GET", "/_emulator/scenario"))
        unknown = await exchange(emulator.url, request("GET", "/_emulator/else"))

        assert (got.status, unknown.status, emulator.journal) == (200, 404, [])


async def test_an_unknown_emulator_is_refused_with_the_names() -> None:
    with pytest.raises(ValueError, match="fakegpt"):
        async with emulators.run("fakegtp"):
            pass


def test_every_knob_is_described() -> None:
    """The docs print the table; a knob without a shape would be a riddle."""
    assert all(row.shape and row.meaning for row in KNOBS)
    assert all(row.client_must for row in KNOBS if row.fault)
    assert all(f"| `{row.name}` |" in markdown() for row in KNOBS)


@pytest.mark.parametrize("name", emulators.NAMES)
def test_every_knob_of_every_emulator_is_in_the_table(name: str) -> None:
    known = {row.name for row in KNOBS if name in row.emulators or row.emulators == "all"}

    assert set(knob_metas(load(name).knobs_type)) == known


def put(scenario: object) -> bytes:
    return post_json("/_emulator/scenario", scenario).replace(b"POST", b"PUT", 1)
