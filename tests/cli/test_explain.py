"""explain: whom a name asks, in which order, who is left out, and why; routes at the terminal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dragoman.emulators.emulator import Emulator
from tests.cli.program import run

Emulators = Callable[..., Emulator[Any]]
CONFIG = """
model = "smart"
[providers.small]
dialect = "openai_chat"
base_url = "{url}/v1"
api_key = "a-key"
models = ["mock-model"]
[providers.small.model."mock-model"]
context = 1000
images = false
[providers.far]
dialect = "ollama"
base_url = "http://127.0.0.1:1"
models = ["mock-model"]
[routes.smart]
candidates = ["small/mock-model", "groq/some-model", "far/mock-model", "echo"]
[routes.quick]
order = "fastest"
candidates = ["far/mock-model", "echo"]
[routes.turning]
order = "rotate"
candidates = ["far/mock-model", "echo"]
[routes.cheap]
order = "cheapest"
candidates = ["far/mock-model", "openai/gpt-4o"]
[routes.heavy]
order = "weighted"
candidates = [{{ model = "echo", weight = 1e9 }}, {{ model = "local", weight = 1e-9 }}]
"""


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dragoman_emulator: Emulators) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    Path("dragoman.toml").write_text(CONFIG.format(url=dragoman_emulator("openai").url))


class Case(msgspec.Struct, frozen=True):
    claim: str
    words: tuple[str, ...]
    rows: tuple[tuple[str, str, str], ...]
    """The place in the order, the model, and the beginning of the reason."""


KEYLESS = ("-", "groq/some-model", "it cannot be asked: set GROQ_API_KEY")
CASES = [
    Case(
        "a route asks as it is ordered",
        ("smart",),
        (
            ("1", "small/mock-model", "listed first"),
            ("2", "far/mock-model", "listed third"),
            ("3", "echo", "listed fourth"),
            KEYLESS,
        ),
    ),
    Case(
        "who takes no picture is left out",
        ("smart", "--image"),
        (
            ("1", "far/mock-model", "listed third"),
            ("-", "small/mock-model", "mock-model takes no images (--image: an image as bytes)"),
            KEYLESS,
            ("-", "echo", "echo has no image (--image). It is an image as bytes"),
        ),
    ),
    Case(
        "who has no room is left out",
        ("smart", "--tokens", "1001"),
        (
            ("1", "far/mock-model", "listed third"),
            ("2", "echo", "listed fourth"),
            ("-", "small/mock-model", "the chat has at least 1001 tokens, and mock-model takes"),
            KEYLESS,
        ),
    ),
    Case(
        "who has no word for it is left out",
        ("quick", "--tools", "--schema", "--audio", "--document"),
        (
            ("-", "far/mock-model", "far has no audio (--audio)"),
            ("-", "echo", "echo has no audio (--audio)"),
        ),
    ),
    Case(
        "the fastest is not known without a measure",
        ("quick",),
        (
            ("1", "far/mock-model", "fastest: not measured yet"),
            ("2", "echo", "fastest: not measured yet"),
        ),
    ),
    Case(
        "who begins in turn",
        ("turning",),
        (
            ("1", "far/mock-model", "rotate: its turn"),
            ("2", "echo", "rotate: second from its turn"),
        ),
    ),
    Case(
        "the cheapest has a listed price",
        ("cheap",),
        (
            ("1", "openai/gpt-4o", "cheapest: 12.50 USD for a million tokens in and a million out"),
            ("2", "far/mock-model", "cheapest: its price is not known"),
        ),
    ),
    Case(
        "by chance, nearly always",
        ("heavy",),
        (("1", "echo", "weighted: 100% of the chance"), ("2", "local", "weighted: 100% of")),
    ),
    Case("one model is asked by its name", ("far",), (("1", "far", "named"),)),
    Case(
        "one model is asked whatever is believed of it",
        ("small/mock-model", "--image", "--tokens", "1001"),
        (("1", "small/mock-model", "named"),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_each_candidate_has_a_reason(case: Case) -> None:
    result = run("explain", *case.words)

    lines = [line.split(maxsplit=2) for line in result.out.splitlines()]
    assert [(place, model) for place, model, _ in lines] == [row[:2] for row in case.rows]
    for (_, _, reason), (_, _, begins) in zip(lines, case.rows, strict=True):
        assert reason.startswith(begins)


def test_nobody_is_asked_for_it(dragoman_emulator: Emulators) -> None:
    far = dragoman_emulator("openai")
    Path("dragoman.toml").write_text(CONFIG.format(url=far.url))

    run("explain", "smart")

    assert far.journal == []


def test_a_script_reads_json() -> None:
    told = json.loads(run("explain", "smart", "--image", "--json").out)

    assert (told["route"], told["order"]) == ("smart", "listed")
    assert [choice["model"] for choice in told["choices"]] == ["far/mock-model"]
    assert [(one["model"], one["kind"]) for one in told["skipped"]] == [
        ("small/mock-model", "cannot"),
        ("groq/some-model", "unusable"),
        ("echo", "cannot"),
    ]


def test_without_a_name_it_is_the_default_model() -> None:
    assert run("explain").out == run("explain", "smart").out


def test_if_nobody_is_left_that_is_an_error() -> None:
    result = run("explain", "quick", "--audio")

    assert result.code == 1
    assert result.err.endswith("error: nobody is left to ask\n")


def test_fastest_says_what_it_lacks() -> None:
    result = run("explain", "quick")

    assert result.code == 0
    assert "nothing is measured here" in result.err


@pytest.mark.parametrize("name", ["smrt", "groq2/x"])
def test_a_name_that_means_nothing_is_wrong_usage(name: str) -> None:
    result = run("explain", name)

    assert result.code == 2
    assert f"error: no model '{name}'; did you mean" in result.err


def test_models_lists_routes_first() -> None:
    rows = json.loads(run("models", "--json").out)
    lines = run("models").out.splitlines()

    smart = rows[0]
    assert [row["model"] for row in rows[:5]] == ["smart", "quick", "turning", "cheap", "heavy"]
    assert (smart["provider"], smart["default"], smart["usable"]) == (None, True, True)
    assert smart["candidates"][0] == "small/mock-model"
    # One of them is not known: it may have more room, and may hear.
    assert (smart["context"], smart["audio"]) == (None, None)
    assert lines[0].split(maxsplit=1) == ["smart", "default, a route: dragoman explain smart"]


def test_a_provider_has_no_routes() -> None:
    assert run("models", "echo").out == "echo/echo\n"


def test_a_route_is_asked_by_its_name() -> None:
    told = json.loads(run("--json", "-m", "turning", "hi").out)

    assert (told["provider"], told["text"]) == ("echo", "hi")


def test_a_route_is_the_default_and_tells_who_answered() -> None:
    told = json.loads(run("--json", "hi").out)

    assert (told["provider"], told["model"]) == ("small", "mock-model")


def test_a_setting_needs_one_model() -> None:
    result = run("-m", "smart", "-o", "base_url=http://a.test", "hi")

    assert result.code == 2
    assert "smart is a route, and this asks one model: name it, as small/mock-model" in result.err
