"""Logging in to a shared station: one of its pooled accounts, with a password of our own.

    GET  /api/loads          which accounts there are and how busy each is
    POST /auth/login         token_key, session_password; the redirect is not followed
    GET  /api/auth/session   the access token, or `{}` if the account is dead

A login page that says "failed" looks like one that worked: only the session tells. A dead account
makes room for the next, at most three in one call, its refresh included.
Source: requests and replies of public clients of chat-shared2.zhile.io and the source of
pandora-cloud 0.7.3, read 2026-11-21.
"""

import secrets
from collections.abc import Generator, Mapping

import msgspec

from dragoman.errors import AuthError, ChatError, HandshakeError, ResponseError, ResponseStatusError
from dragoman.providers.call import Call, Handshake, Step
from dragoman.providers.web.fake_gpt_token import decode_exp, decode_expires, is_bearer
from dragoman.sessions.store import Facts
from dragoman.wire.http import HttpReply, HttpRequest, form
from dragoman.wire.status import html_error, status_error

__all__ = ["MAX_ACCOUNTS", "Login", "log_in"]

MAX_ACCOUNTS = 3
STALE_EARLY_S = 60.0

_DEAD_STATUSES = frozenset({400, 401, 404})
_TALK_HINT = (
    "This looks like open Pandora (set dialect=talk), or like a service that takes an access "
    "token (set access_token)"
)


class Login(Facts, frozen=True, kw_only=True):
    """An access token, the cookies that go with it, and the accounts that were tried for it.

    The account in use is the last of `tried`; empty in the dialects that have no accounts.
    """

    token: str = ""
    cookies: Mapping[str, str] = {}
    tried: tuple[str, ...] = ()


def log_in(
    call: Call, *, spent: tuple[str, ...] = (), last_resort: str | None = None
) -> Handshake[Login]:
    """Take the least busy accounts in turn until one is alive.

    `spent` accounts count as tried in this call and are not taken again, but for `last_resort`
    where there is no other. `AuthError` if none is alive.
    """
    url = f"{call.base_url}/api/loads?t={int(call.now)}"
    reply = yield Step("loads", HttpRequest("GET", url, cookies=call.account.cookie_values()))
    jar = {**call.account.cookie_values(), **reply.head.cookies}
    listed = _by_load(_decode_loads(call, reply))
    accounts = [account for account in listed if account not in spent]
    accounts = accounts[: MAX_ACCOUNTS - len(spent)]
    if not accounts and last_resort in listed:
        accounts = [last_resort]
    for number, account in enumerate(accounts, 1):
        login = yield from _enter(call, account, jar)
        if login is not None:
            return msgspec.structs.replace(login, tried=(*spent, *accounts[:number]))
    raise AuthError(f"no live shared account; {len(set(spent).union(accounts))} tried")


def _decode_loads(call: Call, reply: HttpReply) -> dict[str, int]:
    """How busy each account is, by its `token_id`; `HandshakeError` if there is none."""
    error = status_error(reply, call.now)
    if error is not None:
        if _is_no_station(error):
            error.hint = _TALK_HINT
        raise error
    try:
        value = _decode_json(reply)
    except ResponseError as exc:
        if not reply.body.strip() or reply.head.media_type == "text/html":
            raise
        raise HandshakeError(f"no shared account: {exc.message}") from exc
    loads = value.get("loads")
    counts: dict[str, int] = {}
    for load in loads if isinstance(loads, list) else ():
        if isinstance(load, dict) and isinstance(account := load.get("token_id"), str) and account:
            count = load.get("count")
            counts[account] = count if isinstance(count, int) else 0
    if not counts:
        raise HandshakeError("no shared account: the station lists none")
    return counts


def _is_no_station(error: ChatError) -> bool:
    # Open Pandora answers 500 to every path that it has not, with the true status as a code.
    known = ("404", "405")
    return isinstance(error, ResponseStatusError) and (
        str(error.status) in known or error.code in known
    )


