"""Somebody who follows a page from its beginning, and does each block as it is written.

    python   run, in one namespace a page; a `text` block below it is what it prints
    python with a title   kept as that file, for a command below; one with tests goes to pytest
    console  each `$ command` is run, the lines below it are what it says; `...` is anything
    sh       run as a whole
    toml, json with a title   kept as that file; a configuration must be one

An emulator or gateway that a page starts takes a free port here: the one that the page names
stands for it.
"""

import ast
import asyncio
import contextlib
import inspect
import io
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from dragoman.config import load_config
from tests.docs.pages import Block

__all__ = ["Reader"]

_ADDRESS = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")


class Reader:
    """One reader of one page, in one folder; what was started is ended on leaving."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._ports: dict[str, str] = {}
        self._running: list[subprocess.Popen[str]] = []
        self._printed: str | None = None
        self.programs: set[str] = set()
        """The programs that the page wrote and did not run."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            process.terminate()
            process.communicate()

    def follow(self, block: Block) -> None:
        """Do what one block says."""
        printed, self._printed = self._printed, None
        code = self._here(block.code)
        match block.language:
            case "python" | "toml" | "json" if block.title:
                self._keep(block.title, code)
            case "python":
                self._printed = self._run_python(block, code)
            case "text" if printed is not None:
                assert _says(printed, code), f"{block}: it prints {printed!r}"
            case "console":
                self._run_commands(block, code)
            case "sh":
                self._shell(code)
            case "text" | "diff" | "toml" | "ini":
                pass
            case other:
                raise AssertionError(f"{block}: nobody follows a block of {other!r}")

    def _here(self, text: str) -> str:
        for shown, real in self._ports.items():
            text = text.replace(f":{shown}", f":{real}")
        return text

    def _keep(self, name: str, code: str) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, "utf-8")
        if name.endswith(".toml"):
            load_config(path)
        elif "def test_" in code and not name.startswith("src/"):
            self._shell(f"python -m pytest -q -p no:cacheprovider -o asyncio_mode=auto {name}")
        elif name.endswith(".py"):
            compile(code, name, "exec")
            if not name.startswith("src/"):
                self.programs.add(name)

    def _run_python(self, block: Block, code: str) -> str:
        # The same line numbers as in the page, for a traceback.
        compiled = compile(
            "\n" * block.line + code, str(block), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        )
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            if compiled.co_flags & inspect.CO_COROUTINE:
                asyncio.run(eval(compiled, self._names))  # noqa: S307 - our own pages
            else:
                exec(compiled, self._names)  # noqa: S102 - our own pages
        return printed.getvalue()

    def _run_commands(self, block: Block, code: str) -> None:
        for written in re.split(r"^\$ ", code, flags=re.MULTILINE)[1:]:
            piece = self._here(written)
            # A command goes on behind a backslash.
            command, said = re.findall(r"\A((?:.*\\\n)*.*)\n((?:.|\n)*)", piece)[0]
            if command.startswith(("dragoman emulate", "dragoman serve")):
                self._start(command, said)
            else:
                printed = self._shell(command)
                assert not said or _says(printed, said), f"{block}: {command}: {printed}"

    def _start(self, command: str, said: str) -> None:
        anywhere = f"{re.sub(r'--port [0-9]+', '', command)} --port 0"
        process = subprocess.Popen(
            ["sh", "-c", f"exec {anywhere}"],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running.append(process)
        assert process.stdout is not None
        here, shown = _ADDRESS.match(process.stdout.readline()), _ADDRESS.match(said)
        assert here, f"{command} does not listen"
        if shown:
            self._ports[shown[1]] = here[1]

    def _shell(self, command: str) -> str:
        # A module is named without its ending: `--tool weather:forecast`.
        modules = {name: f" {Path(name).stem}:" for name in self.programs}
        self.programs -= {n for n, module in modules.items() if n in command or module in command}
        done = subprocess.run(
            ["sh", "-euc", command],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        # An error that a page shows is its point; any other output would not be what it shows.
        assert done.returncode in {0, 1, 2}, done.stdout
        assert "Traceback" not in done.stdout, done.stdout
        assert not done.returncode or "error: " in done.stdout, done.stdout
        return done.stdout


def _says(printed: str, expected: str) -> bool:
    pattern = re.escape(expected.strip()).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
