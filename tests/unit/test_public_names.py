"""The front door: every name is there, and looking at it loads nothing."""

import json
import subprocess
import sys

import pytest

import dragoman

HEAVY = ["aiohttp", "anyio", "typer", "starlette", "rich", "yarl", "curl_cffi", "xllamacpp"]


@pytest.mark.parametrize("name", dragoman.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    value = getattr(dragoman, name)

    assert value is getattr(dragoman, name)
    assert getattr(value, "__name__", name) == name or name in {"Event", "Messages", "AsyncResult"}


def test_the_names_are_sorted_and_listed() -> None:
    assert sorted(set(dragoman.__all__)) == sorted(dragoman.__all__) == dir(dragoman)


def test_a_name_that_is_not_there_is_said_as_python_says_it() -> None:
    with pytest.raises(AttributeError, match="module 'dragoman' has no attribute 'Cleint'"):
        dragoman.Cleint  # noqa: B018 - the claim


def loaded_by(program: str) -> set[str]:
    """What a fresh interpreter has loaded after a program."""
    script = f"{program}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = loaded_by("import dragoman; dir(dragoman); dragoman.__version__")

    assert not loaded & {*HEAVY, "msgspec", "asyncio"}


def test_values_and_errors_need_no_transport() -> None:
    program = "from dragoman import ChatError, Message, TextDelta, collect, format_prompt"

    assert not loaded_by(program) & set(HEAVY)


def test_a_client_loads_no_door() -> None:
    loaded = loaded_by("from dragoman import Client, SyncClient")

    assert not loaded & {"typer", "starlette", "rich", "curl_cffi", "xllamacpp", "pytest"}
