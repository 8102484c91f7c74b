"""Words for how much to think, for services that have fewer of them."""

from dragoman.options import EFFORTS
from dragoman.providers.api import words


def test_a_switch_is_off_for_none_and_on_for_every_other_word() -> None:
    said = words.on_or_off("thinking.type", "enabled", "disabled")["reasoning_effort"]

    assert said.keys() == set(EFFORTS)
    assert said["none"] == {"thinking.type": "disabled"}
    assert all(said[word] == {"thinking.type": "enabled"} for word in EFFORTS if word != "none")


def test_another_word_stands_in_the_same_field() -> None:
    said = words.said(minimal="low")

    assert said == {"reasoning_effort": {"minimal": {"reasoning_effort": "low"}}}
