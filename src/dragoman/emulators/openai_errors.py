"""OpenAI's errors: one object with message, type, param and code, and the exception with one.

Source: OpenAI API reference, "Error codes", and the bodies that users quote in public issues of
the official SDKs, read 2026-11-21. Messages are our own words; types and codes are the service's.
"""

import re

import msgspec

from dragoman.emulators.service import Json, Reply, json_reply

__all__ = ["RefusedError", "error_object", "error_reply", "not_valid", "refused_by_type"]

_TYPES = {403: "request_forbidden", 429: "requests"}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}
# msgspec says the place of what is wrong behind its message, as a JSONPath.
_PLACE = re.compile(r"(?s)(.*?)(?: - at `\$\.?(.*)`)?\Z")


class RefusedError(Exception):
    """A request that the service refuses; `param` is the field's path, "" for none."""

    def __init__(self, message: str, param: str = "", *, code: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code
        self.status = status


def not_valid(param: str, reason: str) -> RefusedError:
    """A value that is not one of those allowed."""
    return RefusedError(f"Invalid value for '{param}': {reason}.", param, code="invalid_value")


def refused_by_type(error: msgspec.ValidationError, inside: str = "") -> RefusedError:
    """A value of a wrong shape; `inside` is the path of what was read."""
    found = _PLACE.match(str(error))
    reason, place = found.groups("") if found else (str(error), "")
    missing = re.fullmatch("Object missing required field `(.*)`", reason)
    steps = [inside, place, missing[1] if missing else ""]
    param = ".".join(filter(None, steps)).replace(".[", "[")
    if missing:
        text = f"Missing required parameter: '{param}'."
        return RefusedError(text, param, code="missing_required_parameter")
    code = "invalid_type" if ", got " in reason else "invalid_value"
    return RefusedError(f"Invalid '{param}': {reason}.", param, code=code)


def error_object(status: int, message: str, *, param: str = "", code: str = "") -> dict[str, Json]:
    """The object under `error`; the type follows from the status."""
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    code = code or _CODES.get(status, "")
    return {"message": message, "type": kind, "param": param or None, "code": code or None}


def error_reply(status: int, message: str, *, param: str = "", code: str = "") -> Reply:
    """A whole reply of one error."""
    return json_reply({"error": error_object(status, message, param=param, code=code)}, status)
