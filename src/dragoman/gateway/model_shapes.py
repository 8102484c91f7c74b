"""Models as each face tells of them, one by one and in pages; what is not known is not told.

Pure: cards and the parameters of an address in, JSON objects out.
Sources: "List models" and "Retrieve model" of the API references of OpenAI, Anthropic and Gemini,
and the types of `openai` 3.54, `anthropic` 2.12 and `google-genai` 3.4, read 2026-11-21.
"""

from collections.abc import Callable, Mapping, Sequence

from dragoman.catalog import ModelCard
from dragoman.errors import InputError, excerpt

__all__ = ["NO_DATE", "PAGES", "SHAPES"]

NO_DATE = "1970-01-01T00:00:00Z"
"""Stands where a shape must have a date and none is known, as Anthropic's reference says."""

Cards = Mapping[str, ModelCard]
Query = Mapping[str, str]


def _openai_model(name: str, card: ModelCard) -> dict[str, object]:
    """OpenAI's four fields, and beside them what services in its form tell of a model."""
    told: dict[str, object] = {
        "id": name,
        "object": "model",
        "created": 0,
        # A route has no provider: it is called by one name everywhere.
        "owned_by": name.partition("/")[0] if name != card.name else "dragoman",
        "context_length": card.context,
        "max_output_tokens": card.max_output,
    }
    able = {
        "function_calling": card.tools,
        "vision": card.images,
        "pdf_input": card.documents,
        "structured_outputs": card.schema,
        "thinking": card.reasoning,
    }
    return _known({**told, "capabilities": _known(able) or None})


def _anthropic_model(name: str, card: ModelCard) -> dict[str, object]:
    able = {
        "image_input": card.images,
        "pdf_input": card.documents,
        "structured_outputs": card.schema,
        "thinking": card.reasoning,
    }
    return {
        "type": "model",
        "id": name,
        "display_name": card.name,
        "created_at": NO_DATE,
        "lifecycle": "active",
        "line": None,
        "deprecated_at": None,
        "retires_at": None,
        "max_input_tokens": card.context,
        "max_tokens": card.max_output,
        "capabilities": {word: {"supported": yes} for word, yes in _known(able).items()} or None,
    }


def _gemini_model(name: str, card: ModelCard) -> dict[str, object]:
    return _known(
        {
            "name": f"models/{name}",
            "version": "",
            "displayName": card.name,
            "inputTokenLimit": card.context,
            "outputTokenLimit": card.max_output,
            "supportedGenerationMethods": ["generateContent"],
            "thinking": card.reasoning,
        }
    )


SHAPES: Mapping[str, Callable[[str, ModelCard], dict[str, object]]] = {
    "openai_chat": _openai_model,
    "anthropic_messages": _anthropic_model,
    "gemini": _gemini_model,
}
"""One model by its whole name, by the dialect of the face."""


def _known(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _all(cards: Cards, _: Query) -> dict[str, object]:
    return {"object": "list", "data": [_openai_model(*item) for item in cards.items()]}


def _anthropic_page(cards: Cards, query: Query) -> dict[str, object]:
    """The models after `after_id` or before `before_id`, at most `limit` of them."""
    names = list(cards)
    limit = _number(query, "limit", 20, most=1000)
    if "after_id" in query:
        names = names[_place(names, "after_id", query) + 1 :]
    before = "before_id" in query
    if before:
        names = names[: _place(names, "before_id", query)]
    page = names[-limit:] if before else names[:limit]
    return {
        "data": [_anthropic_model(name, cards[name]) for name in page],
        "has_more": len(page) < len(names),
        "first_id": page[0] if page else None,
        "last_id": page[-1] if page else None,
    }


def _gemini_page(cards: Cards, query: Query) -> dict[str, object]:
    """A page; `pageToken` is the number of models before it."""
    names = list(cards)
    size = _number(query, "pageSize", 50)
    start = _number(query, "pageToken", 0, least=0)
    end = start + min(size, 1000)
    told: dict[str, object] = {
        "models": [_gemini_model(name, cards[name]) for name in names[start:end]]
    }
    return {**told, "nextPageToken": str(end)} if end < len(names) else told


def _place(names: Sequence[str], field: str, query: Query) -> int:
    name = query[field]
    if name not in names:
        raise InputError(f"{field}: there is no model {excerpt(name)!r} here", place=field)
    return names.index(name)


def _number(query: Query, field: str, usual: int, *, least: int = 1, most: int = 10**9) -> int:
    text = query.get(field, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most):
        raise InputError(f"{field}: expected a whole number, {least} to {most}", place=field)
    return int(text)


PAGES: Mapping[str, Callable[[Cards, Query], dict[str, object]]] = {
    "openai_chat": _all,
    "anthropic_messages": _anthropic_page,
    "gemini": _gemini_page,
}
"""A page of models, by the dialect of the face; `InputError` for parameters that make no sense."""
