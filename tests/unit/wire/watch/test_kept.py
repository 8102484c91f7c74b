"""What was passed on, as small as it can be."""

from dragoman.wire.watch.kept import Kept
from dragoman.wire.watch.template import Hole, Template

EVENT = b'd: {"a":"x","t":"y"}\n\n'
ONE = Template(EVENT, [Hole(17, 18, "text")])
TWO = Template(EVENT, [Hole(9, 10, "text"), Hole(17, 18, "text")])


def test_texts_are_joined_where_they_are_neighbours() -> None:
    kept = Kept(1000)

    kept.add(b": 1\n\n")
    kept.add_texts(ONE, (b"a",))
    kept.add_texts(ONE, ('é\\"'.encode(),))
    kept.add_texts(TWO, (b"b", b"c"))
    kept.add_texts(TWO, (b"", b"d"))
    kept.add(b": 2\n\n")

    joined = 'd: {"a":"x","t":"aé\\""}\n\nd: {"a":"b","t":"cd"}\n\n'.encode()
    assert kept.events() == b": 1\n\n" + joined + b": 2\n\n"


def test_what_is_kept_may_be_asked_for_at_any_time() -> None:
    kept = Kept(1000)

    kept.add_texts(ONE, (b"a",))
    first = kept.events()
    kept.add_texts(ONE, (b"b",))

    assert first == b'd: {"a":"x","t":"a"}\n\n'
    assert kept.events() == b'd: {"a":"x","t":"ab"}\n\n'


def test_too_much_is_nothing() -> None:
    kept = Kept(10)

    kept.add_texts(ONE, (b"a" * 9,))
    kept.add_texts(ONE, (b"bb",))
    kept.add(b": 1\n\n")

    assert kept.events() is None
