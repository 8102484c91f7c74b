"""Lists of models: each service has its own words for what it tells of one."""

from typing import Any, NamedTuple

import msgspec
import pytest

from dragoman.catalog import ModelCard
from dragoman.errors import ResponseError
from dragoman.providers.api.model_list import decode_cards
from dragoman.wire.http import HttpReply, ReplyHead


def reply(value: object) -> HttpReply:
    head = ReplyHead(200, {"content-type": "application/json"}, "https://x/models")
    return HttpReply(head, msgspec.json.encode(value))


class Case(NamedTuple):
    name: str
    row: dict[str, Any]
    card: ModelCard


CASES = [
    Case("OpenAI: a name and no more", {"id": "m", "object": "model"}, ModelCard(name="m")),
    Case("a name under `name`", {"name": "m"}, ModelCard(name="m")),
    Case("Gemini: the name without its kind", {"name": "models/m"}, ModelCard(name="m")),
    Case(
        "Gemini: both limits",
        {"name": "models/m", "inputTokenLimit": 10, "outputTokenLimit": 5},
        ModelCard(name="m", context=10, max_output=5),
    ),
    Case(
        "Anthropic: both limits",
        {"id": "m", "max_input_tokens": 10, "max_tokens": 5},
        ModelCard(name="m", context=10, max_output=5),
    ),
    Case(
        "Groq: a window and the longest answer",
        {"id": "m", "context_window": 10, "max_completion_tokens": 5},
        ModelCard(name="m", context=10, max_output=5),
    ),
    Case("vLLM: its longest", {"id": "m", "max_model_len": 10}, ModelCard(name="m", context=10)),
    Case(
        "OpenRouter: kinds and parameters",
        {
            "id": "m",
            "context_length": 10,
            "architecture": {"input_modalities": ["text", "image", "file"]},
            "supported_parameters": ["tools", "reasoning"],
        },
        ModelCard(
            name="m",
            context=10,
            images=True,
            audio=False,
            documents=True,
            tools=True,
            schema=False,
            reasoning=True,
        ),
    ),
    Case(
        "Mistral: capabilities",
        {"id": "m", "capabilities": {"function_calling": True, "vision": False, "fim": "no"}},
        ModelCard(name="m", tools=True, images=False),
    ),
    Case(
        "Anthropic: capabilities, each with whether it is supported",
        {
            "id": "m",
            "capabilities": {
                "image_input": {"supported": True},
                "pdf_input": {"supported": False},
                "structured_outputs": {},
                "thinking": {"supported": True, "types": {}},
            },
        },
        ModelCard(name="m", images=True, documents=False, reasoning=True),
    ),
    Case(
        "Gemini: whether it thinks",
        {"name": "models/m", "thinking": True},
        ModelCard(name="m", reasoning=True),
    ),
    Case(
        "sizes that are none",
        {"id": "m", "context_length": True, "max_model_len": 0, "max_tokens": "9"},
        ModelCard(name="m"),
    ),
    Case(
        "abilities in a form of their own",
        {"id": "m", "architecture": "dense", "capabilities": ["chat"], "supported_parameters": 3},
        ModelCard(name="m"),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_is_told_of_a_model_is_read(case: Case) -> None:
    assert decode_cards(reply({"data": [case.row]})) == [case.card]


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"models": rows}])
def test_a_list_may_be_bare_or_called_models(wrap: Any) -> None:
    rows = [{"id": "a"}, "no model", {"id": 7}, {"id": "b"}]

    cards = decode_cards(reply(wrap(rows)))

    assert [card.name for card in cards] == ["a", "b"]


@pytest.mark.parametrize("value", [{"object": "list"}, {"data": {}}, "models", None])
def test_what_is_no_list_is_an_error(value: object) -> None:
    with pytest.raises(ResponseError, match="a list of models was due"):
        decode_cards(reply(value))
