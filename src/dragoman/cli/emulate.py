"""`dragoman emulate`: a provider that is not there, on this machine, with faults on demand."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from dragoman import emulators
from dragoman.cli.shared import Debug
from dragoman.cli.terminal import note
from dragoman.errors import InputError, MissingRequirementsError

__all__ = ["run"]


def run(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=f"One of {', '.join(emulators.NAMES)}.")
    ],
    *,
    port: Annotated[
        int,
        typer.Option(
            "--port",
            help="The port to listen on; 0 takes a free one.",
            metavar="PORT",
            min=0,
            max=65535,
        ),
    ] = 0,
    host: Annotated[
        str, typer.Option("--host", help="The address to listen on.", metavar="HOST")
    ] = "127.0.0.1",
    scenario: Annotated[
        str,
        typer.Option(
            "--scenario",
            help="What it does wrong: a JSON object, or a file with one.",
            metavar="JSON",
        ),
    ] = "",
    tls: Annotated[
        bool, typer.Option("--tls", help="Speak https, with a certificate authority of its own.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Run an emulator of a provider until it is interrupted.

    openai, anthropic, gemini and ollama are APIs, which any key opens; the others are sites.

    The first line of standard output is its address. `GET /_emulator/journal` shows what it was
    asked, `PUT /_emulator/scenario` changes what it does.
    """
    if name not in emulators.NAMES:
        raise InputError(f"no emulator {name!r}; there are {', '.join(emulators.NAMES)}")
    knobs = _decode_scenario(scenario)
    try:
        asyncio.run(_serve(name, host=host, port=port, scenario=knobs, tls=tls))
    except ValueError as exc:
        raise InputError(f"--scenario: {exc}") from exc
    except ImportError as exc:
        missing = MissingRequirementsError("--tls needs a package that is not installed")
        missing.hint = "pip install 'dragoman[tls]'"
        raise missing from exc
    except OSError as exc:
        raise InputError(
            f"cannot listen on {host}:{port}: {exc.strerror or exc}; --port 0 takes a free port"
        ) from exc


async def _serve(name: str, **options: Any) -> None:
    async with emulators.run(name, **options) as emulator:
        told_to_end = asyncio.Event()
        if sys.platform != "win32":
            # To be told to end is no error: 0. An interruption is 130, as everywhere.
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_end.set)
        _tell(emulator)
        await told_to_end.wait()


def _tell(emulator: emulators.Emulator[Any]) -> None:
    sys.stdout.write(f"listening on {emulator.url}\n")
    sys.stdout.flush()
    if emulator.ca_file:
        note(f"its certificate authority, for `verify` in the configuration: {emulator.ca_file}")


def _decode_scenario(scenario: str) -> Mapping[str, Any]:
    """The scenario that the option says or whose file it names."""
    if not scenario:
        return {}
    text: str | bytes = scenario
    if not scenario.lstrip().startswith("{"):
        try:
            text = Path(scenario).read_bytes()
        except OSError as exc:
            raise InputError(
                f"--scenario {scenario}: {exc.strerror}; give a JSON object or a file"
            ) from exc
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise InputError(f"--scenario: expected a JSON object: {exc}") from exc
