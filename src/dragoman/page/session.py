"""Signing in at the page with a key of the gateway: a cookie stands for the key from then on.

The cookie is 256 bits of chance and no script can read it; the store has its digest and the key's
name. It ends seven days after it was used last, with its key, or when its reader signs out.
Sources: RFC 6265bis (cookies), OWASP "Session Management Cheat Sheet", read 2026-11-21.
"""

import secrets
from http.cookies import CookieError, SimpleCookie

import msgspec

import dragoman
from dragoman.errors import ChatError, ResponseStatusError
from dragoman.gateway.state import Held
from dragoman.gateway.visit import Visit
from dragoman.gateway_keys import GatewayKeyError
from dragoman.gateway_settings import GatewayKey
from dragoman.page.caller import Caller
from dragoman.page.speaking import Answer, Ask

__all__ = ["COOKIE", "KEPT_S", "SignedOutError", "caller_of", "me", "sign_in", "sign_out"]

COOKIE = "dragoman_session"
KEPT_S = 7 * 86400
"""How long a session lasts that nobody uses."""


class SignedOutError(ResponseStatusError):
    """A key is asked for, and there is neither one nor a session: status 401."""

    def __init__(self) -> None:
        super().__init__("sign in with a key of this gateway", status=401, code="signed_out")


async def caller_of(ask: Ask) -> Caller:
    """Who asks, by a key in the headers or by the cookie. `SignedOutError`."""
    held, visit = ask.held, ask.visit
    if not held.settings.keys:
        return Caller()
    try:
        key = held.keys.check(visit.headers, None)
    except GatewayKeyError:
        token = _token(visit)
        if not token:
            raise SignedOutError from None
        store = await ask.store()
        name = await store.sessions.used(token, KEPT_S)
        key = None if name is None else held.keys.named(name)
        if key is None:
            raise SignedOutError from None
    return _caller(held, key)


async def me(ask: Ask) -> object:
    """Who is here, whether or not somebody is signed in."""
    try:
        caller = await caller_of(ask)
    except SignedOutError:
        caller = None
    return {
        "needs_key": bool(ask.held.settings.keys),
        "signed_in": caller is not None,
        "name": caller.name if caller else "",
        "operator": caller is not None and caller.is_operator,
        "version": dragoman.__version__,
        "body_limit_bytes": ask.held.settings.body_limit_bytes,
    }


class _SignIn(msgspec.Struct, frozen=True):
    key: str


async def sign_in(ask: Ask) -> Answer:
    """Begin a session with a key."""
    ask.page.trials.check()
    given = (await ask.body(_SignIn)).key.strip()
    try:
        key = ask.held.keys.check({"x-api-key": given}, None)
    except ChatError:
        ask.page.trials.note()
        raise
    if key is None:
        return Answer(status=204)
    token = secrets.token_urlsafe(32)
    await (await ask.store()).sessions.begin(token, key.name, KEPT_S)
    return Answer(status=204, headers=(("set-cookie", _cookie(ask.visit, token, KEPT_S)),))


async def sign_out(ask: Ask) -> Answer:
    """End the session that asks."""
    token = _token(ask.visit)
    if token:
        await (await ask.store()).sessions.end(token)
    return Answer(status=204, headers=(("set-cookie", _cookie(ask.visit, "", 0)),))


def _caller(held: Held, key: GatewayKey | None) -> Caller:
    if key is None:
        return Caller()
    configured = {each.name for each in held.config.gateway.keys}
    return Caller(name=key.name, key=key, is_operator=key.name in configured)


def _token(visit: Visit) -> str:
    try:
        found = SimpleCookie(visit.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _cookie(visit: Visit, token: str, age_s: int) -> str:
    secure = "; Secure" if visit.scheme == "https" else ""
    return f"{COOKIE}={token}; Path=/page; Max-Age={age_s}; HttpOnly; SameSite=Strict{secure}"
