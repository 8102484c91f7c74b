"""FakeGPT's shared accounts, logins and access tokens.

A login is a pair of account and password, and the same pair is the same talk list. A token is a
JWT whose `exp` is true; the key is a test key, and nobody but us can check it.
Source: requests and replies of public clients of chat-shared2.zhile.io, and Pandora-ChatGPT
1.3.5, observed 2026-11-21.
"""

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from dragoman.emulators.fakegpt_knobs import FakeGptKnobs

__all__ = ["Account", "Accounts", "Login", "Token", "jwt_expiry"]

_TEST_KEY = b"an emulator's test key"
# Counts start this far apart, so that a login does not change who is the least used.
_COUNT_STEP = 10
# One recent use is forgotten in this time.
_DECAY_S = 60.0

Standing = Literal["alive", "login", "session", "chat"]


class Account:
    """One shared account; `standing` is the step at which it is dead, or `alive`."""

    def __init__(self, number: int, standing: Standing) -> None:
        """`number` counts from 0 in the order of use."""
        self.number = number
        self.standing = standing
        self.key = hashlib.sha256(f"account {number}".encode()).hexdigest()[:32]
        self.uses: list[float] = []

    def count(self, now: float) -> int:
        """The recent uses that the list of loads shows."""
        self.uses = [used for used in self.uses if now - used < _DECAY_S]
        return self.number * _COUNT_STEP + len(self.uses)


class Login(msgspec.Struct, frozen=True):
    """One login: its cookie's value, the account, the private space."""

    cookie: str
    account: Account
    password: str


class Token:
    """One access token that this server gave out."""

    def __init__(self, value: str, login: Login, expires: float) -> None:
        """`expires` is in epoch seconds."""
        self.value = value
        self.login = login
        self.expires = expires
        self.chats = 0


class Accounts:
    """The pool, who is logged in, and which tokens are out."""

    def __init__(self, knobs: FakeGptKnobs) -> None:
        """A pool as the scenario says, with nobody logged in."""
        self._expire = knobs.token_expire
        self.pool = [Account(n, standing) for n, standing in enumerate(knobs.pool.accounts)]
        self._logins: dict[str, Login] = {}
        self._tokens: dict[str, Token] = {}
        # Logins whose session nobody has asked for yet.
        self._open: set[Login] = set()

    def loads(self, now: float) -> list[dict[str, str | int]]:
        """The list that a client chooses from."""
        return [{"token_id": account.key, "count": account.count(now)} for account in self.pool]

    def account(self, key: str) -> Account | None:
        """The account of a `token_key`."""
        return next((account for account in self.pool if account.key == key), None)

    def log_in(self, account: Account, password: str, now: float) -> Login:
        """A new session cookie for an account."""
        account.uses.append(now)
        login = Login(f"session-{len(self._logins) + 1}", account, password)
        self._logins[login.cookie] = login
        self._open.add(login)
        return login

    def is_open(self, cookie: str, key: str, password: str) -> bool:
        """Whether who logs in so has logged in before and has not asked for the session.

        One client is known by its cookie, or by an account and a password that nobody else has.
        """
        return any(
            login.cookie == cookie or (login.account.key, login.password) == (key, password)
            for login in self._open
        )

    def asked_for(self, cookie: str) -> Login | None:
        """The login of a session cookie, whose session is asked for."""
        login = self._logins.get(cookie)
        if login is not None:
            self._open.discard(login)
        return login

    def issue(self, login: Login, now: float) -> Token:
        """A new access token for a login."""
        expires = now + self._expire.lifetime_s
        number = len(self._tokens) + 1
        value = _jwt(expires, number) if self._expire.jwt else f"fk-{number:032d}"
        token = self._tokens[value] = Token(value, login, expires)
        return token

    def token(self, value: str) -> Token | None:
        """The token of this value, if it was given out here."""
        return self._tokens.get(value)

    def refused(self, value: str, now: float) -> str:
        """Why a bearer is refused now, as the service's code; "" if it is good.

        A good one has used one chat. A token from elsewhere is good until its own `exp`, and, if
        tokens have a number of uses, for so many chats.
        """
        token = self._tokens.get(value)
        if token is None:
            expires = jwt_expiry(value)
            stranger = Login("", Account(-1, "alive"), "")
            token = Token(value, stranger, math.inf if expires is None else expires)
            self._tokens[value] = token
        if token.expires <= now:
            return "token_expired"
        if token.login.account.standing == "chat":
            return "invalid_token"
        if self._expire.uses is not None and token.chats >= self._expire.uses:
            return "token_expired"
        token.chats += 1
        return ""


def _jwt(expires: float, number: int) -> str:
    claims: dict[str, str | int] = {"sub": "emulator", "exp": int(expires), "jti": number}
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    mark = hmac.new(_TEST_KEY, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_url_base64(mark)}"


def _part(value: Mapping[str, str | int]) -> str:
    return _url_base64(json.dumps(value, separators=(",", ":")).encode())


def _url_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwt_expiry(value: str) -> float | None:
    """The `exp` of a JWT in epoch seconds, unverified; None if it has none or is no JWT."""
    parts = value.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        return float(claims["exp"])
    except (ValueError, KeyError, TypeError):
        return None
