"""What the page's server is asked and says: JSON both ways, and an error as one object.

Every answer tells the browser to run and to load nothing that is not the page's own, whatever a
model wrote into it.
Sources: W3C, "Content Security Policy Level 3" and "Trusted Types"; OWASP, "HTTP Headers Cheat
Sheet"; read 2026-11-21.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

import msgspec

from dragoman.dialects.failures import failure_headers, failure_status
from dragoman.errors import ChatError, InputError, ResponseStatusError
from dragoman.gateway.state import Gateway, Held
from dragoman.gateway.visit import TooLargeError, Visit
from dragoman.limits import UsedUpError
from dragoman.page.caller import Caller
from dragoman.page.room import Page

if TYPE_CHECKING:
    from dragoman.store.store import Store

__all__ = ["GUARD", "Answer", "Ask", "MissingError", "error_of", "failed"]

T = TypeVar("T")

GUARD: tuple[tuple[str, str], ...] = (
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dragoman",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
"""What every answer of the page has."""

_FRESH = ("cache-control", "no-store")
_JSON = ("content-type", "application/json")


class MissingError(ResponseStatusError):
    """There is no such thing, or it is not the caller's: status 404."""

    def __init__(self, what: str) -> None:
        super().__init__(f"there is no such {what}", status=404, code="not_found")


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that is not just JSON with the status 200; `body` is JSON, but bytes are bytes."""

    status: int = 200
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()

    async def give(self, visit: Visit) -> None:
        """Send it."""
        body = self.body
        own = dict((*GUARD, _FRESH))
        if isinstance(body, bytes):
            said = body
        else:
            said = b"" if body is None else msgspec.json.encode(body)
            own |= dict([_JSON]) if said else {}
        await visit.answer(self.status, said, (own | dict(self.headers)).items())


class Ask:
    """One request to the page, from a caller who may come in."""

    def __init__(self, page: Page, held: Held, visit: Visit, caller: Caller) -> None:
        self.page = page
        self.held = held
        self.visit = visit
        self.caller = caller
        self.query: Mapping[str, str] = visit.query()

    @property
    def gateway(self) -> Gateway:
        """The gateway that the page belongs to."""
        return self.page.gateway

    async def store(self) -> "Store":
        """What is kept. `StoreError` if it cannot be opened."""
        return await self.page.store()

    async def body(self, kind: type[T]) -> T:
        """The request's JSON; `InputError` says what is wrong with it."""
        sent = await self.visit.body(self.held.settings.body_limit_bytes)
        try:
            return msgspec.json.decode(sent, type=kind)
        except msgspec.ValidationError as exc:
            raise InputError(f"the request: {exc}") from exc
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            raise InputError("the request's body is no JSON") from exc

    def headers(self, *more: tuple[str, str]) -> list[tuple[str, str]]:
        """The headers of an answer that the handler sends itself."""
        return [*GUARD, _FRESH, *more]


def error_of(error: ChatError) -> dict[str, object]:
    """An error as the page is told it."""
    return {"kind": type(error).__name__, "message": error.message, "hint": error.hint or None}


def failed(error: ChatError, more: Iterable[tuple[str, str]] = ()) -> Answer:
    """An error as an answer."""
    status = 413 if isinstance(error, TooLargeError) else failure_status(error)
    headers = [*failure_headers(error).items(), *more]
    if isinstance(error, UsedUpError):
        headers += dict(error.headers).items()
    return Answer(status=status, body={"error": error_of(error)}, headers=tuple(headers))
