"""The options of a request, as callers write them: one table, checked before anything is sent."""

from collections.abc import Callable, Mapping
from typing import get_args

from dragoman.chat import Effort, Summary
from dragoman.errors import InputError, quoted
from dragoman.messages import is_unicode

__all__ = ["OPTIONS", "decode_options"]

EFFORTS: tuple[str, ...] = get_args(Effort)
SUMMARIES: tuple[str, ...] = get_args(Summary)

OPTIONS: Mapping[str, str] = {
    "temperature": "how freely the model chooses: 0 to 2",
    "top_p": "the share of likely words it chooses from: 0 to 1",
    "top_k": "how many likely words it chooses from: a whole number, at least 1",
    "max_tokens": "the longest answer, in tokens: a whole number, at least 1",
    "stop": "a text, or a list of texts, that ends the answer; none of them empty",
    "seed": "a whole number of at most 64 bits that makes an answer repeatable",
    "presence_penalty": "-2 to 2: against what was said at all",
    "frequency_penalty": "-2 to 2: against what was said often",
    "logprobs": "how many alternatives to tell of each token, with their likelihoods: 0 to 20",
    "n": "how many answers to give: 1 to 128",
    "user": "a name for whoever asks, for the provider's records: one line of text",
    "parallel_tool_calls": "whether several tools may be called at once: true or false",
    "reasoning_effort": f"how much to think: one of {', '.join(EFFORTS)}",
    "reasoning_budget": "the most tokens to think in: a whole number, 0 is not at all",
    "reasoning_summary": f"whether the thoughts are shown: one of {', '.join(SUMMARIES)}",
}
"""The options of a request and what they mean; printed in the docs and by the command line."""

_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}
_WHOLE = {
    "top_k": (1, 2**31 - 1),
    "max_tokens": (1, 2**63 - 1),
    "seed": (-(2**63), 2**63 - 1),
    "logprobs": (0, 20),
    "n": (1, 128),
    "reasoning_budget": (0, 2**31 - 1),
}
_WORDS = {"reasoning_effort": EFFORTS, "reasoning_summary": SUMMARIES}


def decode_options(options: Mapping[str, object]) -> dict[str, object]:
    """The options as `ChatRequest` has them; `InputError` names the one that is wrong.

    What is None, or an empty list, was not asked for.
    """
    decoded: dict[str, object] = {}
    for name, value in options.items():
        if name not in OPTIONS:
            raise InputError(f"unknown option {name!r}; known: {', '.join(OPTIONS)}")
        if value is not None and value != [] and value != ():
            decoded[name] = _option(name, value)
    return decoded


def _option(name: str, value: object) -> object:
    decoded = _DECODERS[name](name, value)
    if decoded is None:
        raise InputError(f"{name} = {quoted(value)}: it is {OPTIONS[name]}", place=name)
    return decoded


def _texts(_name: str, value: object) -> object:
    texts = (value,) if isinstance(value, str) else value
    if isinstance(texts, list | tuple) and all(_is_text(text) for text in texts):
        return tuple(texts)
    return None


def _ranged(name: str, value: object) -> object:
    low, high = _RANGES[name]
    # Comparing refuses NaN as well.
    if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
        return float(value)
    return None


def _whole(name: str, value: object) -> object:
    least, most = _WHOLE[name]
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return int(value)
    return None


def _word(name: str, value: object) -> object:
    return value if isinstance(value, str) and value in _WORDS[name] else None


def _flag(_name: str, value: object) -> object:
    return value if isinstance(value, bool) else None


def _line(_name: str, value: object) -> object:
    return value if _is_text(value) and str(value).isprintable() else None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and is_unicode(value)


_DECODERS: Mapping[str, Callable[[str, object], object]] = {
    "stop": _texts,
    "user": _line,
    "parallel_tool_calls": _flag,
    **dict.fromkeys(_RANGES, _ranged),
    **dict.fromkeys(_WHOLE, _whole),
    **dict.fromkeys(_WORDS, _word),
}
