"""What Gemini's format says and tells, and the words it has for it.

Sources: the REST reference of the Gemini API (v1beta: GenerateContentRequest,
GenerateContentResponse), its guides "Thinking", "Thought signatures", "Function calling" and
"OpenAI compatibility" (whose table has the budgets of efforts), and the types of the SDK
google-genai 3.4.0, read 2026-11-21.
"""

import re
from collections.abc import Mapping

from dragoman.events import FinishReason
from dragoman.features import CARRIED, FEATURES, HINT, Hint, How, Mapped

__all__ = [
    "ABOUT",
    "BYPASSES",
    "CANDIDATE_FIELDS",
    "EFFORT_BUDGETS",
    "FINISH",
    "GENERATION_HINTS",
    "HINTS",
    "NAME",
    "PART_HINTS",
    "SAYS",
    "TELLS",
    "has_levels",
    "wants_signatures",
]

NAME = "gemini"
ABOUT = "Google's Gemini API: generateContent and streamGenerateContent"

_NOT_CARRIED: Mapping[str, How] = {
    "system_later": Mapped("a user's turn at its place, between <system> and </system>"),
    "image_detail": Hint("not every model takes a resolution for each image"),
    "refusal": Mapped("as text"),
    "tool_strict": Mapped("the mode VALIDATED, which follows the schemas of all tools"),
    "parallel_tool_calls": Hint("the model decides"),
    "json_schema_name": Hint("a schema has no name"),
    "json_schema_strict": Mapped("a schema is always followed to the letter"),
    "seed": Mapped("a larger one is folded into 31 bits"),
    "user": HINT,
    "reasoning_effort": Mapped(
        "thinkingLevel: max is XHIGH, none is a thinkingBudget of 0; for models before Gemini 3 "
        "the thinkingBudget that Google names; left out beside a budget of the caller's"
    ),
    "reasoning_summary": Mapped("includeThoughts"),
}

SAYS: Mapping[str, How] = {name: _NOT_CARRIED.get(name, CARRIED) for name in FEATURES}

TELLS: Mapping[str, How] = {
    "id": CARRIED,
    "reasoning": CARRIED,
    "signature": CARRIED,
    "tool_signature": CARRIED,
    "refusal": Mapped("as text"),
    "tool_calls": CARRIED,
    "tool_deltas": Mapped("each call when it is whole"),
    "order": CARRIED,
    "logprobs": CARRIED,
    "choices": CARRIED,
    "length": CARRIED,
    "content_filter": CARRIED,
    "stop_sequence": HINT,
    "usage": CARRIED,
    "cached_tokens": CARRIED,
    "cache_write_tokens": HINT,
    "reasoning_tokens": CARRIED,
    "audio_tokens": CARRIED,
}

HINTS = frozenset(
    {
        "labels",
        "safetySettings",
        "serviceTier",
        "store",
        "toolConfig.functionCallingConfig.mode",
        "toolConfig.includeServerSideToolInvocations",
        "toolConfig.retrievalConfig",
        "generationConfig.thinkingConfig.thinkingBudget",
    }
)
"""Fields of a request that change nothing that is asked for, as their paths.

The mode is VALIDATED, and the budget -1, which is the service's own choice: what else they may be
is read. A place (`retrievalConfig`) is only for tools that the service runs.
"""

GENERATION_HINTS = frozenset(
    {
        "enableAffectiveDialog",
        "enableEnhancedCivicAnswers",
        "mediaResolution",
        "modelSelectionConfig",
        "routingConfig",
    }
)
"""The same of `generationConfig`."""

PART_HINTS = frozenset(
    {
        "functionDeclaration.response",
        "functionDeclaration.responseJsonSchema",
        "functionResponse.scheduling",
        "functionResponse.willContinue",
        "inlineData.displayName",
        "fileData.displayName",
        "mediaProcessing",
        "mediaResolution",
        "partMetadata",
        "thoughtSignature",
    }
)
"""The same of parts and functions."""

CANDIDATE_FIELDS = (
    "finishMessage",
    "tokenCount",
    "avgLogprobs",
    "safetyRatings",
    "citationMetadata",
    "groundingMetadata",
    "groundingAttributions",
    "urlContextMetadata",
    "continuationToken",
)
"""What an answer tells beside its parts: kept as native pieces at its end."""

FINISH: Mapping[str, FinishReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",
    "TOO_MANY_TOOL_CALLS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "ESCALATION": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "MODEL_ARMOR": "content_filter",
    "PUP_LIMITED_DISABLED": "content_filter",
    "OTHER": "stop",
    "IMAGE_OTHER": "stop",
    "NO_IMAGE": "stop",
}
"""What the service's words mean; the first of each reason is its usual one."""

EFFORT_BUDGETS: Mapping[str, int] = {
    "minimal": 1024,
    "low": 1024,
    "medium": 8192,
    "high": 24576,
    "xhigh": 24576,
    "max": 24576,
}

BYPASSES = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")
"""What the docs give in place of a signature, for calls that another model made."""

_LEVELLESS = re.compile(r"(?:.*/)?gemini-[12](?:[.-]|$)")
_SIGNING = re.compile(r"(?:.*/)?gemini-(?:[3-9]|\d\d|(?:pro|flash|flash-lite)-latest)")


def has_levels(model: str) -> bool:
    """Whether a model takes a level of thinking: those before Gemini 3 take only a budget."""
    return _LEVELLESS.match(model) is None


def wants_signatures(model: str) -> bool:
    """Whether a model refuses a step whose first call has no signature: from Gemini 3 on."""
    return _SIGNING.match(model) is not None
