"""FakeGPT's conversation API: who may chat, what is checked, and the ways it refuses.

Source: public clients of `/api/conversation` and published captures, read 2026-11-21.
"""

from collections import deque
from uuid import NAMESPACE_OID, uuid5

from dragoman.emulators.fakegpt_accounts import Accounts
from dragoman.emulators.fakegpt_checks import MODELS, conversation_faults
from dragoman.emulators.fakegpt_knobs import FakeGptKnobs
from dragoman.emulators.fakegpt_stream import Turn, stream
from dragoman.emulators.service import Json, Reply, Request, event_stream, json_reply, pieces

__all__ = ["Conversations", "error_detail", "models_reply", "turn_of"]

# The API host's own limit: 3 chats in 10 s.
_LIMIT_CHATS, _LIMIT_S = 3, 10.0

_REFUSALS: dict[str, tuple[int, Json]] = {
    "unusual_activity": (
        403,
        "Unusual activity has been detected from your device. Try again later.",
    ),
    "not_found": (404, "Conversation not found"),
    "hour_limit": (429, "Too many requests in 1 hour. Try again later."),
    "one_message": (429, "Only one message at a time. Please wait for the other to finish."),
    "clears_in": (429, {"clears_in": 1800, "code": "model_cap_exceeded", "message": "Cap reached"}),
    "validation": (422, [{"loc": ["body", "x"], "msg": "field required", "type": "missing"}]),
}


def error_detail(message: str, code: str) -> dict[str, Json]:
    """The object form of `detail`."""
    return {"message": message, "type": "invalid_request_error", "param": None, "code": code}


_REFUSALS["account"] = (403, error_detail("This account is deactivated.", "account_deactivated"))
_REFUSALS["too_long"] = (
    413,
    error_detail("The message is too long.", "message_length_exceeds_limit"),
)


class Conversations:
    """The talks of every login, and what clients have tried so far."""

    def __init__(self, accounts: Accounts) -> None:
        """No talk yet."""
        self._accounts = accounts
        self._listed: dict[tuple[str, str], list[str]] = {}
        self._answered: set[str] = set()
        self._refused: dict[str, int] = {}
        self._recent: deque[float] = deque()

    def answer(self, request: Request, knobs: FakeGptKnobs, token: str) -> Reply:
        """One `POST /api/conversation`."""
        refusal = self._wrong_request(request) or self._wrong_token(request, token)
        if refusal is None:
            refusal = self._refused_by_scenario(request, knobs)
        if refusal is not None:
            return refusal
        if knobs.wss:
            return json_reply({"wss_url": "wss://127.0.0.1/client/hubs", "response_id": "1"})
        turn = self._turn(request, knobs, token)
        return event_stream(stream(turn))

    def listed(self, token: str) -> Reply:
        """The conversations of a token's login, newest first."""
        ids = self._listed.get(self._space(token), [])
        items = [{"id": talk, "title": "New chat"} for talk in reversed(ids)]
        return json_reply({"items": items, "total": len(items), "limit": 20, "offset": 0})

    def _space(self, token: str) -> tuple[str, str]:
        known = self._accounts.token(token)
        return (known.login.account.key, known.login.password) if known else (token, "")

    def _wrong_request(self, request: Request) -> Reply | None:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            request.complain("chat: the content type must be application/json")
        if "text/event-stream" not in request.headers.get("accept", ""):
            request.complain("chat: `Accept` must name text/event-stream")
        wrong = conversation_faults(request)
        for _, message in wrong:
            request.complain(f"chat: {message}")
        if not wrong:
            return None
        detail = [
            {"loc": ["body", field], "msg": message, "type": "value_error"}
            for field, message in wrong
        ]
        return json_reply({"detail": detail}, 422)

    def _wrong_token(self, request: Request, token: str) -> Reply | None:
        prompt = _prompt(request)
        code = self._accounts.refused(token, request.now) if token else "invalid_token"
        self._complain_of_session(request, token)
        if not code:
            self._refused.pop(prompt, None)
            return None
        self._refused[prompt] = self._refused.get(prompt, 0) + 1
        if self._refused[prompt] > 2:
            request.complain("chat: a third attempt; one refresh and one retry are all")
        return json_reply({"detail": error_detail("Your token is expired.", code)}, 401)

    def _complain_of_session(self, request: Request, token: str) -> None:
        known = self._accounts.token(token)
        if known is None or not known.login.cookie:
            return
        cookie = request.cookies.get("session")
        if cookie is None:
            request.complain("chat: the cookies of the login are missing")
        elif cookie != known.login.cookie:
            request.complain("chat: the cookie belongs to another session than the token")

    def _refused_by_scenario(self, request: Request, knobs: FakeGptKnobs) -> Reply | None:
        if request.form["model"] not in MODELS:
            detail = error_detail("The model does not exist.", "model_not_found")
            return json_reply({"detail": detail}, knobs.unknown_model)
        if knobs.rate_limit and self._over_limit(request.now):
            return json_reply({"detail": _REFUSALS["hour_limit"][1]}, 429)
        if knobs.refusal is None:
            return None
        status, body = _REFUSALS[knobs.refusal]
        return json_reply({"detail": body}, status)

    def _over_limit(self, now: float) -> bool:
        while self._recent and now - self._recent[0] >= _LIMIT_S:
            self._recent.popleft()
        if len(self._recent) >= _LIMIT_CHATS:
            return True
        self._recent.append(now)
        return False

    def _turn(self, request: Request, knobs: FakeGptKnobs, token: str) -> Turn:
        body = request.form
        message_id = body["messages"][0]["id"]
        if message_id in self._answered:
            request.complain(f"chat: message {message_id} again, after its answer had begun")
        self._answered.add(message_id)
        turn = turn_of(_prompt(request), message_id, body, knobs)
        if not body.get("history_and_training_disabled"):
            talks = self._listed.setdefault(self._space(token), [])
            if turn.conversation_id not in talks:
                talks.append(turn.conversation_id)
        return turn


def turn_of(prompt: str, message_id: str, body: Json, knobs: FakeGptKnobs) -> Turn:
    """The turn of a good request; a new conversation's id comes from the message's."""
    parts = pieces(knobs, prompt)
    first = "".join(parts[:1]) if knobs.messages == "two" else ""
    return Turn(
        prompt=prompt,
        model=body["model"],
        message_id=message_id,
        conversation_id=body.get("conversation_id") or str(uuid5(NAMESPACE_OID, message_id)),
        knobs=knobs,
        parts=tuple(parts[1:] if knobs.messages == "two" else parts),
        first=first,
    )


def _prompt(request: Request) -> str:
    text: str = request.form["messages"][0]["content"]["parts"][0]
    return text


def models_reply() -> Reply:
    """The models and their default."""
    models = [{"slug": slug, "max_tokens": 8191, "title": slug, "tags": []} for slug in MODELS]
    return json_reply({"models": models, "categories": [{"default_model": MODELS[0]}]})
