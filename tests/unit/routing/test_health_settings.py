"""What `[health]` may say."""

from pathlib import Path

import msgspec
import pytest

from dragoman.errors import InputError
from dragoman.routing.health_settings import FIELDS, HealthSettings, decode_health


class _Page:
    path = Path("dragoman.toml")

    def error(self, keys: tuple[str, ...], expected: str) -> InputError:
        return InputError(f"{'.'.join(keys)}: {expected}")


def test_nothing_said_is_the_defaults() -> None:
    assert decode_health(_Page(), {}) == HealthSettings(
        breaker_failures=5, breaker_error_rate=0.5, window_s=30, probe_every_s=5, active_s=0
    )


def test_each_field_is_taken() -> None:
    table = dict.fromkeys(FIELDS, 1)

    assert msgspec.structs.asdict(decode_health(_Page(), table)) == table


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([], "health: expected a table"),
        ({"brake": 1}, "health.brake: unknown; known: breaker_failures, "),
        ({"breaker_failures": -1}, "health.breaker_failures: expected a whole number"),
        ({"breaker_failures": 1.5}, "health.breaker_failures: expected a whole number"),
        ({"breaker_error_rate": 1.1}, "expected a number from 0 to 1"),
        ({"window_s": 0}, "expected a number from 0.1 to 86400"),
        ({"probe_every_s": float("nan")}, "expected a number from 0.1 to 86400"),
        ({"active_s": float("inf")}, "expected a number from 0 to 86400"),
        ({"active_s": "often"}, "expected a number from 0 to 86400"),
    ],
)
def test_what_is_wrong_is_named(table: object, words: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_health(_Page(), table)

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("failures", "rate", "breaks"), [(0, 0, False), (1, 0, True), (0, 0.1, True)]
)
def test_it_breaks_for_either_reason(failures: int, rate: float, breaks: bool) -> None:
    settings = HealthSettings(breaker_failures=failures, breaker_error_rate=rate)

    assert settings.breaks is breaks


def test_every_field_is_told_of() -> None:
    assert tuple(FIELDS) == HealthSettings.__struct_fields__
