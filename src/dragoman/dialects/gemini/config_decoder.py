"""Gemini's generation configuration to the options of a chat.

Source: the REST reference of GenerationConfig and ThinkingConfig, read 2026-11-21.
"""

from collections.abc import Mapping
from typing import TypedDict, cast

from dragoman.chat import Effort, Summary
from dragoman.dialects.gemini.schemas import decode_json_schema, decode_schema
from dragoman.dialects.gemini.spelling import camel, get, rest
from dragoman.dialects.gemini.tables import GENERATION_HINTS
from dragoman.dialects.reading import Field
from dragoman.tools import JsonObject, JsonSchema, Output

__all__ = ["Options", "decode_config"]

_PATH = "generationConfig."
_LEVELS = ("THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH")
_KNOWN = (
    "temperature",
    "topP",
    "topK",
    "maxOutputTokens",
    "stopSequences",
    "seed",
    "presencePenalty",
    "frequencyPenalty",
    "candidateCount",
    "responseLogprobs",
    "logprobs",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "thinkingConfig",
)


class Options(TypedDict, total=False):
    """Fields of a `ChatRequest`."""

    temperature: float | None
    top_p: float | None
    top_k: int | None
    max_tokens: int | None
    stop: tuple[str, ...] | None
    seed: int | None
    presence_penalty: float | None
    frequency_penalty: float | None
    logprobs: int | None
    n: int | None
    reasoning_effort: Effort | None
    reasoning_budget: int | None
    reasoning_summary: Summary | None
    output: Output | None


def decode_config(field: Field) -> tuple[Options, dict[str, object], frozenset[str]]:
    """The options, what is native by its paths, and which of these are hints."""
    options = Options(
        temperature=_number(field, "temperature", 0, 2),
        top_p=_number(field, "topP", 0, 1),
        top_k=_whole(field, "topK", 1, 2**31 - 1),
        max_tokens=_whole(field, "maxOutputTokens", 1),
        stop=_stop(field),
        seed=_whole(field, "seed", -(2**63)),
        presence_penalty=_number(field, "presencePenalty", -2, 2),
        frequency_penalty=_number(field, "frequencyPenalty", -2, 2),
        logprobs=_logprobs(field),
        n=_whole(field, "candidateCount", 1, 128),
    )
    kept = rest(field, *_KNOWN, path=_PATH)
    hints = frozenset(path for path in kept if _is_hint(path, kept))
    options["output"], form = _output(field)
    thinking = get(field, "thinkingConfig")
    if thinking is not None:
        kept |= _thinking(thinking, options)
    return options, kept | form, hints


def _is_hint(path: str, kept: Mapping[str, object]) -> bool:
    name = camel(path.removeprefix(_PATH))
    # An answer in text alone is what every provider gives.
    is_text = name == "responseModalities" and kept[path] in (["TEXT"], ["text"])
    return is_text or name in GENERATION_HINTS


def _number(field: Field, name: str, low: float, high: float) -> float | None:
    found = get(field, name)
    return found.number(low, high) if found else None


def _whole(field: Field, name: str, low: int, high: int = 2**63 - 1) -> int | None:
    found = get(field, name)
    return found.whole(low, high) if found else None


def _stop(field: Field) -> tuple[str, ...] | None:
    found = get(field, "stopSequences")
    return tuple(text.text(empty=False) for text in found.items()) or None if found else None


def _logprobs(field: Field) -> int | None:
    wanted, top = get(field, "responseLogprobs"), get(field, "logprobs")
    if wanted is not None and wanted.flag():
        return top.whole(0, 20) if top else 0
    if top is not None:
        top.refuse("needs responseLogprobs")
    return None


def _output(field: Field) -> tuple[Output | None, dict[str, object]]:
    """The form of the answer, or native fields where it is one that only this service has."""
    kind, own = get(field, "responseMimeType"), get(field, "responseSchema")
    schema = get(field, "responseJsonSchema")
    if schema is not None and own is not None:
        schema.refuse("stands beside responseSchema")
    found = decode_json_schema(schema) if schema else decode_schema(own) if own else None
    word = kind.text() if kind else "text/plain"
    if word == "application/json":
        return (JsonObject() if found is None else JsonSchema(schema=found)), {}
    if word == "text/plain":
        for one in (schema, own):
            if one is not None:
                one.refuse("needs responseMimeType application/json")
        return None, {}
    said = ("responseMimeType", kind), ("responseSchema", own), ("responseJsonSchema", schema)
    return None, {f"{_PATH}{name}": one.value for name, one in said if one is not None}


def _thinking(field: Field, options: Options) -> dict[str, object]:
    path = f"{_PATH}thinkingConfig."
    kept = rest(field, "thinkingBudget", "thinkingLevel", "includeThoughts", path=path)
    shown, level = get(field, "includeThoughts"), get(field, "thinkingLevel")
    if shown is not None:
        options["reasoning_summary"] = "auto" if shown.flag() else "none"
    if level is not None:
        word = Field(level.text().upper(), level.place).word(_LEVELS).lower()
        if word != "thinking_level_unspecified":
            options["reasoning_effort"] = cast("Effort", word)  # the other words are all efforts
    budget = _whole(field, "thinkingBudget", -1, 2**31 - 1)
    if budget == -1:
        kept[f"{path}thinkingBudget"] = budget
    else:
        options["reasoning_budget"] = budget
    return kept
