"""OpenAI Responses: what it can say and tell, and its own words.

Source: OpenAI API reference, "Responses", and the types of the package openai 3.54.0,
read 2026-11-21.
"""

from collections.abc import Mapping

from dragoman.events import FinishReason
from dragoman.features import CARRIED, Hint, How, Mapped, Refused

__all__ = [
    "ANNOTATIONS",
    "CONTENT_HINTS",
    "DEFAULT_NAME",
    "ECHOED",
    "ENCRYPTED",
    "HINTS",
    "HISTORY",
    "INCOMPLETE",
    "ITEM_HINTS",
    "LOGPROBS",
    "NAME",
    "SAYS",
    "STATEFUL",
    "TELLS",
    "TOOL_HINTS",
]

NAME = "openai_responses"

_NO_SAMPLING = Hint("the format has only temperature and top_p")

SAYS: Mapping[str, How] = {
    "system": CARRIED,
    "system_later": CARRIED,
    "image": CARRIED,
    "image_url": CARRIED,
    "image_file": CARRIED,
    "image_detail": CARRIED,
    "audio": Refused("the format takes text, images and files"),
    "document": CARRIED,
    "document_url": CARRIED,
    "document_file": CARRIED,
    "document_name": CARRIED,
    "reasoning": Mapped("an item with its proof; a thought of another service is left out"),
    "refusal": CARRIED,
    "prefill": Mapped("the last item; most models begin a new answer after it"),
    "tools": CARRIED,
    "tool_choice": CARRIED,
    "tool_choice_names": CARRIED,
    "tool_strict": CARRIED,
    "tool_result_image": CARRIED,
    "tool_result_document": CARRIED,
    "tool_result_error": Hint("the result's text has to say it"),
    "parallel_tool_calls": CARRIED,
    "json_object": CARRIED,
    "json_schema": CARRIED,
    "json_schema_name": CARRIED,
    "json_schema_strict": CARRIED,
    "temperature": CARRIED,
    "top_p": CARRIED,
    "top_k": _NO_SAMPLING,
    "max_tokens": CARRIED,
    "stop": Refused("the format has no stop texts"),
    "seed": _NO_SAMPLING,
    "presence_penalty": _NO_SAMPLING,
    "frequency_penalty": _NO_SAMPLING,
    "logprobs": CARRIED,
    "n": Refused("the format has one answer"),
    "user": CARRIED,
    "reasoning_effort": CARRIED,
    "reasoning_budget": Hint("the format has words for it, no number"),
    "reasoning_summary": CARRIED,
}

TELLS: Mapping[str, How] = {
    "id": CARRIED,
    "reasoning": CARRIED,
    "signature": CARRIED,
    "tool_signature": Hint("a call has no room for it"),
    "refusal": CARRIED,
    "tool_calls": CARRIED,
    "tool_deltas": CARRIED,
    "order": CARRIED,
    "logprobs": CARRIED,
    "choices": Refused("the format has one answer"),
    "length": CARRIED,
    "content_filter": CARRIED,
    "stop_sequence": Hint("the format has no stop texts"),
    "usage": CARRIED,
    "cached_tokens": CARRIED,
    "cache_write_tokens": CARRIED,
    "reasoning_tokens": CARRIED,
    "audio_tokens": Hint("the format has no sound"),
}

HINTS = frozenset(
    {
        "background_options",
        "image",
        "include",
        "max_tool_calls",
        "metadata",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning.context",
        "safety_identifier",
        "service_tier",
        "store",
        "stream_options",
        "text.verbosity",
        "truncation",
    }
)
"""Fields of a request that change nothing that is asked for.

`include` and `max_tool_calls` are about tools that the service runs, which are refused by
themselves; without `truncation` a conversation that is too long is an error and no other answer.
"""

CONTENT_HINTS = frozenset({"annotations", "detail", "logprobs", "prompt_cache_breakpoint"})
"""Likewise, of a part of a message."""

ITEM_HINTS = frozenset({"async", "id", "name", "phase", "status"})
"""Likewise, of an item; its `id` matters only where the service keeps items."""

TOOL_HINTS = frozenset({"allowed_callers", "async", "defer_loading", "output_schema"})
"""Likewise, of a function."""

HISTORY = frozenset(
    {
        "code_interpreter_call",
        "file_search_call",
        "image_generation_call",
        "mcp_call",
        "mcp_list_tools",
        "tool_search_call",
        "tool_search_output",
        "web_search_call",
    }
)
"""Items that tell what the service did in an earlier turn, and ask for nothing."""

ANNOTATIONS = frozenset({"container_file_citation", "file_citation", "file_path", "url_citation"})
"""What may stand at a text of an answer; in the middle each is a piece after it."""

STATEFUL = frozenset({"conversation", "previous_response_id", "prompt"})
"""Fields that bring in what the service keeps: calls, perhaps, whose results are in `input`."""

ECHOED = frozenset(
    {
        "background",
        "completed_at",
        "created_at",
        "error",
        "id",
        "incomplete_details",
        "instructions",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "model",
        "object",
        "output",
        "output_text",
        "parallel_tool_calls",
        "previous_response_id",
        "prompt",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning",
        "safety_identifier",
        "status",
        "store",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "truncation",
        "usage",
        "user",
    }
)
"""Fields of a response that repeat the request, or that events tell."""

ENCRYPTED = "reasoning.encrypted_content"
LOGPROBS = "message.output_text.logprobs"

DEFAULT_NAME = "unnamed-file"
"""The service wants a file name beside a file's bytes; this one stands for none."""

INCOMPLETE: Mapping[str, FinishReason] = {
    "max_output_tokens": "length",
    "max_messages": "length",
    "content_filter": "content_filter",
}
"""Why an answer is incomplete; other words are a stop."""
