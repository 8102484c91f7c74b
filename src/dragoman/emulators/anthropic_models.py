"""The models that the service says it has, a page at a time.

Source: Claude API docs "List Models", the types of the official SDK 2.12, read 2026-11-21.
"""

from collections.abc import Mapping

from dragoman.emulators.anthropic_rules import MAX_TOKENS
from dragoman.emulators.anthropic_shape import Refused
from dragoman.emulators.service import Json

__all__ = ["model_info", "model_page"]

_NAMES = ("mock-model", "mock-large", "mock-small")
_CONTEXT_TOKENS = 1_000_000
_YES = {"supported": True}
_NO = {"supported": False}
_CAPABILITIES = {
    "batch": _NO,
    "citations": _NO,
    "code_execution": _NO,
    "context_management": _NO,
    "effort": {
        **_YES,
        **dict.fromkeys(("low", "medium", "high", "xhigh", "max"), _YES),
    },
    "image_input": _YES,
    "pdf_input": _YES,
    "server_tools": {**_NO, "code_execution": _NO, "web_search": _NO},
    "structured_outputs": _YES,
    "thinking": {
        **_YES,
        "types": dict.fromkeys(("adaptive", "between_tools", "disabled", "enabled"), _YES),
    },
}


def model_info(name: str) -> dict[str, Json]:
    """One model: any name is one, but `missing-model`."""
    if name == "missing-model":
        raise Refused(f"model: {name}", 404)
    return {
        "type": "model",
        "id": name,
        "display_name": name.replace("-", " ").title(),
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "line": None,
        "deprecated_at": None,
        "retires_at": None,
        "max_input_tokens": _CONTEXT_TOKENS,
        "max_tokens": MAX_TOKENS,
        "capabilities": _CAPABILITIES,
    }


def model_page(query: Mapping[str, str]) -> dict[str, Json]:
    """The models after `after_id` or before `before_id`, at most `limit` of them."""
    names = list(_NAMES)
    if "after_id" in query:
        names = names[_place(query["after_id"]) + 1 :]
    before = "before_id" in query
    if before:
        names = names[: _place(query["before_id"])]
    limit = _limit(query.get("limit", "20"))
    page = names[-limit:] if before else names[:limit]
    return {
        "data": [model_info(name) for name in page],
        "has_more": len(page) < len(names),
        "first_id": page[0] if page else None,
        "last_id": page[-1] if page else None,
    }


def _place(name: str) -> int:
    if name not in _NAMES:
        raise Refused(f"there is no model {name!r} to page from")
    return _NAMES.index(name)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise Refused("limit: Input should be a whole number from 1 to 1000")
    return int(text)
