"""The bounds of the parser."""

from tests.unit.page.markdown.checked import Checked

from dragoman.page.markdown import render
from dragoman.page.markdown.parser import BRACKETS, CELLS, NESTING, parser


def test_a_table_of_too_many_cells_stays_text() -> None:
    head = "|a" * 100 + "\n" + "|-" * 100 + "\n"

    small, large = (
        parser(links=True).render(head + "x\n" * rows + "\na")
        for rows in (CELLS // 101 - 2, CELLS // 101 - 1)
    )

    assert "<table" in small
    assert "<table" not in large


def test_a_table_ends_a_paragraph() -> None:
    assert "<table" in render("a\n| b |\n|---|\n| c |")[0]


def test_too_many_brackets_are_no_links() -> None:
    about = "[a]: https://x.example\n\n"

    few, many = (
        Checked("".join(render(about + "[a] " * count))) for count in (BRACKETS, BRACKETS + 1)
    )

    assert "a" in [tag for tag, _ in few.tags]
    assert "a" not in [tag for tag, _ in many.tags]


def test_what_is_nested_too_deep_is_shown_as_it_was_written() -> None:
    for mark in (">", "- ", "1. "):
        [html] = render(mark * (NESTING + 1) + "deep")
        checked = Checked(html)

        assert checked.text.strip() == mark * (NESTING + 1) + "deep"
        assert [tag for tag, _ in checked.tags] == ["p"]


def test_ten_thousand_levels_are_no_trouble() -> None:
    for mark in (">", "[", "![", "*a", "- ", "(", "`", "$", "\\(", "<a "):
        assert Checked("".join(render(mark * 10_000 + "x"))).text.count("x") >= 1
