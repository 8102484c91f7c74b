"""What is wrong with the settings of a request: numbers out of range, schemas, safety, thinking.

Source: the REST reference of GenerationConfig and SafetySetting, read 2026-11-21.
"""

from typing import NamedTuple

from dragoman.emulators.gemini_errors import Violation, WrongRequestError
from dragoman.emulators.gemini_fields import snake
from dragoman.emulators.gemini_tools import check_json_schema, check_schema
from dragoman.emulators.service import Json

__all__ = ["check_safety", "check_settings", "json_schema_of"]


class _Range(NamedTuple):
    least: float
    most: float


_RANGES = {
    "temperature": _Range(0, 2),
    "topP": _Range(0, 1),
    "topK": _Range(1, 1000),
    "candidateCount": _Range(1, 8),
    "maxOutputTokens": _Range(1, 2**31 - 1),
    "presencePenalty": _Range(-2, 2),
    "frequencyPenalty": _Range(-2, 2),
    "logprobs": _Range(0, 20),
    "seed": _Range(-(2**31), 2**31 - 1),
}
_MIME_TYPES = ("text/plain", "application/json", "text/x.enum")
_MOST_STOPS = 5
_BUDGET = _Range(-1, 32768)


def check_settings(config: dict[str, Json]) -> None:
    """Raise `WrongRequestError` for the first thing that the service would refuse."""
    for name, (least, most) in _RANGES.items():
        if name in config and not least <= config[name] <= most:
            raise _wrong(name, f"must be in the range [{least:g}, {most:g}], is {config[name]:g}")
    stops = config.get("stopSequences", [])
    if len(stops) > _MOST_STOPS:
        raise _wrong("stopSequences", f"at most {_MOST_STOPS} are allowed, there are {len(stops)}")
    if "" in stops:
        raise _wrong("stopSequences", "a stop sequence must not be empty")
    if "logprobs" in config and not config.get("responseLogprobs"):
        raise _wrong("logprobs", "only allowed when response_logprobs is true")
    _check_form(config)
    _check_thinking(config.get("thinkingConfig", {}))


def check_safety(settings: list[dict[str, Json]]) -> None:
    """Raise `WrongRequestError` unless each names a category, once, and a threshold."""
    seen: set[str] = set()
    for at, setting in enumerate(settings):
        path = f"safety_settings[{at}]"
        if "category" not in setting or "threshold" not in setting:
            raise _refused(path, "category and threshold are required")
        if setting["category"] in seen:
            raise _refused(path, f"there is more than one setting for {setting['category']}")
        seen.add(setting["category"])


def json_schema_of(config: dict[str, Json]) -> Json:
    """The schema that an answer has to fit, None if there is none."""
    for name in ("responseSchema", "responseJsonSchema", "_responseJsonSchema"):
        if name in config:
            return config[name]
    return None


def _refused(path: str, what: str) -> WrongRequestError:
    field = f"GenerateContentRequest.{path}"
    return WrongRequestError(f"* {field}: {what}\n", violations=(Violation(path, what),))


def _wrong(name: str, what: str) -> WrongRequestError:
    return _refused(f"generation_config.{snake(name)}", what)


def _check_form(config: dict[str, Json]) -> None:
    kind = config.get("responseMimeType", "text/plain")
    if kind not in _MIME_TYPES:
        raise _wrong("responseMimeType", f"allowed mimetypes are {', '.join(_MIME_TYPES)}")
    named = [one for one in ("responseSchema", "responseJsonSchema") if one in config]
    if len(named) > 1:
        raise _wrong("responseJsonSchema", "must not be set together with response_schema")
    if json_schema_of(config) is None:
        return
    if kind == "text/plain":
        raise _wrong("responseMimeType", "a schema is only allowed with application/json")
    if "responseSchema" in config:
        check_schema(config["responseSchema"], "generation_config.response_schema")
    else:
        check_json_schema(json_schema_of(config), "generation_config.response_json_schema")


def _check_thinking(thinking: dict[str, Json]) -> None:
    if "thinkingBudget" in thinking and "thinkingLevel" in thinking:
        raise _refused(
            "generation_config.thinking_config",
            "You can only set only one of thinking budget and thinking level.",
        )
    budget = thinking.get("thinkingBudget", -1)
    if not _BUDGET.least <= budget <= _BUDGET.most:
        raise _refused(
            "generation_config.thinking_config.thinking_budget",
            f"must be -1 or in the range [0, {_BUDGET.most}], is {budget}",
        )
