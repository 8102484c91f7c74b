"""Mathematics stays as it was written."""

import pytest
from tests.unit.page.markdown.checked import Checked, text_of

from dragoman.page.markdown import render

FORMULAS = [
    "$x_1 * y_2 * z$",
    "$$a_b_c$$",
    "\\(a_b_c\\)",
    "\\[a_b_c\\]",
    "$\\$ < \\alpha$",
    "$a\nb$",
    "$-1$",
    "\\(\\frac{a}{b}\\)",
]
WORDS = [
    "from $5 to $10",
    "$ a $",
    "$5-$10",
    "$$",
    "$",
    "$a",
    "\\(a",
    "it is $5.",
    "$HOME and `$PATH`",
    "$$$",
    "$" + "a" * 2001 + "$",
]
BLOCKS = [
    "$$\na_b_c\n- d\n$$",
    "\\[\n# a\n* b\n\\]",
    "$$ a $$.",
    "\\[ a_b_c \\]",
    "$$ a\n= b $$ ,",
]
NO_BLOCKS = [
    "$$\na",
    "$$ a\n\nb $$",
    "$$ a $$ b",
    "\\( a \\)",
    "a $$ b $$",
    "$$" + "a" * 2001 + "$$",
]


def maths(html: str, tag: str) -> bool:
    return any(
        name == tag and said.get("class") == "math" and said["dir"] == "ltr"
        for name, said in Checked(html).tags
    )


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_in_words_is_its_source(text: str) -> None:
    [html] = render(f"so {text}, and")

    assert maths(html, "span")
    assert text_of([html]) == f"so {text}, and\n"


@pytest.mark.parametrize("text", WORDS)
def test_a_price_is_no_formula(text: str) -> None:
    assert "math" not in "".join(render(f"so {text}"))


@pytest.mark.parametrize("text", BLOCKS)
def test_a_formula_of_its_own_is_a_block(text: str) -> None:
    [html] = render(f"so\n{text}")

    assert maths(html, "div")
    assert text in text_of([html])


@pytest.mark.parametrize("text", NO_BLOCKS)
def test_what_is_not_closed_or_goes_on_is_no_block(text: str) -> None:
    assert '<div class="math"' not in "".join(render(text))


def test_a_formula_is_within_its_list_and_its_quotation() -> None:
    assert maths(render("- a\n  $$\n  b\n  $$")[0], "div")
    assert maths(render("> $$\n> b\n> $$")[0], "div")
    assert "<h4" not in render("> $$\n> a\n> - b\n> $$")[0]
    assert not maths(render("- $$\n a\n  $$")[0], "div")
    assert not maths("".join(render("> $$\n> a\n$$")), "div")


def test_indented_code_is_no_formula() -> None:
    assert not maths(render("    $$ a $$")[0], "div")


def test_a_formula_in_the_words_of_a_link_is_one() -> None:
    [html] = render("[a $b$](https://x.example)")

    assert maths(html, "span")
    assert "a" in [tag for tag, _ in Checked(html).tags]
