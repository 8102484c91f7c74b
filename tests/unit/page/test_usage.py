"""What the parameters of an address ask of usage."""

import pytest

from dragoman.errors import InputError
from dragoman.page.usage import question_of
from dragoman.store.rows import UsageQuestion

NOW = 1_795_262_400.0
DAY_S = 86400


def test_without_any_it_is_the_last_month_by_model_and_day() -> None:
    assert question_of({}, NOW, key=None) == UsageQuestion(
        by="model", since=NOW - 30 * DAY_S, until=None, key=None, zone_s=0, bucket_s=DAY_S
    )


def test_everything_can_be_said() -> None:
    query = {"since": "100", "until": "200.5", "by": "key", "bucket": "hour", "zone": "-210"}

    assert question_of(query, NOW, key="shop") == UsageQuestion(
        by="key", since=100.0, until=200.5, key="shop", zone_s=-12600, bucket_s=3600
    )


@pytest.mark.parametrize(("zone", "zone_s"), [("+840", 50400), (" 840", 50400), ("-720", -43200)])
def test_a_zone_is_minutes_and_its_plus_may_be_a_space(zone: str, zone_s: int) -> None:
    assert question_of({"zone": zone}, NOW, key=None).zone_s == zone_s


@pytest.mark.parametrize("until", ["", str(NOW)])
def test_hours_are_told_of_a_month_at_most(until: str) -> None:
    query = {"bucket": "hour", "until": until}

    question_of({**query, "since": str(NOW - 31 * DAY_S)}, NOW, key=None)
    with pytest.raises(InputError, match="bucket: hours are told of 31 days"):
        question_of({**query, "since": str(NOW - 31 * DAY_S - 1)}, NOW, key=None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("by", "colour"),
        ("by", ""),
        ("bucket", "week"),
        ("since", "yesterday"),
        ("since", "nan"),
        ("since", "inf"),
        ("until", "-1"),
        ("until", "1e15"),
        ("zone", "east"),
        ("zone", "841"),
        ("zone", "-721"),
        ("zone", "9" * 5000),
    ],
)
def test_what_is_wrong_is_named(name: str, text: str) -> None:
    with pytest.raises(InputError, match=f"^{name}: expected") as caught:
        question_of({name: text}, NOW, key=None)

    assert caught.value.place == name
