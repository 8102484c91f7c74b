"""FakeGPT: a station of shared chat accounts, and two of its relatives.

Dialect `station`: loads, login, session, then a conversation that streams cumulative messages.
Dialect `token`: the conversation alone, for who brings a token. Dialect `talk`: open Pandora, in
`dragoman.emulators.fakegpt_talk`.
Source: requests and replies of public clients of chat-shared2.zhile.io, Pandora-ChatGPT 1.3.5 and
published captures, read and observed 2026-11-21; the station itself is gone.
"""

from datetime import UTC, datetime

from dragoman.emulators.fakegpt_accounts import Account, Accounts
from dragoman.emulators.fakegpt_conversation import Conversations, error_detail, models_reply
from dragoman.emulators.fakegpt_knobs import FakeGptKnobs
from dragoman.emulators.fakegpt_talk import Talk
from dragoman.emulators.fault_shapes import ErrorEvent
from dragoman.emulators.service import (
    Pairs,
    Reply,
    Request,
    Service,
    html_reply,
    json_reply,
    sse,
    text_reply,
)

__all__ = ["FakeGpt"]

_PASSWORD = "session_password"  # noqa: S105 (a field's name, no secret)
_LOGIN_PAGE = "<!DOCTYPE html><html><body><p>{}</p><form action='/auth/login'></form></body></html>"
_STATION_STEPS = {
    "/api/loads": "loads",
    "/auth/login": "login",
    "/api/auth/session": "session",
    "/": "home",
}
_API_STEPS = {
    f"{prefix}/{path}": step
    for prefix in ("/api", "/backend-api")
    for path, step in (
        ("conversation", "chat"),
        ("models", "models"),
        ("conversations", "conversations"),
    )
}


