"""How much to think: `thinking` and `output_config.effort` on the wire, three options in a chat.

Adaptive thinking without an effort asks for nothing that a chat has a name for: it is a native
field, and a hint. Models that know no adaptive thinking are given a budget for the word.
Source: Claude API docs "Extended thinking", "Adaptive thinking", "Effort", read 2026-11-21.
"""

from collections.abc import Mapping

import msgspec

from dragoman.chat import ChatRequest, Effort, Summary
from dragoman.dialects.anthropic_messages.models import takes_adaptive_thinking
from dragoman.dialects.anthropic_messages.tables import EFFORTS
from dragoman.dialects.reading import Field

__all__ = ["Thinking", "budget_of", "decode_thinking", "encode_thinking"]

MIN_BUDGET = 1024
_DISABLED = {"type": "disabled"}
_BUDGETS: Mapping[str, int] = {
    "minimal": 1024,
    "low": 2048,
    "medium": 8192,
    "high": 16_384,
    "xhigh": 24_576,
    "max": 32_000,
}


class Thinking(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says of thinking; `native` are fields of `thinking` besides."""

    reasoning_effort: Effort | None = None
    reasoning_budget: int | None = None
    reasoning_summary: Summary | None = None
    native: Mapping[str, object] = {}


def encode_thinking(chat: ChatRequest) -> dict[str, object]:
    """The fields `thinking` and `output_config` of a request, where the chat asks for them."""
    effort, budget = chat.reasoning_effort, budget_of(chat)
    if effort == "none" or chat.reasoning_budget == 0:
        return {"thinking": dict(_DISABLED)}
    thinking: dict[str, object] = {}
    if budget is not None:
        thinking = {"type": "enabled", "budget_tokens": budget}
    elif effort is not None or chat.reasoning_summary is not None:
        thinking = {"type": "adaptive"}
    if chat.reasoning_summary is not None:
        thinking["display"] = "omitted" if chat.reasoning_summary == "none" else "summarized"
    told: dict[str, object] = {"thinking": thinking} if thinking else {}
    if effort is not None and takes_adaptive_thinking(chat.model):
        told["output_config"] = {"effort": "low" if effort == "minimal" else effort}
    return told


def budget_of(chat: ChatRequest) -> int | None:
    """The most tokens to think in, if the chat asks for a number or its model must have one."""
    if chat.reasoning_budget is not None:
        return max(chat.reasoning_budget, MIN_BUDGET)
    if takes_adaptive_thinking(chat.model):
        return None
    asked = _BUDGETS.get(chat.reasoning_effort or "")
    if asked is None or chat.max_tokens is None:
        return asked
    # The service counts thoughts in the answer's limit.
    return max(min(asked, chat.max_tokens - 1), MIN_BUDGET)


def decode_thinking(body: Field) -> Thinking:
    """What a request says of thinking."""
    config = body.get("output_config")
    word = config.get("effort") if config else None
    effort: Effort | None = word.word(EFFORTS) if word else None
    thinking = body.get("thinking")
    if thinking is None:
        return Thinking(reasoning_effort=effort)
    kind, shown = thinking.need("type"), thinking.get("display")
    summary: Summary | None = None
    if shown is not None:
        summary = "none" if shown.word(("summarized", "omitted")) == "omitted" else "auto"
    known = {"type", "display", "budget_tokens"}
    native = thinking.rest(frozenset(known))
    match kind.text(empty=False):
        case "disabled":
            return Thinking(reasoning_effort="none", native=native)
        case "enabled":
            budget: int | None = thinking.need("budget_tokens").whole(MIN_BUDGET, 2**31 - 1)
        case other:
            budget = None
            if other != "adaptive" or (effort is None and summary is None):
                native["type"] = other
    return Thinking(
        reasoning_effort=effort,
        reasoning_budget=budget,
        reasoning_summary=summary,
        native=native,
    )
