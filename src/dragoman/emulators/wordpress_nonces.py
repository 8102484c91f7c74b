"""WordPress nonces: short-lived marks that a form came from a page of the site.

Rule: pure, the clock is the caller's. A nonce names its tick (half of its life), its action, the
user and his login session; the value of this tick and of the last one are good, no other, and
using one does not wear it out. All guests share one value.
Source: WordPress 6.1.9, behaviour of `wp_create_nonce` and `wp_verify_nonce`, observed 2026-11-21.
"""

import hashlib
import hmac
import math
import zlib
from collections.abc import Mapping

import msgspec

__all__ = ["GUEST", "NONCE_LIFE_S", "Nonces", "Visitor", "visitor_of"]

NONCE_LIFE_S = 86_400.0


class Visitor(msgspec.Struct, frozen=True):
    """Who asks: `user_id` 0 and no `session_token` is a guest."""

    user_id: int = 0
    session_token: str = ""


GUEST = Visitor()


def visitor_of(cookies: Mapping[str, str]) -> Visitor:
    """The visitor that a login cookie names (`wordpress_logged_in_*`, any is believed), or a guest.

    Its value is `login|expiry|token|signature`, as WordPress writes it.
    """
    for name, value in cookies.items():
        if name.startswith("wordpress_logged_in_"):
            login, *others = value.replace("%7C", "|").split("|")
            token = others[1] if len(others) > 1 else ""
            return Visitor(user_id=zlib.crc32(login.encode()) + 1, session_token=token)
    return GUEST


class Nonces(msgspec.Struct, frozen=True):
    """The nonces of one site: `secret` is its salt, `life_s` what the `nonce_life` filter gives."""

    secret: str
    life_s: float = NONCE_LIFE_S

    def tick(self, now_s: float) -> int:
        """The tick of a time in Unix seconds; it usually turns at 00:00 and 12:00 UTC."""
        return math.ceil(now_s / (self.life_s / 2))

    def create(self, action: str, visitor: Visitor, *, now_s: float) -> str:
        """The nonce of now: 10 hex characters."""
        return self._value(action, visitor, self.tick(now_s))

    def stale(self, action: str, visitor: Visitor, *, now_s: float) -> str:
        """A nonce that was good two ticks ago: what a page cache keeps serving."""
        return self._value(action, visitor, self.tick(now_s) - 2)

    def verify(self, nonce: str, action: str, visitor: Visitor, *, now_s: float) -> bool:
        """Whether `nonce` is this tick's or the last tick's, compared exactly."""
        tick = self.tick(now_s)
        return nonce != "" and nonce in {
            self._value(action, visitor, tick),
            self._value(action, visitor, tick - 1),
        }

    def _value(self, action: str, visitor: Visitor, tick: int) -> str:
        text = f"{tick}|{action}|{visitor.user_id}|{visitor.session_token}"
        return hmac.new(self.secret.encode(), text.encode(), hashlib.md5).hexdigest()[-12:-2]
