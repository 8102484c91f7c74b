"""What is wrong with a conversation: roles, parts, media, and calls that have no response.

Contents come as `gemini_json.read_message` gives them. Neighbours of one role count as one turn,
since a client that kept a stream has a content for each of its events.
Source: the REST reference of Content, and "Function calling" of the Gemini API docs with the
service's own words as users report them, read 2026-11-21.
"""

import re
from collections.abc import Iterator

import msgspec

from dragoman.emulators.gemini_errors import Violation, WrongRequestError
from dragoman.emulators.service import Json

__all__ = [
    "brings_results",
    "check_contents",
    "check_system",
    "function_parts",
    "media",
    "prompt_of",
    "text_of",
]

Content = dict[str, Json]

_DATA = (
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
)
_MEDIA_TYPES = re.compile(
    r"image/(png|jpeg|webp|heic|heif)|application/pdf"
    r"|audio/(wav|x-wav|mp3|mpeg|aiff|aac|ogg|flac|m4a|mp4|opus|pcm|webm|L16)(;.*)?"
    r"|video/(mp4|mpeg|mov|quicktime|avi|x-flv|mpg|webm|wmv|3gpp)"
    r"|text/(plain|html|css|markdown|md|csv|xml|rtf|javascript|x-python|x-typescript)"
    r"|application/(json|rtf|xml|x-javascript|x-python|x-typescript)"
)
_ALTERNATE = (
    "Please ensure that function response turn comes immediately after a function call turn."
)
_COUNT = (
    "Please ensure that the number of function response parts is equal to the number of function "
    "call parts of the function call turn."
)


def check_contents(contents: list[Content]) -> None:
    """Raise `WrongRequestError` for the first thing that the service would refuse."""
    if not contents:
        raise _wrong("contents", "contents is not specified")
    for at, content in enumerate(contents):
        _check_role(content, at, alone=len(contents) == 1)
        _check_parts(content, f"contents[{at}]")
    _check_calls(contents)


def check_system(content: Content) -> None:
    """Raise `WrongRequestError` unless a system instruction is text alone; its role is free."""
    _check_parts(content, "system_instruction")
    if any("text" not in part for part in content["parts"]):
        raise _wrong("system_instruction.parts", "only text is allowed")


def text_of(content: Content) -> str:
    """The words of a content, without its thoughts."""
    return "".join(part.get("text", "") for part in content["parts"] if not part.get("thought"))


def prompt_of(contents: list[Content]) -> str:
    """The text of the last user content; the results, if it brings those of function calls."""
    last = next((one for one in reversed(contents) if one.get("role") != "model"), None)
    if last is None:
        return ""
    results = [_result(part["functionResponse"]) for part in last["parts"] if _responds(part)]
    return "\n".join(filter(None, [*results, text_of(last)])) if results else text_of(last)


def brings_results(contents: list[Content]) -> bool:
    """Whether the last content is the user's and has results of function calls."""
    last = contents[-1]
    return last.get("role") != "model" and any(map(_responds, last["parts"]))


def media(contents: list[Content]) -> list[dict[str, Json]]:
    """The type and size of each picture, sound or document, in order; of a file its address."""
    return [_medium(part) for content in contents for part in _media_parts(content["parts"])]


def function_parts(content: Content, field: str) -> list[dict[str, Json]]:
    """The calls (`functionCall`) or responses (`functionResponse`) of a content."""
    return [part[field] for part in content["parts"] if field in part]


def _wrong(path: str, what: str) -> WrongRequestError:
    field = f"GenerateContentRequest.{path}"
    return WrongRequestError(f"* {field}: {what}\n", violations=(Violation(path, what),))


def _check_role(content: Content, at: int, *, alone: bool) -> None:
    role = content.get("role", "")
    if role not in ("user", "model", "function") and not (alone and not role):
        raise _wrong(f"contents[{at}].role", "Please use a valid role: user, model.")


def _check_parts(content: Content, path: str) -> None:
    parts = content.setdefault("parts", [])
    if not parts:
        raise _wrong(f"{path}.parts", "contents.parts must not be empty.")
    for number, part in enumerate(parts):
        _check_part(part, f"{path}.parts[{number}]", model=content.get("role") == "model")


