"""The provider of the first how-to, built as its page says in a copy of the package.

It then passes the contract suite, is linted and typed like all the rest, and answers.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks

pytestmark = pytest.mark.timeout(180)

PAGE = ROOT / "docs" / "howto" / "add-a-provider.md"
ASK = """
import asyncio
from dragoman import emulators
from dragoman.providers.web.parrot import Parrot

async def main():
    async with emulators.run("parrot", scenario={"whistle": True}) as site:
        messages = [{"role": "user", "content": "Pretty Polly wants a cracker"}]
        print(await Parrot.create_async("", messages, base_url=site.url, max_tokens=2))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository's code in which the page has been followed."""
    folder = tmp_path_factory.mktemp("clone")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignored)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for block in blocks(PAGE):
        if block.language == "python":
            (folder / block.title).write_text(block.code, "utf-8")
        elif block.language == "diff":
            done = _run(folder, "git", "apply", "-", given=block.code)
            assert done.returncode == 0, f"{block}: {done.stdout}"
    return folder


def _run(
    folder: Path, *command: str, given: str = "", more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": paths, "PYTHONPATH": str(folder / "src"), **(more or {})}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_it_answers(built: Path) -> None:
    done = _run(built, sys.executable, "-c", ASK)

    assert done.stdout == "Pretty Polly\n"


def test_it_passes_the_contract_suite(built: Path) -> None:
    done = _run(
        built, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "tests/conformance", "-k", "parrot",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert int(done.stdout.split(" passed")[0].split()[-1]) >= 50


def test_it_is_written_as_the_rest(built: Path) -> None:
    files = [block.title for block in blocks(PAGE) if block.language == "python"]

    formatted = _run(built, "ruff", "format", "--check", "--no-cache", *files)
    linted = _run(built, "ruff", "check", "--no-cache", *files)

    assert formatted.returncode == 0, formatted.stdout
    assert linted.returncode == 0, linted.stdout
