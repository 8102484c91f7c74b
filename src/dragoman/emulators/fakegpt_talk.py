"""Open Pandora, a relative of the station: FakeGPT's dialect `talk`.

It relays a conversation line by line and drops what it does not know; every error of its own is
a 500 with the real code inside.
Source: Pandora-ChatGPT 1.3.5 behaviour, observed 2026-11-21.
"""

import json
from collections.abc import Iterable, Iterator

from dragoman.emulators.fakegpt_checks import MODELS, talk_faults
from dragoman.emulators.fakegpt_conversation import models_reply, turn_of
from dragoman.emulators.fakegpt_knobs import FakeGptKnobs
from dragoman.emulators.fakegpt_stream import DONE, stream
from dragoman.emulators.service import (
    Json,
    Reply,
    Request,
    event_stream,
    html_reply,
    json_reply,
    sse,
)

__all__ = ["Talk"]

_STEPS = {
    "/api/conversation/talk": "chat",
    "/api/auth/session": "session",
    "/api/models": "models",
    "/": "home",
}
# Lines that begin otherwise are dropped.
_PASSED = (b'data: {"message":', b'data: {"id":')


class Talk:
    """The server of dialect `talk`; it keeps nothing."""

    def step(self, request: Request) -> str:
        """`chat`, `session`, `models`, `home`."""
        return _STEPS.get(request.path, "")

    def answer(self, request: Request, knobs: FakeGptKnobs) -> Reply:
        """The reply to one request."""
        match request.step, request.method:
            case "chat", "POST":
                return _chat(request, knobs)
            case "session", "GET":
                return self.session()
            case "models", "GET":
                return models_reply()
            case "home", "GET":
                return _home(request)
            case "", _:
                return _error(404, "404 Not Found: The requested URL was not found.")
        return _error(405, "405 Method Not Allowed: The method is not allowed.")

    def session(self) -> Reply:
        """The constant session, which gives no token."""
        return json_reply(
            {
                "user": {"id": "user-000000000000000000000000", "name": "admin@openai.com"},
                "expires": "2089-08-08T23:59:59.999Z",
                "accessToken": "secret",
            },
            headers=(("X-Server", "pandora/1.3.5"),),
        )


def _error(code: int, message: str) -> Reply:
    return json_reply({"code": code, "message": message}, 500)


def _home(request: Request) -> Reply:
    page = "<!DOCTYPE html><html><body>Pandora</body></html>"
    if "token" not in request.query:
        return html_reply(page)
    name = request.query["token"]
    cookie = f"token-key={name}; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax"
    return html_reply(page, headers=(("Set-Cookie", cookie),))


def _chat(request: Request, knobs: FakeGptKnobs) -> Reply:
    name = request.headers.get("x-use-token") or request.cookies.get("token-key") or "default"
    if not isinstance(request.body, dict):
        request.complain("chat: the body must be a JSON object with its content type")
        return _error(400, "400 Bad Request: The browser sent a request that is not understood.")
    wrong = talk_faults(request)
    for _, message in wrong:
        request.complain(f"chat: {message}")
    if wrong:
        return _error(500, f"'{wrong[0][0]}'")
    if knobs.tokens is not None and name not in knobs.tokens:
        return _error(500, f"Access token not found: {name}")
    body = request.form
    if body["model"] not in MODELS:
        # An error of the upstream keeps its status and body.
        return json_reply({"detail": "The model does not exist."}, knobs.unknown_model)
    turn = turn_of(body["prompt"], body["message_id"], body, knobs)
    events = iter((DONE,)) if knobs.wss else _relayed(stream(turn))
    if not body.get("stream", True):
        return _whole(events)
    if knobs.wss:
        return event_stream(events, content_type="application/json")
    # The upstream's type names the charset already; Pandora adds it a second time.
    twice = "text/event-stream; charset=utf-8; charset=utf-8"
    return event_stream(events, content_type=twice)


def _relayed(events: Iterable[bytes]) -> Iterator[bytes]:
    for event in events:
        if event.startswith(_PASSED):
            yield sse(json.dumps(_value(event)))
    yield DONE


def _whole(events: Iterable[bytes]) -> Reply:
    last = None
    for event in events:
        if event != DONE:
            last = _value(event)
    if last is None:
        return _error(500, "no event came")
    return json_reply(json.dumps(last, sort_keys=True).encode())


def _value(event: bytes) -> Json:
    return json.loads(event.removeprefix(b"data: "))
