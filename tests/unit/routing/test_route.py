"""A route's limits: its own words, then the provider's, then the usual ones of its kind."""

import msgspec
import pytest

from dragoman.provider_entry import ProviderFields
from dragoman.routing.route import DEADLINES, TOTAL_S, Candidate, Route, bare_route
from dragoman.transport.base import Limits

NAMED = Route(name="smart", candidates=(Candidate("work", "m"),), is_named=True)
BARE = bare_route("work", "m")
OF_PROVIDER = Limits(connect_s=7, idle_s=70, first_token_s=700)


class Case(msgspec.Struct, frozen=True):
    claim: str
    route: Route
    explicit: ProviderFields
    expect: Limits
    whole: bool = False


SILENT = ProviderFields()
CASES = [
    Case("a named route has its own usual limits", NAMED, SILENT, Limits(**DEADLINES)),
    Case(
        "a model's own name has those of its provider, and a total",
        BARE,
        SILENT,
        Limits(connect_s=7, idle_s=70, first_token_s=700, total_s=TOTAL_S),
    ),
    Case(
        "what a provider's configuration says holds in a route",
        NAMED,
        ProviderFields(idle_s=99),
        Limits(connect_s=5, first_token_s=10, idle_s=99, total_s=300),
    ),
    Case(
        "and more than the provider's code",
        BARE,
        ProviderFields(connect_s=1, total_s=2),
        Limits(connect_s=1, idle_s=70, first_token_s=700, total_s=2),
    ),
    Case(
        "what the route says holds more than both",
        msgspec.structs.replace(NAMED, idle_s=3, total_s=4),
        ProviderFields(idle_s=99, connect_s=98),
        Limits(connect_s=98, first_token_s=10, idle_s=3, total_s=4),
    ),
    Case(
        "a whole answer is silent until it is there",
        msgspec.structs.replace(NAMED, idle_s=3, first_token_s=2),
        ProviderFields(first_token_s=9),
        Limits(connect_s=5, first_token_s=None, idle_s=None, total_s=300),
        whole=True,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_limits(case: Case) -> None:
    assert case.route.limits(OF_PROVIDER, case.explicit, whole=case.whole) == case.expect


def test_a_limit_of_the_providers_code_on_the_whole_answer_is_kept() -> None:
    of_provider = Limits(total_s=1000)

    assert BARE.limits(of_provider, SILENT, whole=False).total_s == 1000


def test_a_model_by_its_own_name_is_a_route_of_one() -> None:
    assert Route(name="work/m", candidates=(Candidate("work", "m"),)) == BARE
    assert bare_route("work", "").name == "work"


def test_the_defaults_are_those_of_the_documents() -> None:
    assert (NAMED.order, NAMED.retries, NAMED.rescue) == ("listed", 2, "replay")
    assert (NAMED.retry_after_max_s, NAMED.hedge_after_s, NAMED.share) == (20.0, 0.0, False)
    assert DEADLINES == {"connect_s": 5, "first_token_s": 10, "idle_s": 10, "total_s": 300}
