"""A chat as Gemini's request: the JSON object; its model and whether to stream are in the address.

Source: the REST reference of GenerateContentRequest and GenerationConfig, read 2026-11-21.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from dragoman.chat import ChatRequest, Effort
from dragoman.dialects.gemini.content_encoder import encode_contents, native_part
from dragoman.dialects.gemini.spelling import merge
from dragoman.dialects.gemini.tables import EFFORT_BUDGETS, has_levels
from dragoman.native import Native
from dragoman.tools import JsonSchema, Tool

__all__ = ["encode_request"]

_FIELDS: Mapping[str, str] = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "max_tokens": "maxOutputTokens",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "n": "candidateCount",
}
_MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
_SEEDS = 2**31


def encode_request(chat: ChatRequest) -> dict[str, object]:
    """The request's JSON object; `InputError` as `content_encoder.encode_contents` says."""
    system, contents = encode_contents(chat)
    body: dict[str, Any] = {"contents": contents}
    if system:
        body["systemInstruction"] = {"parts": system}
    if chat.tools:
        body["tools"] = _tools(chat.tools)
    if calling := _calling(chat):
        body["toolConfig"] = {"functionCallingConfig": calling}
    config = {field: getattr(chat, name) for name, field in _FIELDS.items()}
    config |= _stops(chat) | _likelihoods(chat) | _output(chat) | _thinking(chat)
    if config := {name: value for name, value in config.items() if value is not None}:
        body["generationConfig"] = config
    return merge(body, chat.native)


def _tools(tools: Iterable[Tool | Native]) -> list[dict[str, Any]]:
    wire: list[dict[str, Any]] = []
    for tool in tools:
        if isinstance(tool, Native):
            wire += native_part(tool)
        elif wire and "functionDeclarations" in wire[-1]:
            wire[-1]["functionDeclarations"].append(_declaration(tool))
        else:
            wire.append({"functionDeclarations": [_declaration(tool)]})
    return wire


def _declaration(tool: Tool) -> dict[str, Any]:
    wire: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        wire["description"] = tool.description
    if tool.parameters is not None:
        wire["parametersJsonSchema"] = tool.parameters
    found = merge({"functionDeclaration": wire}, tool.native)
    declaration: dict[str, Any] = found["functionDeclaration"]
    return declaration


def _calling(chat: ChatRequest) -> dict[str, object]:
    choice = chat.tool_choice
    strict = any(isinstance(tool, Tool) and tool.strict for tool in chat.tools or ())
    if choice is None:
        return {"mode": "VALIDATED"} if strict else {}
    if choice.mode == "none":
        return {"mode": "NONE"}
    # Only what forces or checks calls may be narrowed.
    validated = choice.mode == "auto" and (strict or choice.names)
    mode = "VALIDATED" if validated else _MODES[choice.mode]
    return {"mode": mode} | ({"allowedFunctionNames": [*choice.names]} if choice.names else {})


def _stops(chat: ChatRequest) -> dict[str, object]:
    return {
        "stopSequences": None if chat.stop is None else [*chat.stop],
        "seed": None if chat.seed is None else _folded(chat.seed),
    }


def _folded(seed: int) -> int:
    return seed if -_SEEDS <= seed < _SEEDS else seed % _SEEDS


def _likelihoods(chat: ChatRequest) -> dict[str, object]:
    if chat.logprobs is None:
        return {}
    return {"responseLogprobs": True, "logprobs": chat.logprobs or None}


def _output(chat: ChatRequest) -> dict[str, object]:
    if chat.output is None:
        return {}
    schema = chat.output.schema if isinstance(chat.output, JsonSchema) else None
    return {"responseMimeType": "application/json", "responseJsonSchema": schema}


def _thinking(chat: ChatRequest) -> dict[str, object]:
    config: dict[str, object] = {}
    # The service takes one of them; a number says more than a word.
    if chat.reasoning_budget is not None:
        config["thinkingBudget"] = chat.reasoning_budget
    elif chat.reasoning_effort is not None:
        config |= _effort(chat.reasoning_effort, chat.model)
    if chat.reasoning_summary is not None:
        config["includeThoughts"] = chat.reasoning_summary != "none"
    return {"thinkingConfig": config or None}


def _effort(effort: Effort, model: str) -> dict[str, object]:
    if effort == "none":
        return {"thinkingBudget": 0}
    if not has_levels(model):
        return {"thinkingBudget": EFFORT_BUDGETS[effort]}
    return {"thinkingLevel": "XHIGH" if effort == "max" else effort.upper()}
