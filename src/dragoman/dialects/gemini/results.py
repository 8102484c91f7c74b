"""What a function gave, as the object that Gemini wants: `output`, `error`, or one of its own.

A text is `{"output": text}`, an error `{"error": text}`. Any other object is read as its JSON text,
and a text that is such JSON to the letter is sent as the object: it is the same in both ways.
Source: the REST reference of FunctionResponse, read 2026-11-21.
"""

from collections.abc import Mapping

import msgspec

from dragoman.dialects.failures import FOREIGN

__all__ = ["decode_response", "encode_response"]


def encode_response(text: str | None, *, is_error: bool) -> dict[str, object]:
    """The response; None is no text at all."""
    if text is None:
        return {"error": ""} if is_error else {}
    found = _object(text) if text.startswith("{") else None
    if found is not None and decode_response(found) == (text, is_error):
        return found
    return {"error": text} if is_error else {"output": text}


def decode_response(response: Mapping[str, object]) -> tuple[str | None, bool]:
    """The text, and whether it is an error."""
    if not response:
        return None, False
    is_error = "error" in response and "output" not in response
    said = response.get("error" if is_error else "output")
    if len(response) == 1 and isinstance(said, str):
        return said, is_error
    return msgspec.json.encode(response).decode(), is_error


def _object(text: str) -> dict[str, object] | None:
    try:
        found = msgspec.json.decode(text)
    except FOREIGN:
        return None
    return found if isinstance(found, dict) else None
