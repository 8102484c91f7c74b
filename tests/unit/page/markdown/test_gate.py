"""The gate: whatever the renderer would write, nothing else gets through."""

import pytest
from tests.unit.page.markdown.checked import TAGS as CHECKED
from tests.unit.page.markdown.checked import Checked

from dragoman.page.markdown.gate import ATTRIBUTES, CLASSES, TAGS, passed


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<script>a</script>b", "b"),
        ("<p onclick=a style=b id=c>d</p>", "<p>d</p>"),
        ("<img src=a><svg><a href=b>", ""),
        ('<span class="k evil">a</span>', '<span class="k">a</span>'),
        ("<!-- a --><?b?>c", "c"),
        ("<p>a", "<p>a</p>"),
    ],
)
def test_what_is_not_allowed_does_not_pass(html: str, left: str) -> None:
    assert passed(html).replace("<a></a>", "") == left


@pytest.mark.parametrize("href", ["javascript:a", "/a", "data:a", "java\nscript:a", "//a"])
def test_an_address_has_one_of_three_schemes(href: str) -> None:
    assert passed(f'<a href="{href}">a</a>') == "<a>a</a>"


def test_the_gate_and_its_tests_know_the_same_tags() -> None:
    assert TAGS == CHECKED
    assert ATTRIBUTES.keys() | CLASSES.keys() <= TAGS
    assert Checked(passed("<bdi>a</bdi>")).text == "a"
