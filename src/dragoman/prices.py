"""What an answer costs, from the public list of prices that `genai-prices` keeps.

The list is the one of the installed package: nothing is fetched. A model that is not in it has no
price, and none is guessed.
"""

import contextlib
import functools
import importlib
import time
from decimal import Decimal
from types import ModuleType

import msgspec

from dragoman.errors import MissingRequirementsError
from dragoman.events import Usage

__all__ = ["context_of", "price_of", "read_prices"]

_FREE = Decimal(0)
_MILLION = 10**6


def read_prices() -> None:
    """Read the list, which takes a third of a second once: in a thread, before it is needed.

    Without the extra `prices` there is nothing to read.
    """
    with contextlib.suppress(MissingRequirementsError):
        _prices()


def price_of(prices: str, model: str, usage: Usage) -> Decimal | None:
    """US dollars for this usage; None if the model has no listed price.

    `prices` is what the list calls the provider (`Service.prices`).
    `MissingRequirementsError` without the extra `prices`.
    """
    if not prices or usage.input_tokens is None or usage.output_tokens is None:
        return None
    listed = _prices()
    # Some prices hold at some hours only; those begin with a minute.
    rates = _rates(prices, model, int(time.time() // 60))
    price = rates.price_of(usage)
    return price if price is not None or rates.is_all else _ask(listed, prices, model, usage)


class _Rates(msgspec.Struct, frozen=True):
    """US dollars for a token, where each costs the same however many there are.

    The list itself takes a tenth of a millisecond for each answer. `is_all`: it has no more to say.
    """

    into: Decimal | None = None
    out: Decimal = _FREE
    cached: Decimal = _FREE
    is_all: bool = False

    def price_of(self, usage: Usage) -> Decimal | None:
        """None where only the list can say it."""
        into, out, cached = usage.input_tokens, usage.output_tokens, usage.cached_tokens or 0
        if usage.cache_write_tokens or usage.input_audio_tokens or usage.output_audio_tokens:
            return None
        if self.into is None or into is None or out is None or out < 0 or not 0 <= cached <= into:
            return None
        return (into - cached) * self.into + cached * self.cached + out * self.out


@functools.lru_cache(1024)
def _rates(prices: str, model: str, _minute: int) -> _Rates:
    """The rates of a model in this minute, if a few trials show that it has some."""

    def ask(*trial: int) -> Decimal:
        return _ask(_prices(), prices, model, _usage(*trial)) or _FREE

    if _ask(_prices(), prices, model, _usage(1, 1)) is None:
        return _Rates(is_all=True)
    found = _Rates(
        ask(_MILLION, 0) / _MILLION,
        ask(0, _MILLION) / _MILLION,
        ask(_MILLION, 0, _MILLION) / _MILLION,
    )
    # A price for the request, and one that changes with the length, show in one of these.
    trials = [(0, 0, 0), (7, 3, 0), (7, 3, 2), (10 * _MILLION, 10 * _MILLION, 5 * _MILLION)]
    is_so = all(ask(*trial) == found.price_of(_usage(*trial)) for trial in trials)
    return found if is_so else _Rates()


def _usage(into: int, out: int, cached: int = 0) -> Usage:
    return Usage(input_tokens=into, output_tokens=out, cached_tokens=cached)


def _ask(listed: ModuleType, prices: str, model: str, usage: Usage) -> Decimal | None:
    counts = listed.Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cached_tokens or None,
        cache_write_tokens=usage.cache_write_tokens or None,
        input_audio_tokens=usage.input_audio_tokens or None,
        output_audio_tokens=usage.output_audio_tokens or None,
    )
    try:
        price: Decimal = listed.calc_price(counts, model, provider_id=prices).total_price
    except (LookupError, ValueError):
        return None
    return price


def context_of(prices: str, model: str) -> int | None:
    """The model's room in tokens, if the list has it; None without the extra `prices`."""
    try:
        snapshot = _prices().data_snapshot.get_snapshot()
        found = snapshot.find_provider_model(model, None, prices, None)[1] if prices else None
    except (LookupError, MissingRequirementsError):
        return None
    size: int | None = found.context_window if found is not None else None
    return size


@functools.cache
def _prices() -> ModuleType:
    try:
        listed = importlib.import_module("genai_prices")
        importlib.import_module("genai_prices.data_snapshot")
    except ImportError as exc:
        raise MissingRequirementsError(
            "prices need the extra `prices`: pip install 'dragoman[prices]'"
        ) from exc
    return listed