def _check_part(part: dict[str, Json], path: str, *, model: bool) -> None:
    data = [field for field in _DATA if field in part]
    if not data:
        what = "required oneof field 'data' must have one initialized field"
        raise _wrong(f"{path}.data", what)
    if len(data) > 1:
        raise _wrong(path, f"oneof field 'data' is already set. Cannot set '{data[1]}'")
    match data[0]:
        case "inlineData":
            _check_blob(part["inlineData"], f"{path}.inline_data")
        case "fileData":
            _check_file(part["fileData"], f"{path}.file_data")
        case "functionCall":
            _check_named(part["functionCall"], f"{path}.function_call", allowed=model)
        case "functionResponse":
            _check_response(part["functionResponse"], f"{path}.function_response", model=model)
        case _:
            pass


def _check_blob(blob: dict[str, Json], path: str) -> None:
    kind = blob.get("mimeType", "")
    if not kind:
        raise _wrong(f"{path}.mime_type", "MIME type must be specified.")
    if not _MEDIA_TYPES.fullmatch(kind):
        raise WrongRequestError(
            f"Unsupported MIME type: {kind}",
            violations=(Violation(f"{path}.mime_type", f"Unsupported MIME type: {kind}"),),
        )
    if not blob.get("data"):
        raise _wrong(f"{path}.data", "the data must not be empty")


def _check_file(file: dict[str, Json], path: str) -> None:
    if not file.get("fileUri"):
        raise _wrong(f"{path}.file_uri", "the address of the file is not specified")


def _check_named(call: dict[str, Json], path: str, *, allowed: bool) -> None:
    if not allowed:
        raise _wrong(path, "a function call belongs to the role 'model'")
    if not call.get("name"):
        raise _wrong(f"{path}.name", "Name cannot be empty.")


def _check_response(response: dict[str, Json], path: str, *, model: bool) -> None:
    if model:
        raise _wrong(path, "a function response belongs to the role 'user'")
    if not response.get("name"):
        raise _wrong(f"{path}.name", "Name cannot be empty.")
    if "response" not in response:
        raise _wrong(f"{path}.response", "the response is not specified")
    for number, part in enumerate(response.get("parts", ())):
        below = f"{path}.parts[{number}]"
        if "inlineData" in part:
            _check_blob(part["inlineData"], f"{below}.inline_data")
        elif "fileData" in part:
            _check_file(part["fileData"], f"{below}.file_data")
        else:
            raise _wrong(below, "required oneof field 'data' must have one initialized field")


def _check_calls(contents: list[Content]) -> None:
    """Every turn of calls is followed by the turn of their responses, and no response is alone."""
    calls: list[dict[str, Json]] = []
    for turn in _turns(contents):
        responses = [one for each in turn for one in function_parts(each, "functionResponse")]
        if bool(calls) != bool(responses):
            raise WrongRequestError(_ALTERNATE)
        if len(calls) != len(responses):
            raise WrongRequestError(_COUNT)
        _check_pairs(calls, responses)
        calls = [one for each in turn for one in function_parts(each, "functionCall")]
    if calls:
        raise WrongRequestError(_ALTERNATE)


def _check_pairs(calls: list[dict[str, Json]], responses: list[dict[str, Json]]) -> None:
    by_id = {call["id"]: call["name"] for call in calls if call.get("id")}
    for response in responses:
        called = response.get("id")
        if called and by_id.get(called) != response["name"]:
            raise WrongRequestError(
                f"The function response '{response['name']}' has the id '{called}', which no call "
                "of that function in the turn before has."
            )
    if sorted(call["name"] for call in calls) != sorted(one["name"] for one in responses):
        raise WrongRequestError("The names of the function responses are not those of the calls.")


def _turns(contents: list[Content]) -> Iterator[list[Content]]:
    turn: list[Content] = []
    for content in contents:
        if turn and (content.get("role") == "model") != (turn[-1].get("role") == "model"):
            yield turn
            turn = []
        turn.append(content)
    yield turn


def _responds(part: dict[str, Json]) -> bool:
    return "functionResponse" in part


def _result(response: dict[str, Json]) -> str:
    """What a function said: its `output` or `result`, else the whole as JSON."""
    said = response["response"]
    for field in ("output", "result", "error"):
        if isinstance(said.get(field), str):
            return str(said[field])
    return msgspec.json.encode(said).decode()


def _media_parts(parts: list[dict[str, Json]]) -> Iterator[dict[str, Json]]:
    for part in parts:
        if "inlineData" in part or "fileData" in part:
            yield part
        if _responds(part):
            yield from part["functionResponse"].get("parts", ())


def _medium(part: dict[str, Json]) -> dict[str, Json]:
    if "fileData" in part:
        file = part["fileData"]
        return {"mime_type": file.get("mimeType", ""), "uri": file["fileUri"]}
    blob = part["inlineData"]
    return {"mime_type": blob["mimeType"], "size_bytes": len(blob["data"])}
