"""The items that go into OpenAI's Responses: read, paired with each other, and refused.

Source: OpenAI API reference, "Conversation state", "Function calling" and "Reasoning models", and
refusals that users quote in public issues of the official SDKs, read 2026-11-21.
"""

from collections.abc import Iterator, Mapping, Sequence

from dragoman.emulators import openai_responses_request as asked
from dragoman.emulators.openai_errors import RefusedError, not_valid
from dragoman.emulators.openai_media import file_note, image_note
from dragoman.emulators.openai_reasoning import unsealed
from dragoman.emulators.openai_shape import read_value
from dragoman.emulators.service import Json, Request

__all__ = ["check_items", "last_results", "last_user_text", "media", "read_items", "texts"]

# Items of tools that the service runs itself; they are taken as they are.
_HOSTED = (
    "apply_patch_call", "apply_patch_call_output", "code_interpreter_call", "compaction",
    "computer_call", "computer_call_output", "custom_tool_call", "custom_tool_call_output",
    "file_search_call", "image_generation_call", "local_shell_call", "local_shell_call_output",
    "mcp_approval_request", "mcp_approval_response", "mcp_call", "mcp_list_tools", "shell_call",
    "shell_call_output", "tool_search_call", "tool_search_output", "web_search_call",
)  # fmt: skip
_ID_BEGINNINGS = {asked.Message: "msg", asked.FunctionCall: "fc", asked.Reasoning: "rs"}
_INPUT = (asked.InputText, asked.InputImage, asked.InputFile)
_OUTPUT = (asked.OutputText, asked.RefusalPart)


def read_items(request: Request, raw: Sequence[asked.RawItem], path: str) -> list[asked.Item]:
    """The items by their types; a short message and a reference may lack theirs.

    Raises:
        RefusedError: an item is of no type, or a field of it is missing or wrong.
    """
    items: list[asked.Item] = []
    for at, item in enumerate(raw):
        if item.get("type") in _HOSTED:
            request.complain(f"the emulator does not read items of type {item['type']!r}")
            items.append(asked.Hosted(str(item["type"])))
            continue
        if item.get("type") is None:
            item = {**item, "type": "message" if "role" in item else "item_reference"}
        items.append(_read(request, item, f"{path}[{at}]"))
    return items


def check_items(
    earlier: Sequence[asked.Item],
    new: Sequence[asked.Item],
    stored: Mapping[str, asked.RawItem],
) -> None:
    """Refuse what does not hang together, in itself or with the earlier turns.

    `stored` are the items that the service kept, by id.
    """
    for at, item in enumerate(new):
        _check_item(item, stored, f"input[{at}]")
    _check_pairs([*earlier, *new])
    for at, item in enumerate(new):
        if isinstance(item, asked.Reasoning) and not _thought_out(new[at + 1 : at + 2]):
            raise RefusedError(
                f"Item '{item.id}' of type 'reasoning' was provided without its required "
                "following item.",
                "input",
            )


def media(items: Sequence[asked.Item]) -> Iterator[tuple[str, Json]]:
    """Notes on the images and files; `RefusedError` for one that is not what it says."""
    for at, item in enumerate(items):
        name = "output" if isinstance(item, asked.FunctionOutput) else "content"
        for place, part in enumerate(_parts(item)):
            path = f"input[{at}].{name}[{place}]"
            match part:
                case asked.InputImage(url) if url is not None:
                    yield "images", image_note(url, f"{path}.image_url")
                case asked.InputImage(_, file_id):
                    if file_id is None:
                        text = f"Missing required parameter: '{path}.image_url'."
                        raise RefusedError(text, path, code="missing_required_parameter")
                    yield "images", {"file_id": file_id}
                case asked.InputFile():
                    known = {name: getattr(part, name) for name in _FILE_NAMES}
                    yield "files", file_note(part.file_data, known, path)
                case _:
                    pass


_FILE_NAMES = ("file_id", "file_url", "filename")


def texts(items: Sequence[asked.Item]) -> Iterator[str]:
    """All that is said in messages."""
    return (_text(item) for item in items if isinstance(item, asked.Message))


def last_user_text(items: Sequence[asked.Item]) -> str:
    """The text of the last user message; "" if there is none."""
    said = [item for item in items if isinstance(item, asked.Message) and item.role == "user"]
    return _text(said[-1]) if said else ""


