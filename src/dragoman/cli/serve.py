"""`dragoman serve`: one address for every application."""

import asyncio
import importlib
import signal
import sys
from functools import partial
from typing import Annotated, Any

import msgspec
import typer

from dragoman.cli.main import INTERRUPTED
from dragoman.cli.shared import ConfigFile, Debug
from dragoman.config import find_config, load_config
from dragoman.errors import InputError, MissingRequirementsError
from dragoman.gateway_keys import check_address, is_open_to_others
from dragoman.gateway_settings import GatewaySettings
from dragoman.store.loading import store_path, stored_keys

__all__ = ["run"]


def run(
    *,
    host: Annotated[
        str, typer.Option("--host", help="The address to listen on.", metavar="HOST")
    ] = "",
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            help="The port to listen on; 0 takes a free one.",
            metavar="PORT",
            min=0,
            max=65535,
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option("--workers", help="Processes that share the port.", metavar="N", min=1),
    ] = 1,
    config: ConfigFile = None,
    debug: Debug = False,
) -> int:
    """Serve every provider at one address, in the formats of OpenAI, Anthropic, Gemini and Ollama.

    The first line of standard output is its address. SIGHUP and a change of the configuration's
    file put a new configuration in force; SIGTERM finishes what runs, and ends.
    """
    if workers > 1 and sys.platform == "win32":
        raise InputError("--workers: on Windows it is always one")
    path = find_config(config)
    loaded = load_config(path)
    settings = _settings(loaded.gateway, host, port)
    # Reading them takes a while.
    needs = is_open_to_others(settings)
    stored = asyncio.run(stored_keys(store_path(settings.database_url))) if needs else ()
    check_address(settings, stored)
    serving, supervising, application, files = _modules("serving", "workers", "app", "open_files")
    files.allow_many_files()
    try:
        socks = serving.bind_all(settings.host, settings.port, workers)
    except OSError as exc:
        raise InputError(
            f"cannot listen on {settings.host}:{settings.port}: {exc.strerror or exc}; "
            "--port 0 takes a free port"
        ) from exc
    ready = partial(_tell, settings.host, socks[0].getsockname()[1])
    if workers == 1:
        app = application.create_app(path or loaded)
        work = serving.serve(app, socks[0], drain_s=settings.drain_s, on_ready=ready, watched=path)
    else:
        work = supervising.supervise(socks, drain_s=settings.drain_s, path=path, on_ready=ready)
    # To be told to end is no error: 0. An interruption is 130, as everywhere.
    return INTERRUPTED if serving.run_loop(work) == signal.SIGINT else 0


def _settings(settings: GatewaySettings, host: str, port: int | None) -> GatewaySettings:
    if host:
        settings = msgspec.structs.replace(settings, host=host)
    if port is not None:
        settings = msgspec.structs.replace(settings, port=port)
    return settings


def _modules(*names: str) -> list[Any]:
    """Modules of the gateway; what they need may not be installed."""
    try:
        return [importlib.import_module(f"dragoman.gateway.{name}") for name in names]
    except ImportError as exc:
        if (exc.name or "").startswith("dragoman"):
            raise
        missing = MissingRequirementsError(f"serve needs {exc.name}, which is not installed")
        missing.hint = "Install it: pip install 'dragoman[serve]'"
        raise missing from exc


def _tell(host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"listening on http://{shown}:{port}\n")
    sys.stdout.flush()
