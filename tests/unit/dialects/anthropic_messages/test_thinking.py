import msgspec
import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.anthropic_messages.thinking import (
    Thinking,
    budget_of,
    decode_thinking,
    encode_thinking,
)
from dragoman.dialects.reading import Field
from dragoman.errors import InputError


def chat(**options: object) -> ChatRequest:
    return msgspec.convert({"model": "m", "messages": [], **options}, ChatRequest)


OLD = "claude-sonnet-4-5"
ASKED: list[tuple[dict[str, object], dict[str, object]]] = [
    ({}, {}),
    ({"reasoning_effort": "none"}, {"thinking": {"type": "disabled"}}),
    ({"reasoning_budget": 0}, {"thinking": {"type": "disabled"}}),
    (
        {"reasoning_effort": "minimal"},
        {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}},
    ),
    (
        {"reasoning_effort": "xhigh", "reasoning_summary": "none"},
        {
            "thinking": {"type": "adaptive", "display": "omitted"},
            "output_config": {"effort": "xhigh"},
        },
    ),
    ({"reasoning_budget": 7}, {"thinking": {"type": "enabled", "budget_tokens": 1024}}),
    (
        {"reasoning_budget": 2000, "reasoning_summary": "detailed"},
        {"thinking": {"type": "enabled", "budget_tokens": 2000, "display": "summarized"}},
    ),
    (
        {"model": OLD, "reasoning_effort": "medium"},
        {"thinking": {"type": "enabled", "budget_tokens": 8192}},
    ),
    (
        {"model": OLD, "reasoning_effort": "medium", "max_tokens": 5000},
        {"thinking": {"type": "enabled", "budget_tokens": 4999}},
    ),
]


@pytest.mark.parametrize(("options", "told"), ASKED)
def test_how_much_to_think_is_asked(options: dict[str, object], told: dict[str, object]) -> None:
    assert encode_thinking(chat(**options)) == told


def test_an_older_model_that_is_not_asked_to_think_has_no_budget() -> None:
    assert budget_of(chat(model=OLD)) is None


SAID: list[tuple[dict[str, object], Thinking]] = [
    ({}, Thinking()),
    ({"output_config": {"effort": "max"}}, Thinking(reasoning_effort="max")),
    ({"thinking": {"type": "disabled"}}, Thinking(reasoning_effort="none")),
    (
        {"thinking": {"type": "enabled", "budget_tokens": 2048, "display": "omitted"}},
        Thinking(reasoning_budget=2048, reasoning_summary="none"),
    ),
    ({"thinking": {"type": "adaptive"}}, Thinking(native={"type": "adaptive"})),
    ({"thinking": {"type": "between_tools"}}, Thinking(native={"type": "between_tools"})),
    (
        {"thinking": {"type": "adaptive", "display": "summarized", "later": 1}},
        Thinking(reasoning_summary="auto", native={"later": 1}),
    ),
    (
        {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}},
        Thinking(reasoning_effort="low"),
    ),
]


@pytest.mark.parametrize(("body", "thinking"), SAID)
def test_how_much_to_think_is_heard(body: dict[str, object], thinking: Thinking) -> None:
    assert decode_thinking(Field(body)) == thinking


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"output_config": {"effort": "minimal"}}, "output_config.effort"),
        ({"thinking": {"type": "enabled"}}, "thinking.budget_tokens"),
        ({"thinking": {"type": "enabled", "budget_tokens": 9}}, "thinking.budget_tokens"),
        ({"thinking": {"type": "adaptive", "display": "all"}}, "thinking.display"),
        ({"thinking": {}}, "thinking.type"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(body: dict[str, object], place: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_thinking(Field(body))

    assert caught.value.place == place
