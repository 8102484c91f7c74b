"""`-o`, `-u` and `--json` where a service is an API: options, several answers, and the price."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dragoman.emulators.emulator import Emulator
from tests.cli.apis import APIS, Emulators
from tests.cli.program import run

OPENAI = APIS[0]
ANTHROPIC = APIS[2]


@pytest.fixture
def site(dragoman_emulator: Emulators) -> Emulator[Any]:
    """OpenAI, which says how many tokens it used."""
    usage = {"input_tokens": 12, "output_tokens": 5}
    return dragoman_emulator("openai", scenario={"answer": [{"text": "Yes."}, {"usage": usage}]})


def test_each_value_has_the_type_that_its_option_wants(site: Emulator[Any]) -> None:
    given = ("n=1", "user=12", "logprobs=2", "reasoning_effort=high", "stop=END", "seed=7")
    words = [word for option in given for word in ("-o", option)]

    result = run(*OPENAI.at(site.url), *words, "--json", "Well?")

    assert result.code == 0
    body = site.journal[-1]["body"]
    assert (body["user"], body["seed"], body["stop"]) == ("12", 7, ["END"])
    assert (body["top_logprobs"], body["reasoning_effort"]) == (2, "high")


def test_options_of_other_services(dragoman_emulator: Emulators) -> None:
    site = dragoman_emulator("anthropic")

    result = run(*ANTHROPIC.at(site.url), "-o", "top_k=40", "-o", "max_tokens=9", "Well?")

    assert result.code == 0
    assert (site.journal[-1]["body"]["top_k"], site.journal[-1]["body"]["max_tokens"]) == (40, 9)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("parallel_tool_calls=yes", "it is whether several tools may be called at once"),
        ("top_k=many", "top_k = 'many'"),
        ("reasoning_effort=much", "it is how much to think: one of none, minimal"),
    ],
)
def test_a_wrong_value_is_named(option: str, words: str) -> None:
    result = run("-m", "openai/gpt-4o", "-o", option, "Well?")

    assert result.code == 2
    assert words in result.err


def test_a_flag_is_true_or_false(site: Emulator[Any], tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text("def now() -> str:\n    return 'noon'\n")
    words = ("--tool", "tools:now", "-o", "parallel_tool_calls=false")

    done = subprocess.run(
        [sys.executable, "-m", "dragoman", *OPENAI.at(site.url), *words, "Well?"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        check=True,
        capture_output=True,
    )

    assert done.stdout == b"Yes.\n"
    assert site.journal[-1]["body"]["parallel_tool_calls"] is False


def test_usage_comes_with_the_price(site: Emulator[Any]) -> None:
    """At 2.50 and 10 dollars a million tokens."""
    result = run(*OPENAI.at(site.url), "-u", "Well?")

    assert result.err == "usage: 12 in, 5 out (tokens); price: $0.000080\n"


def test_json_has_the_price_where_usage_is_asked_for(site: Emulator[Any]) -> None:
    words = OPENAI.at(site.url)

    assert json.loads(run(*words, "-u", "--json", "Well?").out)["price"] == 0.00008
    assert "price" not in json.loads(run(*words, "--json", "Well?").out)


def test_a_model_without_a_listed_price_has_none(site: Emulator[Any]) -> None:
    result = run(*OPENAI.at(site.url), "-m", "openai/my-own", "-u", "Well?")

    assert result.err == "usage: 12 in, 5 out (tokens)\n"


def test_without_the_extra_it_says_what_to_install(
    site: Emulator[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['genai_prices'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    result = run(*OPENAI.at(site.url), "-u", "Well?")

    assert (result.code, result.out) == (0, "Yes.\n")
    assert result.err.splitlines() == [
        "no prices: prices need the extra `prices`: pip install 'dragoman[prices]'",
        "usage: 12 in, 5 out (tokens)",
    ]


def test_several_answers_stand_apart(site: Emulator[Any]) -> None:
    words = (*OPENAI.at(site.url), "-o", "n=3", "Well?")

    shown, whole = run(*words), run("--no-stream", *words)
    reply = json.loads(run("--json", *words).out)

    assert shown.out == whole.out == "Yes.\n\nYes.\n\nYes.\n"
    assert shown.err == whole.err == "answer 2:\nanswer 3:\n"
    assert [reply["text"], *(other["text"] for other in reply["others"])] == ["Yes."] * 3


def test_likelihoods_are_in_json_alone(site: Emulator[Any]) -> None:
    words = (*OPENAI.at(site.url), "-o", "logprobs=1", "Well?")

    shown, encoded = run(*words), run("--json", *words)

    assert shown.out == "Yes.\n"
    assert shown.err == "warning: logprobs are only shown with --json\n"
    (token,) = json.loads(encoded.out)["logprobs"]
    assert (token["token"], len(token["top"])) == ("Yes.", 1)
    assert encoded.err == ""


def test_reasoning_and_refusals_have_their_places(site: Emulator[Any]) -> None:
    site.scenario(answer=[{"reasoning": "Hm."}, {"refusal": "I had rather not."}])
    words = (*OPENAI.at(site.url), "Well?")

    for result in (run(*words), run("--no-stream", *words)):
        assert result == (0, "I had rather not.\n", "Hm.\n")


def test_a_plain_question_loads_nothing_that_it_does_not_use(site: Emulator[Any]) -> None:
    """What prices and Markdown need takes longer to import than all the rest."""
    heavy = "{'genai_prices', 'httpx2', 'rich', 'starlette', 'curl_cffi', 'readline'}"
    words = [*OPENAI.at(site.url), "Well?"]
    script = (
        f"import sys; from dragoman.cli.main import main; main({words})\n"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, stdin=subprocess.DEVNULL
    )

    assert done.stdout.decode() == "Yes.\n[]\n"
