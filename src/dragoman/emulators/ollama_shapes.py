"""The shapes of Ollama's requests, field by field, and its words for a wrong one.

The service is written in Go and says so: a wrong type is refused with the place and the Go type.
`null` is as good as an absent field, everywhere.
Source: docs.ollama.com (openapi.yaml, "Errors"), the types in Ollama's `api` package, refusals
quoted in its issues; read 2026-11-21.
"""

import re
from collections.abc import Mapping

from dragoman.emulators.service import Json

__all__ = [
    "CHAT",
    "EMBED",
    "EMBEDDINGS",
    "GENERATE",
    "MESSAGE",
    "SHOW",
    "Refused",
    "Shape",
    "check_keep_alive",
    "check_options",
    "check_shape",
    "shaped",
]

# Field name to Go type; "" is a type that its own check looks at.
Shape = Mapping[str, str]

_MAP = "map[string]interface {}"
_STRINGS = "[]string"
_COMMON: Shape = {"model": "string", "keep_alive": "", "options": _MAP}
_ANSWERED: Shape = {
    **_COMMON,
    "stream": "bool",
    "format": "",
    "think": "",
    "truncate": "bool",
    "shift": "bool",
    "logprobs": "bool",
    "top_logprobs": "int",
}
CHAT: Shape = {**_ANSWERED, "messages": "[]api.Message", "tools": "api.Tools"}
GENERATE: Shape = {
    **_ANSWERED,
    "prompt": "string",
    "suffix": "string",
    "system": "string",
    "template": "string",
    "context": "[]int",
    "raw": "bool",
    "images": "[]api.ImageData",
    "width": "int",
    "height": "int",
    "steps": "int",
}
EMBED: Shape = {**_COMMON, "input": "", "truncate": "bool", "dimensions": "int"}
EMBEDDINGS: Shape = {**_COMMON, "prompt": "string"}
SHOW: Shape = {**_COMMON, "name": "string", "system": "string", "verbose": "bool"}
MESSAGE: Shape = {
    "role": "string",
    "content": "string",
    "thinking": "string",
    "images": "[]api.ImageData",
    "tool_calls": "[]api.ToolCall",
    "tool_name": "string",
    "tool_call_id": "string",
}

_PYTHON: Mapping[str, type] = {
    "string": str,
    "bool": bool,
    "int": int,
    _MAP: dict,
    "api.Message": dict,
    "api.ToolCall": dict,
    "api.ToolCallFunction": dict,
    "api.ToolCallFunctionArguments": dict,
    "api.Tool": dict,
    "api.ToolFunction": dict,
    "[]int": list,
    "[]api.Message": list,
    "[]api.ToolCall": list,
    "[]api.ImageData": list,
    "api.Tools": list,
}
_KINDS = {
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}

_OPTIONS: Mapping[str, str] = {
    **dict.fromkeys(("num_keep", "seed", "num_predict", "top_k", "repeat_last_n"), "integer"),
    **dict.fromkeys(("mirostat", "num_ctx", "num_batch", "num_gpu", "main_gpu"), "integer"),
    **dict.fromkeys(("top_p", "min_p", "tfs_z", "typical_p", "temperature"), "float32"),
    **dict.fromkeys(("repeat_penalty", "presence_penalty", "frequency_penalty"), "float32"),
    **dict.fromkeys(("mirostat_tau", "mirostat_eta"), "float32"),
    **dict.fromkeys(("penalize_newline", "numa", "low_vram", "f16_kv", "logits_all"), "boolean"),
    **dict.fromkeys(("vocab_only", "use_mmap", "use_mlock", "embedding_only"), "boolean"),
    "num_thread": "integer",
    "stop": "array",
}
_OPTION_TYPES: Mapping[str, tuple[type, ...]] = {
    "integer": (int, float),
    "float32": (int, float),
    "boolean": (bool,),
    "array": (list,),
}
_DURATION = re.compile(r"-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+|-?\d+(\.\d+)?")


class Refused(Exception):
    """A request that the service refuses, in its own words."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def check_shape(value: Json, go_type: str, place: str) -> None:
    """Raise `Refused` unless the value is null or of this Go type."""
    if value is None or not go_type:
        return
    is_bool = isinstance(value, bool)
    if not isinstance(value, _PYTHON[go_type]) or (is_bool and go_type != "bool"):
        kind = _KINDS[type(value)]
        raise Refused(
            f"json: cannot unmarshal {kind} into Go struct field {place} of type {go_type}"
        )


def shaped(value: dict[str, Json], shape: Shape, place: str) -> list[str]:
    """Check the fields that the shape has, and give the names of those that it has not."""
    for name, go_type in shape.items():
        check_shape(value.get(name), go_type, f"{place}.{name}")
    return sorted(set(value) - set(shape))


def check_options(options: dict[str, Json]) -> list[str]:
    """Raise `Refused` for an option of a wrong type; give what a client must not do."""
    complaints = []
    for name, value in options.items():
        wanted = _OPTIONS.get(name)
        if wanted is None:
            complaints.append(f"there is no option {name!r}")
            continue
        if value is None:
            continue
        is_bool = isinstance(value, bool)
        if not isinstance(value, _OPTION_TYPES[wanted]) or (is_bool and wanted != "boolean"):
            raise Refused(f'option "{name}" must be of type {wanted}')
        if isinstance(value, list) and not all(isinstance(each, str) for each in value):
            raise Refused(f'option "{name}" must be of an array of strings')
        if wanted == "integer" and isinstance(value, float) and not value.is_integer():
            complaints.append(f"option {name!r} loses its fraction: {value}")
    return complaints


def check_keep_alive(value: Json) -> None:
    """Raise `Refused` unless it is null, a number of seconds or a duration such as `5m`."""
    if isinstance(value, str) and not _DURATION.fullmatch(value):
        raise Refused(f'time: invalid duration "{value}"')
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
        raise Refused("keep_alive must be a number of seconds or a duration")
