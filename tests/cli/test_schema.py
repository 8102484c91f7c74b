"""`--schema`: answers of a given form, as they came and checked."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from dragoman.cli.wanted import decode_schema
from dragoman.emulators.emulator import Emulator
from dragoman.errors import InputError
from tests.cli.apis import APIS, Api, Emulators
from tests.cli.program import Result, run, terminal

OPENAI = APIS[0]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}
TYPES = """
from dataclasses import dataclass

@dataclass
class Weather:
    city: str
    degrees: int

SCHEMA = {"type": "object"}
NUMBER = 3
"""


@pytest.fixture(autouse=True)
def _in_a_folder_with_schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weather.py").write_text(TYPES)
    (tmp_path / "weather.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "list.json").write_text("[1]")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def site(dragoman_emulator: Emulators) -> Emulator[Any]:
    """OpenAI, which answers with an example of whatever form it is asked for."""
    return dragoman_emulator("openai")


def _ask(site: Emulator[Any], schema: str, *words: str) -> Result:
    return run(*OPENAI.at(site.url), "--schema", schema, *words, "The weather in Rome?")


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.provider)
def test_each_service_is_told_the_form(api: Api, dragoman_emulator: Emulators) -> None:
    emulator = dragoman_emulator(api.emulator)

    result = run(*api.at(emulator.url), "--schema", "weather.json", "The weather in Rome?")

    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out).keys() == {"city", "degrees"}
    assert emulator.journal[-1]["complaints"] == []


@pytest.mark.parametrize(
    "schema", ["weather:Weather", "weather.json", json.dumps(SCHEMA)], ids=["type", "file", "text"]
)
def test_a_form_is_a_type_a_file_or_a_text(site: Emulator[Any], schema: str) -> None:
    result = _ask(site, schema)

    assert result.code == 0
    assert json.loads(result.out) == {"city": "text", "degrees": 1}
    asked = site.journal[-1]["body"]["response_format"]["json_schema"]["schema"]
    assert asked["required"] == ["city", "degrees"]


def test_a_schema_may_stand_in_a_module(site: Emulator[Any]) -> None:
    assert _ask(site, "weather:SCHEMA").code == 0


def test_the_text_stays_as_the_model_wrote_it(site: Emulator[Any]) -> None:
    site.scenario(answer='{"degrees":  18,\n"city": "*Rome*"}')

    piped = _ask(site, "weather:Weather")
    with terminal(*OPENAI.at(site.url), "--schema", "weather:Weather", "Rome?") as shown:
        code = shown.wait()

    assert (piped.code, code) == (0, 0)
    assert piped.out == shown.text == '{"degrees":  18,\n"city": "*Rome*"}\n'


@pytest.mark.parametrize(
    ("schema", "answer", "words"),
    [
        ("weather:Weather", '{"city": "Rome"}', "the answer is no Weather: "),
        ("weather:Weather", "It is warm.", "the answer is no Weather: "),
        ("weather.json", "It is warm.", "the answer is no JSON: "),
    ],
)
@pytest.mark.parametrize("way", [(), ("--no-stream",)], ids=["streamed", "whole"])
def test_another_answer_is_shown_and_is_an_error(
    site: Emulator[Any], schema: str, answer: str, words: str, way: tuple[str, ...]
) -> None:
    site.scenario(answer=answer)

    result = _ask(site, schema, *way)

    assert (result.code, result.out) == (1, f"{answer}\n")
    assert words in result.err
    assert "another model with -m" in result.err


def test_what_a_plain_schema_says_beyond_json_is_not_looked_at(site: Emulator[Any]) -> None:
    site.scenario(answer="[1]")

    assert _ask(site, "weather.json").code == 0


def test_a_refusal_is_shown_and_is_an_error(site: Emulator[Any]) -> None:
    site.scenario(answer=[{"refusal": "I had rather not."}])

    result = _ask(site, "weather:Weather")

    assert (result.code, result.out) == (1, "I had rather not.\n")
    assert "the model declined to answer" in result.err


def test_json_is_printed_before_the_error(site: Emulator[Any]) -> None:
    site.scenario(answer="It is warm.")

    result = _ask(site, "weather:Weather", "--json")

    assert result.code == 1
    assert json.loads(result.out)["text"] == "It is warm."


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("{no json", "--schema: expected a JSON schema"),
        ("list.json", "list.json: expected a JSON schema"),
        ("nowhere.json", "there is no such file; give one, a JSON schema, or MODULE:TYPE"),
        ("nowhere:Weather", "there is no module nowhere"),
        ("weather:NUMBER", "output: "),
        ('{"type": "thing"}', "'thing' is no type of JSON"),
    ],
)
def test_what_is_no_form_is_wrong_usage(
    schema: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "weather", raising=False)

    with pytest.raises(InputError, match=re.escape(words)):
        decode_schema(schema)
