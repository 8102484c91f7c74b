"""Pictures: those of a conversation, and one from elsewhere when a reader asks to see it.

The browser itself loads nothing from elsewhere: what a model writes must not tell its address to
whoever it names. One is fetched by the gateway, after a click, from the public internet only.
"""

import asyncio

from dragoman.errors import ChatError, InputError, ResponseStatusError
from dragoman.media import IMAGE_TYPES, decode_base64, sniff
from dragoman.page.finding import found
from dragoman.page.speaking import Answer, Ask, MissingError
from dragoman.transport.public_get import PublicGet

__all__ = ["elsewhere", "kept"]

MOST_BYTES = 20 * 1024 * 1024
TIME_S = 10.0
_KEPT = ("cache-control", "private, max-age=31536000, immutable")


async def kept(ask: Ask, turn: str, number: str) -> Answer:
    """`GET /turns/ID/pictures/N`: a picture that was shown to a model."""
    mine = (await ask.store()).conversations(ask.caller.name)
    with found("picture"):
        data = await mine.picture(turn, int(number))
    content = await asyncio.to_thread(decode_base64, data) or b""
    media_type = sniff(content)
    if media_type not in IMAGE_TYPES:
        raise MissingError("picture")
    return Answer(body=content, headers=(("content-type", media_type), _KEPT))


async def elsewhere(ask: Ask) -> Answer:
    """`GET /picture?url=`: a picture at an address in the public internet."""
    if not ask.held.settings.fetch_images:
        words = "this gateway fetches no pictures: fetch_images of [gateway] is false"
        raise ResponseStatusError(words, status=403)
    url = ask.query.get("url", "")
    try:
        async with asyncio.timeout(TIME_S), ask.page.fetching:
            content = await ask.visit.while_there(_fetch(url))
    except TimeoutError as exc:
        raise ResponseStatusError(f"not here within {TIME_S:g} s", status=504) from exc
    except ChatError as exc:
        raise InputError(f"the picture cannot be fetched: {exc.message}", place="url") from exc
    media_type = sniff(content)
    if media_type not in IMAGE_TYPES:
        raise InputError("what is there is no picture: png, jpeg, gif or webp", place="url")
    return Answer(body=content, headers=(("content-type", media_type), _KEPT))


async def _fetch(url: str) -> bytes:
    size = 0

    def take(more: int) -> None:
        nonlocal size
        size += more
        if size > MOST_BYTES:
            raise InputError(f"it is longer than {MOST_BYTES} bytes")

    reply = await PublicGet().get(url, take)
    if reply.head.status != 200:
        raise InputError(f"status {reply.head.status}")
    return reply.body
