"""`--tool`: Python functions that a model calls, between a question and its answer."""

import json
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from dragoman.cli.tools import load_tools
from dragoman.emulators.emulator import Emulator
from dragoman.errors import InputError
from tests.cli.apis import APIS, Api, Emulators
from tests.cli.program import Result, run, start, terminal

OPENAI = APIS[0]
CALL: dict[str, Any] = {
    "answer": [
        {"text": "Let me look."},
        {"tool_call": {"name": "forecast", "arguments": {"city": "Paris"}}},
    ]
}

# Whoever is asked for the weather also tells the emulator what to say next: it has no memory.
WEATHER = '''
import os
import subprocess
import sys
import time
import urllib.request

SCALE = "Celsius"
print("the module is imported")


def forecast(city: str, days: int = 1) -> str:
    """The weather of a city."""
    print("the function runs")
    subprocess.run(["echo", "its child runs"], check=True)
    _say('{"answer": "It is warm."}')
    return f"18 degrees in {city}"


def broken(city: str) -> str:
    _say('{"answer": "Nobody knows."}')
    raise LookupError(f"no station in {city}")


def leaves(city: str) -> str:
    _say('{"answer": "It is gone."}')
    sys.exit(3)


def slow(city: str) -> str:
    print("it sleeps")
    time.sleep(60)


def _say(scenario: str) -> None:
    url = os.environ["EMULATOR"] + "/_emulator/scenario"
    request = urllib.request.Request(url, scenario.encode(), method="PUT")
    urllib.request.urlopen(request).close()
'''


def _calls(name: str, **arguments: object) -> dict[str, Any]:
    return {"answer": [{"tool_call": {"name": name, "arguments": arguments}}]}


@pytest.fixture(autouse=True)
def _in_a_folder_with_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weather.py").write_text(WEATHER)
    (tmp_path / "damaged.py").write_text("1 / 0\n")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def site(dragoman_emulator: Emulators, monkeypatch: pytest.MonkeyPatch) -> Emulator[Any]:
    """OpenAI, where the first answer is a call of `forecast`."""
    emulator = dragoman_emulator("openai", scenario=CALL)
    monkeypatch.setenv("EMULATOR", emulator.url)
    return emulator


def _ask(site: Emulator[Any], *words: str, tool: str = "weather:forecast") -> Result:
    return run(*OPENAI.at(site.url), "--tool", tool, *words)


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.provider)
def test_a_call_is_answered_and_the_answer_is_shown(
    api: Api, dragoman_emulator: Emulators, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = dragoman_emulator(api.emulator, scenario=CALL)
    monkeypatch.setenv("EMULATOR", emulator.url)

    result = run(*api.at(emulator.url), "--tool", "weather:forecast", "Do I need a coat?")

    assert (result.code, result.out) == (0, "Let me look.\nIt is warm.\n")
    first, second = (str(request["body"]) for request in emulator.journal)
    assert "The weather of a city." in first
    assert "18 degrees in Paris" in second
    assert [request["complaints"] for request in emulator.journal] == [[], []]


def test_the_call_its_result_and_what_it_prints_stand_beside_the_answer(
    site: Emulator[Any],
) -> None:
    result = _ask(site, "Do I need a coat?")

    assert result.out == "Let me look.\nIt is warm.\n"
    assert result.err.splitlines() == [
        "the module is imported",
        'tool forecast({"city":"Paris"})',
        "the function runs",
        "its child runs",
        "tool forecast: 18 degrees in Paris",
    ]


def test_usage_and_price_are_those_of_all_rounds(site: Emulator[Any]) -> None:
    """At 2.50 and 10 dollars a million tokens."""
    result = _ask(site, "-u", "Do I need a coat?")

    said = re.search(r"usage: (\d+) in, (\d+) out \(tokens\); price: \$([\d.]+)\n", result.err)
    assert said is not None
    # A word is a token here: five of the question, and four of what the function gave.
    assert int(said[1]) == 5 + 4
    assert float(said[3]) == pytest.approx(int(said[1]) * 2.5e-6 + int(said[2]) * 10e-6, abs=1e-6)


def test_json_tells_the_calls(site: Emulator[Any]) -> None:
    result = _ask(site, "--json", "Do I need a coat?")

    reply = json.loads(result.out)
    assert reply["text"] == "It is warm."
    assert reply["called"] == [
        {
            "name": "forecast",
            "arguments": '{"city":"Paris"}',
            "result": "18 degrees in Paris",
            "is_error": False,
        }
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("broken", {"city": "Rome"}, "tool broken failed: LookupError: no station in Rome"),
        ("leaves", {"city": "Rome"}, "tool leaves failed: RuntimeError: SystemExit: 3"),
        ("forecast", {"town": "Rome"}, "tool forecast failed: the arguments do not fit: "),
    ],
)
def test_a_call_that_fails_is_for_the_model_to_read(
    site: Emulator[Any], name: str, arguments: dict[str, object], told: str
) -> None:
    site.scenario(**_calls(name, **arguments))

    result = _ask(site, "--max-rounds", "2", "Well?", tool=f"weather:{name}")

    assert told in result.err
    assert told.partition("failed: ")[2] in str(site.journal[1]["body"])


