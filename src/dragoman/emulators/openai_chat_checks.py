"""What OpenAI's Chat Completions refuses beyond wrong shapes, and what a request asks for.

Source: OpenAI API reference, and refusals that users quote in public issues of the official SDKs,
read 2026-11-21. The model `mock-reasoner` refuses what the service's reasoning models refuse.
"""

from collections.abc import Iterator

from dragoman.emulators import openai_chat_request as asked
from dragoman.emulators.openai_errors import RefusedError, not_valid
from dragoman.emulators.openai_media import audio_note, file_note, image_note
from dragoman.emulators.openai_tools import check_named, check_output_schema, check_tools
from dragoman.emulators.openai_turn import Ask
from dragoman.emulators.service import Json

__all__ = ["REASONER", "chat_ask", "chat_notes", "check_chat"]

REASONER = "mock-reasoner"
_REASONER_REFUSES = (
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "max_tokens",
    "presence_penalty",
    "stop",
    "temperature",
    "top_logprobs",
    "top_p",
)


def check_chat(body: asked.ChatBody) -> None:
    """Raise `RefusedError` for the first thing that the service would not take."""
    _check_limits(body)
    _check_pairs(body.messages)
    tools = [
        (tool.function, f"tools[{at}].function")
        for at, tool in enumerate(body.tools or ())
        if isinstance(tool, asked.FunctionTool)
    ]
    check_tools(tools)
    _check_choice(body)
    _check_format(body)


def chat_ask(body: asked.ChatBody) -> Ask:
    """What a checked request asks for."""
    results = list(_last_results(body.messages))
    match body.response_format:
        case asked.JsonSchema(named):
            schema: Json = named.schema or {"type": "object"}
        case asked.JsonObject():
            schema = {"type": "object"}
        case asked.PlainText():
            schema = None
    return Ask(
        prompt="\n".join(results) if results else _last_user_text(body.messages),
        results=bool(results),
        tools={
            tool.function.name: tool.function.parameters
            for tool in body.tools or ()
            if isinstance(tool, asked.FunctionTool)
        },
        forced=_forced(body),
        schema=schema,
        stops=(body.stop,) if isinstance(body.stop, str) else body.stop or (),
        limit=body.max_completion_tokens or body.max_tokens,
        one_call=body.parallel_tool_calls is False,
    )


def chat_notes(body: asked.ChatBody) -> dict[str, Json]:
    """Facts of a request for the journal; `RefusedError` for a medium that is not what it says."""
    schema = body.response_format
    notes: dict[str, Json] = {
        "tools": [_tool_name(tool) for tool in body.tools or ()],
        "effort": body.reasoning_effort,
        "schema": schema.json_schema.name if isinstance(schema, asked.JsonSchema) else None,
        "reasoning_returned": sum(
            isinstance(message, asked.Assistant) and bool(message.reasoning_content)
            for message in body.messages
        ),
    }
    for name, note in _media(body.messages):
        notes.setdefault(name, []).append(note)
    return {name: note for name, note in notes.items() if note}


def _tool_name(tool: asked.FunctionTool | asked.CustomTool) -> str:
    return tool.function.name if isinstance(tool, asked.FunctionTool) else tool.custom.name


def _check_limits(body: asked.ChatBody) -> None:
    if body.max_tokens and body.max_completion_tokens:
        text = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        raise RefusedError(text, "max_tokens", code="invalid_parameter_combination")
    if body.stream_options and not body.stream:
        text = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise RefusedError(text, "stream_options")
    if body.top_logprobs is not None and not body.logprobs:
        text = "'top_logprobs' is only allowed when 'logprobs' is enabled."
        raise RefusedError(text, "top_logprobs")
    for name in _REASONER_REFUSES if body.model == REASONER else ():
        if getattr(body, name) not in (None, False):
            instead = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
            text = f"Unsupported parameter: '{name}' is not supported with this model.{instead}"
            raise RefusedError(text, name, code="unsupported_parameter")


def _check_pairs(messages: tuple[asked.Message, ...]) -> None:
    """Each call is answered right behind its message, and nothing else is answered."""
    open_calls: dict[str, None] = {}
    called_at = 0
    for at, message in enumerate(messages):
        if isinstance(message, asked.ToolResult):
            if message.tool_call_id not in open_calls:
                text = "Messages with role 'tool' must answer a preceding message's 'tool_calls'."
                raise RefusedError(text, f"messages[{at}].tool_call_id")
            del open_calls[message.tool_call_id]
            continue
        _check_answered(open_calls, called_at)
        open_calls, called_at = dict.fromkeys(_call_ids(message)), at
        _check_said(message, at)
    _check_answered(open_calls, called_at)


