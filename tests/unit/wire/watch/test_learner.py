"""Which events become templates, and with which holes."""

import pytest

from dragoman.events import Event, NativeReported, Started, TextDelta, Usage, UsageReported
from dragoman.native import Native
from dragoman.wire.watch.learner import Learner, Lesson
from dragoman.wire.watch.shapes import make_shape

SHAPE = make_shape("t u", sides="s", numbers="n", counts="c", only_in=b"d:")
SAID: list[Event] = [TextDelta("y")]


def taken(learner: Learner, event: bytes, *others: bytes) -> list[bool] | None:
    """Whether the template of the event takes the others; None if there is none."""
    template = learner.learn(event, SAID, event)
    return None if template is None else [template.one(other) is not None for other in others]


def test_a_text_is_a_hole_if_it_is_not_empty() -> None:
    found = taken(
        Learner(SHAPE),
        b'd:{"u":"","t":"y"}\n\n',
        b'd:{"u":"","t":"z"}\n\n',
        b'd:{"u":"v","t":"z"}\n\n',
    )

    assert found == [True, False]


def test_other_fields_become_holes_when_they_differ() -> None:
    learner = Learner(SHAPE)
    event = b'd:{"n":%d,"s":"x","c":1,"t":"y"}\n\n'

    assert taken(learner, event % 1, event % 2) == [False]
    assert taken(learner, event % 2, event % 3, (event % 3).replace(b"x", b"z")) == [True, False]
    assert taken(learner, b'd:{"n":2,"t":"y"}\n\n', b'd:{"n":3,"t":"y"}\n\n') == [False]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (b'd:{"t":""}\n\n', SAID),
        (b'e:{"t":"y"}\n\n', SAID),
        (b'd:{"t":"y"}\n\n', []),
        (b'd:{"t":"y"}\n\n', [UsageReported(Usage(1))]),
        (b'd:{"t":"y"}\n\n', [Started("m")]),
        (b'd:{"t":"y"}\n\n', [TextDelta("y"), NativeReported(Native("d", {}))]),
    ],
)
def test_what_may_say_something_new_is_no_template(event: bytes, said: list[Event]) -> None:
    assert Learner(SHAPE).learn(event, said, event) is None


def test_what_is_cut_out_of_each_event_is_found() -> None:
    event = b'd:{"t":"y","x":null,"z":1}\n\n'

    found = Learner(SHAPE).learn(event, SAID, event.replace(b',"x":null', b""))
    none = Learner(SHAPE).learn(event, SAID, event)

    assert found is not None
    assert event.replace(found.surplus, b"") == b'd:{"t":"y","z":1}\n\n'
    assert none is not None
    assert none.surplus == b""


@pytest.mark.parametrize("passed", [b'd:{"t":"y"}\n', b'd:{"t":"yy"}\n\n', b"", b'd:{"t":""}\n\n'])
def test_an_event_that_is_changed_otherwise_is_no_template(passed: bytes) -> None:
    assert Learner(SHAPE).learn(b'd:{"t":"y"}\n\n', SAID, passed) is None


def test_a_stream_without_more_of_the_same_is_tried_but_seldom() -> None:
    learner = Learner(SHAPE)
    event = b'd:{"t":"y"}\n\n'

    tried = [taken(learner, event) is not None for _ in range(100)]
    learner.in_vain = 0

    assert sum(tried) == 8 + 3
    assert taken(learner, event) is not None


def test_the_first_event_of_an_answer_may_be_like_the_next() -> None:
    event = b'd:{"t":"y"}\n\n'

    assert Learner(SHAPE).learn(event, [Started("m"), TextDelta("y")], event) is not None


def test_what_one_stream_was_taught_another_need_not_learn() -> None:
    lesson = Lesson()
    event = b'd:{"n":%d,"t":"y"}\n\n'
    taken(Learner(SHAPE, lesson), event % 1)
    taken(Learner(SHAPE, lesson), event % 2)
    once = Learner(SHAPE, lesson)
    taken(once, event % 1)
    taken(once, event % 2)

    assert taken(Learner(SHAPE, lesson), event % 5, event % 6) == [True]


def test_a_template_of_another_stream_has_no_text_of_it_and_is_the_same() -> None:
    lesson = Lesson()
    first = Learner(SHAPE, lesson).learn(b'd:{"t":"secret"}\n\n', SAID, b'd:{"t":"secret"}\n\n')

    again = Learner(SHAPE, lesson).learn(b'd:{"t":"z"}\n\n', SAID, b'd:{"t":"z"}\n\n')

    assert again is first is lesson.template
    assert first is not None
    assert first.joined([b"ab"]) == b'd:{"t":"ab"}\n\n'


@pytest.mark.parametrize(
    ("event", "passed"),
    [
        (b'd:{"t":""}\n\n', b'd:{"t":""}\n\n'),
        (b'd:{"t":"z","u":""}\n\n', b'd:{"t":"z","u":""}\n\n'),
        (b'd:{"t":"z","x":null}\n\n', b'd:{"t":"z"}\n\n'),
    ],
)
def test_a_template_that_does_not_fit_is_not_taken(event: bytes, passed: bytes) -> None:
    lesson = Lesson()
    known = Learner(SHAPE, lesson).learn(b'd:{"t":"y"}\n\n', SAID, b'd:{"t":"y"}\n\n')

    assert Learner(SHAPE, lesson).learn(event, SAID, passed) is not known


def test_what_is_cut_out_for_one_stream_is_not_for_another() -> None:
    lesson = Lesson()
    event = b'd:{"t":"y","x":null}\n\n'
    asked = Learner(SHAPE, lesson).learn(event, SAID, b'd:{"t":"y"}\n\n')

    again = Learner(SHAPE, lesson).learn(event, SAID, b'd:{"t":"y"}\n\n')
    unasked = Learner(SHAPE, lesson).learn(event, SAID, event)

    assert asked is again
    assert unasked is not None
    assert unasked.surplus == b""


def test_a_long_template_is_kept_for_no_other_stream() -> None:
    lesson = Lesson()
    event = b'd:{"x":"%b","t":"y"}\n\n' % (b"x" * 5000)

    assert Learner(SHAPE, lesson).learn(event, SAID, event) is not None
    assert lesson.template is None
