"""A request to OpenAI's Responses, by its published types.

Items, tools and a tool choice are read one by one with `read_value`, since those of tools that the
service runs itself are taken here unread.
Source: OpenAI API reference, "Create a model response", and the types of the official SDK (openai
3.54), read 2026-11-21.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from dragoman.emulators import openai_fields as fields
from dragoman.emulators.service import Json

__all__ = [
    "AllowedTools",
    "CustomTool",
    "FunctionCall",
    "FunctionOutput",
    "FunctionTool",
    "Hosted",
    "InputFile",
    "InputImage",
    "InputText",
    "Item",
    "JsonObject",
    "JsonSchema",
    "Message",
    "NamedCustom",
    "NamedFunction",
    "OutputText",
    "Part",
    "PlainText",
    "RawItem",
    "Reasoning",
    "Reference",
    "RefusalPart",
    "ResponsesBody",
    "Summary",
]

RawItem: TypeAlias = dict[str, Json]
_Status: TypeAlias = Literal["in_progress", "completed", "incomplete"]


class InputText(Struct, frozen=True, tag_field="type", tag="input_text"):
    """Text that goes in."""

    text: str
    prompt_cache_breakpoint: Json = None


class InputImage(Struct, frozen=True, tag_field="type", tag="input_image"):
    """An image: an address, a data URL, or the id of a file."""

    image_url: str | None = None
    file_id: str | None = None
    detail: fields.Detail | None = None
    prompt_cache_breakpoint: Json = None


class InputFile(Struct, frozen=True, tag_field="type", tag="input_file"):
    """A file: its id, an address, or a data URL with its name."""

    file_data: str | None = None
    file_id: str | None = None
    file_url: str | None = None
    filename: str | None = None
    detail: fields.Detail | None = None
    prompt_cache_breakpoint: Json = None


class OutputText(Struct, frozen=True, tag_field="type", tag="output_text"):
    """Text that came out of an earlier answer."""

    text: str
    annotations: Json = None
    logprobs: Json = None


class RefusalPart(Struct, frozen=True, tag_field="type", tag="refusal"):
    """What an earlier answer declined with."""

    refusal: str


Part: TypeAlias = InputText | InputImage | InputFile | OutputText | RefusalPart


class Message(Struct, frozen=True, tag_field="type", tag="message"):
    """Something said, by whom it may be."""

    role: Literal["user", "assistant", "system", "developer"]
    content: str | tuple[Part, ...]
    id: str | None = None
    status: _Status | None = None
    phase: Literal["commentary", "final_answer"] | None = None


class FunctionCall(Struct, frozen=True, tag_field="type", tag="function_call"):
    """A call that an earlier answer made."""

    call_id: str
    name: fields.Name
    arguments: str
    id: str | None = None
    status: _Status | None = None
    caller: Json = None
    namespace: str | None = None


class FunctionOutput(Struct, frozen=True, tag_field="type", tag="function_call_output"):
    """What a call gave."""

    call_id: str
    output: str | tuple[InputText | InputImage | InputFile, ...]
    id: str | None = None
    status: _Status | None = None
    name: str | None = None
    caller: Json = None
    namespace: str | None = None


class Summary(Struct, frozen=True, tag_field="type", tag="summary_text"):
    """What the model tells of its reasoning."""

    text: str


class Reasoning(Struct, frozen=True, tag_field="type", tag="reasoning"):
    """What an earlier answer was thought out with."""

    id: str
    summary: tuple[Summary, ...]
    encrypted_content: str | None = None
    content: Json = None
    status: _Status | None = None


class Reference(Struct, frozen=True, tag_field="type", tag="item_reference"):
    """An item that the service has stored."""

    id: str


class Hosted(Struct, frozen=True):
    """An item of a tool that the service runs itself: nothing but its type is known here."""

    kind: str


Item: TypeAlias = Message | FunctionCall | FunctionOutput | Reasoning | Reference | Hosted


class FunctionTool(Struct, frozen=True, tag_field="type", tag="function"):
    """A function that the model may call."""

    name: fields.Name
    parameters: fields.Schema | None = None
    strict: bool | None = None
    description: str | None = None
    allowed_callers: Json = None
    defer_loading: bool | None = None
    output_schema: Json = None


class CustomTool(Struct, frozen=True, tag_field="type", tag="custom"):
    """A tool that takes free text."""

    name: fields.Name
    description: str | None = None
    format: Json = None


class NamedFunction(Struct, frozen=True, tag_field="type", tag="function"):
    """One function, which has to be called."""

    name: str


class NamedCustom(Struct, frozen=True, tag_field="type", tag="custom"):
    """One custom tool, which has to be called."""

    name: str


class AllowedTools(Struct, frozen=True, tag_field="type", tag="allowed_tools"):
    """A choice among some of the tools."""

    mode: Literal["auto", "required"]
    tools: Annotated[tuple[RawItem, ...], Meta(min_length=1)]


class PlainText(Struct, frozen=True, tag_field="type", tag="text"):
    """Any text."""


class JsonObject(Struct, frozen=True, tag_field="type", tag="json_object"):
    """Some JSON object."""


class JsonSchema(Struct, frozen=True, tag_field="type", tag="json_schema"):
    """JSON that fits a schema."""

    name: fields.Name
    schema: fields.Schema
    description: str | None = None
    strict: bool | None = None


class TextConfig(Struct, frozen=True):
    """What the text of the answer is like."""

    format: PlainText | JsonObject | JsonSchema = PlainText()
    verbosity: fields.Verbosity | None = None


class Thinking(Struct, frozen=True):
    """How hard the model thinks, and what it tells of it."""

    effort: fields.Effort | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None
    generate_summary: Literal["auto", "concise", "detailed"] | None = None
    context: str | None = None
    mode: str | None = None


class StreamOptions(Struct, frozen=True):
    """What goes into a stream besides."""

    include_obfuscation: bool = True


_Include: TypeAlias = Literal[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
]


class ResponsesBody(Struct, frozen=True, kw_only=True):
    """The whole request."""

    model: str
    input: str | Annotated[tuple[RawItem, ...], Meta(min_length=1)] | None = None
    background: bool | None = None
    context_management: Json = None
    conversation: Json = None
    include: tuple[_Include, ...] | None = None
    instructions: str | None = None
    max_output_tokens: fields.Positive | None = None
    max_tool_calls: fields.Positive | None = None
    metadata: fields.Metadata | None = None
    moderation: Json = None
    parallel_tool_calls: bool | None = None
    previous_response_id: str | None = None
    prompt: Json = None
    prompt_cache_key: str | None = None
    prompt_cache_options: Json = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    reasoning: Thinking | None = None
    safety_identifier: str | None = None
    service_tier: fields.Tier | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: fields.Temperature | None = None
    text: TextConfig = TextConfig()
    tool_choice: Literal["none", "auto", "required"] | RawItem | None = None
    tools: Annotated[tuple[RawItem, ...], Meta(max_length=128)] | None = None
    top_logprobs: fields.TopLogprobs | None = None
    top_p: fields.TopP | None = None
    truncation: Literal["auto", "disabled"] | None = None
    user: str | None = None

    @property
    def summary(self) -> str | None:
        """Which summary of the reasoning is wanted, None for none."""
        thinking = self.reasoning or Thinking()
        return thinking.summary or thinking.generate_summary

    @property
    def encrypted(self) -> bool:
        """Whether the reasoning is wanted in its encrypted form."""
        return "reasoning.encrypted_content" in (self.include or ())

    @property
    def logprobs(self) -> bool:
        """Whether the likelihood of each token is wanted."""
        return "message.output_text.logprobs" in (self.include or ())
