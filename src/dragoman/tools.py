"""Tools a model may call, how it may choose among them, and the form that its answer must have."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from dragoman.native import Native

__all__ = ["ChoiceMode", "JsonObject", "JsonSchema", "Output", "Tool", "ToolChoice"]

ChoiceMode = Literal["auto", "none", "required"]


class Tool(msgspec.Struct, frozen=True, kw_only=True, tag="tool", repr_omit_defaults=True):
    """A function of the caller's. `parameters` is a JSON schema of an object; None takes none.

    `strict` asks the service to follow the schema to the letter. A tool that a service runs itself
    (a web search) is `Native`: only its own dialect can say it.
    """

    name: str
    description: str | None = None
    parameters: Mapping[str, object] | None = None
    strict: bool | None = None
    native: Native | None = None


class ToolChoice(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """Whether the model may call tools, must not, or must; `names` narrows which, empty is all.

    `ToolChoice("required", ("f",))` forces a call of `f`.
    """

    mode: ChoiceMode = "auto"
    names: tuple[str, ...] = ()


class JsonObject(msgspec.Struct, frozen=True, tag="json_object"):
    """The answer is some JSON object."""


class JsonSchema(
    msgspec.Struct, frozen=True, kw_only=True, tag="json_schema", repr_omit_defaults=True
):
    """The answer is JSON that this schema describes."""

    schema: Mapping[str, object]
    name: str = "answer"
    description: str | None = None
    strict: bool | None = None


Output = JsonObject | JsonSchema
