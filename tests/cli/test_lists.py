"""models, providers, probe: what there is and what works, measured."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dragoman.emulators.emulator import Emulator
from dragoman.providers.base import Provider
from dragoman.providers.table import PROVIDERS, load_provider
from tests.cli.program import run

Emulators = Callable[..., Emulator[Any]]


@pytest.fixture
def config(tmp_path: Path, dragoman_emulator: Emulators) -> tuple[str, str]:
    """Emulators at the places of all that would be asked; fakegpt's login is broken.

    Services whose key is missing are not asked; servers of this machine are not there.
    """
    text = ""
    for name in ("fakegpt", "chatgptfree", "chatgptt", "aichat"):
        scenario = {"status": 503} if name == "fakegpt" else {}
        url = dragoman_emulator(name, scenario=scenario).url
        text += f'[providers.{name}]\nbase_url = "{url}"\n'
    open_ones = [name for name in PROVIDERS if _is_open_to_all(load_provider(name))]
    url = dragoman_emulator("openai").url
    for name in (*open_ones, "openai"):
        text += f'[providers.{name}]\nbase_url = "{url}/v1"\napi_key = "a-key"\n'
    text += '[providers.openai.model."mock-model"]\ncontext = 128000\ntools = true\n'
    path = tmp_path / "dragoman.toml"
    path.write_text(text)
    return ("--config", str(path))


def _is_open_to_all(provider: Provider) -> bool:
    host = urlsplit(provider.url or "").hostname
    away = bool(host) and host not in {"localhost", "127.0.0.1"}
    return bool(provider.DIALECT) and provider.working and away and not provider.needs_auth


def _is_now(text: str) -> bool:
    return abs(datetime.now(UTC) - datetime.fromisoformat(text)) < timedelta(minutes=1)


def test_a_table_says_when_it_was_true(config: tuple[str, str]) -> None:
    for words in (("providers",), ("probe", "openai")):
        result = run(*words, *config)

        assert "measured at" not in result.out
        assert _is_now(result.err.removeprefix("measured at ").strip())


def test_models_lists_names_that_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "a-key")

    result = run("models", "--json")

    rows = json.loads(result.out)
    assert {row["provider"] for row in rows} == {"local", "echo"}
    assert [row["model"] for row in rows if row["default"]] == ["local/smollm2-135m"]
    assert rows[0]["tools"] is True
    assert rows[0]["context"] is None
    assert result.err == "only their services know the models of groq: dragoman models groq\n"
    assert run("models", "echo").out == "echo/echo\n"


def test_models_of_a_service_are_those_that_it_lists_with_what_is_known(
    config: tuple[str, str],
) -> None:
    listed = run("models", "openai", *config)
    rows = {row["model"]: row for row in json.loads(run("models", "openai", "--json", *config).out)}

    assert listed.code == 0
    assert {line.split()[0] for line in listed.out.splitlines()} == set(rows)
    assert all(row["usable"] and row["provider"] == "openai" for row in rows.values())
    known = rows["openai/mock-model"]
    assert (known["context"], known["tools"], known["images"]) == (128000, True, None)
    assert "openai/mock-model      128000  tools\n" in listed.out


def test_models_of_a_service_without_its_key_names_the_variable() -> None:
    result = run("models", "anthropic")

    assert result.code == 2
    assert "set ANTHROPIC_API_KEY" in result.err


def test_models_says_which_public_sites_are_gone(config: tuple[str, str]) -> None:
    gone = run("models", "aichat").out
    own = run("models", "aichat", *config).out

    assert "public site is gone" in gone
    assert "gone" not in own


def test_providers_measures_what_works(config: tuple[str, str]) -> None:
    rows = {row["name"]: row for row in json.loads(run("providers", "--json", *config).out)}

    assert set(rows) == set(PROVIDERS)
    assert rows["echo"]["works"]
    assert rows["local"]["address"] == "this machine"
    assert "set base_url" not in rows["local"]["measured"]
    assert rows["openai"]["works"]
    assert rows["chatgptt"]["works"]
    assert not rows["fakegpt"]["works"]
    assert "503" in rows["fakegpt"]["measured"]
    assert rows["fakegpt"]["failed_step"] in rows["fakegpt"]["measured"]
    assert rows["openai"]["failed_step"] is None
    assert _is_now(rows["openai"]["measured_at"])
    assert rows["aichat"]["account"] == "needed"
    assert rows["aichat"]["address"].startswith("http://127.0.0.1:")
    assert "cookies" in rows["aichat"]["speaks"]


def test_providers_names_the_variable_of_a_key_that_is_missing(config: tuple[str, str]) -> None:
    rows = json.loads(run("providers", "--json", *config).out)
    (anthropic,) = (row for row in rows if row["name"] == "anthropic")

    assert anthropic["key_variable"] == "ANTHROPIC_API_KEY"
    assert anthropic["account"] == "missing"
    assert anthropic["measured"] == "no: set ANTHROPIC_API_KEY"
    assert anthropic["measured_at"] is None
    assert not anthropic["usable"]
    assert not anthropic["works"]
    usable = [row["usable"] for row in rows]
    assert usable == sorted(usable, reverse=True)


def test_probe_shows_each_step_with_its_time(config: tuple[str, str]) -> None:
    result = run("probe", "chatgptt", "--json", *config)

    (report,) = json.loads(result.out)
    assert (result.code, report["works"], report["failed_step"]) == (0, True, None)
    assert _is_now(report["measured_at"])
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
    assert re.match(r"measured at \S+\+00:00\nerror: fakegpt does not work now", result.err)


def test_probe_without_a_name_measures_those_that_can_be_used(config: tuple[str, str]) -> None:
    result = run("probe", *config)

    assert result.code == 0
    names = {line.split()[0] for line in result.out.splitlines()}
    assert names >= {"local", "echo", "fakegpt", "openai"}
    assert "anthropic" not in names


def test_probe_of_a_service_without_its_key_names_the_variable() -> None:
    result = run("probe", "anthropic")

    assert (result.code, result.out) == (2, "")
    assert "set ANTHROPIC_API_KEY" in result.err
