"""The generation configuration to options."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest

from dragoman.dialects.gemini.config_decoder import decode_config
from dragoman.dialects.reading import Field
from dragoman.errors import InputError
from dragoman.tools import JsonObject, JsonSchema

SCHEMA = {"type": "object"}
JSON = "application/json"


class Case(NamedTuple):
    wire: dict[str, object]
    options: Mapping[str, object] = MappingProxyType({})
    native: Mapping[str, object] = MappingProxyType({})
    hints: frozenset[str] = frozenset()


CASES = [
    Case(
        {"temperature": 0.5, "topP": 1, "top_k": 40.0, "maxOutputTokens": 7, "seed": -1},
        {"temperature": 0.5, "top_p": 1.0, "top_k": 40, "max_tokens": 7, "seed": -1},
    ),
    Case(
        {"stopSequences": ["a"], "presencePenalty": 1, "frequencyPenalty": -1, "candidateCount": 2},
        {"stop": ("a",), "presence_penalty": 1.0, "frequency_penalty": -1.0, "n": 2},
    ),
    Case({"stopSequences": []}),
    Case({"responseLogprobs": True, "logprobs": 3}, {"logprobs": 3}),
    Case({"responseLogprobs": True}, {"logprobs": 0}),
    Case({"responseLogprobs": False}),
    Case({"responseMimeType": JSON}, {"output": JsonObject()}),
    Case(
        {"responseMimeType": JSON, "responseSchema": {"type": "OBJECT"}},
        {"output": JsonSchema(schema=SCHEMA)},
    ),
    Case(
        {"responseMimeType": JSON, "responseJsonSchema": SCHEMA},
        {"output": JsonSchema(schema=SCHEMA)},
    ),
    Case({"responseMimeType": "text/plain"}),
    Case(
        {"response_mime_type": "text/x.enum", "response_schema": {"type": "STRING"}},
        native={
            "generationConfig.responseMimeType": "text/x.enum",
            "generationConfig.responseSchema": {"type": "STRING"},
        },
    ),
    Case(
        {"thinkingConfig": {"thinkingBudget": 0, "includeThoughts": True}},
        {"reasoning_budget": 0, "reasoning_summary": "auto"},
    ),
    Case(
        {"thinkingConfig": {"thinking_level": "low", "include_thoughts": False}},
        {"reasoning_effort": "low", "reasoning_summary": "none"},
    ),
    Case(
        {"thinkingConfig": {"thinkingBudget": -1, "thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}},
        native={"generationConfig.thinkingConfig.thinkingBudget": -1},
    ),
    Case(
        {"thinkingConfig": {"new": 1}, "speechConfig": {}},
        native={"generationConfig.thinkingConfig.new": 1, "generationConfig.speechConfig": {}},
    ),
    Case(
        {"media_resolution": "MEDIA_RESOLUTION_LOW", "responseModalities": ["TEXT"]},
        native={
            "generationConfig.media_resolution": "MEDIA_RESOLUTION_LOW",
            "generationConfig.responseModalities": ["TEXT"],
        },
        hints=frozenset(
            {"generationConfig.media_resolution", "generationConfig.responseModalities"}
        ),
    ),
    Case(
        {"responseModalities": ["TEXT", "IMAGE"]},
        native={"generationConfig.responseModalities": ["TEXT", "IMAGE"]},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case.wire))
def test_a_configuration_is_options_and_what_is_native(case: Case) -> None:
    options, native, hints = decode_config(Field(case.wire))

    assert {name: value for name, value in options.items() if value is not None} == case.options
    assert (native, hints) == (case.native, case.hints)


@pytest.mark.parametrize(
    ("wire", "place"),
    [
        ({"temperature": 3}, "g.temperature"),
        ({"topK": 0}, "g.topK"),
        ({"max_output_tokens": "many"}, "g.max_output_tokens"),
        ({"stopSequences": [""]}, "g.stopSequences[0]"),
        ({"responseLogprobs": "yes"}, "g.responseLogprobs"),
        ({"logprobs": 2}, "g.logprobs"),
        ({"responseMimeType": 1}, "g.responseMimeType"),
        ({"responseSchema": {"type": "OBJECT"}}, "g.responseSchema"),
        ({"responseJsonSchema": SCHEMA}, "g.responseJsonSchema"),
        ({"responseSchema": {}, "responseJsonSchema": {}}, "g.responseJsonSchema"),
        ({"thinkingConfig": []}, "g.thinkingConfig"),
        ({"thinkingConfig": {"thinkingLevel": "HUGE"}}, "g.thinkingConfig.thinkingLevel"),
        ({"thinkingConfig": {"thinkingBudget": -2}}, "g.thinkingConfig.thinkingBudget"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(wire: dict[str, object], place: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_config(Field(wire, "g"))

    assert caught.value.place == place
