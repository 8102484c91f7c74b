"""models, providers, probe: what there is and what works, measured."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman.emulators.emulator import Emulator
from dragoman.providers.table import PROVIDERS
from tests.cli.program import run

Emulators = Callable[..., Emulator[Any]]


@pytest.fixture
def config(tmp_path: Path, dragoman_emulator: Emulators) -> tuple[str, str]:
    """Emulators at the places of the public sites; fakegpt's login is broken."""
    text = ""
    for name in ("fakegpt", "chatgptfree", "chatgptt", "aichat"):
        scenario = {"status": 503} if name == "fakegpt" else {}
        url = dragoman_emulator(name, scenario=scenario).url
        text += f'[providers.{name}]\nbase_url = "{url}"\n'
    path = tmp_path / "dragoman.toml"
    path.write_text(text)
    return ("--config", str(path))


def test_models_lists_names_that_can_be_asked() -> None:
    rows = json.loads(run("models", "--json").out)

    assert {row["provider"] for row in rows} == set(PROVIDERS)
    assert [row["model"] for row in rows if row["default"]] == ["local/smollm2-135m"]
    assert run("models", "echo").out == "echo/echo\n"


def test_models_says_which_public_sites_are_gone(config: tuple[str, str]) -> None:
    gone = run("models", "aichat").out
    own = run("models", "aichat", *config).out

    assert "public site is gone" in gone
    assert "gone" not in own


def test_providers_measures_what_works(config: tuple[str, str]) -> None:
    rows = {row["name"]: row for row in json.loads(run("providers", "--json", *config).out)}

    assert set(rows) == set(PROVIDERS)
    assert rows["echo"]["works"]
    assert rows["chatgptt"]["works"]
    assert not rows["fakegpt"]["works"]
    assert "503" in rows["fakegpt"]["measured"]
    assert rows["aichat"]["account"] == "needed"
    assert rows["aichat"]["address"].startswith("http://127.0.0.1:")
    assert "cookies" in rows["aichat"]["speaks"]


def test_probe_shows_each_step_with_its_time(config: tuple[str, str]) -> None:
    result = run("probe", "chatgptt", "--json", *config)

    (report,) = json.loads(result.out)
    assert (result.code, report["works"]) == (0, True)
    assert report["steps"]
    for step in report["steps"]:
        assert step["seconds"] > 0
        assert step["error"] is None


def test_probe_of_a_provider_that_does_not_work_says_which_step_failed(
    config: tuple[str, str],
) -> None:
    result = run("probe", "fakegpt", *config)

    assert result.code == 1
    assert "failed: 503" in result.out
    assert result.err.startswith("error: fakegpt does not work now")


def test_probe_without_a_name_measures_all(config: tuple[str, str]) -> None:
    result = run("probe", *config)

    assert result.code == 0
    assert {line.split()[0] for line in result.out.splitlines()} == set(PROVIDERS)
