"""The words of the page: every language says all of it, with the same places to fill in."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import dragoman

_STATIC = Path(dragoman.__file__).with_name("page") / "static"
_WORDS = _STATIC / "words"
_LEXEME = re.compile(
    r"""\s*(?:(?://[^\n]*|/\*.*?\*/)\s*)*(?P<lexeme>[{}:,]|[\w$]+|'(?:[^'\\\n]|\\.)*'"""
    r"""|"(?:[^"\\\n]|\\.)*"|$)""",
    re.DOTALL,
)
_FILLED_IN = re.compile(r"\{(\w+)\}")
_USED = re.compile(r"""\bt\(\s*'([\w.-]+)'""")
# CLDR's cardinal categories of these languages; https://cldr.unicode.org, read 2026-11-21.
_PLURALS = {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}}

Words = dict[str, "str | Words"]


def _lexemes(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _LEXEME.match(text, at)
        assert found, f"no plain table of words at: {text[at : at + 60]!r}"
        at = found.end()
        if found["lexeme"]:
            yield found["lexeme"]


def _word(lexeme: str) -> str:
    # Escapes that both languages write alike; a text has no other ones.
    return str(ast.literal_eval(lexeme)) if lexeme[0] in "'\"" else lexeme


def _table(lexemes: Iterator[str]) -> Words:
    """What stands between braces; the opening one is read already."""
    table: Words = {}
    for word in lexemes:
        if word == "}":
            return table
        if word == ",":
            continue
        key = _word(word)
        assert next(lexemes) == ":"
        assert key not in table, f"{key} is there twice"
        value = next(lexemes)
        table[key] = _table(lexemes) if value == "{" else _word(value)
    raise AssertionError("a brace is never closed")


def _read(name: str) -> Words:
    head, _, body = (_WORDS / name).read_text("utf-8").partition("export default {")
    assert not re.sub(r"/\*.*?\*/|//[^\n]*", "", head, flags=re.DOTALL).strip()
    assert body.endswith("};\n")
    lexemes = _lexemes(body.removesuffix(";\n"))
    table = _table(lexemes)
    assert not list(lexemes)
    return table


def _places(said: "str | Words") -> set[str]:
    texts = [said] if isinstance(said, str) else [str(each) for each in said.values()]
    return {place for text in texts for place in _FILLED_IN.findall(text)}


_NAMES = sorted(path.name.removeprefix("en.") for path in _WORDS.glob("en.*"))


def test_there_are_words() -> None:
    assert "js" in _NAMES


@pytest.mark.parametrize("name", _NAMES)
def test_russian_says_what_english_says(name: str) -> None:
    english, russian = _read(f"en.{name}"), _read(f"ru.{name}")

    assert list(english) == list(russian)
    for key, said in english.items():
        assert _places(said) == _places(russian[key]), key
        assert isinstance(said, str) == isinstance(russian[key], str), key


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_nothing_is_empty_and_every_plural_is_whole(language: str, name: str) -> None:
    for key, said in _read(f"{language}.{name}").items():
        if isinstance(said, str):
            assert said.strip(), key
        else:
            assert set(said) == _PLURALS[language], key
            assert all(isinstance(form, str) and form.strip() for form in said.values()), key


def test_what_the_scripts_say_has_words() -> None:
    words = {key for name in _NAMES for key in _read(f"en.{name}")}
    used = {
        key
        for path in _STATIC.rglob("*.js")
        if path.parent != _WORDS
        for key in _USED.findall(path.read_text("utf-8"))
    }

    assert used
    assert used <= words
