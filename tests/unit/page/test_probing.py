"""Whose probe may begin now."""

from http import HTTPStatus

import pytest

from dragoman.errors import ResponseStatusError
from dragoman.page.probing import SPACE_S, Probing


class _Clock:
    def __init__(self) -> None:
        self.now = 0.1

    def __call__(self) -> float:
        return self.now


def _waits(probing: Probing, provider: str = "far") -> float | None:
    """For how long a probe has to wait; None if it may begin."""
    try:
        with probing.turn(provider):
            return None
    except ResponseStatusError as error:
        return error.retry_after if error.status == HTTPStatus.TOO_MANY_REQUESTS else 0.0


def test_the_first_may_and_the_next_must_wait_from_its_beginning() -> None:
    clock = _Clock()
    probing = Probing(clock)

    assert _waits(probing) is None
    clock.now += 0.5
    assert _waits(probing) == pytest.approx(SPACE_S - 0.5)
    assert _waits(probing, "other") is None
    clock.now += SPACE_S
    assert _waits(probing) is None


def test_one_that_takes_long_is_waited_for_a_second_at_a_time() -> None:
    clock = _Clock()
    probing = Probing(clock)

    with probing.turn("far"):
        clock.now += 5 * SPACE_S
        assert _waits(probing) == 1.0
        assert _waits(probing, "other") is None

    assert _waits(probing) is None


def test_one_that_broke_off_is_over() -> None:
    clock = _Clock()
    probing = Probing(clock)
    with pytest.raises(ZeroDivisionError), probing.turn("far"):
        raise ZeroDivisionError

    clock.now += SPACE_S

    assert _waits(probing) is None
