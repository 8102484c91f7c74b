"""What is known of models: how much they take, and what they can do; None is "not known".

What is not known is tried. Three sources, the later wins: the families below, what the service
tells of its models, and the configuration.
Source: the providers' model pages, read 2026-11-21. Names of models change weekly and those of
families slowly, so there are only families here.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

__all__ = ["ModelCard", "card_of", "joined", "widest"]


class ModelCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One model. Sizes are in tokens; the rest says whether it takes or does that."""

    name: str
    context: int | None = None
    max_output: int | None = None
    tools: bool | None = None
    images: bool | None = None
    audio: bool | None = None
    documents: bool | None = None
    schema: bool | None = None
    reasoning: bool | None = None
    prefill: bool | None = None


_FAMILIES: tuple[tuple[str, Mapping[str, bool]], ...] = (
    (r"gpt-(4o|4\.1|5)", {"tools": True, "images": True, "schema": True, "prefill": False}),
    (r"gpt-3\.5", {"tools": True, "images": False, "schema": False, "prefill": False}),
    (r"gpt-oss", {"tools": True, "images": False, "reasoning": True}),
    (r"o[134](-|$)", {"tools": True, "schema": True, "reasoning": True, "prefill": False}),
    (r"gpt-5", {"reasoning": True, "documents": True}),
    (r"claude", {"tools": True, "images": True, "documents": True, "audio": False}),
    (r"claude-(3-7|(opus|sonnet)-[4-9]|haiku-4)", {"reasoning": True}),
    (r"gemini-(1\.5|2|3)", {"tools": True, "images": True, "audio": True, "documents": True}),
    (r"gemini-(1\.5|2|3)", {"schema": True, "prefill": False}),
    (r"gemini-(2\.5|3)", {"reasoning": True}),
    (r"deepseek-(chat|v3)", {"tools": True, "images": False, "schema": False}),
    (r"deepseek-(reasoner|r1)", {"images": False, "reasoning": True}),
    (r"(mistral|ministral|codestral|devstral)", {"tools": True, "schema": True}),
    (r"pixtral", {"images": True, "tools": True}),
    (r"magistral|qwq|qwen3.*thinking", {"reasoning": True}),
    (r"llama-?3\.[13]", {"tools": True, "images": False}),
    (r"llama-?3\.2.*vision|llama-?4|llava", {"images": True}),
    (r"qwen.*vl", {"images": True}),
    (r"grok-[34]", {"tools": True, "schema": True}),
    (r"kimi-k2|glm-4\.[5-9]", {"tools": True}),
    (r"smollm2-135m", {"tools": True, "images": False, "audio": False, "documents": False}),
)
_COMPILED = tuple((re.compile(f"(?:^|/){pattern}", re.I), facts) for pattern, facts in _FAMILIES)


def card_of(model: str) -> ModelCard:
    """What a model's name says about it."""
    known: dict[str, bool] = {}
    for pattern, facts in _COMPILED:
        if pattern.search(model):
            known |= facts
    return ModelCard(name=model, **known)


def widest(name: str, cards: Sequence[ModelCard]) -> ModelCard:
    """One card under a name for several models of which the fitting one is taken.

    It can what any of them can. As long as one that is not known may do more, that is not known.
    """
    told: dict[str, object] = {"name": name}
    for field in ModelCard.__struct_fields__[1:]:
        values = [getattr(card, field) for card in cards]
        if any(value is True for value in values):
            told[field] = True
        elif None not in values:
            told[field] = max(values, default=None)
    return msgspec.convert(told, ModelCard)


def joined(first: ModelCard, *later: ModelCard) -> ModelCard:
    """One card of several: what a later one knows wins."""
    for card in later:
        told = {
            name: value
            for name in ModelCard.__struct_fields__[1:]
            if (value := getattr(card, name)) is not None
        }
        first = msgspec.structs.replace(first, **told)
    return first
