"""Pictures and PDFs by address, fetched for a provider that takes only their bytes.

Only where the provider's wire has no field for an address: otherwise the provider fetches, and the
gateway asks nobody. What may be asked is `transport.public_get`'s to say; size, time and number
are bounded for a chat as a whole, and what came is believed by its first bytes.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import TypeAlias, TypeVar
from urllib.parse import urlsplit

import msgspec

from dragoman.chat import ChatRequest
from dragoman.errors import ChatError, InputError
from dragoman.features import CARRIED, REFUSED, Carried, How, Mapped, Refused, fit
from dragoman.media import IMAGE_TYPES, sniff
from dragoman.messages import Document, Image, Message, ToolResult
from dragoman.providers.base import Provider
from dragoman.transport.public_get import PublicGet

__all__ = ["MAX_ADDRESSES", "MAX_BYTES", "TIME_S", "Fetching"]

MAX_BYTES = 20 * 1024 * 1024
"""All that is fetched for one chat, together."""
TIME_S = 10.0
MAX_ADDRESSES = 20
_AT_ONCE = 4
P = TypeVar("P")
_Media: TypeAlias = Image | Document


class _Kind(msgspec.Struct, frozen=True):
    """What may come for an address, and the features that are asked about it."""

    media_types: frozenset[str]
    by_address: str
    as_bytes: str


_KINDS: Mapping[type[_Media], _Kind] = {
    Image: _Kind(IMAGE_TYPES, "image_url", "image"),
    Document: _Kind(frozenset({"application/pdf"}), "document_url", "document"),
}
_Key: TypeAlias = tuple[type[_Media], str]
_Fetched: TypeAlias = dict[_Key, tuple[bytes, str]]


class Fetching:
    """Puts bytes in place of addresses; `getting` is what gets them."""

    def __init__(self, getting: PublicGet | None = None, *, time_s: float = TIME_S) -> None:
        self._getting = getting or PublicGet()
        self._time_s = time_s

    def says(self, provider: Provider) -> Mapping[str, How]:
        """What can be said to a provider, with addresses that are fetched for it."""
        fetched = {_KINDS[kind].by_address: CARRIED for kind in _wanted(provider)}
        return {**provider.says, **fetched} if fetched else provider.says

    async def filled(self, chat: ChatRequest, provider: Provider) -> ChatRequest:
        """The chat with bytes for every address that this provider's wire has no field for.

        `InputError` names the place of what cannot be fetched. Nothing is fetched for a chat that
        the provider cannot be asked at all.
        """
        kinds = _wanted(provider)
        places: dict[_Key, str] = {}
        for place, part in _addressed(chat.messages):
            if type(part) in kinds:
                places.setdefault((type(part), part.url or ""), place)
        if not places:
            return chat
        fit(chat, provider.name, self.says(provider), provider.DIALECT)
        if len(places) > MAX_ADDRESSES:
            place = list(places.values())[MAX_ADDRESSES]
            raise InputError(f"{place}: at most {MAX_ADDRESSES} addresses", place=place)
        fetched = await self._fetch(places)
        messages = tuple(_with(message, fetched) for message in chat.messages)
        return msgspec.structs.replace(chat, messages=messages)

    async def _fetch(self, places: dict[_Key, str]) -> _Fetched:
        budget, slots = _Budget(MAX_BYTES), asyncio.Semaphore(_AT_ONCE)

        async def one(key: _Key, place: str) -> tuple[bytes, str]:
            try:
                async with asyncio.timeout(self._time_s), slots:
                    return await self._one(key, budget)
            except TimeoutError as exc:
                raise _failed(key, place, f"not here within {self._time_s:g} s") from exc
            except ChatError as exc:
                raise _failed(key, place, exc.message) from exc

        tasks = [asyncio.ensure_future(one(key, place)) for key, place in places.items()]
        try:
            return dict(zip(places, await asyncio.gather(*tasks), strict=True))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, key: _Key, budget: "_Budget") -> tuple[bytes, str]:
        kind, url = key
        reply = await self._getting.get(url, budget.take)
        if reply.head.status != 200:
            raise InputError(f"status {reply.head.status}")
        media_type = sniff(reply.body)
        if media_type not in _KINDS[kind].media_types:
            known = ", ".join(sorted(_KINDS[kind].media_types))
            raise InputError(f"what came is none of {known}")
        return reply.body, media_type


class _Budget:
    """How much may still come."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._left = most_bytes

    def take(self, size: int) -> None:
        """Less by this; `InputError` when it is used up."""
        self._left -= size
        if self._left < 0:
            raise InputError(f"more than {self._most_bytes} bytes in all")


def _wanted(provider: Provider) -> set[type[_Media]]:
    """What it takes as bytes and not by address."""
    return {
        kind
        for kind, row in _KINDS.items()
        if isinstance(_says(provider, row.by_address), Refused)
        and isinstance(_says(provider, row.as_bytes), Carried | Mapped)
    }


def _says(provider: Provider, name: str) -> How:
    return provider.says.get(name, REFUSED)


def _addressed(messages: tuple[Message, ...]) -> Iterator[tuple[str, _Media]]:
    """Each part that is an address, and its place."""
    for number, message in enumerate(messages):
        for at, part in enumerate(message.parts):
            place = f"messages[{number}].content[{at}]"
            if isinstance(part, ToolResult):
                for inner, piece in enumerate(part.parts):
                    if isinstance(piece, Image | Document) and piece.url:
                        yield f"{place}.content[{inner}]", piece
            elif isinstance(part, Image | Document) and part.url:
                yield place, part


def _with(message: Message, fetched: _Fetched) -> Message:
    parts = tuple(
        msgspec.structs.replace(part, parts=tuple(_filled(piece, fetched) for piece in part.parts))
        if isinstance(part, ToolResult)
        else _filled(part, fetched)
        for part in message.parts
    )
    return msgspec.structs.replace(message, parts=parts)


def _filled(part: P, fetched: _Fetched) -> P:
    if not isinstance(part, Image | Document) or not part.url:
        return part
    found = fetched.get((Image if isinstance(part, Image) else Document, part.url))
    if found is None:
        return part
    content, media_type = found
    return msgspec.structs.replace(part, url=None, content=content, media_type=media_type)


def _failed(key: _Key, place: str, why: str) -> InputError:
    # Of the address only the host: the rest may be what lets its reader in.
    kind, url = key
    host = _host(url)
    at = f" at {host}" if host and host not in why else ""
    words = f"{place}: the {kind.__name__.lower()}{at} cannot be fetched: {why}"
    return InputError(words, place=place)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
