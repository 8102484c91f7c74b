"""What a chat may ask for and an answer may tell, by name; and what a wire can say of it.

A dialect has two tables, `SAYS` for requests and `TELLS` for answers, with a row for each feature
here. The tables decide what is sent, what is left out and named, and what is refused; the docs
print them and the tests walk them.

    Carried    the wire has a field for it
    Mapped     said in another way, which `how` describes
    Hint       left out and named in `Started.dropped`: the answer is one to the same question
    Refused    an error that names it, before anything is sent
"""

from collections.abc import Iterator, Mapping

import msgspec

from dragoman.chat import ChatRequest
from dragoman.errors import InputError
from dragoman.leaving_out import without
from dragoman.messages import (
    Audio,
    Document,
    Image,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native
from dragoman.tools import JsonObject, JsonSchema, Tool

__all__ = [
    "CARRIED",
    "FEATURES",
    "HINT",
    "REFUSED",
    "REPLY_FEATURES",
    "Carried",
    "Hint",
    "How",
    "Mapped",
    "Refused",
    "fit",
    "foreign_words",
    "no_native_word",
    "no_word",
    "used",
]


class Carried(msgspec.Struct, frozen=True):
    """The wire has a field for it."""


class Mapped(msgspec.Struct, frozen=True):
    """It is said in another way: `how`, in one line."""

    how: str


class Hint(msgspec.Struct, frozen=True):
    """It is left out and named; `why`, in one line, or empty."""

    why: str = ""


class Refused(msgspec.Struct, frozen=True):
    """It is refused by name; `why`, in one line, or empty."""

    why: str = ""


How = Carried | Mapped | Hint | Refused
CARRIED = Carried()
HINT = Hint()
REFUSED = Refused()

FEATURES: Mapping[str, str] = {
    "system": "a system message at the beginning",
    "system_later": "a system message after the first turn",
    "image": "an image as bytes",
    "image_url": "an image by its address",
    "image_file": "an image by the provider's name for it",
    "image_detail": "how closely to look at an image",
    "audio": "a sound as bytes",
    "document": "a document as bytes",
    "document_url": "a document by its address",
    "document_file": "a document by the provider's name for it",
    "document_name": "the file name of a document",
    "reasoning": "the reasoning of an earlier turn, with its signature",
    "refusal": "a refusal of an earlier turn",
    "prefill": "an answer that goes on where the last message, an assistant's, stops",
    "tools": "tools, their calls and their results",
    "tool_choice": "whether tools may, must not or must be called",
    "tool_choice_names": "which of the tools may be called",
    "tool_strict": "that arguments follow the schema to the letter",
    "tool_result_image": "an image in the result of a tool",
    "tool_result_document": "a document in the result of a tool",
    "tool_result_error": "that a tool failed",
    "parallel_tool_calls": "whether several tools may be called at once",
    "json_object": "an answer that is some JSON object",
    "json_schema": "an answer that a JSON schema describes",
    "json_schema_name": "the name and description of the schema",
    "json_schema_strict": "that the answer follows the schema to the letter",
    "temperature": "how freely the model chooses",
    "top_p": "the share of likely words it chooses from",
    "top_k": "how many likely words it chooses from",
    "max_tokens": "the longest answer",
    "stop": "texts that end the answer",
    "seed": "what makes an answer repeatable",
    "presence_penalty": "against what was said at all",
    "frequency_penalty": "against what was said often",
    "logprobs": "how likely each token was",
    "n": "several answers",
    "user": "a name for whoever asks",
    "reasoning_effort": "how much to think, in a word",
    "reasoning_budget": "how much to think, in tokens",
    "reasoning_summary": "whether the thoughts are shown",
}
"""What a chat may ask for besides text in turns; printed in the docs."""

REPLY_FEATURES: Mapping[str, str] = {
    "id": "the provider's name for the answer",
    "reasoning": "what the model thinks aloud",
    "signature": "the provider's proof of the reasoning",
    "tool_signature": "the provider's proof of the thought behind a tool call",
    "refusal": "a refusal, told apart from text",
    "tool_calls": "tool calls with ids",
    "tool_deltas": "arguments of tool calls while they are made",
    "order": "text after a tool call, and reasoning after text",
    "logprobs": "how likely each token was",
    "choices": "several answers",
    "length": "that the answer stopped at its limit",
    "content_filter": "that the service cut the answer",
    "stop_sequence": "which text of `stop` ended the answer",
    "usage": "tokens in and out",
    "cached_tokens": "tokens of the input that were cached",
    "cache_write_tokens": "tokens of the input that were put into the cache",
    "reasoning_tokens": "tokens of the output that were reasoning",
    "audio_tokens": "tokens that were sound",
}
"""What an answer may tell besides text; printed in the docs."""

_PLAIN = frozenset({"tools", "tool_choice", "output"})


def used(chat: ChatRequest) -> Iterator[tuple[str, str]]:
    """The features that a chat uses, each with the place of one that does."""
    for name in sorted(chat.given() - _PLAIN):
        yield name, name
    if chat.tools is not None or chat.tool_choice is not None or chat.output is not None:
        yield from _of_tools(chat)
        yield from _of_output(chat)
    begun = False
    for number, message in enumerate(chat.messages):
        place = f"messages[{number}]"
        if message.role == "system":
            yield ("system_later" if begun else "system"), place
        else:
            begun = True
        for at, part in enumerate(message.parts):
            if type(part) is not Text:
                yield from _of_part(part, f"{place}.content[{at}]")
    if chat.messages and chat.messages[-1].role == "assistant":
        yield "prefill", f"messages[{len(chat.messages) - 1}]"


def _of_tools(chat: ChatRequest) -> Iterator[tuple[str, str]]:
    for number, tool in enumerate(chat.tools or ()):
        yield "tools", "tools"
        if isinstance(tool, Tool) and tool.strict is not None:
            yield "tool_strict", f"tools[{number}].strict"
    if chat.tool_choice is not None:
        yield "tool_choice", "tool_choice"
        if chat.tool_choice.names:
            yield "tool_choice_names", "tool_choice"


def _of_output(chat: ChatRequest) -> Iterator[tuple[str, str]]:
    output = chat.output
    if isinstance(output, JsonObject):
        yield "json_object", "output"
    if isinstance(output, JsonSchema):
        yield "json_schema", "output"
        if output.name != "answer" or output.description is not None:
            yield "json_schema_name", "output.name"
        if output.strict is not None:
            yield "json_schema_strict", "output.strict"


def _of_part(part: Part, place: str) -> Iterator[tuple[str, str]]:
    match part:
        case Image():
            yield f"image{_source(part)}", place
            if part.detail is not None:
                yield "image_detail", f"{place}.detail"
        case Document():
            yield f"document{_source(part)}", place
            if part.name is not None:
                yield "document_name", f"{place}.name"
        case ToolResult():
            yield from _of_result(part, place)
        case _:
            if name := _NAMES.get(type(part)):
                yield name, place


_NAMES: Mapping[type, str] = {
    Audio: "audio",
    Reasoning: "reasoning",
    Refusal: "refusal",
    ToolCall: "tools",
}


def _source(part: Image | Document) -> str:
    if part.url:
        return "_url"
    return "" if part.content is not None else "_file"


def _of_result(result: ToolResult, place: str) -> Iterator[tuple[str, str]]:
    yield "tools", place
    if result.is_error:
        yield "tool_result_error", place
    for at, part in enumerate(result.parts):
        inner = f"{place}.content[{at}]"
        if isinstance(part, Image):
            yield "tool_result_image", inner
        elif isinstance(part, Document):
            yield "tool_result_document", inner
        yield from _of_part(part, inner)


def fit(
    chat: ChatRequest, who: str, says: Mapping[str, How], dialect: str = ""
) -> tuple[ChatRequest, tuple[str, ...]]:
    """The chat as `who` can take it, and the names of what was left out, sorted.

    `says` has what its wire can say, `dialect` is the name of its dialect: what is native to
    another one is left out if it is a hint there. `InputError` names the first thing, and its
    place, that can neither be said nor left out.
    """
    dropped: set[str] = set()
    for name, place in used(chat):
        how = says.get(name, REFUSED)
        if isinstance(how, Refused):
            raise InputError(no_word(name, place, who, how), place=place)
        if isinstance(how, Hint):
            dropped.add(name)
    if dropped:
        chat = without(chat, dropped)
    for place, native, whole in _natives(chat, dialect):
        dropped |= _left_out(native, place, who=who, whole=whole)
    return chat, tuple(sorted(dropped))


def no_word(name: str, place: str, who: str, how: Refused) -> str:
    """What is said of a feature, and its place, that `who` refuses."""
    at = f" ({place})" if place != name else ""
    why = f": {how.why}" if how.why else ""
    return f"{who} has no {name}{at}{why}. It is {FEATURES[name]}; leave it out, or ask another"


def foreign_words(chat: ChatRequest) -> Iterator[tuple[str, str]]:
    """The dialects that alone can say something of this chat, each with the place of that."""
    for place, native, whole in _natives(chat, ""):
        if not whole:
            names = (name for name in native.fields if name not in native.hints)
            yield from ((native.dialect, f"{place}.{name}" if place else name) for name in names)
        elif str(native.fields.get("type")) not in native.hints:
            yield native.dialect, place


def no_native_word(dialect: str, what: str, who: str) -> str:
    """What is said of a thing that only this dialect can say, and `who` speaks another."""
    return (
        f"{what} is {dialect}'s own, and {who} has no word for it; "
        "leave it out, or ask a provider that speaks that dialect"
    )


_Found = tuple[str, Native, bool]
"""A place, what stands there, and whether it is a whole piece and not fields of one."""


def _natives(chat: ChatRequest, dialect: str) -> Iterator[_Found]:
    """What is native to another dialect."""
    if chat.native is not None and chat.native.dialect != dialect:
        yield "", chat.native, False
    for number, tool in enumerate(chat.tools or ()):
        yield from _foreign(tool, f"tools[{number}]", dialect)
    for number, message in enumerate(chat.messages):
        place = f"messages[{number}]"
        if message.native is not None and message.native.dialect != dialect:
            yield place, message.native, False
        for at, part in enumerate(message.parts):
            if type(part) is not Text or part.native is not None:
                yield from _foreign(part, f"{place}.content[{at}]", dialect)


def _foreign(value: Part | Tool, place: str, dialect: str) -> Iterator[_Found]:
    whole = isinstance(value, Native)
    native = value if isinstance(value, Native) else getattr(value, "native", None)
    if native is not None and native.dialect != dialect:
        yield place, native, whole
    if isinstance(value, ToolResult):
        for at, piece in enumerate(value.parts):
            yield from _foreign(piece, f"{place}.content[{at}]", dialect)


def _left_out(native: Native, place: str, *, who: str, whole: bool) -> set[str]:
    if whole:
        kind = native.fields.get("type")
        if isinstance(kind, str) and kind in native.hints:
            return {place}
        raise _unknown(native, place, f"{place} of type {kind!r}" if kind else place, who)
    names = {name: f"{place}.{name}" if place else name for name in native.fields}
    for name, where in names.items():
        if name not in native.hints:
            raise _unknown(native, where, where, who)
    return set(names.values())


def _unknown(native: Native, place: str, what: str, who: str) -> InputError:
    return InputError(no_native_word(native.dialect, what, who), place=place)
