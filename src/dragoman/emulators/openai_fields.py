"""Types of fields that both of OpenAI's chat APIs have.

Source: OpenAI API reference and the types of the official SDK (openai 3.54), read 2026-11-21.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from dragoman.emulators.service import Json

__all__ = [
    "Detail",
    "Effort",
    "Metadata",
    "Name",
    "Penalty",
    "Positive",
    "Schema",
    "Temperature",
    "Tier",
    "Tool",
    "TopLogprobs",
    "TopP",
    "Verbosity",
]

Name: TypeAlias = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
Schema: TypeAlias = dict[str, Json]
Positive: TypeAlias = Annotated[int, Meta(ge=1)]
Temperature: TypeAlias = Annotated[float, Meta(ge=0, le=2)]
TopP: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
Penalty: TypeAlias = Annotated[float, Meta(ge=-2, le=2)]
TopLogprobs: TypeAlias = Annotated[int, Meta(ge=0, le=20)]
Metadata: TypeAlias = Annotated[dict[str, str], Meta(max_length=16)]
Detail: TypeAlias = Literal["auto", "low", "high", "original"]
Effort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
Tier: TypeAlias = Literal["auto", "default", "flex", "scale", "priority", "fast"]
Verbosity: TypeAlias = Literal["low", "medium", "high"]


class Tool(Struct, frozen=True):
    """A function that the model may call."""

    name: Name
    description: str | None = None
    parameters: Schema | None = None
    strict: bool | None = None
