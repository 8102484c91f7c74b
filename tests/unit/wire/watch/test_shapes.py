"""How streams are cut into events, and which fields say nothing new."""

import pytest

from dragoman.dialects.table import load_dialect
from dragoman.wire.watch.shapes import SHAPES, make_shape


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        (b"a\n\nb\n\n", [3, 6]),
        (b"a\r\n\r\nb\r\n\r", [5]),
        (b"a\r\rb", [3]),
        (b"a\r\r", []),
        (b"a\r\n", []),
        (b"a\n\r\nb\r\n\n", [4, 8]),
        (b"a\r\n\rb", [4]),
    ],
)
def test_an_event_ends_with_an_empty_line(text: bytes, ends: list[int]) -> None:
    found = [end.end() for end in SHAPES["gemini"].event_end.finditer(text)]

    assert found == ends


def test_an_object_ends_with_its_line() -> None:
    found = [end.end() for end in SHAPES["ollama"].event_end.finditer(b"a\nb\r\nc\rd\r")]

    assert found == [2, 5, 7]


def test_holes_are_told_apart() -> None:
    shape = make_shape("t", sides="s", numbers="n", counts="c")
    text = rb'{"t": "a\"b", "s":"", "n" :12,"c":3}, {"t":null,"n":1.5,"xt":"a","c":"4"}'

    found = [(match.lastgroup, match[match.lastgroup or 0]) for match in shape.holes.finditer(text)]

    assert found == [("text", rb"a\"b"), ("side", b""), ("number", b"12"), ("count", b"3")]


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_a_dialects(name: str) -> None:
    dialect = load_dialect(name)

    assert SHAPES[name].is_sse == (dialect.media_type == "text/event-stream")
