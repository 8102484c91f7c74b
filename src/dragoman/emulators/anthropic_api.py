"""The Claude API: messages, token counts and models.

Every request needs a key (`x-api-key` or a bearer token, any one) and an `anthropic-version`.
What the service refuses it refuses in its own words and shape; nothing is remembered from one
request to the next but how many there were.
Source: Claude API docs "Messages", "Errors", "Versions", the types of the official SDK 2.12,
error texts from public issue reports, read 2026-11-21.
"""

import json

from dragoman.emulators.anthropic_answer import compose
from dragoman.emulators.anthropic_fields import VERSIONS
from dragoman.emulators.anthropic_knobs import AnthropicKnobs
from dragoman.emulators.anthropic_message import whole
from dragoman.emulators.anthropic_models import model_info, model_page
from dragoman.emulators.anthropic_request import checked_form, count_tokens, read_request
from dragoman.emulators.anthropic_shape import Refused
from dragoman.emulators.anthropic_stream import events
from dragoman.emulators.fault_shapes import ErrorEvent
from dragoman.emulators.service import (
    Json,
    Pairs,
    Reply,
    Request,
    Service,
    event_stream,
    json_reply,
    sse,
)

__all__ = ["Anthropic"]

_STEPS = {"/v1/messages": "chat", "/v1/messages/count_tokens": "tokens", "/v1/models": "models"}
_MODEL = "/v1/models/"
_METHODS = {"chat": "POST", "tokens": "POST", "models": "GET"}
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class Anthropic(Service[AnthropicKnobs]):
    """The far side of the Anthropic provider."""

    name = "anthropic"
    knobs_type = AnthropicKnobs

    def __init__(self) -> None:
        self._replies = 0

    def reset(self, knobs: AnthropicKnobs) -> None:
        """Request ids start anew."""
        self._replies = 0

    def step(self, request: Request) -> str:
        """`chat`, `tokens` or `models`."""
        if request.path.startswith(_MODEL):
            return "models"
        return _STEPS.get(request.path, "")

    def client_id(self, request: Request) -> str:
        """The key."""
        return request.headers.get("x-api-key") or super().client_id(request)

    def answer(self, request: Request, knobs: AnthropicKnobs) -> Reply:
        """The reply, or a refusal in the service's own words."""
        try:
            return self._answer(request, knobs)
        except Refused as refused:
            request.complain(refused.message)
            return self.error(refused.status, refused.message)

    def error(self, status: int, message: str, code: str = "") -> Reply:
        """An error object; its type goes by the status, or is the code."""
        # The id of the reply that is made here.
        number = self._replies + 1
        return self._json(_error(code or _type(status), message, number), status)

    def too_long(self, request: Request, count: int, limit: int) -> Reply:
        """There is no code: the text alone tells."""
        return self.error(400, f"prompt is too long: {count} tokens > {limit} maximum")

    def error_event(self, error: ErrorEvent) -> bytes:
        """The event `error`; a number as its code is the status that the error would have had."""
        kind = str(error.code)
        if kind.isdecimal():
            kind = _type(int(kind))
        elif kind == "server_error":
            kind = _type(500)
        return sse(_error(kind, error.message, self._replies), "error")

    def _answer(self, request: Request, knobs: AnthropicKnobs) -> Reply:
        if not request.step:
            raise Refused("Not Found", 404)
        if request.method != _METHODS[request.step]:
            raise Refused("Method Not Allowed", 405)
        version = _admitted(request)
        match request.step:
            case "tokens":
                form = checked_form(request, version, prefill=knobs.prefill, counting=True)
                return self._json({"input_tokens": count_tokens(form)})
            case "models":
                name = request.path.removeprefix(_MODEL)
                listed = name == request.path
                return self._json(model_page(request.query) if listed else model_info(name))
            case _:
                return self._message(request, knobs, version)

    def _message(self, request: Request, knobs: AnthropicKnobs, version: str) -> Reply:
        asked = read_request(request, checked_form(request, version, prefill=knobs.prefill))
        message = compose(asked, knobs, request.number)
        if not asked.stream:
            return self._json(whole(message))
        headers = (("Cache-Control", "no-cache"), *self._counted())
        return event_stream(events(message), headers=headers)

    def _json(self, value: Json, status: int = 200) -> Reply:
        return json_reply(value, status, headers=self._counted())

    def _counted(self) -> Pairs:
        """The header of one more reply."""
        self._replies += 1
        return (("request-id", _request_id(self._replies)),)


def _request_id(number: int) -> str:
    return f"req_{number:024}"


def _error(kind: str, message: str, number: int) -> dict[str, Json]:
    error = {"type": kind, "message": message}
    return {"type": "error", "error": error, "request_id": _request_id(number)}


def _type(status: int) -> str:
    return _TYPES.get(status) or _TYPES[400] if status < 500 else _TYPES.get(status, "api_error")


def _admitted(request: Request) -> str:
    """The API version of a request that has a key."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    if not request.headers.get("x-api-key") and not bearer:
        raise Refused("x-api-key header is required", 401)
    version = request.headers.get("anthropic-version")
    if version is None:
        raise Refused("anthropic-version: header is required")
    if version not in VERSIONS:
        raise Refused(f"anthropic-version: {json.dumps(version)} is not a valid version")
    return version
