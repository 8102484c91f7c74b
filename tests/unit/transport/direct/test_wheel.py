"""Deadlines on a wheel are those of a sorted list, to the next tick."""

import math

from hypothesis import given
from hypothesis import strategies as st

from dragoman.transport.direct.wheel import TICKS_PER_S, Wheel

TICK_S = 1 / TICKS_PER_S
NAMES = st.sampled_from("abcdefgh")
TIMES = st.floats(0, 10, allow_nan=False)
STEPS = st.one_of(
    st.tuples(st.just("set"), NAMES, TIMES),
    st.tuples(st.just("drop"), NAMES, TIMES),
    st.tuples(st.just("due"), NAMES, TIMES),
)


@given(st.lists(STEPS, max_size=60))
def test_it_agrees_with_a_sorted_list(steps: list[tuple[str, str, float]]) -> None:
    wheel: Wheel[str] = Wheel()
    listed: dict[str, int] = {}

    for step, name, time in steps:
        if step == "set":
            wheel.set(name, time)
            # As a dictionary does not: what is set again is set last.
            listed.pop(name, None)
            listed[name] = math.ceil(time / TICK_S)
        elif step == "drop":
            wheel.drop(name)
            listed.pop(name, None)
        else:
            expect = sorted(
                (item for item in listed if listed[item] * TICK_S <= time), key=listed.__getitem__
            )
            assert wheel.due(time) == expect
            for item in expect:
                del listed[item]
        assert len(wheel) == len(listed)
        first = min(listed.values(), default=None)
        assert wheel.next_at() == (None if first is None else first * TICK_S)


@given(TIMES)
def test_nothing_is_due_early_or_more_than_a_tick_late(at: float) -> None:
    wheel: Wheel[str] = Wheel()
    wheel.set("a", at)

    assert wheel.due(math.nextafter(at, -math.inf)) == []
    assert wheel.due(at + TICK_S) == ["a"]


def test_what_was_dropped_at_once_leaves_nothing_behind() -> None:
    wheel: Wheel[int] = Wheel()

    for number in range(1000):
        wheel.set(number, number)
        wheel.drop(number)

    assert wheel.next_at() is None
    assert wheel._ticks == {}
    assert wheel._order == []
