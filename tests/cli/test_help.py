"""Help is complete, and quick because it imports no command."""

import subprocess
import sys

import pytest

from dragoman import __version__
from dragoman.cli.commands import COMMANDS, RESERVED
from tests.cli.program import run


def test_help_lists_every_command() -> None:
    result = run("--help")

    assert result.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in result.out
    assert "..." not in result.out.partition("Commands:")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    result = run(name, "--help")

    assert (result.code, result.err) == (0, "")
    assert f"dragoman {name}" in result.out
    assert "--debug" in result.out


@pytest.mark.parametrize("name", RESERVED)
def test_a_command_of_a_later_version_is_no_prompt(name: str) -> None:
    result = run(name, "now")

    assert result.code == 2
    assert f"dragoman chat {name}" in result.err


def test_ctrl_c_while_it_starts_is_no_traceback() -> None:
    """The module that takes time is interrupted as its import begins."""
    script = (
        "import sys; from dragoman.cli.main import main\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'dragoman.cli.program': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "sys.exit(main(['--help']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=45)

    assert (done.returncode, done.stderr) == (130, b"")


def test_the_version() -> None:
    assert run("--version").out == f"dragoman {__version__}\n"


def test_completion_knows_the_commands() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dragoman"],
        env={
            "_DRAGOMAN_COMPLETE": "complete_bash",
            "COMP_WORDS": "dragoman pro",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        check=False,
        timeout=45,
    )

    assert done.stdout.decode().split() == ["providers", "probe"]


def test_help_imports_nothing_that_a_command_needs() -> None:
    """`--help` answers within a quarter of a second only because of this."""
    script = (
        "import sys; from dragoman.cli.main import main; main(['--help']);"
        "heavy = {'aiohttp', 'rich', 'asyncio', 'msgspec', 'pydantic', 'dragoman.client'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, timeout=45
    )

    assert done.stdout.decode().splitlines()[-1] == "[]"
