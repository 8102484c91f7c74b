"""The program: finds the command, runs it, and turns its end into an exit code.

Only the module of the command that runs is imported; help is made from the table alone. The first
word decides: if it is no command, all words are a prompt.
"""

import importlib
import io
import os
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from dragoman import __version__
from dragoman.cli.commands import COMMANDS, RESERVED
from dragoman.cli.complaint import complain
from dragoman.cli.main import INTERRUPTED
from dragoman.cli.terminal import note
from dragoman.errors import InputError

__all__ = ["run"]

_ABOUT = """Talk with any chat model.

`dragoman PROMPT` asks the default model; `dragoman` alone begins a conversation.
"""
# The mark keeps the lines that follow as they are.
_EXAMPLES = """\b
Examples:
  dragoman "Why is the sky blue?"
  dragoman -m echo hi
  dragoman chat --help
"""
_HELP = {"help_option_names": ["-h", "--help"]}
_OF_THE_GROUP = ("--help", "-h", "--version", "--install-completion", "--show-completion")


class _Commands(TyperGroup):
    """The commands of the table; each is imported when it runs and not when it is listed."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        row = COMMANDS.get(cmd_name)
        return TyperCommand(cmd_name, help=row.about) if row else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in COMMANDS:
            return super().resolve_command(ctx, args)
        return args[0], _load(args[0]), args[1:]


def run(arguments: Sequence[str] | None) -> int:
    """Run the command that these words name, or those of the process; the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _mend_streams()
    try:
        with _told_to_end():
            code = _run(words)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader has all that it wants: `dragoman ... | head -1`.
        code = 0
    except SystemExit as end:
        # Typer's word for the same.
        code = 0 if isinstance(end.__context__, BrokenPipeError) else _code(end.code)
    except Exception as error:
        code = complain(error, debug="--debug" in _before_the_dashes(words))
    _leave_quietly()
    return code


@contextmanager
def _told_to_end() -> Iterator[None]:
    """SIGTERM ends it as an exception does: connections are closed, the cursor comes back."""

    def end(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(words: list[str]) -> int:
    if sys.stdout is None:
        raise InputError("standard output is closed: there is no place for an answer")
    if words and words[0] in RESERVED:
        raise InputError(
            f"{words[0]!r} is a command of a later version; "
            f"to ask a model about it: dragoman chat {words[0]} ..."
        )
    code = _group().main(_routed(words), prog_name="dragoman", standalone_mode=False)
    sys.stdout.flush()
    return _code(code)


def _code(value: object) -> int:
    return value if isinstance(value, int) else 0


def _routed(words: list[str]) -> list[str]:
    """The words with their command in front."""
    if words and (words[0] in COMMANDS or words[0].partition("=")[0] in _OF_THE_GROUP):
        return words
    return ["chat", *words]


def _group() -> Any:
    # Help is plain everywhere: Rich takes longer to import than all the rest.
    app = typer.Typer(cls=_Commands, rich_markup_mode=None, context_settings=_HELP)
    app.callback(help=_ABOUT, epilog=_EXAMPLES)(_begin)
    return typer.main.get_command(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"dragoman {__version__}\n")
        raise typer.Exit


def _begin(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


def _load(name: str) -> Any:
    """The command `name`, its module imported."""
    module = importlib.import_module(COMMANDS[name].module)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=_HELP)
    app.command(name=name)(module.run)
    return typer.main.get_command(app)


def _before_the_dashes(words: list[str]) -> list[str]:
    return words[: words.index("--")] if "--" in words else words


def _mend_streams() -> None:
    """What no terminal or pipe can take must not end an answer half-way; a warning is one line."""
    warnings.showwarning = _show_warning
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the process


def _show_warning(message: Warning | str, *_where: object, **_more: object) -> None:
    note(f"warning: {message}")


def _leave_quietly() -> None:
    """Write out what is left; if nobody reads it any more, the interpreter must not say so."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
