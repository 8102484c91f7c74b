"""A new OpenAI-compatible service is one row and no other edit.

The program runs as a process of its own in which the table has one row more; nothing else of it is
touched, and the row works everywhere.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dragoman.emulators.emulator import Emulator

KEY = "key-of-fable-0123456789"

ROW = """
import sys

from dragoman.providers.api import services
from dragoman.providers.api.service import Service

services.SERVICES += (
    Service(
        name="fable",
        title="Fable",
        base_url=sys.argv.pop(1),
        docs="https://docs.fable.example",
        key_variable="FABLE_KEY",
        renames={"seed": "random_seed"},
    ),
)
"""
PROGRAM = f"""{ROW}
from dragoman.cli.main import main

sys.exit(main())
"""
CLIENT = f"""{ROW}
import asyncio

from dragoman import Client


async def ask():
    async with Client() as client:
        reply = await client.complete("fable/mock-model", "one two", seed=7)
        print(reply.text)
        print(*await client.models("fable"))


asyncio.run(ask())
"""
CLASS = f"""{ROW}
from dragoman.providers.table import load_provider

kind = type(load_provider("fable"))
print(*kind.create_completion("mock-model", [{{"role": "user", "content": "one two"}}], seed=7))
"""


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def far_side(dragoman_emulator: Callable[..., Emulator[Any]]) -> Emulator[Any]:
    return dragoman_emulator("openai")


@pytest.fixture
def run(far_side: Emulator[Any], tmp_path: Path) -> Run:
    """Runs a script whose table has the row, with the row's key in the environment."""

    def run(script: str, *words: str, **variables: str) -> Result:
        done = subprocess.run(
            [sys.executable, "-c", script, f"{far_side.url}/v1", *words],
            env={**os.environ, "FABLE_KEY": KEY, **variables},
            cwd=tmp_path,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=45,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return run


def test_the_python_client_asks_it_and_lists_its_models(run: Run, far_side: Emulator[Any]) -> None:
    result = run(CLIENT)

    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("one two\nfable/mock-model ")
    chat, models = far_side.journal
    assert chat["headers"]["authorization"] == f"Bearer {KEY}"
    assert chat["body"]["random_seed"] == 7
    assert "seed" not in chat["body"]
    assert models["path"] == "/v1/models"


def test_its_class_has_the_entry_points_of_every_class(run: Run, far_side: Emulator[Any]) -> None:
    result = run(CLASS)

    assert (result.code, result.out, result.err) == (0, "one two\n", "")
    assert far_side.journal[0]["body"]["random_seed"] == 7


def test_the_command_line_asks_it(run: Run) -> None:
    result = run(PROGRAM, "-m", "fable/mock-model", "one two")

    assert (result.code, result.out) == (0, "one two\n")


def test_providers_and_models_show_it(run: Run, far_side: Emulator[Any]) -> None:
    providers = run(PROGRAM, "providers", "--json", "--timeout", "5")
    models = run(PROGRAM, "models", "fable")

    row = next(row for row in json.loads(providers.out) if row["name"] == "fable")
    assert row["address"] == f"{far_side.url}/v1"
    assert row["works"]
    assert "fable/mock-model" in models.out.split()


def test_a_configuration_may_name_it_as_a_service(
    run: Run, far_side: Emulator[Any], tmp_path: Path
) -> None:
    (tmp_path / "dragoman.toml").write_text(
        '[providers.work]\nservice = "fable"\n'
        f'base_url = "{far_side.url}/v1"\napi_key = "env:WORK_KEY"\n'
    )

    result = run(PROGRAM, "-m", "work/mock-model", "one two", WORK_KEY="key-of-work")

    assert (result.code, result.out) == (0, "one two\n")
    assert far_side.journal[0]["headers"]["authorization"] == "Bearer key-of-work"


def test_without_its_key_its_variable_is_named_and_nothing_is_sent(
    run: Run, far_side: Emulator[Any]
) -> None:
    result = run(PROGRAM, "-m", "fable/mock-model", "one two", FABLE_KEY="")

    assert result.code == 2
    assert "FABLE_KEY" in result.err
    assert far_side.journal == []