def last_results(items: Sequence[asked.Item]) -> list[str]:
    """The texts of the results that end the input."""
    at = len(items)
    while at and isinstance(items[at - 1], asked.FunctionOutput):
        at -= 1
    return [_text(item) for item in items[at:]]


def _read(request: Request, item: asked.RawItem, path: str) -> asked.Item:
    shapes: dict[str, type[asked.Item]] = {
        "message": asked.Message,
        "function_call": asked.FunctionCall,
        "function_call_output": asked.FunctionOutput,
        "reasoning": asked.Reasoning,
        "item_reference": asked.Reference,
    }
    shape = shapes.get(str(item["type"]))
    if shape is None:
        supported = ", ".join([*shapes, *_HOSTED])
        raise not_valid(f"{path}.type", f"{item['type']!r} is none of {supported}")
    return read_value(request, item, shape, path)


def _parts(item: asked.Item) -> Sequence[asked.Part]:
    match item:
        case asked.Message(_, content) if isinstance(content, tuple):
            return content
        case asked.FunctionOutput(_, output) if isinstance(output, tuple):
            return output
        case _:
            return ()


def _text(item: asked.Item) -> str:
    match item:
        case asked.Message(_, str(text)) | asked.FunctionOutput(_, str(text)):
            return text
        case _:
            said = (asked.InputText, asked.OutputText)
            return "".join(part.text for part in _parts(item) if isinstance(part, said))


def _check_item(item: asked.Item, stored: Mapping[str, asked.RawItem], path: str) -> None:
    beginning = _ID_BEGINNINGS.get(type(item), "")
    name = "" if isinstance(item, asked.Hosted) else item.id or ""
    if name and not name.startswith(beginning):
        raise not_valid(f"{path}.id", f"{name!r} does not begin with '{beginning}'")
    match item:
        case asked.Message(role):
            legal = _OUTPUT if role == "assistant" else _INPUT
            for place, part in enumerate(_parts(item)):
                if not isinstance(part, legal):
                    names = " and ".join(str(each.__struct_config__.tag) for each in legal)
                    raise not_valid(f"{path}.content[{place}]", f"{role} has only {names}")
        case asked.Reasoning():
            _check_reasoning(item, stored)
        case asked.Reference():
            _check_stored(name, stored)
        case asked.FunctionCall() | asked.FunctionOutput() | asked.Hosted():
            pass


def _check_reasoning(item: asked.Reasoning, stored: Mapping[str, asked.RawItem]) -> None:
    if item.encrypted_content is None:
        _check_stored(item.id, stored)
        return
    text = unsealed(item.encrypted_content)
    summary = "".join(part.text for part in item.summary)
    if text is None or (summary and summary != text):
        shown = f"{item.encrypted_content[:4]}...{item.encrypted_content[-4:]}"
        text = f"The encrypted content {shown} could not be verified."
        raise RefusedError(text, code="invalid_encrypted_content")


def _check_stored(name: str, stored: Mapping[str, asked.RawItem]) -> None:
    if name not in stored:
        text = f"Item with id '{name}' not found. Items are not kept when 'store' is false."
        raise RefusedError(text, "input", status=404)


def _check_pairs(items: Sequence[asked.Item]) -> None:
    """Each call has its output behind it, and each output its call before it."""
    open_calls: dict[str, None] = {}
    for item in items:
        match item:
            case asked.FunctionCall(call_id):
                open_calls[call_id] = None
            case asked.FunctionOutput(call_id):
                if call_id not in open_calls:
                    text = f"No tool call found for function call output with call_id {call_id}."
                    raise RefusedError(text, "input")
                del open_calls[call_id]
            case _:
                pass
    for call_id in open_calls:
        raise RefusedError(f"No tool output found for function call {call_id}.", "input")


def _thought_out(following: Sequence[asked.Item]) -> bool:
    """Whether the next item may come of reasoning."""
    match following:
        case [asked.FunctionCall() | asked.Reasoning() | asked.Reference()]:
            return True
        case [asked.Message(role)]:
            return role == "assistant"
        case [asked.Hosted(kind)]:
            return not kind.endswith("_output")
        case _:
            return False
