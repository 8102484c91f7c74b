"""What is said when an answer is whole: how it ended, what it used, and what that cost."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import msgspec

from dragoman.chat import ChatReply
from dragoman.cli.terminal import note, note_once
from dragoman.client import Client
from dragoman.errors import MissingRequirementsError
from dragoman.events import FinishReason, Usage
from dragoman.routing.attempt import Attempt, Kind

__all__ = ["price_of_all", "tell_attempts", "tell_reason", "tell_usage"]

_UNUSUAL: dict[FinishReason, str] = {
    "length": "warning: the answer stopped at its length limit; more with -o max_tokens=N",
    "content_filter": "warning: the service cut the answer: it refused the rest",
    "tool_calls": "warning: the model wants to call a tool, and there is none here",
}

_WENT_ON: dict[Kind, str] = {
    "first": "then asked",
    "again": "asked again:",
    "next": "asked instead:",
    "hedge": "asked beside it:",
    "replay": "asked to say the same again:",
    "continue": "asked for the rest:",
}


def tell_reason(reason: FinishReason) -> None:
    """Say so if it did not end by itself."""
    if reason in _UNUSUAL:
        note(_UNUSUAL[reason])


def tell_attempts(attempts: Sequence[Attempt]) -> None:
    """Say who failed before the answer was whole, and how it went on."""
    for failed, after in pairwise(attempts):
        if failed.outcome == "failed":
            note(f"warning: {failed.error}; {_WENT_ON[after.kind]} {after.candidate.name}")


def tell_usage(usage: Usage | None, price: Decimal | None) -> None:
    """One line of tokens and dollars, as far as they are known."""
    said = _counted(usage) if usage is not None else ""
    if not said:
        note("usage: the service did not say")
    elif price is None:
        note(f"usage: {said} (tokens)")
    else:
        note(f"usage: {said} (tokens); price: ${_dollars(price)}")


async def price_of_all(
    client: Client, providers: Sequence[str], reply: ChatReply, usages: Sequence[Usage | None]
) -> Decimal | None:
    """Dollars for all requests that an answer took; None unless each has its price.

    `providers` answered them, in the same order.
    """
    total = Decimal(0)
    try:
        for provider, usage in zip(providers, usages, strict=True):
            price = await client.price(provider, msgspec.structs.replace(reply, usage=usage))
            if price is None:
                return None
            total += price
    except MissingRequirementsError as error:
        note_once(f"no prices: {error.message}")
        return None
    return total


def _counted(usage: Usage) -> str:
    counts = (
        (usage.input_tokens, "in"),
        (usage.output_tokens, "out"),
        (usage.cached_tokens or None, "of the input cached"),
        (usage.reasoning_tokens or None, "of the output reasoning"),
    )
    return ", ".join(f"{count} {words}" for count, words in counts if count is not None)


def _dollars(price: Decimal) -> str:
    """At least six places, and two digits that say something."""
    return f"{price:.{max(6, 1 - price.adjusted())}f}" if price else "0"
