"""What the Anthropic Messages API can say and tell, as tables.

Sources: Claude API docs "Messages", "Handling stop reasons", "Mid-conversation system messages",
"Migrating to API version 2026-10-21" and the types of the official SDK 2.12.0, read 2026-11-21.
Requests are those of API version 2023-06-01: a later one has lost `temperature`, `top_p` and
`top_k`.
"""

from collections.abc import Mapping

from dragoman.chat import Effort
from dragoman.events import FinishReason
from dragoman.features import CARRIED, HINT, Hint, How, Mapped, Refused

__all__ = [
    "CATEGORIES",
    "DEFAULT_MAX_TOKENS",
    "EFFORTS",
    "HINTS",
    "NAME",
    "PART_HINTS",
    "REASONS",
    "SAYS",
    "TELLS",
    "TOOL_HINTS",
]

NAME = "anthropic_messages"

DEFAULT_MAX_TOKENS = 8192
"""The longest answer, thoughts apart, where a chat asks for none: the wire must name one."""

SAYS: Mapping[str, How] = {
    "system": CARRIED,
    "system_later": Mapped(
        "a system turn after the user's turn; text marked as such where the model takes none"
    ),
    "image": CARRIED,
    "image_url": CARRIED,
    "image_file": CARRIED,
    "image_detail": HINT,
    "audio": Refused("the service takes no sound"),
    "document": CARRIED,
    "document_url": CARRIED,
    "document_file": CARRIED,
    "document_name": CARRIED,
    "reasoning": Mapped("a thinking block; a thought that this service did not sign is left out"),
    "refusal": Mapped("as text"),
    "prefill": CARRIED,
    "tools": CARRIED,
    "tool_choice": CARRIED,
    "tool_choice_names": Mapped("only the tools of these names are sent"),
    "tool_strict": CARRIED,
    "tool_result_image": CARRIED,
    "tool_result_document": CARRIED,
    "tool_result_error": CARRIED,
    "parallel_tool_calls": Mapped("tool_choice.disable_parallel_tool_use"),
    "json_object": Refused("the service needs a schema: ask for json_schema"),
    "json_schema": Mapped("objects that list their properties are closed: they must be"),
    "json_schema_name": HINT,
    "json_schema_strict": Mapped("every schema is followed to the letter"),
    "temperature": Mapped("as it is up to 1; above, it is refused by name"),
    "top_p": CARRIED,
    "top_k": CARRIED,
    "max_tokens": CARRIED,
    "stop": CARRIED,
    "seed": HINT,
    "presence_penalty": HINT,
    "frequency_penalty": HINT,
    "logprobs": Refused("the service does not tell them"),
    "n": Refused("the service gives one answer"),
    "user": CARRIED,
    "reasoning_effort": Mapped(
        "output_config.effort with adaptive thinking, `minimal` as `low`, `none` as no thinking; "
        "a budget for models that know no adaptive thinking"
    ),
    "reasoning_budget": Mapped("thinking.budget_tokens, at least 1024; 0 as no thinking"),
    "reasoning_summary": Mapped("thinking.display: `none` as omitted, the others as summarized"),
}
"""How each feature of a chat is sent."""

TELLS: Mapping[str, How] = {
    "id": CARRIED,
    "reasoning": CARRIED,
    "signature": CARRIED,
    "tool_signature": Mapped("a redacted_thinking block before the call"),
    "refusal": Mapped("stop_details.explanation, with the stop reason refusal"),
    "tool_calls": CARRIED,
    "tool_deltas": CARRIED,
    "order": CARRIED,
    "logprobs": HINT,
    "choices": HINT,
    "length": CARRIED,
    "content_filter": CARRIED,
    "stop_sequence": CARRIED,
    "usage": CARRIED,
    "cached_tokens": CARRIED,
    "cache_write_tokens": CARRIED,
    "reasoning_tokens": CARRIED,
    "audio_tokens": Hint("they are among the others"),
}
"""How each feature of an answer is told."""

HINTS = frozenset(
    {
        "cache_control",
        "context_management",
        "diagnostics",
        "inference_geo",
        "metadata",
        "service_tier",
        "speed",
        "thinking",
        "user_profile_id",
        "workspace_id",
    }
)
"""Fields of a request that change how it is answered, billed or kept, but not what is asked."""

TOOL_HINTS = frozenset(
    {"cache_control", "defer_loading", "eager_input_streaming", "input_examples"}
)
"""The same for fields of a tool."""

PART_HINTS = frozenset({"cache_control", "caller", "toolset_name", "transformations"})
"""The same for fields of a content block; of text also `citations`, which tell of an answer."""

EFFORTS: tuple[Effort, ...] = ("low", "medium", "high", "xhigh", "max")

CATEGORIES = frozenset({"cyber", "bio", "frontier_llm", "reasoning_extraction", "general_harms"})
"""Why an answer was refused, in `stop_details`; in the middle the word of a `Finished`."""

REASONS: Mapping[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
"""What each `stop_reason` is in the middle; the first of equals is the usual word."""
