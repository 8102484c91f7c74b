"""What Ollama's two formats, chat and generate, can say and tell, as tables.

Sources: docs.ollama.com ("Chat", "Generate", "Tool calling", "Thinking", "Structured outputs",
openapi.yaml) and the types of the package ollama 0.6.3, read 2026-11-21. That a conversation which
ends with the assistant's words is gone on with there is how its templates render it.
"""

from collections.abc import Mapping

from dragoman.chat import Effort
from dragoman.events import FinishReason
from dragoman.features import CARRIED, HINT, Hint, How, Mapped, Refused

__all__ = [
    "GENERATE_NAME",
    "GENERATE_SAYS",
    "GENERATE_TELLS",
    "HINTS",
    "NAME",
    "OPTIONS",
    "OPTIONS_PREFIX",
    "REASONS",
    "SAYS",
    "TELLS",
    "THINK",
]

NAME = "ollama"
GENERATE_NAME = "ollama_generate"

_IMAGE = Mapped("in `images`, in their order; their places among the text are lost")
_NO_ADDRESS = Refused("the service takes the bytes of an image only")
_NO_DOCUMENT = Refused("the service takes text and images")

SAYS: Mapping[str, How] = {
    "system": CARRIED,
    "system_later": CARRIED,
    "image": _IMAGE,
    "image_url": _NO_ADDRESS,
    "image_file": _NO_ADDRESS,
    "image_detail": HINT,
    "audio": Refused("the service takes text and images"),
    "document": _NO_DOCUMENT,
    "document_url": _NO_DOCUMENT,
    "document_file": _NO_DOCUMENT,
    "document_name": HINT,
    "reasoning": Mapped("in `thinking`; its signature is left out, and so is a hidden thought"),
    "refusal": Mapped("as text"),
    "prefill": CARRIED,
    "tools": CARRIED,
    "tool_choice": Mapped(
        "`auto` is what the service does, `none` leaves the tools away, `required` is refused"
    ),
    "tool_choice_names": Mapped("with `auto` only the tools of these names are sent"),
    "tool_strict": HINT,
    "tool_result_image": _IMAGE,
    "tool_result_document": _NO_DOCUMENT,
    "tool_result_error": Hint("the result's text has to say it"),
    "parallel_tool_calls": Hint("the model decides"),
    "json_object": CARRIED,
    "json_schema": CARRIED,
    "json_schema_name": HINT,
    "json_schema_strict": Mapped("every schema is followed to the letter"),
    "temperature": CARRIED,
    "top_p": CARRIED,
    "top_k": CARRIED,
    "max_tokens": CARRIED,
    "stop": CARRIED,
    "seed": CARRIED,
    "presence_penalty": CARRIED,
    "frequency_penalty": CARRIED,
    "logprobs": CARRIED,
    "n": Refused("the service gives one answer"),
    "user": HINT,
    "reasoning_effort": Mapped(
        "`think`: `none` as false, `minimal` as low, `xhigh` as high, the others as they are"
    ),
    "reasoning_budget": Mapped("`think`: 0 as false, any other as true; an effort wins"),
    "reasoning_summary": Mapped("thoughts are shown wherever there are any"),
}
"""How each feature of a chat is sent."""

_ONE_TURN = Refused("the format has one turn: a prompt, and a system text before it")

GENERATE_SAYS: Mapping[str, How] = {
    **SAYS,
    "system": Mapped("in `system`; several are joined with an empty line"),
    **dict.fromkeys(
        (
            *("system_later", "reasoning", "refusal", "prefill", "tools", "tool_choice"),
            *("tool_choice_names", "tool_strict", "tool_result_image", "tool_result_error"),
        ),
        _ONE_TURN,
    ),
}
"""The same for generate."""

TELLS: Mapping[str, How] = {
    "id": Hint("an answer has no name"),
    "reasoning": CARRIED,
    "signature": HINT,
    "tool_signature": HINT,
    "refusal": Mapped("as text"),
    "tool_calls": CARRIED,
    "tool_deltas": Mapped("a call comes whole, at the end of the answer"),
    "order": Hint("thoughts, text and calls have a place each; in a stream calls come last"),
    "logprobs": CARRIED,
    "choices": HINT,
    "length": CARRIED,
    "content_filter": Mapped(
        "the `done_reason` content_filter, which the service itself never has"
    ),
    "stop_sequence": HINT,
    "usage": CARRIED,
    "cached_tokens": HINT,
    "cache_write_tokens": HINT,
    "reasoning_tokens": HINT,
    "audio_tokens": HINT,
}
"""How each feature of an answer is told."""

GENERATE_TELLS: Mapping[str, How] = {
    **TELLS,
    "tool_calls": Hint("the format has no tools"),
    "tool_deltas": Hint("the format has no tools"),
}
"""The same for generate."""

HINTS = frozenset({"keep_alive", "shift", "think", "top_logprobs", "truncate"})
"""Fields of a request that change nothing that is asked for.

`think` and `top_logprobs` are among a request's own fields only where the middle has said, or can
leave, what they ask. So are all the `options` for which it has no name: they tune how a model is
run, and the service itself passes over those that it does not know.
"""

OPTIONS_PREFIX = "options."

OPTIONS: Mapping[str, str] = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "max_tokens": "num_predict",
    "stop": "stop",
    "seed": "seed",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
}
"""What each option of a chat is called in `options`."""

THINK: Mapping[Effort, bool | str] = {
    "none": False,
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "max",
}
"""How much to think, on the wire."""

REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "load": "stop",
    "unload": "stop",
}
"""What each `done_reason` is in the middle; the first of equals is the usual word."""
