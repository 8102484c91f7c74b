"""An answer to a program that speaks with Anthropic: it looks for the request's name elsewhere.

In the header `request-id`, and in errors beside `error`.
Source: Claude API docs "Errors" (request id), read 2026-11-21.
"""

from collections.abc import Iterable

import msgspec

from dragoman.gateway.visit import Visit

__all__ = ["AnthropicVisit", "is_for_anthropic"]

_UNNAMED = b'"request_id":null'


def is_for_anthropic(visit: Visit) -> bool:
    """Whether the caller is such a program."""
    return visit.path.startswith("/v1/messages") or "anthropic-version" in visit.headers


class AnthropicVisit(Visit):
    """One request and its answer."""

    _request_id = ""

    def goes_on(self, request_id: str) -> None:
        """The status went out already, with this name."""
        super().goes_on(request_id)
        self._request_id = request_id

    async def start(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Send status and headers, with the name."""
        headers = list(headers)
        self._note(headers)
        await super().start(status, [*headers, ("request-id", self._request_id)])

    async def write(self, chunk: bytes, *, more: bool = True) -> None:
        """Send a piece of the body; an error in a stream is one piece."""
        named = self._named(chunk) if chunk.startswith(b"event: error") else chunk
        await super().write(named, more=more)

    async def answer(
        self, status: int, body: bytes, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Send a whole answer."""
        headers = list(headers)
        self._note(headers)
        await super().answer(status, self._named(body) if status >= 400 else body, headers)

    def _note(self, headers: list[tuple[str, str]]) -> None:
        self._request_id = dict(headers).get("x-request-id", "")

    def _named(self, body: bytes) -> bytes:
        # In a text its quotes would be escaped: only the field is found.
        return body.replace(_UNNAMED, _UNNAMED[:-4] + msgspec.json.encode(self._request_id), 1)
