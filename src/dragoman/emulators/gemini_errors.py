"""Gemini's errors: a google.rpc.Status as JSON, and the exception that carries one.

A status word goes with each HTTP status. `details` are the message types that clients look into:
BadRequest (which field), ErrorInfo (which reason), RetryInfo (how long to wait).
Source: google.rpc code.proto and error_details.proto, and the Gemini API's troubleshooting guide,
read 2026-11-21; a missing key is a 403 and a wrong one a 400, as users' reports show them.
"""

import msgspec

from dragoman.emulators.fault_shapes import ErrorEvent
from dragoman.emulators.service import Json, Reply, json_reply

__all__ = [
    "Violation",
    "WrongRequestError",
    "error_reply",
    "pretty",
    "retry_info",
    "status_body",
    "status_of_event",
]

_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    412: "FAILED_PRECONDITION",
    416: "OUT_OF_RANGE",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_STATUSES = {"UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504} | {
    word: status
    for status, word in _WORDS.items()
    if word not in ("UNAVAILABLE", "DEADLINE_EXCEEDED")
}
_TYPES = "type.googleapis.com/google.rpc."
_SERVICE = "generativelanguage.googleapis.com"
# gRPC has a word for every case, and these two stand for all the others.
_OTHER_CLIENT, _OTHER_SERVER = "FAILED_PRECONDITION", "UNKNOWN"


class Violation(msgspec.Struct, frozen=True):
    """One field of a request that is wrong; `field` in snake case, "" for the whole."""

    field: str
    description: str


class WrongRequestError(Exception):
    """A request that the service refuses; `reason` is the word of an ErrorInfo, "" for none."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        violations: tuple[Violation, ...] = (),
        reason: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.violations = violations
        self.reason = reason

    def reply(self, *, in_list: bool = False) -> Reply:
        """The error as a reply; a stream that is no event stream has it in a list."""
        details = _bad_request(self.violations) + _error_info(self.reason, self.message)
        return error_reply(status_body(self.status, self.message, details), in_list=in_list)


def status_body(status: int, message: str, details: list[Json] | None = None) -> dict[str, Json]:
    """The body of an error; without `details` it has no such field."""
    other = _OTHER_SERVER if status >= 500 else _OTHER_CLIENT
    error: dict[str, Json] = {
        "code": status,
        "message": message,
        "status": _WORDS.get(status, other),
    }
    if details:
        error["details"] = details
    return {"error": error}


def error_reply(body: dict[str, Json], *, in_list: bool = False) -> Reply:
    """A reply with this error body and its status."""
    return json_reply(pretty([body] if in_list else body), body["error"]["code"], headers=_JSON)


def retry_info(retry_after: float | str | None) -> list[Json]:
    """How long to wait, in seconds; a date or garbage has no such form."""
    if not isinstance(retry_after, float | int):
        return []
    return [{"@type": _TYPES + "RetryInfo", "retryDelay": f"{retry_after:g}s"}]


def status_of_event(error: ErrorEvent) -> dict[str, Json]:
    """The body of an error inside a stream: its code is a status, a status word, or neither."""
    code = error.code if isinstance(error.code, int) else _STATUSES.get(error.code.upper(), 500)
    return status_body(code, error.message)


def pretty(value: Json) -> bytes:
    """JSON with an indent of two, as the service writes all but its events."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


_JSON = (("Content-Type", "application/json; charset=UTF-8"),)


def _bad_request(violations: tuple[Violation, ...]) -> list[Json]:
    if not violations:
        return []
    fields = [
        {"field": one.field, "description": one.description}
        if one.field
        else {"description": one.description}
        for one in violations
    ]
    return [{"@type": _TYPES + "BadRequest", "fieldViolations": fields}]


def _error_info(reason: str, message: str) -> list[Json]:
    if not reason:
        return []
    return [
        {
            "@type": _TYPES + "ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
            "metadata": {"service": _SERVICE},
        },
        {"@type": _TYPES + "LocalizedMessage", "locale": "en-US", "message": message},
    ]
