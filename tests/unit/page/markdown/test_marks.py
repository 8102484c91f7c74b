"""What a line begins."""

import pytest

from dragoman.page.markdown.marks import (
    Fence,
    Item,
    dedented,
    fence_in,
    fence_of,
    indent_of,
    is_heading,
    item_of,
)


@pytest.mark.parametrize(
    ("line", "fence"),
    [
        ("```", Fence("```", "", 0)),
        ("   ````py x", Fence("````", "py x", 3)),
        ("~~~ a`b", Fence("~~~", " a`b", 0)),
        ("``` a`b", None),
        ("    ```", None),
        ("``", None),
        ("- ```", None),
    ],
)
def test_a_fence_is_three_marks_at_the_left_edge(line: str, fence: Fence | None) -> None:
    assert fence_of(line) == fence


def test_within_a_list_a_fence_is_at_any_depth() -> None:
    assert fence_in("      ```py") == Fence("```", "py", 6)
    assert fence_in("1. - ```") == Fence("```", "", 5)
    assert fence_in("- a ```") is None


@pytest.mark.parametrize(
    ("line", "ends"),
    [("```", True), ("````  ", True), ("``", False), ("```a", False), ("~~~", False)],
)
def test_a_fence_ends_at_as_many_of_the_same_marks(line: str, ends: bool) -> None:
    assert Fence("```", "", 0).ends_at(line) is ends


def test_a_line_may_become_the_closing_fence_while_it_has_no_other_mark() -> None:
    fence = Fence("```", "", 0)

    assert [fence.may_end_at(line) for line in ("", " `", "``", "``a")] == [True, True, True, False]


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("- a", Item("-", None, 2, is_empty=False)),
        ("  *   a", Item("*", None, 6, is_empty=False)),
        ("+      a", Item("+", None, 2, is_empty=False)),
        ("12. a", Item(".", 12, 4, is_empty=False)),
        ("1)", Item(")", 1, 3, is_empty=True)),
        ("-\ta", Item("-", None, 5, is_empty=False)),
        ("-a", None),
        ("- - -", None),
        ("***", None),
        ("1234567890. a", None),
        ("    - a", None),
    ],
)
def test_an_item_has_a_mark_and_something_or_nothing_behind_a_space(
    line: str, item: Item | None
) -> None:
    assert item_of(line) == item


@pytest.mark.parametrize(
    ("line", "does"), [("- a", True), ("1. a", True), ("2. a", False), ("-", False)]
)
def test_only_what_is_surely_a_list_begins_one_in_a_paragraph(line: str, does: bool) -> None:
    item = item_of(line)

    assert item is not None
    assert item.interrupts is does


@pytest.mark.parametrize(
    ("line", "is_one"), [("# a", True), ("   ######", True), ("#a", False), ("#######", False)]
)
def test_a_heading_is_up_to_six_signs_and_a_space(line: str, is_one: bool) -> None:
    assert is_heading(line) is is_one


def test_columns_count_a_tab_as_up_to_four() -> None:
    assert [indent_of(line) for line in ("a", "  a", "\ta", " \ta", "")] == [0, 2, 4, 4, 0]
    assert [dedented("\ta", 2), dedented(" a", 2), dedented("   a", 2), dedented("\ta", 0)] == [
        "  a", "a", " a", "\ta",
    ]  # fmt: skip