class FakeGpt(Service[FakeGptKnobs]):
    """The far side of the FakeGPT provider."""

    name = "fakegpt"
    knobs_type = FakeGptKnobs

    def __init__(self) -> None:
        """Ready to serve with a pool of three accounts."""
        self.reset(FakeGptKnobs())

    def reset(self, knobs: FakeGptKnobs) -> None:
        """A new pool, nobody logged in, no conversation."""
        self._dialect = knobs.dialect
        self._accounts = Accounts(knobs)
        self._conversations = Conversations(self._accounts)
        self._talk = Talk()

    def step(self, request: Request) -> str:
        """`loads`, `login`, `session`, `models`, `chat`; in dialect `talk` its own."""
        if self._dialect == "talk":
            return self._talk.step(request)
        steps = _API_STEPS if self._dialect == "token" else _STATION_STEPS | _API_STEPS
        return steps.get(request.path, "")

    def client_id(self, request: Request) -> str:
        """The bearer token, or the password of a login."""
        return bearer(request) or str(request.form.get(_PASSWORD, ""))

    def answer(self, request: Request, knobs: FakeGptKnobs) -> Reply:
        """The reply to one step."""
        if knobs.dialect == "talk":
            return self._talk.answer(request, knobs)
        match request.step, request.method:
            case "loads", "GET":
                return self._loads(request)
            case "login", "POST":
                return self._login(request, knobs)
            case "session", "GET":
                return self._session(request, knobs)
            case "chat", "POST":
                return self._conversations.answer(request, knobs, self._token(request, knobs))
            case "models", "GET":
                return models_reply()
            case "conversations", "GET":
                return self._conversations.listed(bearer(request))
            case "home", "GET":
                return self._home(request)
            case "", _:
                return self.error(404, "Not Found")
        return self.error(405, "Method Not Allowed")

    def error(self, status: int, message: str, code: str = "") -> Reply:
        """`detail` as the conversation API has it: a text for 429, else an object."""
        if status == 429:
            return json_reply({"detail": "Too many requests in 1 hour. Try again later."}, 429)
        code = code or {401: "token_expired"}.get(status, "error")
        return json_reply({"detail": error_detail(message, code)}, status)

    def error_event(self, error: ErrorEvent) -> bytes:
        """An event without a message, with an error object."""
        described = {"message": error.message, "code": error.code}
        return sse({"message": None, "conversation_id": None, "error": described})

    def _loads(self, request: Request) -> Reply:
        if not request.query.get("t", "").isdigit():
            request.complain("loads: `t` must be the Unix time in whole seconds")
        return json_reply({"loads": self._accounts.loads(request.now)})

    def _login(self, request: Request, knobs: FakeGptKnobs) -> Reply:
        key, password = (request.form.get(name) for name in ("token_key", _PASSWORD))
        kind = request.headers.get("content-type", "").partition(";")[0]
        if kind != "application/x-www-form-urlencoded" or not key or not password:
            request.complain("login: a form with token_key and session_password is due")
            return html_reply(_LOGIN_PAGE.format("token_key is missing"))
        if self._accounts.is_open(request.cookies.get("session", ""), str(key), str(password)):
            request.complain("login: a second one before the session of the first was asked for")
        if "password_cookie" in knobs.variant and request.cookies.get(_PASSWORD) != password:
            return text_reply("400")
        account = self._accounts.account(str(key))
        if account is None:
            return html_reply(_LOGIN_PAGE.format("unknown token_key"))
        match knobs.login_shape:
            case "html":
                return html_reply(_LOGIN_PAGE.format("this account cannot log in"))
            case "code_500":
                return json_reply({"code": 500, "message": "Invalid access token: expired"})
            case "429":
                return self.error(429, "")
            case "302" if account.standing != "login":
                return self._logged_in(account, request, knobs)
        return text_reply("400")

    def _logged_in(self, account: Account, request: Request, knobs: FakeGptKnobs) -> Reply:
        password, now = request.form[_PASSWORD], request.now
        login = self._accounts.log_in(account, password, now)
        cookies = {"session": login.cookie}
        if knobs.session_shape == "credential":
            cookies["credential"] = self._accounts.issue(login, now).value
        return html_reply("", 302, headers=(("Location", "/"), *_set_cookies(cookies)))

    def _session(self, request: Request, knobs: FakeGptKnobs) -> Reply:
        login = self._accounts.asked_for(request.cookies.get("session", ""))
        match knobs.session_shape:
            case "secret":
                return self._talk.session()
            case "credential":
                return self.error(404, "Not Found")
            case "empty":
                return json_reply({})
            case "token":
                pass
        if login is None:
            # Without any cookie it is a client that could not tell a failed login: no fault of it.
            if "session" in request.cookies:
                request.complain("session: the cookie belongs to no login")
            return json_reply({})
        if login.account.standing == "session":
            return json_reply({})
        token = self._accounts.issue(login, request.now)
        user = {"id": f"user-{login.account.number}", "name": "Emulator", "email": "e@x.invalid"}
        return json_reply(
            {
                "user": user,
                "expires": _written(token.expires, zone=knobs.token_expire.zone),
                "accessToken": token.value,
                "authProvider": "auth0",
            }
        )

    def _token(self, request: Request, knobs: FakeGptKnobs) -> str:
        """The bearer token, or none if this station wants it written otherwise."""
        written = request.headers.get("x-authorization", "")
        wrong = "bare_token" in knobs.variant and written.startswith("Bearer")
        return "" if wrong else bearer(request)

    def _home(self, request: Request) -> Reply:
        if "session" in request.cookies:
            request.complain("home: nobody reads this page; do not follow a login's redirect")
        return html_reply("<!DOCTYPE html><html><body>A shared station</body></html>")


def _written(time_s: float, *, zone: bool) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%FT%T.000Z" if zone else "%FT%T")


def _set_cookies(cookies: dict[str, str]) -> Pairs:
    marks = "Path=/; HttpOnly; SameSite=Lax"
    return tuple(("Set-Cookie", f"{name}={value}; {marks}") for name, value in cookies.items())


def bearer(request: Request) -> str:
    """The token of a request; `X-Authorization` is the front end's own header."""
    header = request.headers.get("x-authorization") or request.headers.get("authorization", "")
    return header.removeprefix("Bearer").strip()
