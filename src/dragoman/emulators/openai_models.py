"""OpenAI's list of models: a few names, though every name but one is answered.

Source: OpenAI API reference, "Models", read 2026-11-21.
"""

from dragoman.emulators.openai_chat_checks import REASONER
from dragoman.emulators.openai_errors import RefusedError
from dragoman.emulators.service import Json

__all__ = ["CREATED", "check_model", "model", "models"]

_NAMES = ("mock-model", "mock-large", REASONER, "mock-embedding")
_MISSING = "missing-model"
CREATED = 1_700_000_000
"""The epoch second of all that is made here: the same request has the same answer."""


def models() -> dict[str, Json]:
    """The list."""
    return {"object": "list", "data": [model(name) for name in _NAMES]}


def model(name: str) -> dict[str, Json]:
    """One model; `RefusedError` for the one that is missing."""
    check_model(name, param="model")
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "emulator"}


def check_model(name: str, param: str = "") -> None:
    """Raise `RefusedError` for the model that is missing."""
    if name == _MISSING:
        text = f"The model '{name}' does not exist or you do not have access to it."
        raise RefusedError(text, param, code="model_not_found", status=404)
