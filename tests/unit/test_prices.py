"""What an answer costs: the list of the installed package, and nothing guessed."""

import sys
from collections.abc import Iterator
from decimal import Decimal

import genai_prices
import pytest

from dragoman import prices
from dragoman.errors import MissingRequirementsError
from dragoman.events import Usage
from dragoman.prices import context_of, price_of

USAGE = Usage(input_tokens=1_000_000, output_tokens=1_000_000)
LISTED = [
    ("openai", "gpt-4o-mini"),
    ("anthropic", "claude-sonnet-4-5"),
    ("google", "gemini-2.5-pro"),
    ("deepseek", "deepseek-chat"),
    ("perplexity", "sonar"),
]
MANY = [
    Usage(input_tokens=0, output_tokens=0),
    Usage(input_tokens=9, output_tokens=18),
    Usage(input_tokens=1234, output_tokens=56, cached_tokens=1000),
    Usage(input_tokens=1234, output_tokens=56, cache_write_tokens=700),
    Usage(input_tokens=250_000, output_tokens=56),
    Usage(input_tokens=250_000, output_tokens=56, cached_tokens=240_000),
]


@pytest.fixture
def no_prices(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without the extra."""
    prices._prices.cache_clear()
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    yield
    prices._prices.cache_clear()


def test_an_answer_costs_what_the_list_says() -> None:
    counts = genai_prices.Usage(input_tokens=1_000_000, output_tokens=1_000_000)
    listed = genai_prices.calc_price(counts, "gpt-4o", provider_id="openai").total_price

    price = price_of("openai", "gpt-4o", USAGE)

    assert price == listed
    assert isinstance(price, Decimal)
    assert price > 0


def test_cached_tokens_are_among_those_in_and_cost_less() -> None:
    cached = Usage(input_tokens=1_000_000, output_tokens=1_000_000, cached_tokens=900_000)

    plain, less = price_of("openai", "gpt-4o", USAGE), price_of("openai", "gpt-4o", cached)

    assert plain is not None
    assert less is not None
    assert less < plain


@pytest.mark.parametrize(
    ("name", "model", "usage"),
    [
        ("", "gpt-4o", USAGE),
        ("openai", "no-such-model", USAGE),
        ("no-such-service", "gpt-4o", USAGE),
        ("openai", "gpt-4o", Usage(output_tokens=7)),
        ("openai", "gpt-4o", Usage(input_tokens=7)),
    ],
    ids=["no list", "no model", "no service", "nothing in", "nothing out"],
)
def test_without_a_listed_price_there_is_none(name: str, model: str, usage: Usage) -> None:
    assert price_of(name, model, usage) is None


def test_usage_that_makes_no_sense_has_no_price() -> None:
    """A service that reports more cached tokens than there were must not raise."""
    wrong = Usage(input_tokens=1, output_tokens=1, cached_tokens=100)

    assert price_of("openai", "gpt-4o", wrong) is None


def test_the_list_knows_how_much_room_a_model_has() -> None:
    assert context_of("openai", "gpt-4o") == 128_000


@pytest.mark.parametrize(
    ("name", "model"),
    [("", "gpt-4o"), ("openai", "no-such-model"), ("no-such-service", "gpt-4o")],
)
def test_of_an_unlisted_model_the_room_is_not_known(name: str, model: str) -> None:
    assert context_of(name, model) is None


@pytest.mark.usefixtures("no_prices")
def test_without_the_extra_a_price_says_what_to_install_and_the_room_is_not_known() -> None:
    with pytest.raises(MissingRequirementsError, match=r"pip install 'dragoman\[prices\]'"):
        price_of("openai", "gpt-4o", USAGE)

    assert context_of("openai", "gpt-4o") is None
    assert price_of("", "gpt-4o", USAGE) is None


@pytest.mark.parametrize(("name", "model"), LISTED)
def test_what_is_remembered_of_a_price_says_what_the_list_says(name: str, model: str) -> None:
    """Flat prices, one for each request, one that grows with the length, one of some hours only."""
    for usage in MANY:
        counts = genai_prices.Usage(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cached_tokens or None,
            cache_write_tokens=usage.cache_write_tokens or None,
        )
        listed = genai_prices.calc_price(counts, model, provider_id=name).total_price

        assert price_of(name, model, usage) == listed


def test_the_list_is_read_ahead() -> None:
    prices._prices.cache_clear()

    prices.read_prices()

    assert prices._prices.cache_info().currsize == 1


@pytest.mark.usefixtures("no_prices")
def test_without_the_extra_there_is_nothing_to_read_ahead() -> None:
    prices.read_prices()

    assert prices._prices.cache_info().currsize == 0
