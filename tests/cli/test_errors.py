"""Every mistake gives one line that says what, where and what to do, and the right exit code."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dragoman.cli.main import main
from dragoman.emulators.emulator import Emulator
from tests.cli.program import at, run

Emulators = Callable[..., Emulator[Any]]


class Case(NamedTuple):
    """Words of the command line, and words of the one line that they give."""

    words: tuple[str, ...]
    says: tuple[str, ...]


WRONG_USAGE = {
    "no message": Case(("-m", "echo"), ("no message", "dragoman")),
    "an empty message": Case(("-m", "echo", "  "), ("no message",)),
    "an unknown model": Case(("-m", "local/smolm2-135m", "x"), ("smollm2-135m",)),
    "an unknown name": Case(("-m", "fakegtp", "x"), ("fakegtp", "did you mean fakegpt")),
    "an unknown option of the chat": Case(
        ("-m", "echo", "-o", "temprature=1", "x"), ("temprature", "did you mean temperature")
    ),
    "an option without a value": Case(("-m", "echo", "-o", "seed", "x"), ("seed", "NAME=VALUE")),
    "a wrong type": Case(("-m", "echo", "-o", "seed=many", "x"), ("seed", "whole number")),
    "out of range": Case(("-m", "echo", "-o", "temperature=9", "x"), ("temperature", "0 to 2")),
    "an address that is none": Case(
        ("-m", "fakegpt", "-o", "base_url=shop", "x"), ("base_url", "http")
    ),
    "a timeout that is none": Case(("-m", "echo", "--timeout", "0", "x"), ("timeout", "above 0")),
    "a timeout that is no number": Case(("-m", "echo", "--timeout", "s", "x"), ("--timeout",)),
    "an unknown switch": Case(("-m", "echo", "--bold", "x"), ("--bold", "dragoman chat --help")),
    "nothing to continue": Case(("-m", "echo", "-c", "x"), ("no conversation to continue",)),
    "a command of a later version": Case(("batch",), ("batch", "later version")),
    "an unknown provider": Case(("models", "nobody"), ("nobody", "known: local")),
    "an unknown emulator": Case(("emulate", "nobody"), ("nobody", "fakegpt")),
    "a port that is none": Case(("emulate", "aichat", "--port", "70000"), ("--port", "65535")),
    "a scenario that is no JSON": Case(
        ("emulate", "aichat", "--scenario", "{"), ("--scenario", "JSON object")
    ),
    "a scenario with an unknown knob": Case(
        ("emulate", "aichat", "--scenario", '{"nob": 1}'), ("nob",)
    ),
    "a scenario file that is not there": Case(
        ("emulate", "aichat", "--scenario", "/no/such"), ("/no/such", "No such file")
    ),
    "a model that is not in the catalogue": Case(("pull", "gpt-9"), ("gpt-9", "smollm2-135m")),
    "a login without cookies": Case(("login", "fakegpt"), ("--cookies FILE", "--remove")),
    "a login where there is no site": Case(
        ("login", "echo", "--cookies", "x"), ("echo", "no site")
    ),
    "a login of nobody": Case(("login", "nobody", "--remove"), ("nobody", "known")),
    "nothing to forget": Case(("login", "fakegpt", "--remove"), ("no cookies of fakegpt",)),
    "cookies that are not there": Case(
        ("login", "fakegpt", "--cookies", "/no/such.json"), ("/no/such.json", "no such file")
    ),
    "a configuration that is not there": Case(
        ("-m", "echo", "--config", "/no/such.toml", "x"), ("/no/such.toml", "cannot be read")
    ),
}


@pytest.mark.parametrize("case", WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_wrong_usage_is_one_line_and_exit_code_2(
    case: Case, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process, because it is quicker; the other tests run the real program."""
    with open(os.devnull) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        code = main(case.words)

    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    for words in case.says:
        assert words in err


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("model = 3\n", 1, "expected a model's name"),
        ("\n[providers.fakegpt]\nbase_ul = 'http://a'\n", 3, "unknown"),
        ("[providers.fakegpt]\n\nidle_s = 'long'\n", 3, "a number"),
        ("[providers.shop\n", 1, "TOML"),
    ],
)
def test_a_malformed_configuration_names_file_line_and_what_was_expected(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    path = tmp_path / "dragoman.toml"
    path.write_text(text)

    result = run("-m", "echo", "--config", str(path), "x")

    assert result.code == 2
    assert f"{path}:{line}:" in result.err
    assert says in result.err


def test_a_cookie_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cookies.json"
    path.write_text('{"sid": "s3cret"}')
    path.chmod(0o644)

    result = run("login", "fakegpt", "--cookies", str(path))

    assert result.code == 2
    assert f"chmod 600 {path}" in result.err
    assert "s3cret" not in result.err


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"PK\x03\x04 this is no model" * 10)

    result = run("-m", f"local:{path}", "x")

    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1
    assert str(path) in result.err
    assert "GGUF" in result.err


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("emulate", "aichat", "--port", str(port))

    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1
    assert f"127.0.0.1:{port}" in result.err
    assert "in use" in result.err.lower()


