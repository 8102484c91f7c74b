"""What an answer costs, from the public list of prices that `genai-prices` keeps.

The list is the one of the installed package: nothing is fetched. A model that is not in it has no
price, and none is guessed.
"""

import functools
import importlib
from decimal import Decimal
from types import ModuleType

from dragoman.errors import MissingRequirementsError
from dragoman.events import Usage

__all__ = ["context_of", "price_of"]


def price_of(prices: str, model: str, usage: Usage) -> Decimal | None:
    """US dollars for this usage; None if the model has no listed price.

    `prices` is what the list calls the provider (`Service.prices`).
    `MissingRequirementsError` without the extra `prices`.
    """
    if not prices or usage.input_tokens is None or usage.output_tokens is None:
        return None
    listed = _prices()
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