def _call_ids(message: asked.Message) -> Iterator[str]:
    if isinstance(message, asked.Assistant):
        yield from (call.id for call in message.tool_calls or ())


def _check_answered(open_calls: dict[str, None], at: int) -> None:
    if open_calls:
        text = (
            "An assistant message with 'tool_calls' must be followed by tool messages for each "
            f"'tool_call_id'; there is none for {', '.join(open_calls)}."
        )
        raise RefusedError(text, f"messages[{at}].tool_calls")


def _check_said(message: asked.Message, at: int) -> None:
    if isinstance(message, asked.Assistant) and not (
        message.content is not None
        or message.tool_calls
        or message.refusal
        or message.audio
        or message.function_call
    ):
        raise not_valid(f"messages[{at}].content", "expected a string, got null")


def _check_choice(body: asked.ChatBody) -> None:
    declared = [_tool_name(tool) for tool in body.tools or ()]
    if body.parallel_tool_calls is not None and not declared:
        text = "'parallel_tool_calls' is only allowed when 'tools' are specified."
        raise RefusedError(text, "parallel_tool_calls")
    if body.tool_choice is not None:
        check_named(list(_chosen(body)), declared, param="tool_choice")


def _chosen(body: asked.ChatBody) -> Iterator[str]:
    """The names that the choice of a tool names, in order."""
    match body.tool_choice:
        case asked.AllowedTools(allowed):
            for tool in allowed.tools:
                named = tool.function if isinstance(tool, asked.NamedTool) else tool.custom
                yield named.name
        case asked.NamedTool(named) | asked.NamedCustom(named):
            yield named.name
        case _:
            pass


def _forced(body: asked.ChatBody) -> str:
    """The function that has to be called: the named one, or the first of those allowed."""
    functions = [
        tool.function.name for tool in body.tools or () if isinstance(tool, asked.FunctionTool)
    ]
    match body.tool_choice:
        case "required":
            names = functions
        case asked.NamedTool():
            names = list(_chosen(body))
        case asked.AllowedTools(allowed) if allowed.mode == "required":
            names = list(_chosen(body))
        case _:
            names = []
    return next((name for name in names if name in functions), "")


def _check_format(body: asked.ChatBody) -> None:
    match body.response_format:
        case asked.JsonSchema(named):
            check_output_schema(
                named.name,
                {} if named.schema is None else named.schema,
                strict=bool(named.strict),
                param="response_format",
            )
        case asked.JsonObject():
            # Without the word, the service's models are said to write white space for ever.
            if not any("json" in text.lower() for text in _texts(body.messages)):
                text = "'messages' must contain the word 'json' to use 'json_object'."
                raise RefusedError(text, "messages")
        case asked.PlainText():
            pass


def _texts(messages: tuple[asked.Message, ...]) -> Iterator[str]:
    return (_text(message.content) for message in messages)


def _text(content: object) -> str:
    if isinstance(content, tuple):
        return "".join(part.text for part in content if isinstance(part, asked.TextPart))
    return content if isinstance(content, str) else ""


def _last_user_text(messages: tuple[asked.Message, ...]) -> str:
    users = [message for message in messages if isinstance(message, asked.User)]
    return _text(users[-1].content) if users else ""


def _last_results(messages: tuple[asked.Message, ...]) -> Iterator[str]:
    """The texts of the tools' results that end the conversation."""
    at = len(messages)
    while at and isinstance(messages[at - 1], asked.ToolResult):
        at -= 1
    return (_text(message.content) for message in messages[at:])


def _media(messages: tuple[asked.Message, ...]) -> Iterator[tuple[str, Json]]:
    for at, message in enumerate(messages):
        parts = message.content if isinstance(message, asked.User) else ""
        for place, part in enumerate(parts if isinstance(parts, tuple) else ()):
            path = f"messages[{at}].content[{place}]"
            match part:
                case asked.ImagePart(image):
                    yield "images", image_note(image.url, f"{path}.image_url.url")
                case asked.AudioPart(audio):
                    yield "audio", audio_note(audio.data, audio.format, f"{path}.input_audio")
                case asked.FilePart(file):
                    known = {"file_id": file.file_id, "filename": file.filename}
                    yield "files", file_note(file.file_data, known, f"{path}.file")
                case asked.TextPart():
                    pass
