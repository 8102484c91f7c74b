"""`dragoman probe`: a provider's handshake, step by step, with times."""

import asyncio
from typing import Annotated

import msgspec
import typer

from dragoman.cli.complaint import PROVIDER_ERROR
from dragoman.cli.measured import tell_when, time_now
from dragoman.cli.shared import ConfigFile, Debug, Json, print_json, print_table
from dragoman.cli.terminal import note
from dragoman.client import Client
from dragoman.config import Config, load_config
from dragoman.errors import InputError
from dragoman.providers.handshake import StepOutcome

__all__ = ["run"]


class _Report(msgspec.Struct, frozen=True):
    provider: str
    works: bool
    measured_at: str
    failed_step: str | None
    steps: list[StepOutcome]


def run(
    provider: Annotated[
        str | None,
        typer.Argument(
            metavar="PROVIDER", help="By default those that can be used.", show_default=False
        ),
    ] = None,
    *,
    timeout: Annotated[
        float, typer.Option("--timeout", help="Seconds for each step.", metavar="SECONDS", min=0.1)
    ] = 10.0,
    as_json: Json = False,
    config: ConfigFile = None,
    debug: Debug = False,
) -> int:
    """Measure a provider without a chat: each step of its handshake, its time and its outcome.

    One without a handshake is asked for its list of models; if it has none it is only reached.

    The exit code is 1 if the named provider does not work.
    """
    loaded = load_config(config)
    if provider is not None:
        _check(loaded, provider)
    reports = asyncio.run(_reports(loaded, provider, timeout))
    if as_json:
        print_json(reports)
    else:
        rows = [row for report in reports for row in _rows(report)]
        print_table(("provider", "step", "time", "outcome"), rows)
        tell_when(time_now())
    if provider is None or reports[0].works:
        return 0
    note(f"error: {provider} does not work now")
    return PROVIDER_ERROR


async def _reports(config: Config, provider: str | None, limit_s: float) -> list[_Report]:
    async with Client(config) as client:
        names = [provider] if provider else config.usable()
        return await asyncio.gather(*(_report(client, name, limit_s) for name in names))


def _check(config: Config, provider: str) -> None:
    entry = config.providers.get(provider)
    if entry is not None and (missing := entry.lacks):
        raise InputError(f"{provider} cannot be asked: set {missing}")


async def _report(client: Client, name: str, limit_s: float) -> _Report:
    measured_at = time_now()
    steps = await client.probe(name, timeout=limit_s)
    failed = next((step.name for step in steps if step.error is not None), None)
    return _Report(name, failed is None, measured_at, failed, steps)


def _rows(report: _Report) -> list[tuple[str, str, str, str]]:
    if not report.steps:
        return [(report.provider, "", "", "ok: there is nothing to measure")]
    return [
        (report.provider, step.name, f"{step.seconds * 1000:.0f} ms", _outcome(step))
        for step in report.steps
    ]


def _outcome(step: StepOutcome) -> str:
    if step.error is not None:
        return f"failed: {step.error}"
    return f"ok: {step.status}" if step.status else "ok"