def test_a_public_site_that_is_gone_says_how_to_use_one_of_your_own(tmp_path: Path) -> None:
    """No name is resolved here: its proxy refuses every connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]

    result = run("-m", "fakegpt", "--proxy", f"http://127.0.0.1:{closed}", "x")

    assert (result.code, result.out) == (1, "")
    assert len(result.err.splitlines()) == 1
    for words in ("fakegpt", "gone", "-o base_url=", "dragoman emulate fakegpt"):
        assert words in result.err


@pytest.mark.parametrize(
    ("scenario", "says"),
    [
        ({"status": 503}, ("503", "dragoman probe fakegpt")),
        ({"status": 429, "retry_after": "30"}, ("429", "Ask again in 30 s")),
        (
            {"answer": "one two three", "cut": {"after_events": 6, "how": "fin"}},
            ("not whole", "ask again"),
        ),
        ({"connection": "reset"}, ("fakegpt",)),
    ],
)
def test_an_error_of_the_provider_is_one_line_and_exit_code_1(
    dragoman_emulator: Emulators, scenario: dict[str, Any], says: tuple[str, ...]
) -> None:
    emulator = dragoman_emulator("fakegpt", scenario=scenario)

    result = run(*at(emulator.url), "x")

    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    for words in ("fakegpt at 127.0.0.1", *says):
        assert words in result.err


def test_a_silent_provider_is_left_at_the_limit(dragoman_emulator: Emulators) -> None:
    emulator = dragoman_emulator("fakegpt", scenario={"stall": {"after_events": 0}})

    result = run(*at(emulator.url), "--timeout", "0.3", "x")

    assert result.code == 1
    assert "--timeout SECONDS" in result.err


def test_debug_shows_the_way_to_an_error_and_no_secret(
    dragoman_emulator: Emulators, tmp_path: Path
) -> None:
    emulator = dragoman_emulator("fakegpt", scenario={"connection": "reset", "at": ["chat"]})
    config = tmp_path / "dragoman.toml"
    config.write_text(
        f'[providers.fakegpt]\nbase_url = "{emulator.url}"\n'
        'api_key = "s3cret-key"\ncookies = {sid = "s3cret-sid"}\n'
    )

    result = run("-m", "fakegpt", "--config", str(config), "--debug", "x")

    assert result.code == 1
    assert "TransportError" in result.err
    assert 'File "' in result.err
    assert result.err.splitlines()[-1].startswith("error: fakegpt at 127.0.0.1: chat:")
    assert "s3cret" not in result.err


def test_a_password_of_a_proxy_is_in_no_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]

    result = run("-m", "fakegpt", "--proxy", f"http://me:s3cret@127.0.0.1:{closed}", "--debug", "x")

    assert result.code == 1
    assert "s3cret" not in result.err


def test_a_prompt_that_is_no_text_is_refused() -> None:
    result = run("-m", "echo", os.fsdecode(b"\xff\xfe"))
    piped = run("-m", "echo", stdin=b"\xff\xfe")

    assert (result.code, piped.code) == (2, 2)
    assert "UTF-8" in result.err
    assert "UTF-8" in piped.err
