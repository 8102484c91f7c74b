"""The nonces of one emulated site over time: uses counted, salts changed.

Rule: a nonce dies by its tick, or because the site's salt changed; that is how an emulator makes
one stale at will, and why the next page has a new one.
Source: WordPress 6.1.9, behaviour of nonces, observed 2026-11-21.
"""

import secrets
from collections.abc import Iterable, Iterator

from dragoman.emulators.service import Request
from dragoman.emulators.wordpress_knobs import WordPressKnobs
from dragoman.emulators.wordpress_nonces import NONCE_LIFE_S, Nonces, visitor_of

__all__ = ["Salt", "SiteNonces"]


class Salt:
    """The secret that a site signs its nonces with; it outlives the scenarios."""

    def __init__(self) -> None:
        self.value = ""
        self.change()

    def change(self) -> None:
        """Every nonce so far is dead."""
        self.value = secrets.token_hex(16)


class SiteNonces:
    """The nonces for one `action` on one site; a life in seconds comes from the scenario."""

    def __init__(self, salt: Salt, action: str, knobs: WordPressKnobs) -> None:
        expire = knobs.nonce_expire_after
        self._salt = salt
        self._action = action
        self._life_s = NONCE_LIFE_S if expire is None else expire.seconds or NONCE_LIFE_S
        self._uses = 0

    def on_page(self, request: Request, knobs: WordPressKnobs) -> str:
        """The nonce that a page shows: the live one, or a dead one out of a page cache."""
        stale = knobs.nonce_stale_page
        cured = bool(request.query) and (stale is True or (stale and stale.cure))
        make = self._nonces().stale if stale and not cured else self._nonces().create
        return make(self._action, visitor_of(request.cookies), now_s=request.now)

    def accept(self, nonce: str, request: Request, knobs: WordPressKnobs) -> bool:
        """Whether a chat with this nonce is let in; counts its use."""
        visitor = visitor_of(request.cookies)
        if not self._nonces().verify(nonce, self._action, visitor, now_s=request.now):
            return False
        expire = knobs.nonce_expire_after
        if expire is not None and expire.uses is not None and self._uses >= expire.uses:
            self.kill()
            return False
        # D5 shows its nonce more than once a chat.
        self._uses += request.step == "chat"
        return True

    def kill(self) -> None:
        """Every nonce so far is dead."""
        self._salt.change()
        self._uses = 0

    def dying(self, events: Iterable[bytes], knobs: WordPressKnobs) -> Iterator[bytes]:
        """The events of an answer, in the middle of which the scenario may kill the nonce."""
        dies = knobs.nonce_dies_mid_stream
        for number, event in enumerate(events, 1):
            yield event
            if dies is not None and number == dies.after_events:
                self.kill()

    def _nonces(self) -> Nonces:
        return Nonces(self._salt.value, self._life_s)
