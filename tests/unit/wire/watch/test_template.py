"""Templates: nothing is taken for more of the same that is not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.wire.watch.template import Hole, Template

_TEXT = rb'(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*'
_NUMBER = rb"[ \t]*-?(?:0|[1-9][0-9]*)[ \t]*"
MAKES = {
    "one": (b'd: {"t":"', b'"}\n\n'),
    "two": (b'd: {"n":', b',"t":"', b'"}\n\n'),
    "three": (b'd: {"s":"', b'","n":', b',"t":"', b'"}\n\n'),
    "one with a line alone": (b'{"t":"', b'"}\n'),
    "two texts": (b'd: {"t":"', b'","t":"', b'"}\n\n'),
    "three texts": (b'd: {"t":"', b'","o":"a","t":"', b'","t":"', b'"}\n\n'),
    "a number last": (b'd: {"t":"', b'","n":', b"}\n\n"),
}
_FILLINGS = {b'"t":"': (b"so", "text"), b'"s":"': (b"x", "side"), b'"n":': (b"1", "count")}


def make(pieces: tuple[bytes, ...]) -> tuple[Template, "re.Pattern[bytes]"]:
    """A template, and what its events are."""
    event, pattern, holes = b"", b"", []
    for piece in pieces[:-1]:
        filling, kind = next(v for k, v in _FILLINGS.items() if piece.endswith(k))
        event += piece
        pattern += re.escape(piece) + (_NUMBER if kind == "count" else _TEXT)
        holes.append(Hole(len(event), len(event) + len(filling), kind))
        event += filling
    event += pieces[-1]
    return Template(event, holes), re.compile(b"(?:%b)+" % (pattern + re.escape(pieces[-1])))


_TRAPS = [b'"', b"\\", b"\n", b"\r", b",", b"1", b"a", b" ", b"[", b"]", b'"\n"', b'","', b"\xff"]
_TRAPS += [b'"\n],["', b'"\n,"', b"\n,", b",\n", b'\\"', b"", b"\xc3\xa9", b"\xc3", b"\\u00e9"]


@pytest.mark.parametrize("name", MAKES)
@given(data=st.data())
def test_only_events_of_the_template_are_taken(name: str, data: st.DataObject) -> None:
    pieces = MAKES[name]
    template, pattern = make(pieces)
    usual = st.builds(
        lambda fillings: b"".join(a + b for a, b in zip(pieces, [*fillings, b""], strict=True)),
        st.tuples(*[st.sampled_from([b"1", b"12", b"a", *_TRAPS])] * (len(pieces) - 1)),
    )
    odd = st.sampled_from([*pieces, *_TRAPS])
    body = b"".join(data.draw(st.lists(usual | usual | odd, max_size=5)))

    run, said = template.match(body, 0), template.one(body)

    leading = pattern.match(body)
    if run is not None:
        assert pattern.fullmatch(body[: run.end])
        assert body[: run.end].decode()
        assert pattern.fullmatch(body[run.last_at : run.end])
    if said is not None:
        assert run is not None
        assert (run.end, run.said, run.last_at) == (len(body), said, 0)
    elif leading and leading[0].isascii() and b"\\u" not in body and leading[0] == body:
        assert run is not None
        assert run.end == len(body)


def test_a_run_ends_before_another_event() -> None:
    template, _ = make(MAKES["one"])
    body = b'd: {"t":"a"}\n\nd: {"t":"b"}\n\n: ping\n\nd: {"t":"c"}\n\n'

    run = template.match(body, 0)

    assert run is not None
    assert (run.end, run.said, run.last_at) == (28, (b"ab",), 14)


def test_what_has_begun_only_is_no_run() -> None:
    template, _ = make(MAKES["one"])

    assert template.match(b'd: {"t":"a"}\n', 0) is None
    assert template.one(b'd: {"t":"abcdef') is None
    assert template.match(b'e: {"t":"a"}\n\n', 0) is None
    assert template.match(b'd: {"t":"a"}\n\nd: {"t":"b', 0) == template.match(
        b'd: {"t":"a"}\n\n', 0
    )


def test_many_texts_are_joined_to_one_event() -> None:
    template, _ = make(MAKES["three"])
    body = b'd: {"s":"x","n":4,"t":"a\\n"}\n\nd: {"s":"","n":5,"t":"\\""}\n\n'

    run = template.match(body, 0)

    assert run is not None
    assert template.has_counts
    assert template.joined(run.said) == b'd: {"s":"x","n":1,"t":"a\\n\\""}\n\n'


@pytest.mark.parametrize(
    "filling",
    [
        b'1,"t":"a"],[2,"b',
        b'1,"t":"a","b',
        b'1,"a',
        b'1\n,"t":"a',
        b'1\r,"t":"a',
        b'"1","t":"a',
        b',"t":"a',
        b'1,"t":"a\\',
        b'1,"t":"a"\n"b',
    ],
)
@pytest.mark.parametrize("more", [b"", b'd: {"n":7,"t":"z"}\n\n'])
def test_a_hole_is_filled_with_one_value_of_its_kind(filling: bytes, more: bytes) -> None:
    template, _ = make(MAKES["two"])
    body = b'd: {"n":%b"}\n\n' % filling

    assert template.one(body) is None
    assert template.match(body + more, 0) is None
    assert template.match(more + body, 0) is None


def test_links_stand_in_their_order() -> None:
    template, _ = make(MAKES["three"])

    assert template.one(b'd: {"s":"x","n":1,"t":"a"}\n\n') is not None
    assert template.one(b'd: {"s":"x,"t":"1","n":a"}\n\n') is None
    assert template.one(b'd: {"s":"x","n":1,"n":1,"t":"a"}\n\n') is None


def test_a_link_that_is_missing_is_not_made_up_for() -> None:
    template, _ = make(MAKES["three texts"])
    first = b'd: {"t":"x","y","o":"a","t":"z"}\n\n'

    assert template.one(first) is None
    assert template.match(first + first, 0) is None


def test_prefix_and_suffix_do_not_overlap() -> None:
    template = Template(b'd:"a"d:"\n', [Hole(3, 4, "text")])

    assert template.one(b'd:""d:"\n') == (b"",)
    assert template.one(b'd:"d:"\n') is None


def test_a_long_event_is_left_to_match() -> None:
    template, _ = make(MAKES["one"])
    event = b'd: {"t":"%b"}\n\n' % (b"a" * 2000)

    assert template.one(event) is None
    assert template.match(event, 0) is not None
