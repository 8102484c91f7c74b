"""A chat as a request: options, tools, and the thinking that a model knows."""

from typing import Any, NamedTuple

import pytest

from dragoman.chat import ChatRequest
from dragoman.dialects.gemini.request_encoder import encode_request
from dragoman.messages import Message, Text
from dragoman.native import Native
from dragoman.tools import JsonObject, JsonSchema, Tool, ToolChoice

ASKED = (Message("user", (Text("hi"),)),)


def said(model: str = "m", **options: Any) -> dict[str, Any]:
    body = encode_request(ChatRequest(model=model, messages=ASKED, **options))
    return {name: value for name, value in body.items() if name != "contents"}


def test_a_question_is_its_contents_alone() -> None:
    assert encode_request(ChatRequest(model="m", messages=ASKED)) == {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}]
    }


class Case(NamedTuple):
    options: dict[str, Any]
    config: dict[str, object]


CASES = [
    Case({"temperature": 0.0, "top_p": 0.5}, {"temperature": 0.0, "topP": 0.5}),
    Case(
        {"top_k": 4, "max_tokens": 5, "n": 1},
        {"topK": 4, "maxOutputTokens": 5, "candidateCount": 1},
    ),
    Case({"stop": ("a", "b"), "seed": 5}, {"stopSequences": ["a", "b"], "seed": 5}),
    Case({"seed": 2**31 + 7}, {"seed": 7}),
    Case({"presence_penalty": 1.0}, {"presencePenalty": 1.0}),
    Case({"frequency_penalty": 1.0}, {"frequencyPenalty": 1.0}),
    Case({"logprobs": 0}, {"responseLogprobs": True}),
    Case({"logprobs": 2}, {"responseLogprobs": True, "logprobs": 2}),
    Case({"output": JsonObject()}, {"responseMimeType": "application/json"}),
    Case(
        {"output": JsonSchema(schema={"type": "object"})},
        {"responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}},
    ),
    Case({"reasoning_budget": 0}, {"thinkingConfig": {"thinkingBudget": 0}}),
    Case({"reasoning_effort": "none"}, {"thinkingConfig": {"thinkingBudget": 0}}),
    Case({"reasoning_effort": "minimal"}, {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}),
    Case({"reasoning_effort": "max"}, {"thinkingConfig": {"thinkingLevel": "XHIGH"}}),
    Case(
        {"reasoning_effort": "low", "reasoning_budget": 9, "reasoning_summary": "detailed"},
        {"thinkingConfig": {"thinkingBudget": 9, "includeThoughts": True}},
    ),
    Case({"reasoning_summary": "none"}, {"thinkingConfig": {"includeThoughts": False}}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case.options))
def test_options_are_the_generation_configuration(case: Case) -> None:
    assert said(**case.options) == {"generationConfig": case.config}


def test_models_before_gemini_3_are_told_a_budget_for_an_effort() -> None:
    found = said("gemini-2.5-flash", reasoning_effort="medium")

    assert found == {"generationConfig": {"thinkingConfig": {"thinkingBudget": 8192}}}


def test_functions_stand_together_and_tools_of_the_service_by_themselves() -> None:
    found = said(
        tools=(
            Tool(name="f", description="d", parameters={"type": "object"}),
            Tool(name="g", native=Native("gemini", {"functionDeclaration.response": {}})),
            Native("gemini", {"type": "googleSearch", "googleSearch": {}}),
            Native("ollama", {"x": {}}),
            Tool(name="h"),
        )
    )

    assert found == {
        "tools": [
            {
                "functionDeclarations": [
                    {
                        "name": "f",
                        "description": "d",
                        "parametersJsonSchema": {"type": "object"},
                    },
                    {"name": "g", "response": {}},
                ]
            },
            {"googleSearch": {}},
            {"functionDeclarations": [{"name": "h"}]},
        ]
    }


@pytest.mark.parametrize(
    ("choice", "strict", "config"),
    [
        (None, None, None),
        (None, True, {"mode": "VALIDATED"}),
        (ToolChoice("auto"), None, {"mode": "AUTO"}),
        (ToolChoice("auto"), False, {"mode": "AUTO"}),
        (ToolChoice("auto"), True, {"mode": "VALIDATED"}),
        (ToolChoice("auto", ("f",)), None, {"mode": "VALIDATED", "allowedFunctionNames": ["f"]}),
        (ToolChoice("none", ("f",)), True, {"mode": "NONE"}),
        (ToolChoice("required"), True, {"mode": "ANY"}),
        (ToolChoice("required", ("f",)), None, {"mode": "ANY", "allowedFunctionNames": ["f"]}),
    ],
)
def test_a_choice_is_a_mode(
    choice: ToolChoice | None, strict: bool | None, config: dict[str, object] | None
) -> None:
    found = said(tools=(Tool(name="f", strict=strict),), tool_choice=choice)

    wanted = None if config is None else {"functionCallingConfig": config}
    assert found.get("toolConfig") == wanted


def test_a_system_message_is_the_instruction_and_native_fields_are_put_back() -> None:
    chat = ChatRequest(
        model="m",
        messages=(Message("system", (Text("be"),)), *ASKED),
        native=Native("gemini", {"cachedContent": "c", "generationConfig.imageConfig": {}}),
    )

    found = encode_request(chat)

    assert found["systemInstruction"] == {"parts": [{"text": "be"}]}
    assert found["cachedContent"] == "c"
    assert found["generationConfig"] == {"imageConfig": {}}
