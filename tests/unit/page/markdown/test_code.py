"""Code, coloured by classes."""

from collections.abc import Iterator

import pytest
from pygments.lexer import Lexer  # type: ignore[import-untyped]  # Pygments ships no types
from tests.unit.page.markdown.checked import Checked

from dragoman.page.markdown import code
from dragoman.page.markdown.code import LONGEST_LIT, coloured, figure, framed, language_of


def test_a_known_language_has_colours() -> None:
    assert coloured("def f(): # <a>\n", "python") == (
        '<span class="k">def</span> <span class="nf">f</span>(): '
        '<span class="c1"># &lt;a&gt;</span>\n'
    )


@pytest.mark.parametrize("name", ["Python", ".py", "HPP", "tsx"])
def test_a_language_has_many_names(name: str) -> None:
    assert "<span" in coloured("class A { if return import }", name)


@pytest.mark.parametrize("name", ["", "brainfuck", "nonsense", "text", "../etc"])
def test_what_is_not_well_known_has_none(name: str) -> None:
    assert coloured("def f(): 1 <", name) == "def f(): 1 &lt;"


@pytest.mark.parametrize("name", sorted(code._KNOWN | set(code._ALSO)))
def test_every_lexer_keeps_the_code(name: str) -> None:
    text = "\n\n  a = 'b' // {c} <d> # e\n\t@f \"g\nh: 1.5;\r\u202e\ufeff /* x \U0001f600"

    assert Checked(f"<pre>{coloured(text, name)}</pre>").text == text


def test_a_lexer_that_errs_or_loses_code_only_costs_the_colours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken(Lexer):  # type: ignore[misc]  # Pygments ships no types
        def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, object, str]]:
            if text == "lost":
                return iter(())
            raise RecursionError(text)

    monkeypatch.setattr(code, "_lexer", lambda name: Broken())

    assert coloured("a<", "python") == "a&lt;"
    assert coloured("lost", "python") == "lost"


def test_long_code_has_no_colours() -> None:
    assert '<span class="mi">' in figure("1 " * (LONGEST_LIT // 2), "py")
    assert '<span class="mi">' not in figure("1 " * (LONGEST_LIT // 2 + 1), "py")


@pytest.mark.parametrize(
    ("info", "name"),
    [("", ""), (" py x", "py"), ("{.python}", ".python"), ("c&#43;+", "c++"), ("a" * 50, "a" * 40)],
)
def test_the_language_is_the_first_word_behind_the_fence(info: str, name: str) -> None:
    assert language_of(info) == name


def test_only_the_first_slice_says_the_language() -> None:
    assert ["<figcaption><span>&lt;", ""][0] in framed("", "<\u202e")
    assert "figcaption" not in framed("a", "py", follows=True)
    assert 'class="code more"' in framed("a", "py", follows=True)
