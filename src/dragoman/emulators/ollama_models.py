"""The models of the emulated Ollama: what it lists, what it tells of each, what each can do.

Four are listed; every other name is a model that can do all, but for the one that is missing.
Times and digests are fixed, so a test can compare every byte.
Source: docs.ollama.com, "List models", "Show model details" and "Thinking", read 2026-11-21.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from msgspec import Struct

from dragoman.emulators.service import Json

__all__ = ["MISSING", "Model", "details", "find", "running", "stamp", "summaries"]

MISSING = "missing-model"
_EPOCH = datetime(2026, 11, 21, 12, tzinfo=UTC)
_FAMILY = "mock"
_PARAMETERS = 'num_ctx                        8192\nstop                           "<|end|>"'
_TEMPLATE = "{{ if .System }}{{ .System }} {{ end }}{{ .Prompt }} {{ .Response }}<|end|>"
_ALL = ("completion", "vision", "tools", "insert", "thinking")


class Model(Struct, frozen=True):
    """One model; `can` are its capabilities in the service's own words."""

    name: str
    can: tuple[str, ...] = _ALL
    size_billions: int = 8
    context_length: int = 131_072


_LISTED = (
    Model("mock-model"),
    Model("mock-large", size_billions=70),
    Model("mock-plain:7b", can=("completion",), size_billions=7, context_length=4096),
    Model("mock-embed", can=("embedding",), size_billions=1, context_length=2048),
)


def find(name: str) -> Model | None:
    """The model of this name, with or without `:latest`; None if it is missing."""
    bare = name.removesuffix(":latest")
    if bare == MISSING:
        return None
    return next((model for model in _LISTED if model.name == bare), Model(bare))


def stamp(after_s: float = 0.0) -> str:
    """A time of the service's clock, which starts anew with each scenario."""
    moment = _EPOCH + timedelta(seconds=after_s)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def summaries() -> list[Json]:
    """The rows of `GET /api/tags`."""
    return [
        {"name": model.name, "model": model.name, "modified_at": stamp(), **_weights(model)}
        for model in _LISTED
    ]


def running(model: Model) -> Json:
    """A row of `GET /api/ps`."""
    weights = _weights(model)
    return {
        "name": model.name,
        "model": model.name,
        **weights,
        "expires_at": stamp(300),
        "size_vram": weights["size"],
        "context_length": model.context_length,
    }


def details(model: Model, *, verbose: bool) -> Json:
    """The answer of `POST /api/show`; the long lists are there only if `verbose`."""
    shown = {
        "license": "An emulated model is nobody's.",
        "modelfile": f"FROM {model.name}\nTEMPLATE {_TEMPLATE}\nPARAMETER num_ctx 8192",
        "parameters": _PARAMETERS,
        "template": _TEMPLATE,
        "details": _weights(model)["details"],
        "model_info": _facts(model, verbose=verbose),
        "capabilities": list(model.can),
        "modified_at": stamp(),
    }
    if "thinking" in model.can:
        shown["thinking"] = {"values": [True, False, "low", "medium", "high"], "default": True}
    return shown


def _facts(model: Model, *, verbose: bool) -> dict[str, Json]:
    return {
        "general.architecture": _FAMILY,
        "general.file_type": 15,
        "general.parameter_count": model.size_billions * 1_000_000_000,
        "general.quantization_version": 2,
        f"{_FAMILY}.block_count": 32,
        f"{_FAMILY}.context_length": model.context_length,
        f"{_FAMILY}.embedding_length": 4096,
        f"{_FAMILY}.vocab_size": 2,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": ["<|end|>", "mock"] if verbose else None,
    }


def _weights(model: Model) -> dict[str, Json]:
    return {
        "size": model.size_billions * 600_000_000,
        "digest": sha256(model.name.encode()).hexdigest(),
        "details": {
            "parent_model": "",
            "format": "gguf",
            "family": _FAMILY,
            "families": [_FAMILY],
            "parameter_size": f"{model.size_billions}.0B",
            "quantization_level": "Q4_K_M",
        },
    }
