"""Lists of models, as services give them: what they call each model, and what they tell of it.

Every service has its own words for a model's size; all that are known are tried.
Sources: the pages about listing models in the API references of OpenAI, OpenRouter, Mistral, Groq,
Together, vLLM, Anthropic and Google, read 2026-11-21.
"""

import msgspec

from dragoman.catalog import ModelCard
from dragoman.errors import ResponseError
from dragoman.wire.http import HttpReply

__all__ = ["decode_cards", "size"]

MAX_MODELS = 20_000
_NAMES = ("id", "name")
_CONTEXT = (
    *("context_length", "context_window", "max_context_length", "max_model_len"),
    *("max_input_tokens", "inputTokenLimit", "max_context_window_tokens", "context_size"),
)
_OUTPUT = ("max_completion_tokens", "max_output_tokens", "outputTokenLimit", "max_tokens")
_CAPABILITIES = {
    "function_calling": "tools",
    "image_input": "images",
    "pdf_input": "documents",
    "structured_outputs": "schema",
    "thinking": "reasoning",
    "vision": "images",
}


def decode_cards(reply: HttpReply) -> list[ModelCard]:
    """The models of a list in OpenAI's form or a likeness of it; `ResponseError` if it is none."""
    value = reply.json()
    if isinstance(value, dict):
        value = next((value[key] for key in ("data", "models") if key in value), None)
    if not isinstance(value, list):
        raise ResponseError("a list of models was due, and none came")
    cards = (_card(row) for row in value[:MAX_MODELS] if isinstance(row, dict))
    # A name is printed, and becomes part of requests.
    return [card for card in cards if card.name and card.name.isprintable()]


def _card(row: dict[str, object]) -> ModelCard:
    name = next((row[key] for key in _NAMES if isinstance(row.get(key), str)), "")
    card = ModelCard(
        name=str(name).removeprefix("models/"),
        context=size(row, _CONTEXT),
        max_output=size(row, _OUTPUT),
    )
    return msgspec.structs.replace(card, **_abilities(row))


def _abilities(row: dict[str, object]) -> dict[str, bool]:
    """What a model can do, as OpenRouter, Mistral, Anthropic and Google tell it."""
    known: dict[str, bool] = {}
    architecture = row.get("architecture")
    kinds = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    if isinstance(kinds, list):
        known |= {"images": "image" in kinds, "audio": "audio" in kinds}
        known["documents"] = "file" in kinds
    parameters = row.get("supported_parameters")
    if isinstance(parameters, list):
        known["tools"] = "tools" in parameters
        known["schema"] = "structured_outputs" in parameters
        known["reasoning"] = "reasoning" in parameters
    abilities = row.get("capabilities")
    if isinstance(abilities, dict):
        told = [(name, _flag(abilities.get(theirs))) for theirs, name in _CAPABILITIES.items()]
        known |= {name: flag for name, flag in told if flag is not None}
    if (thinks := _flag(row.get("thinking"))) is not None:
        known["reasoning"] = thinks
    return known


def _flag(value: object) -> bool | None:
    """Yes or no, as such or as `supported` of an object; None if it is neither."""
    if isinstance(value, dict):
        value = value.get("supported")
    return value if isinstance(value, bool) else None


def size(row: dict[str, object], names: tuple[str, ...]) -> int | None:
    """The first of these fields that is a size."""
    for name in names:
        value = row.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None