def test_a_long_result_is_told_on_one_line_and_cut(site: Emulator[Any], tmp_path: Path) -> None:
    long = 'def forecast(city: str) -> str:\n    return "a line\\n" * 1000 + "\\x1b[2J"\n'
    (tmp_path / "long.py").write_text(long)

    result = _ask(site, "--max-rounds", "2", "Well?", tool="long:forecast")

    told = result.err.splitlines()[1]
    assert len(told) <= 200
    assert told.endswith(" ...")
    assert "\x1b" not in result.err


def test_rounds_have_an_end(site: Emulator[Any]) -> None:
    result = _ask(site, "--max-rounds", "1", "Well?")

    assert (result.code, result.out) == (1, "Let me look.\n")
    assert "after 1 round" in result.err
    assert len(site.journal) == 1


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("weather", "expected MODULE:NAME, as --tool weather:forecast"),
        ("weather:", "expected MODULE:NAME"),
        ("./weather.py:forecast", "expected MODULE:NAME"),
        ("nowhere:forecast", "there is no module nowhere in "),
        ("weather:forcast", "weather has no forcast; did you mean forecast?"),
        ("damaged:forecast", "importing damaged failed: ZeroDivisionError: division by zero"),
        ("weather:SCALE", "a tool must be a function, not str"),
    ],
)
def test_a_tool_that_cannot_be_used_is_wrong_usage(
    tool: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "weather", raising=False)

    with pytest.raises(InputError, match=re.escape(words)):
        load_tools([tool])


def test_what_is_wrong_with_a_tool_is_one_line() -> None:
    result = run("-m", "openai/gpt-4o", "--tool", "damaged:forecast", "Well?")

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: --tool damaged:forecast: importing damaged failed")
    assert len(result.err.splitlines()) == 1


def test_a_provider_without_tools_says_so() -> None:
    result = run("-m", "echo", "--tool", "weather:forecast", "Well?")

    assert result.code == 2
    assert "echo has no tools" in result.err


def test_ctrl_c_does_not_wait_for_a_function(site: Emulator[Any]) -> None:
    site.scenario(**_calls("slow", city="Rome"))

    with start(*OPENAI.at(site.url), "--tool", "weather:slow", "Well?") as process:
        assert process.stderr is not None
        while process.stderr.readline() != b"it sleeps\n":
            pass
        process.send_signal(signal.SIGINT)
        code = process.wait(10)

    assert code == 130


def test_a_conversation_has_tools_and_keeps_what_was_said(site: Emulator[Any]) -> None:
    words = (*OPENAI.at(site.url), "--tool", "weather:forecast")

    with terminal(*words, term="dumb") as shown:
        shown.wait_for("> ")
        shown.type("Do I need a coat?\n")
        shown.wait_for("Let me look.")
        shown.wait_for('tool forecast({"city":"Paris"})')
        shown.wait_for("tool forecast: 18 degrees in Paris")
        shown.wait_for("It is warm.")
        shown.wait_for("> ")
        shown.type("And now?\n")
        shown.wait_for("It is warm.")
        shown.wait_for("> ")
        shown.type("/exit\n")
        code = shown.wait()

    assert code == 0
    said = [message["content"] for message in site.journal[-1]["body"]["messages"]]
    assert said == ["Do I need a coat?", "It is warm.", "And now?"]


def test_a_call_without_a_tool_is_told(dragoman_emulator: Emulators) -> None:
    """The emulator calls what it was not given, as no good service does."""
    emulator = dragoman_emulator("openai", scenario=CALL)

    result = run(*OPENAI.at(emulator.url), "Well?")

    assert result.out == "Let me look.\n"
    assert "the model calls the tool forecast" in result.err
