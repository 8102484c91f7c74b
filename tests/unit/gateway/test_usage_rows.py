"""The row of usage of a request that is over."""

import pytest

from dragoman.events import Usage
from dragoman.gateway.record import Record
from dragoman.gateway.usage_rows import usage_row
from dragoman.gateway_keys import GatewayKeyError
from dragoman.routing.attempt import Attempt, Kind
from dragoman.routing.route import Candidate
from dragoman.store.rows import UsageRow

NOON = 1_795_262_400.0


def _record() -> Record:
    record = Record("req_1", "messages")
    record.started_at = 10.0
    record.first_token_at = 10.25
    record.provider, record.model, record.key_name = "work", "small", "team"
    record.status, record.stream, record.attempts = 200, True, 2
    record.usage = Usage(input_tokens=10, output_tokens=0, cached_tokens=4, reasoning_tokens=1)
    record.cost = 0.000125
    return record


def _row(record: Record) -> UsageRow:
    row = usage_row(record, NOON, 11.5)
    assert row is not None
    return row


def test_a_row_tells_all_that_is_known() -> None:
    assert _row(_record()) == UsageRow(
        time=NOON,
        day=20778,
        key="team",
        face="messages",
        provider="work",
        model="small",
        status=200,
        error="",
        attempts=2,
        rescued="",
        stream=True,
        input_tokens=10,
        output_tokens=0,
        cached_tokens=4,
        reasoning_tokens=1,
        cost=0.000125,
        first_token_s=0.25,
        duration_s=1.5,
    )


def test_what_is_not_known_is_none_and_not_nothing() -> None:
    row = _row(Record("req_1", "chat"))

    assert (row.input_tokens, row.cost, row.first_token_s) == (None, None, None)


@pytest.mark.parametrize("tokens", [-1, 10**13, 2**63, 10**100])
def test_counts_that_cannot_be_are_not_believed(tokens: int) -> None:
    """No database has room for them, and one that did could not sum them."""
    record = _record()
    record.usage = Usage(input_tokens=tokens, output_tokens=10**12)
    record.cost = float(tokens)

    row = _row(record)

    assert (row.input_tokens, row.output_tokens, row.cost) == (None, 10**12, None)


def test_a_price_that_is_no_number_is_none() -> None:
    record = _record()
    record.cost = float("nan")

    assert _row(record).cost is None


def test_a_key_in_the_place_of_a_model_is_masked() -> None:
    record = _record()
    record.model = "sk-a-key-that-somebody-put-there\x1b[2J" + "x" * 999

    assert "sk-a" not in _row(record).model
    assert _row(record).model.isprintable()
    assert len(_row(record).model) <= 200


def test_who_did_not_come_in_has_no_row() -> None:
    """They used nothing, and could fill the disk."""
    record = _record()
    record.error = GatewayKeyError.__name__

    assert usage_row(record, NOON, 11.5) is None


@pytest.mark.parametrize(
    ("kinds", "error", "rescued"),
    [
        (("first",), "", ""),
        (("first", "again", "next"), "", ""),
        (("first", "replay"), "", "replay"),
        (("first", "replay", "continue"), "", "continue"),
        (("first", "replay"), "StreamTruncatedError", ""),
    ],
)
def test_how_it_was_rescued_is_told_if_that_helped(
    kinds: tuple[Kind, ...], error: str, rescued: str
) -> None:
    record = _record()
    record.tries = [Attempt(Candidate("work", "small"), kind) for kind in kinds]
    record.error = error

    assert _row(record).rescued == rescued
