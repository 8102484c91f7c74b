"""What is known of models by their names, and how several sources become one card."""

from typing import NamedTuple

import pytest

from dragoman.catalog import ModelCard, card_of, joined, widest


class Case(NamedTuple):
    model: str
    known: dict[str, bool]


CASES = [
    Case("gpt-4o-mini", {"tools": True, "images": True, "schema": True, "prefill": False}),
    Case("gpt-3.5-turbo", {"tools": True, "images": False, "schema": False, "prefill": False}),
    Case("gpt-oss-120b", {"tools": True, "images": False, "reasoning": True}),
    Case("o3-mini", {"tools": True, "schema": True, "reasoning": True, "prefill": False}),
    Case(
        "gpt-5.2",
        {
            **{"tools": True, "images": True, "schema": True, "prefill": False},
            **{"reasoning": True, "documents": True},
        },
    ),
    Case(
        "claude-3-5-haiku-latest",
        {"tools": True, "images": True, "documents": True, "audio": False},
    ),
    Case(
        "anthropic/claude-opus-4-5",
        {"tools": True, "images": True, "documents": True, "audio": False, "reasoning": True},
    ),
    Case("deepseek-chat", {"tools": True, "images": False, "schema": False}),
    Case("deepseek-ai/DeepSeek-R1", {"images": False, "reasoning": True}),
    Case("mistral-large-latest", {"tools": True, "schema": True}),
    Case("Qwen/Qwen3-235B-A22B-Thinking-2507", {"reasoning": True}),
    Case("meta-llama/Llama-3.2-11B-Vision-Instruct", {"images": True}),
    Case("grok-4", {"tools": True, "schema": True}),
    Case("smollm2-135m", {"tools": True, "images": False, "audio": False, "documents": False}),
]


@pytest.mark.parametrize("case", CASES, ids=[case.model for case in CASES])
def test_a_family_is_known_by_its_name(case: Case) -> None:
    assert card_of(case.model) == ModelCard(name=case.model, **case.known)


@pytest.mark.parametrize("model", ["", "mock-model", "not-gpt-4o", "algo3-mini", "nano1", "x-o1"])
def test_of_other_names_nothing_is_known(model: str) -> None:
    assert card_of(model) == ModelCard(name=model)


def test_what_a_later_source_knows_wins_and_what_it_does_not_know_stays() -> None:
    family = ModelCard(name="m", tools=True, images=True, context=10)
    service = ModelCard(name="theirs", images=False, max_output=5)
    configured = ModelCard(name="ours", context=20)

    card = joined(family, service, configured)

    assert card == ModelCard(name="m", tools=True, images=False, context=20, max_output=5)


def test_one_source_alone_is_its_own_card() -> None:
    card = ModelCard(name="m", tools=False)

    assert joined(card) == card


def test_several_models_under_one_name_can_what_any_of_them_can() -> None:
    small = ModelCard(name="s", context=10, tools=False, images=False, audio=None)
    large = ModelCard(name="l", context=20, tools=True, images=False, audio=True)

    assert widest("both", [small, large]) == ModelCard(
        name="both", context=20, tools=True, images=False, audio=True
    )


def test_one_that_is_not_known_may_do_more() -> None:
    known = ModelCard(name="k", context=10, tools=True, images=False)

    assert widest("both", [known, ModelCard(name="u")]) == ModelCard(name="both", tools=True)
