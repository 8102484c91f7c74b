"""The shape of a Messages request as one table, by API version.

`2023-06-01` has the sampling parameters; `2026-10-21` has not, nor documents of the assistant or
citations of the user. Both refuse fields that they do not know.
Source: types of the official SDK 2.12 (`anthropic.types.MessageCreateParams`), Claude API docs
"Versions" and "Migrating to API version 2026-10-21", read 2026-11-21.
"""

from collections.abc import Mapping

from dragoman.emulators.anthropic_media import document_source, image_source
from dragoman.emulators.anthropic_shape import (
    Check,
    anything,
    array,
    boolean,
    integer,
    mapping,
    nullable,
    number,
    one_of,
    shape,
    string,
    tagged,
    text_or,
)

__all__ = ["OLD_VERSION", "VERSIONS", "count_fields", "message_fields"]

OLD_VERSION = "2023-06-01"
VERSIONS = (OLD_VERSION, "2026-10-21")

_KIND = string()
_TEXT = string(at_least=1)
_CACHE = nullable(shape({"type": one_of("ephemeral")}, {"ttl": one_of("5m", "1h")}))
_CITATIONS = nullable(shape({}, {"enabled": boolean}))
_EXTRA: Mapping[str, Check] = {"cache_control": _CACHE}

_text = shape({"type": _KIND, "text": string()}, {**_EXTRA, "citations": nullable(array(mapping))})
_image = shape(
    {"type": _KIND, "source": image_source},
    {
        **_EXTRA,
        "transformations": nullable(shape({}, {"oversized_image": one_of("downsize", "error")})),
    },
)
_document = shape(
    {"type": _KIND, "source": document_source(tagged({"text": _text, "image": _image}))},
    {
        **_EXTRA,
        "citations": _CITATIONS,
        "context": nullable(string()),
        "title": nullable(string()),
    },
)
_search_result = shape(
    {"type": _KIND, "content": array(tagged({"text": _text})), "source": _TEXT, "title": _TEXT},
    {**_EXTRA, "citations": _CITATIONS},
)
_tool_use = shape(
    {
        "type": _KIND,
        "id": string(pattern="[a-zA-Z0-9_-]+"),
        "name": string(at_least=1),
        "input": mapping,
    },
    {**_EXTRA, "caller": mapping, "toolset_name": nullable(string())},
)
_in_result = {
    "text": _text,
    "image": _image,
    "document": _document,
    "search_result": _search_result,
    "tool_reference": shape({"type": _KIND, "tool_name": _TEXT}, _EXTRA),
}
_tool_result = shape(
    {"type": _KIND, "tool_use_id": string(pattern="[a-zA-Z0-9_-]+")},
    {
        **_EXTRA,
        "content": text_or(array(tagged(_in_result))),
        "is_error": boolean,
        "toolset_name": nullable(string()),
    },
)
# What server tools leave in a conversation; nothing here reads it.
_SERVER_BLOCKS = (
    "bash_code_execution_tool_result",
    "code_execution_tool_result",
    "container_upload",
    "server_tool_use",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "web_fetch_tool_result",
    "web_search_tool_result",
)
_block = tagged(
    {
        "text": _text,
        "image": _image,
        "document": _document,
        "search_result": _search_result,
        "thinking": shape({"type": _KIND, "thinking": string(), "signature": string()}),
        "redacted_thinking": shape({"type": _KIND, "data": string()}),
        "tool_use": _tool_use,
        "tool_result": _tool_result,
        **dict.fromkeys(_SERVER_BLOCKS, mapping),
    }
)
_message = shape({"role": one_of("user", "assistant", "system"), "content": text_or(array(_block))})

# Tools that the service runs itself or knows by heart; their parameters are not looked at.
_SERVER_TOOLS = (
    "bash_20250124",
    "browser_toolset_20260801",
    "code_execution_20250522",
    "code_execution_20250825",
    "code_execution_20260120",
    "code_execution_20260521",
    "computer_toolset_20260801",
    "memory_20250818",
    "text_editor_20250124",
    "text_editor_20250429",
    "text_editor_20250728",
    "tool_search_tool_bm25_20251119",
    "tool_search_tool_regex_20251119",
    "web_fetch_20250910",
    "web_fetch_20260209",
    "web_fetch_20260309",
    "web_fetch_20260318",
    "web_search_20250305",
    "web_search_20260209",
    "web_search_20260318",
)
_custom_tool = shape(
    {"name": string(pattern="[a-zA-Z0-9_-]{1,128}"), "input_schema": mapping},
    {
        **_EXTRA,
        "type": nullable(one_of("custom")),
        "description": string(),
        "strict": boolean,
        "allowed_callers": array(string()),
        "defer_loading": boolean,
        "eager_input_streaming": nullable(boolean),
        "input_examples": array(mapping),
    },
)
_tool = tagged({"custom": _custom_tool, **dict.fromkeys(_SERVER_TOOLS, mapping)}, untagged="custom")
_parallel: Mapping[str, Check] = {"disable_parallel_tool_use": boolean}
_tool_choice = tagged(
    {
        "auto": shape({"type": _KIND}, _parallel),
        "any": shape({"type": _KIND}, _parallel),
        "tool": shape({"type": _KIND, "name": _TEXT}, _parallel),
        "none": shape({"type": _KIND}),
    }
)
_display: Mapping[str, Check] = {"display": nullable(one_of("summarized", "omitted"))}
_thinking = tagged(
    {
        "enabled": shape({"type": _KIND, "budget_tokens": integer(at_least=1024)}, _display),
        "adaptive": shape({"type": _KIND}, _display),
        "disabled": shape({"type": _KIND}),
        "between_tools": shape({"type": _KIND}),
    }
)
_output_config = shape(
    {},
    {
        "effort": nullable(one_of("low", "medium", "high", "xhigh", "max")),
        "format": nullable(shape({"type": one_of("json_schema"), "schema": mapping})),
    },
)

_COUNTED: Mapping[str, Check] = {
    "cache_control": _CACHE,
    "output_config": _output_config,
    "speed": nullable(one_of("standard", "fast")),
    "system": text_or(array(tagged({"text": _text}))),
    "thinking": _thinking,
    "tool_choice": _tool_choice,
    "tools": array(_tool),
}
_SAMPLING: Mapping[str, Check] = {
    "temperature": number(at_most=1),
    "top_k": integer(at_least=0),
    "top_p": number(at_most=1),
}
_REQUIRED: Mapping[str, Check] = {"model": _TEXT, "messages": array(_message)}


def _fields(version: str, required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    sampling = _SAMPLING if version == OLD_VERSION else {}
    return shape({**_REQUIRED, **required}, {**_COUNTED, **sampling, **optional})


message_fields: Mapping[str, Check] = {
    version: _fields(
        version,
        {"max_tokens": integer(at_least=0)},
        {
            "container": nullable(anything),
            "diagnostics": nullable(mapping),
            "inference_geo": nullable(string()),
            "metadata": shape({}, {"user_id": nullable(string())}),
            "service_tier": one_of("auto", "standard_only"),
            "stop_sequences": array(string()),
            "stream": boolean,
        },
    )
    for version in VERSIONS
}
count_fields: Mapping[str, Check] = {version: _fields(version, {}, {}) for version in VERSIONS}