def _by_load(counts: Mapping[str, int]) -> list[str]:
    """The accounts, least busy first; equally busy ones in random order."""
    accounts = list(counts)
    secrets.SystemRandom().shuffle(accounts)
    return sorted(accounts, key=counts.__getitem__)


def _enter(
    call: Call, account: str, jar: Mapping[str, str]
) -> Generator[Step, HttpReply, Login | None]:
    """Log in to one account and ask who we are; None if the account is dead."""
    fields = {"token_key": account, "session_password": secrets.token_hex(16)}
    if call.setting("password_cookie") == "yes":
        jar = {**jar, "session_password": fields["session_password"]}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"{call.base_url}/auth/login"
    reply = yield Step("login", HttpRequest("POST", url, headers, form(fields), jar))
    if _is_refused(call, reply):
        return None
    jar = {**jar, **reply.head.cookies}
    url = f"{call.base_url}/api/auth/session"
    reply = yield Step("session", HttpRequest("GET", url, cookies=jar))
    found = _decode_session(call, reply, jar)
    if found is None:
        return None
    token, end = found
    # An end that has passed already says that one of the clocks is wrong: the service decides.
    known = end is not None and end - STALE_EARLY_S > call.now
    return Login(
        token=token,
        cookies={**jar, **reply.head.cookies},
        expires_at=end - STALE_EARLY_S if end is not None and known else None,
    )


def _is_refused(call: Call, reply: HttpReply) -> bool:
    """Whether the login says that the account is dead; any other error is raised."""
    if 300 <= reply.head.status < 400:
        return False
    error = status_error(reply, call.now)
    if error is None:
        return _says_refused(reply)
    if _is_about_account(error):
        return True
    raise error


def _says_refused(reply: HttpReply) -> bool:
    body = reply.body.lstrip()
    # A page may hold any number, in its styles for example; what it means the session tells.
    if not body or body.startswith(b"<"):
        return False
    try:
        value = reply.json()
    except ResponseError:
        return b"400" in body
    if isinstance(value, dict):
        return value.get("code") not in (None, 0)
    return b"400" in body


def _is_about_account(error: ChatError) -> bool:
    if isinstance(error, ResponseStatusError):
        return error.status in _DEAD_STATUSES
    return isinstance(error, AuthError)


def _decode_session(
    call: Call, reply: HttpReply, jar: Mapping[str, str]
) -> tuple[str, float | None] | None:
    """The access token of a session and its end, if that is known; None if there is no session."""
    if reply.head.status == 404 and "credential" in jar:
        credential = _checked(jar["credential"])
        return credential, decode_exp(credential)
    error = status_error(reply, call.now)
    if isinstance(error, AuthError):
        return None
    if error is not None:
        raise error
    said = _decode_json(reply)
    token = said.get("accessToken")
    if token == "secret" and reply.head.headers.get("x-server", "").startswith("pandora/"):  # noqa: S105 (a constant of that server, no secret)
        wrong = HandshakeError("the server is open Pandora, which has no logins: use dialect talk")
        wrong.hint = _TALK_HINT
        raise wrong
    if not isinstance(token, str) or not token:
        return None
    end = decode_exp(_checked(token))
    return token, decode_expires(said.get("expires")) if end is None else end


def _checked(token: str) -> str:
    if is_bearer(token):
        return token
    raise ResponseError("the session's access token is no word that a header can carry")


def _decode_json(reply: HttpReply) -> dict[str, object]:
    """The JSON object of a reply; `ResponseError` for HTML, nothing, or another value."""
    if not reply.body.strip():
        raise ResponseError("an empty reply instead of JSON")
    if reply.head.media_type == "text/html":
        raise html_error(reply.head, reply.body, "JSON")
    value = reply.json()
    if isinstance(value, dict):
        return value
    raise ResponseError(f"JSON that is no object but {type(value).__name__}")
