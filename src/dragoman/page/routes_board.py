"""The routes as the next request would find them: who is asked, who is left out, and why."""

import asyncio

from dragoman.gateway.state import Held
from dragoman.routing.health import Health
from dragoman.routing.planning import Planner
from dragoman.routing.route import Candidate, Route
from dragoman.routing.router import Plan

__all__ = ["told_routes"]

_Json = dict[str, object]


async def told_routes(held: Held, health: Health) -> list[_Json]:
    """Each route of the configuration; nobody is asked, and no request's turn is taken."""
    planner = await held.reach.planner()
    routes = held.config.routes.values()
    return [_told(await _plan(planner, route), health) for route in routes]


async def _plan(planner: Planner, route: Route) -> Plan:
    if route.order == "cheapest":
        # The first time it loads the list of prices.
        return await asyncio.to_thread(planner.look, route)
    return planner.look(route)


def _told(plan: Plan, health: Health) -> _Json:
    asked = [
        {**_candidate(one.candidate, health), "reason": one.reason, "skipped": False}
        for one in plan.choices
    ]
    left_out = [
        {
            **_candidate(one.candidate, health),
            "reason": one.why,
            "skipped": True,
            "kind": one.kind,
            "until_s": round(one.until_s, 1) if one.kind == "open" else None,
        }
        for one in plan.skipped
    ]
    return {"name": plan.route, "order": plan.order, "candidates": [*asked, *left_out]}


def _candidate(candidate: Candidate, health: Health) -> _Json:
    measured = health.view(candidate.provider, candidate.model)
    is_failing = (measured.last_failure or 0.0) > (measured.last_success or 0.0)
    return {
        "name": candidate.name,
        "state": measured.state,
        "failure": str(measured.failure) if is_failing and measured.failure else None,
    }
