"""Which limit passes first, and what is said of it."""

import math
from dataclasses import dataclass, field

import pytest

from dragoman.transport.base import Limits
from dragoman.transport.direct.deadlines import (
    Progress,
    next_deadline,
    shortest_s,
    timeout_error,
    waiting_deadline,
)

NONE = Limits(connect_s=None, idle_s=None)


@dataclass(frozen=True)
class Case:
    name: str
    expect: tuple[float, str]
    limits: Limits = field(default_factory=Limits)
    heard_at: float | None = 5.0
    begun: bool = False


@pytest.mark.parametrize(
    "case",
    [
        Case("none", (math.inf, ""), NONE),
        Case("silence", (8, "silence"), Limits(idle_s=3, total_s=10)),
        Case("nobody reads", (10, "total"), Limits(idle_s=3, total_s=10), heard_at=None),
        Case("all of it", (4, "total"), Limits(idle_s=3, first_token_s=6, total_s=4)),
        Case("first byte", (2, "first byte"), Limits(idle_s=3, first_token_s=2, total_s=9)),
        Case("it began", (8, "silence"), Limits(idle_s=3, first_token_s=2, total_s=9), begun=True),
    ],
    ids=lambda case: case.name,
)
def test_the_first_limit_is_the_one_that_counts(case: Case) -> None:
    progress = Progress(0.0, case.heard_at, case.begun)

    assert next_deadline(case.limits, progress) == case.expect


@pytest.mark.parametrize(
    ("limits", "expect"),
    [
        (NONE, (math.inf, "")),
        (Limits(connect_s=5), (6, "connect")),
        (Limits(connect_s=5, total_s=3), (4, "total")),
        (Limits(connect_s=5, first_token_s=2), (3, "first byte")),
        (Limits(connect_s=5, total_s=5), (6, "connect")),
    ],
)
def test_waiting_for_a_connection_is_connecting(limits: Limits, expect: tuple[float, str]) -> None:
    assert waiting_deadline(limits, 1.0) == expect


@pytest.mark.parametrize(
    ("limits", "expect"),
    [(NONE, math.inf), (Limits(), 60), (Limits(idle_s=3, first_token_s=2, total_s=1), 1)],
)
def test_the_shortest_limit_bounds_them_all(limits: Limits, expect: float) -> None:
    assert shortest_s(limits) == expect


@pytest.mark.parametrize("name", ["connect", "first byte", "silence", "total"])
def test_an_error_names_its_limit(name: str) -> None:
    limits = Limits(connect_s=1, first_token_s=2, idle_s=3, total_s=4)

    error = timeout_error(limits, name)

    assert f"({name} limit)" in str(error)
    seconds = {"connect": "1 s", "first byte": "2 s", "silence": "3 s", "total": "4 s"}
    assert seconds[name] in str(error)
