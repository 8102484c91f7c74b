"""A request to OpenAI's Chat Completions, by its published types.

Source: OpenAI API reference, "Create chat completion", and the types of the official SDK (openai
3.54), read 2026-11-21. `reasoning_content` is of DeepSeek and llama.cpp, whose clients send it
back inside a tool's round trip.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from dragoman.emulators import openai_fields as fields
from dragoman.emulators.service import Json

__all__ = [
    "AllowedTools",
    "Assistant",
    "AudioPart",
    "ChatBody",
    "CustomCall",
    "CustomTool",
    "Developer",
    "FilePart",
    "FunctionCall",
    "FunctionTool",
    "ImagePart",
    "JsonObject",
    "JsonSchema",
    "Message",
    "NamedCustom",
    "NamedTool",
    "PlainText",
    "RefusalPart",
    "System",
    "TextPart",
    "ToolResult",
    "User",
]


class TextPart(Struct, frozen=True, tag_field="type", tag="text"):
    """Text."""

    text: str
    prompt_cache_breakpoint: Json = None


class RefusalPart(Struct, frozen=True, tag_field="type", tag="refusal"):
    """What an assistant declined with."""

    refusal: str


class ImageUrl(Struct, frozen=True):
    """Where an image is: an address or a data URL."""

    url: str
    detail: fields.Detail = "auto"


class ImagePart(Struct, frozen=True, tag_field="type", tag="image_url"):
    """An image."""

    image_url: ImageUrl
    prompt_cache_breakpoint: Json = None


class InputAudio(Struct, frozen=True):
    """Base64 of a sound."""

    data: str
    format: Literal["wav", "mp3"]


class AudioPart(Struct, frozen=True, tag_field="type", tag="input_audio"):
    """A sound."""

    input_audio: InputAudio
    prompt_cache_breakpoint: Json = None


class FileData(Struct, frozen=True):
    """A file by its id, or as data URL with its name."""

    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class FilePart(Struct, frozen=True, tag_field="type", tag="file"):
    """A file."""

    file: FileData
    prompt_cache_breakpoint: Json = None


Texts: TypeAlias = str | Annotated[tuple[TextPart, ...], Meta(min_length=1)]
UserPart: TypeAlias = TextPart | ImagePart | AudioPart | FilePart


class CalledFunction(Struct, frozen=True):
    """Which function was called, with JSON in a string."""

    name: fields.Name
    arguments: str


class FunctionCall(Struct, frozen=True, tag_field="type", tag="function"):
    """A call that an assistant made."""

    id: str
    function: CalledFunction


class CalledCustom(Struct, frozen=True):
    """Which custom tool was called, with free text."""

    name: fields.Name
    input: str


class CustomCall(Struct, frozen=True, tag_field="type", tag="custom"):
    """A call of a custom tool."""

    id: str
    custom: CalledCustom


class System(Struct, frozen=True, tag_field="role", tag="system"):
    """The system's words."""

    content: Texts
    name: str | None = None


class Developer(Struct, frozen=True, tag_field="role", tag="developer"):
    """The developer's words: what `system` is called for newer models."""

    content: Texts
    name: str | None = None


class User(Struct, frozen=True, tag_field="role", tag="user"):
    """The user's words."""

    content: str | Annotated[tuple[UserPart, ...], Meta(min_length=1)]
    name: str | None = None


class Assistant(Struct, frozen=True, tag_field="role", tag="assistant"):
    """The model's words and calls."""

    content: str | tuple[TextPart | RefusalPart, ...] | None = None
    refusal: str | None = None
    name: str | None = None
    tool_calls: Annotated[tuple[FunctionCall | CustomCall, ...], Meta(min_length=1)] | None = None
    reasoning_content: str | None = None
    audio: Json = None
    function_call: Json = None
    annotations: Json = None


class ToolResult(Struct, frozen=True, tag_field="role", tag="tool"):
    """What a tool gave."""

    content: Texts
    tool_call_id: str


Message: TypeAlias = System | Developer | User | Assistant | ToolResult


class FunctionTool(Struct, frozen=True, tag_field="type", tag="function"):
    """A function that the model may call."""

    function: fields.Tool


class Custom(Struct, frozen=True):
    """A tool that takes free text."""

    name: fields.Name
    description: str | None = None
    format: Json = None


class CustomTool(Struct, frozen=True, tag_field="type", tag="custom"):
    """A tool that takes free text."""

    custom: Custom


class ToolName(Struct, frozen=True):
    """The name of a tool."""

    name: str


class NamedTool(Struct, frozen=True, tag_field="type", tag="function"):
    """One function, which has to be called."""

    function: ToolName


class NamedCustom(Struct, frozen=True, tag_field="type", tag="custom"):
    """One custom tool, which has to be called."""

    custom: ToolName


class Allowed(Struct, frozen=True):
    """Some of the tools."""

    mode: Literal["auto", "required"]
    tools: Annotated[tuple[NamedTool | NamedCustom, ...], Meta(min_length=1)]


class AllowedTools(Struct, frozen=True, tag_field="type", tag="allowed_tools"):
    """A choice among some of the tools."""

    allowed_tools: Allowed


class PlainText(Struct, frozen=True, tag_field="type", tag="text"):
    """Any text."""


class JsonObject(Struct, frozen=True, tag_field="type", tag="json_object"):
    """Some JSON object."""


class NamedSchema(Struct, frozen=True):
    """A schema and its name."""

    name: fields.Name
    description: str | None = None
    schema: fields.Schema | None = None
    strict: bool | None = None


class JsonSchema(Struct, frozen=True, tag_field="type", tag="json_schema"):
    """JSON that fits a schema."""

    json_schema: NamedSchema


class StreamOptions(Struct, frozen=True):
    """What goes into a stream besides."""

    include_usage: bool = False
    include_obfuscation: bool = True


class ChatBody(Struct, frozen=True, kw_only=True):
    """The whole request."""

    model: str
    messages: Annotated[tuple[Message, ...], Meta(min_length=1)]
    audio: Json = None
    frequency_penalty: fields.Penalty | None = None
    logit_bias: dict[str, Annotated[int, Meta(ge=-100, le=100)]] | None = None
    logprobs: bool | None = None
    max_completion_tokens: fields.Positive | None = None
    max_tokens: fields.Positive | None = None
    metadata: fields.Metadata | None = None
    modalities: tuple[Literal["text", "audio"], ...] | None = None
    moderation: Json = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    parallel_tool_calls: bool | None = None
    prediction: Json = None
    presence_penalty: fields.Penalty | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: Json = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    reasoning_effort: fields.Effort | None = None
    response_format: PlainText | JsonObject | JsonSchema = PlainText()
    safety_identifier: str | None = None
    seed: int | None = None
    service_tier: fields.Tier | None = None
    stop: str | Annotated[tuple[str, ...], Meta(min_length=1, max_length=4)] | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: fields.Temperature | None = None
    tool_choice: (
        Literal["none", "auto", "required"] | AllowedTools | NamedTool | NamedCustom | None
    ) = None
    tools: Annotated[tuple[FunctionTool | CustomTool, ...], Meta(min_length=1, max_length=128)] | (
        None
    ) = None
    top_logprobs: fields.TopLogprobs | None = None
    top_p: fields.TopP | None = None
    user: str | None = None
    verbosity: fields.Verbosity | None = None
    web_search_options: Json = None
