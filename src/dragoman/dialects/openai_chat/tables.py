"""What OpenAI Chat Completions can say and tell, and its words.

Source: OpenAI API reference, "Chat Completions", and the types of the official SDK (openai 3.54),
read 2026-11-21. Widely spoken additions of others are carried, too: `reasoning_content` (DeepSeek's
API reference), `reasoning_details` (OpenRouter's documentation, "Reasoning tokens") and
`extra_content.google.thought_signature` (Google's "OpenAI compatibility"), read 2026-11-21.
"""

from collections.abc import Mapping

from dragoman.events import FinishReason
from dragoman.features import CARRIED, Hint, How, Mapped, Refused
from dragoman.native import Native

__all__ = [
    "BROKEN_OFF",
    "DEFAULT_NAME",
    "EFFORT_OF_BUDGET",
    "FINISH_REASONS",
    "FINISH_WORDS",
    "HINTS",
    "LEGACY",
    "NAME",
    "SAYS",
    "TELLS",
]

NAME = "openai_chat"

SAYS: Mapping[str, How] = {
    "system": CARRIED,
    "system_later": CARRIED,
    "image": CARRIED,
    "image_url": CARRIED,
    "image_file": Refused("it takes images as bytes or by their address"),
    "image_detail": CARRIED,
    "audio": CARRIED,
    "document": CARRIED,
    "document_url": Refused("it takes documents as bytes or by their file id"),
    "document_file": CARRIED,
    "document_name": CARRIED,
    "reasoning": CARRIED,
    "refusal": CARRIED,
    "prefill": CARRIED,
    "tools": CARRIED,
    "tool_choice": CARRIED,
    "tool_choice_names": CARRIED,
    "tool_strict": CARRIED,
    "tool_result_image": Mapped("in a user message after the results"),
    "tool_result_document": Mapped("in a user message after the results"),
    "tool_result_error": Hint("the result's own text has to say it"),
    "parallel_tool_calls": CARRIED,
    "json_object": CARRIED,
    "json_schema": CARRIED,
    "json_schema_name": CARRIED,
    "json_schema_strict": CARRIED,
    "temperature": CARRIED,
    "top_p": CARRIED,
    "top_k": Hint("only some services that speak it know it"),
    "max_tokens": CARRIED,
    "stop": CARRIED,
    "seed": CARRIED,
    "presence_penalty": CARRIED,
    "frequency_penalty": CARRIED,
    "logprobs": CARRIED,
    "n": CARRIED,
    "user": CARRIED,
    "reasoning_effort": CARRIED,
    "reasoning_budget": Mapped("the effort: none at 0, low to 1024, medium to 8192, else high"),
    "reasoning_summary": Hint("a service shows its thoughts or does not"),
}
"""How a chat's features are said; `encode_request` also writes what is a hint here, if it is left
in: a service may know more than the dialect."""

TELLS: Mapping[str, How] = {
    "id": CARRIED,
    "reasoning": CARRIED,
    "signature": CARRIED,
    "tool_signature": CARRIED,
    "refusal": CARRIED,
    "tool_calls": CARRIED,
    "tool_deltas": CARRIED,
    "order": Hint("a message has one place each for thoughts, text and calls"),
    "logprobs": CARRIED,
    "choices": CARRIED,
    "length": CARRIED,
    "content_filter": CARRIED,
    "stop_sequence": Hint("the finish reason is only `stop`"),
    "usage": CARRIED,
    "cached_tokens": CARRIED,
    "cache_write_tokens": CARRIED,
    "reasoning_tokens": CARRIED,
    "audio_tokens": CARRIED,
}

HINTS = frozenset(
    {
        "annotations",
        "cache_control",
        "metadata",
        "name",
        "prediction",
        "prompt_cache_breakpoint",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "store",
        "stream_options",
    }
)
"""Fields of the dialect's own, of requests, messages, parts and tools, which change nothing that is
asked for: how it is billed, kept, cached and watched, and the name of whoever speaks."""

DEFAULT_NAME = "unnamed-file"
"""The service wants a file name beside a file's bytes; this one stands for none."""

LEGACY = Native(NAME, {}, frozenset({"functions"}))
"""The mark of a tool that was given as one of `functions`; its program reads `function_call`."""

# Google's page on OpenAI compatibility has the same thresholds.
EFFORT_OF_BUDGET = ((0, "none"), (1024, "low"), (8192, "medium"))

FINISH_REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}

FINISH_WORDS: Mapping[FinishReason, frozenset[str]] = {
    "stop": frozenset({"stop"}),
    "length": frozenset({"length"}),
    # Some services say `stop` although they call a tool; OpenAI does where the choice forced it.
    "tool_calls": frozenset({"tool_calls", "function_call", "stop"}),
    "content_filter": frozenset({"content_filter"}),
}
"""The words of each reason."""

BROKEN_OFF = frozenset({"error", "abort", "insufficient_system_resource"})
"""Words of services (OpenRouter, SGLang and vLLM, DeepSeek) for an answer that is not whole."""
