"""`dragoman explain`: whom a model's name asks, in which order and why; nobody is asked."""

from typing import Annotated

import typer

from dragoman.cli.complaint import PROVIDER_ERROR
from dragoman.cli.shared import ConfigFile, Debug, Json, print_json, print_table
from dragoman.cli.terminal import note
from dragoman.config import load_config
from dragoman.names import resolve_route
from dragoman.routing.explained import explain_json, explain_rows
from dragoman.routing.health import Health
from dragoman.routing.needs import Needs
from dragoman.routing.planning import Planner

__all__ = ["run"]

_OPTIONS = {"json_schema": "--schema"}


def run(
    model: Annotated[
        str,
        typer.Argument(
            metavar="[MODEL]", help="A route, or any other name of a model.", show_default=False
        ),
    ] = "",
    *,
    image: Annotated[bool, typer.Option("--image", help="As if a picture was sent.")] = False,
    audio: Annotated[bool, typer.Option("--audio", help="As if a sound was sent.")] = False,
    document: Annotated[bool, typer.Option("--document", help="As if a PDF was sent.")] = False,
    tools: Annotated[bool, typer.Option("--tools", help="As if tools were offered.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="As if the answer had to follow a JSON schema.")
    ] = False,
    tokens: Annotated[
        int,
        typer.Option("--tokens", help="As if the chat had so many.", metavar="N", min=0),
    ] = 0,
    as_json: Json = False,
    config: ConfigFile = None,
    debug: Debug = False,
) -> int:
    """Say whom a model's name asks, in which order, and who is left out; why, for each.

    Nobody is asked for it, and what a running gateway has measured is not known here: it tells
    its own decision to a request with the header `x-dragoman-explain: 1`.

    The exit code is 1 if nobody would be asked.
    """
    loaded = load_config(config)
    route = resolve_route(model, loaded)
    wanted = {
        "image": image,
        "audio": audio,
        "document": document,
        "tools": tools,
        "json_schema": schema,
    }
    features = tuple((name, _OPTIONS.get(name, f"--{name}")) for name in wanted if wanted[name])
    planner = Planner(loaded, Health(loaded.health), lambda _: ())
    plan = planner.plan_now(route, Needs(features=features, tokens=tokens))
    if as_json:
        print_json(explain_json(plan))
    else:
        print_table(("", "model", "why"), explain_rows(plan))
    if route.order == "fastest":
        note("nothing is measured here: a running gateway goes by what it has measured")
    if plan.choices:
        return 0
    note("error: nobody is left to ask")
    return PROVIDER_ERROR
