"""`dragoman login`: cookies that are kept are used, and can be forgotten."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman.emulators.emulator import Emulator
from tests.cli.program import run

Emulators = Callable[..., Emulator[Any]]


@pytest.fixture
def config(tmp_path: Path, dragoman_emulator: Emulators) -> tuple[str, str]:
    path = tmp_path / "dragoman.toml"
    path.write_text(f'[providers.aichat]\nbase_url = "{dragoman_emulator("aichat").url}"\n')
    return ("--config", str(path))


def _cookie_file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "cookies"
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


@pytest.mark.parametrize(
    "text",
    [
        '{"cf_clearance": "let-me-in"}',
        '[{"name": "cf_clearance", "value": "let-me-in", "domain": "127.0.0.1"}]',
        "127.0.0.1\tFALSE\t/\tFALSE\t0\tcf_clearance\tlet-me-in\n",
    ],
)
def test_cookies_are_kept_used_and_forgotten(
    config: tuple[str, str], tmp_path: Path, text: str
) -> None:
    before = run("-m", "aichat", *config, "hello")
    kept = run("login", "aichat", "--cookies", _cookie_file(tmp_path, text), *config)
    with_them = run("-m", "aichat", *config, "hello")
    forgotten = run("login", "aichat", "--remove", *config)
    after = run("-m", "aichat", *config, "hello")

    assert [before.code, kept.code, with_them.code, forgotten.code, after.code] == [1, 0, 0, 0, 1]
    assert "dragoman login aichat --cookies FILE" in before.err
    assert with_them.out == "hello\n"
    assert "let-me-in" not in kept.err + kept.out


def test_kept_cookies_are_for_their_owner_only(config: tuple[str, str], tmp_path: Path) -> None:
    run("login", "aichat", "--cookies", _cookie_file(tmp_path, '{"a": "b"}'), *config)

    path = Path.home() / ".local" / "share" / "dragoman" / "cookies.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_cookies_of_other_sites_are_not_kept(config: tuple[str, str], tmp_path: Path) -> None:
    text = '[{"name": "sid", "value": "s3cret", "domain": "bank.example"}]'

    result = run("login", "aichat", "--cookies", _cookie_file(tmp_path, text), *config)

    assert result.code == 2
    assert "none of its 1 cookies is for 127.0.0.1" in result.err
