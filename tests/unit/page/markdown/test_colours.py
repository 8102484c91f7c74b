"""code.css: every colour can be read on its ground, in both themes."""

import re
from pathlib import Path

import pytest

import dragoman.page

CSS = (Path(dragoman.page.__file__).parent / "static" / "code.css").read_text("utf-8")
PAIRS = dict(re.findall(r"--code-(\w+): light-dark\((#\w{6}, #\w{6})\)", CSS))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", sorted(PAIRS.keys() - {"ground"}))
def test_a_colour_stands_out_from_its_ground(name: str) -> None:
    for colour, ground in zip(PAIRS[name].split(", "), PAIRS["ground"].split(", "), strict=True):
        assert contrast(colour, ground) >= 4.5


def test_the_sheet_is_small_and_every_variable_is_there() -> None:
    assert len(CSS.encode()) < 6 * 1024
    assert set(re.findall(r"var\(--code-(\w+)\)", CSS)) == PAIRS.keys()
