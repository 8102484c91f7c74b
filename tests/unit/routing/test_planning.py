"""What is known of a route's candidates when it is planned."""

import pytest

from dragoman.catalog import ModelCard
from dragoman.chat import ChatRequest
from dragoman.config import Config
from dragoman.gateway.fetching import Fetching
from dragoman.messages import Image, Message
from dragoman.names import resolve_route
from dragoman.routing.health import Health
from dragoman.routing.planning import Planner
from dragoman.routing.route import Candidate

CONFIG = Config.of(
    {
        "home": {"dialect": "ollama", "base_url": "http://127.0.0.1:9", "models": ["m"]},
        "work": {
            "dialect": "openai_chat",
            "base_url": "http://127.0.0.1:9/v1",
            "models": ["m"],
            "model": {"m": {"context": 99}},
        },
    },
    routes={"smart": {"candidates": ["home/m", "work/m"]}},
)
BY_ADDRESS = ChatRequest(
    model="", messages=(Message("user", (Image(url="https://pictures.example/a.png"),)),)
)


def planner(**more: object) -> Planner:
    return Planner(CONFIG, Health(), lambda _: (), **more)  # type: ignore[arg-type]  # as its own


async def asked(planned_by: Planner, chat: ChatRequest | None) -> list[str]:
    plan = await planned_by.plan(resolve_route("smart", CONFIG), chat)
    return [choice.candidate.name for choice in plan.choices]


async def test_who_takes_no_address_is_left_out_unless_it_is_fetched_for_it() -> None:
    assert await asked(planner(), BY_ADDRESS) == ["work/m"]
    assert await asked(planner(says=Fetching().says), BY_ADDRESS) == ["home/m", "work/m"]


async def test_without_a_chat_nobody_is_left_out() -> None:
    assert await asked(planner(), None) == ["home/m", "work/m"]


async def test_a_name_that_is_no_route_is_not_planned() -> None:
    plan = await planner().plan(resolve_route("home/m", CONFIG), BY_ADDRESS)

    assert [choice.candidate.name for choice in plan.choices] == ["home/m"]


@pytest.mark.parametrize("told", [None, 200])
def test_what_is_configured_wins_over_what_a_service_tells(told: int | None) -> None:
    cards = [ModelCard(name="m", context=told, tools=True)]
    found = Planner(CONFIG, Health(), lambda _: cards)

    assert found.card(Candidate("work", "m")).context == 99
    assert found.card(Candidate("home", "m")).context == told
    assert found.card(Candidate("home", "")).tools


def test_a_list_that_is_told_anew_is_believed() -> None:
    lists = [[ModelCard(name="m", context=1)], [ModelCard(name="m", context=2)]]
    found = Planner(CONFIG, Health(), lambda _: lists[0])
    candidate = Candidate("home", "m")

    before = found.card(candidate).context
    lists.pop(0)

    assert (before, found.card(candidate).context) == (1, 2)


def test_who_looks_sees_the_next_requests_plan_and_takes_nobodys_turn() -> None:
    config = Config.of(
        {"home": {"dialect": "ollama", "base_url": "http://127.0.0.1:9", "models": ["m", "n"]}},
        routes={"turns": {"candidates": ["home/m", "home/n"], "order": "rotate"}},
    )
    route, planned_by = resolve_route("turns", config), Planner(config, Health(), lambda _: ())

    firsts = []
    for _ in range(3):
        seen = [planned_by.look(route) for _ in range(2)]
        assert seen == [planned_by.plan_now(route, None)] * 2
        firsts.append(seen[0].choices[0].candidate.model)

    assert firsts == ["m", "n", "m"]
