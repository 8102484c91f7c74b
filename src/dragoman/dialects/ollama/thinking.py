"""How much to think: the field `think`, and what it is in the middle.

`true` is the model's usual amount, which the middle has no word for: it is medium there, and stays
true where it is sent on in the same format. A model may have words of its own besides.
Source: docs.ollama.com "Thinking" (also GPT-OSS: "`true` maps to the medium default"), read
2026-11-21.
"""

from collections.abc import Mapping
from typing import get_args

from dragoman.chat import ChatRequest, Effort
from dragoman.dialects.ollama.tables import THINK
from dragoman.dialects.reading import Field

__all__ = ["decode_think", "encode_think"]

_EFFORTS: Mapping[bool | str, Effort] = {
    False: "none",
    True: "medium",
    **{word: word for word in get_args(Effort) if word != "none"},
}


def encode_think(chat: ChatRequest, own: object) -> bool | str | None:
    """The field for this chat; `own` is how the same format said it before, if it did."""
    effort = chat.reasoning_effort
    if isinstance(own, bool | str) and _EFFORTS.get(own) == effort:
        return own
    if effort is not None:
        return THINK[effort]
    return None if chat.reasoning_budget is None else chat.reasoning_budget > 0


def decode_think(think: Field) -> tuple[Effort | None, bool]:
    """The effort, and whether that says all; None for a word that only some model knows."""
    if isinstance(think.value, bool):
        effort: Effort | None = _EFFORTS[think.value]
    else:
        effort = _EFFORTS.get(think.text(empty=False))
    return effort, effort is not None and THINK[effort] == think.value
