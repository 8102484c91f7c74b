"""The board: how each provider and each of its models stands, how it did, and a probe of it now.

Nothing is asked of a service to show it. Times are Unix seconds.
"""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from dragoman.config import Config
from dragoman.errors import InputError, ResponseStatusError, excerpt
from dragoman.page.past import DAY_MINUTES, POINT_MINUTES, of_models, of_providers
from dragoman.page.routes_board import told_routes
from dragoman.page.speaking import Ask, MissingError
from dragoman.page.standing import model_standing, provider_standing
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.handshake import StepOutcome
from dragoman.routing.board import Failure
from dragoman.routing.health import Health, Measured, Probed
from dragoman.routing.prober import PROBE_LIMIT_S, Probe, Trial, try_out
from dragoman.store.faults import StoreError
from dragoman.store.rows import HealthRow

__all__ = ["probe", "read"]

_Json = dict[str, object]


async def read(ask: Ask) -> object:
    """`GET /page/api/board`; with `?history=0` only what is known of now."""
    now = time.time()
    config, health = ask.held.config, ask.gateway.health
    # The first time it loads the code of each service.
    entries = await asyncio.to_thread(_shown, config)
    rows = [] if ask.query.get("history") == "0" else await _history(ask, now)
    return {
        "now": now,
        "kept": rows is not None,
        "providers": _providers(entries, health, rows or [], now),
        "routes": await told_routes(ask.held, health),
    }


async def probe(ask: Ask, provider: str) -> object:
    """`POST /page/api/board/NAME/probe`: its handshake, or list of models; never a chat."""
    if not ask.caller.is_operator:
        raise ResponseStatusError("only an operator may probe", status=403, code="no_operator")
    entry = ask.held.config.providers.get(provider)
    if entry is None:
        raise MissingError("provider")
    if lacks := await asyncio.to_thread(lambda: entry.lacks):
        raise InputError(f"{provider} cannot be asked: set {lacks}")
    with ask.page.probing.turn(provider):
        trial = await ask.visit.while_there(try_out(_probing(ask), provider))
    ask.gateway.health.probed(provider, trial.seconds, trial.failure)
    return {
        "works": trial.failure is None,
        "ms": _ms(trial.seconds),
        "steps": _steps(trial),
    }


def _shown(config: Config) -> list[ProviderEntry]:
    """Who can be asked, and who cannot but is named by a route; in the configuration's order."""
    named = {one.provider for route in config.routes.values() for one in route.candidates}
    wanted = named.union(config.usable())
    shown = [entry for name, entry in config.providers.items() if name in wanted]
    for entry in shown:
        # Here, where it may take a while.
        _ = entry.lacks
    return shown


async def _history(ask: Ask, now: float) -> list[HealthRow] | None:
    """The last day, as far as it is kept; None if it cannot be read now."""
    # A span that is shown is shown whole.
    since = (int(now // 60) - DAY_MINUTES) // POINT_MINUTES * POINT_MINUTES
    try:
        return await (await ask.store()).health.history(since, minutes=POINT_MINUTES)
    except StoreError:
        return None


def _providers(
    entries: Sequence[ProviderEntry], health: Health, rows: Sequence[HealthRow], now: float
) -> list[_Json]:
    asked: dict[str, dict[str, Measured]] = {entry.name: {} for entry in entries}
    for provider, model, measured in health.all():
        if provider in asked:
            asked[provider][model] = measured
    past, pasts = of_providers(rows), of_models(rows)
    return [
        {
            **_provider(entry, list(asked[entry.name].values()), health.probe_of(entry.name), now),
            "models": [
                {
                    **_model(model, found, now),
                    "history": pasts.get((entry.name, excerpt(model)), []),
                }
                for model, found in asked[entry.name].items()
            ],
            "history": past.get(entry.name, []),
        }
        for entry in entries
    ]


def _provider(
    entry: ProviderEntry, models: Sequence[Measured], probed: Probed | None, now: float
) -> _Json:
    last = max(models, key=lambda one: one.last_failure or 0.0, default=Measured())
    good = (one.last_success for one in models if one.last_success is not None)
    return {
        "name": entry.name,
        "service": "" if entry.fields.dialect else entry.service,
        "dialect": entry.provider.DIALECT,
        "speaks": entry.provider.SPEAKS,
        "state": provider_standing(models, probed, now, can_be_asked=not entry.lacks),
        "lacks": entry.lacks or None,
        "last_success": max(good, default=None),
        "last_failure": last.last_failure,
        "failure": _failure(last.failure),
        "probe": _probe(probed),
    }


def _model(model: str, measured: Measured, now: float) -> _Json:
    return {
        "model": excerpt(model),
        "standing": model_standing(measured, now),
        "state": measured.state,
        "why": measured.why or None,
        "next_probe_s": round(measured.until_s, 3),
        "failures_in_row": measured.in_row,
        "openings": measured.openings,
        "requests": measured.requests,
        "error_rate": round(measured.error_rate, 4),
        "first_token_ms": _ms(measured.first_token_s),
        "first_token_p95_ms": _ms(measured.p95_s),
        "latency_ms": _ms(measured.latency_s),
        "last_success": measured.last_success,
        "last_failure": measured.last_failure,
        "failure": _failure(measured.failure),
        "attempts": measured.totals,
    }


def _probe(probed: Probed | None) -> _Json | None:
    if probed is None:
        return None
    return {
        "works": probed.works,
        "at": probed.at,
        "ms": _ms(probed.seconds),
        "failure": _failure(probed.failure),
    }


def _probing(ask: Ask) -> Probe:
    async def asked(provider: str) -> list[StepOutcome]:
        return await ask.held.client.probe(provider, timeout=PROBE_LIMIT_S)

    return asked


def _steps(trial: Trial) -> list[_Json]:
    """The steps; what went wrong before there was one is a step, too."""
    steps: list[_Json] = [
        {
            "step": step.name,
            "ok": step.error is None,
            "ms": _ms(step.seconds),
            "error": step.error,
        }
        for step in trial.steps
    ]
    if trial.failure is not None and not steps:
        failure, spent = trial.failure, _ms(trial.seconds)
        steps = [{"step": failure.step or "probe", "ok": False, "ms": spent, "error": failure.text}]
    return steps


def _failure(failure: Failure | None) -> _Json | None:
    return None if failure is None else msgspec.structs.asdict(failure)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)
