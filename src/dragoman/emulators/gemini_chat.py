"""What Gemini answers to a request that is right: the items, cut and made to fit what was asked.

An echo becomes JSON where the request asks for it, and a call where it forces one, but for who
brings the results of calls: that ends the round trip. Stop sequences
and the limit of tokens (a word is one) shorten a text, never a listed answer.
Source: the REST reference of GenerationConfig and FunctionCallingConfig, read 2026-11-21.
"""

import msgspec

from dragoman.emulators.api_answer import Answer, Text, after_results, decode_answer
from dragoman.emulators.api_schema import example_json
from dragoman.emulators.gemini_contents import (
    brings_results,
    check_contents,
    check_system,
    media,
    prompt_of,
)
from dragoman.emulators.gemini_errors import WrongRequestError
from dragoman.emulators.gemini_settings import check_safety, check_settings, json_schema_of
from dragoman.emulators.gemini_signatures import check_signatures
from dragoman.emulators.gemini_tools import check_tools, declarations, forced
from dragoman.emulators.knob import AnswerItem, ApiKnobs, ToolCall, Usage
from dragoman.emulators.service import Json, Request, words

__all__ = ["answer_of", "check_chat"]

_FINISH = {
    "stop": "STOP",
    "length": "MAX_TOKENS",
    "tool_calls": "STOP",
    "content_filter": "SAFETY",
}


def check_chat(chat: dict[str, Json], model: str, request: Request) -> None:
    """Raise `WrongRequestError` for what the service would refuse; note what a test may want."""
    contents = chat.get("contents", [])
    config = chat.get("generationConfig", {})
    check_contents(contents)
    if "systemInstruction" in chat:
        check_system(chat["systemInstruction"])
    check_tools(chat)
    check_settings(config)
    check_safety(chat.get("safetySettings", []))
    _check_cached(chat)
    request.note("tools", [one["name"] for one in declarations(chat)])
    request.note("media", media(contents))
    request.note("thinking", config.get("thinkingConfig", {}))
    request.note("signatures", check_signatures(contents, model))


def answer_of(chat: dict[str, Json], knobs: ApiKnobs) -> Answer:
    """The answer under these knobs; its finish reason is the service's own word."""
    config = chat.get("generationConfig", {})
    prompt = prompt_of(chat["contents"])
    if brings_results(chat["contents"]):
        knobs = after_results(knobs)
    answer = decode_answer(_fitting(chat, knobs), prompt)
    if isinstance(knobs.answer, str):
        answer = _shortened(answer, config)
    reason = answer.finish_reason or "stop"
    return msgspec.structs.replace(answer, finish_reason=_FINISH.get(reason, reason))


def _check_cached(chat: dict[str, Json]) -> None:
    if "cachedContent" in chat and {"systemInstruction", "tools", "toolConfig"} & set(chat):
        raise WrongRequestError(
            "CachedContent can not be used with GenerateContent request setting "
            "system_instruction, tools or tool_config."
        )


def _fitting(chat: dict[str, Json], knobs: ApiKnobs) -> ApiKnobs:
    """The knobs with an echo put into the form that the request insists on."""
    function = forced(chat)
    if knobs.answer != "echo":
        return knobs
    if function is not None and not brings_results(chat["contents"]):
        call = AnswerItem(tool_call=ToolCall(function["name"], _arguments(function)))
        return msgspec.structs.replace(knobs, answer=(call,))
    config = chat.get("generationConfig", {})
    schema = json_schema_of(config)
    match config.get("responseMimeType"):
        case "application/json":
            text = "{}" if schema is None else example_json(schema)
        case "text/x.enum" if schema is not None:
            text = str(msgspec.json.decode(example_json(schema)))
        case _:
            return knobs
    return msgspec.structs.replace(knobs, answer=text)


def _arguments(function: dict[str, Json]) -> dict[str, Json]:
    schema = function.get("parameters", function.get("parametersJsonSchema", {"type": "object"}))
    arguments = msgspec.json.decode(example_json(schema))
    return arguments if isinstance(arguments, dict) else {}


def _shortened(answer: Answer, config: dict[str, Json]) -> Answer:
    """The answer up to the first stop sequence and at most so many words."""
    if not answer.text:
        return answer
    ends = [answer.text.find(stop) for stop in config.get("stopSequences", ())]
    end = min((at for at in ends if at >= 0), default=len(answer.text))
    most = config.get("maxOutputTokens", len(answer.items))
    said = list(answer.items) if end == len(answer.text) else _texts(answer.text[:end])
    if len(said) == len(answer.items) <= most:
        return answer
    usage = Usage(input_tokens=answer.usage.input_tokens, output_tokens=min(len(said), most))
    reason = "length" if len(said) > most else "stop"
    return Answer(tuple(said[:most]), usage, reason)


def _texts(text: str) -> list[Text]:
    return [Text(word) for word in words(text)]
