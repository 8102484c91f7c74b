"""The conversations of whoever asks: listed, searched, begun, renamed, taken along, deleted."""

import asyncio
import math
import re
from typing import Any
from urllib.parse import quote

import msgspec

from dragoman.errors import InputError
from dragoman.page.finding import found
from dragoman.page.settings import Changes, merged, settings_of
from dragoman.page.speaking import Answer, Ask
from dragoman.page.told import encode_told
from dragoman.store.conversations import Conversations
from dragoman.store.export import to_json, to_markdown
from dragoman.store.rows import Conversation, Turn

__all__ = ["change", "create", "export", "list_", "read", "remove"]

_MOST = 50
_TITLE_CHARS = 200
_NAME_CHARS = 80
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')

_Json = dict[str, Any]


class _Made(msgspec.Struct, frozen=True):
    title: str = ""
    settings: Changes = Changes()


class _Changed(msgspec.Struct, frozen=True):
    title: str | None = None
    settings: Changes | None = None


async def list_(ask: Ask) -> object:
    """`GET /conversations`: the latest first, a page of them, or those with some words."""
    before = _time(ask.query.get("before"))
    listed = await (await _mine(ask)).latest(
        ask.query.get("search", ""), before=before, most=_MOST + 1
    )
    told = [_told(each) for each in listed[:_MOST]]
    for each in told:
        del each["settings"]
    return {"conversations": told, "more": len(listed) > _MOST}


async def create(ask: Ask) -> object:
    """`POST /conversations`."""
    asked = await ask.body(_Made)
    settings = merged({}, asked.settings)
    return _told(await (await _mine(ask)).create(_title(asked.title), settings))


async def read(ask: Ask, conversation: str) -> Answer:
    """`GET /conversations/ID`: one with all of its turns."""
    head, turns = await _read(ask, conversation)
    told = await ask.page.runs.rendered.told(turns)
    whole = {"conversation": _told(head), "turns": told}
    body = await asyncio.to_thread(encode_told, whole, told)
    return Answer(body=body, headers=(("content-type", "application/json"),))


async def change(ask: Ask, conversation: str) -> object:
    """`PATCH /conversations/ID`: what is not said stays as it is."""
    asked = await ask.body(_Changed)
    mine = await _mine(ask)
    with found("conversation"):
        settings = None
        if asked.settings is not None:
            settings = merged((await mine.head(conversation)).settings, asked.settings)
        title = None if asked.title is None else _title(asked.title)
        return _told(await mine.change(conversation, title=title, settings=settings))


async def remove(ask: Ask, conversation: str) -> None:
    """`DELETE /conversations/ID`: what runs in it is stopped."""
    mine = await _mine(ask)
    with found("conversation"):
        await mine.head(conversation)
        await ask.page.runs.stop_conversation(conversation)
        await mine.delete(conversation)


async def export(ask: Ask, conversation: str) -> Answer:
    """`GET /conversations/ID/export`: one as a file."""
    kind = ask.query.get("as", "markdown")
    if kind not in ("markdown", "json"):
        raise InputError(f"as: markdown or json, not {kind[:40]!r}", place="as")
    head, turns = await _read(ask, conversation)
    if kind == "json":
        pictures = await (await _mine(ask)).pictures(conversation)
        body = await asyncio.to_thread(to_json, head, turns, pictures)
        return _file(body, head.title, "json", "application/json")
    body = (await asyncio.to_thread(to_markdown, head, turns)).encode()
    return _file(body, head.title, "md", "text/markdown; charset=utf-8")


async def _mine(ask: Ask) -> Conversations:
    return (await ask.store()).conversations(ask.caller.name)


async def _read(ask: Ask, conversation: str) -> tuple[Conversation, list[Turn]]:
    """One and its turns; those whose writer is gone have ended."""
    mine = await _mine(ask)
    with found("conversation"):
        head, turns = await mine.get(conversation)
        if await ask.page.runs.mended(turns):
            head, turns = await mine.get(conversation)
    return head, turns


def _told(conversation: Conversation) -> _Json:
    told = msgspec.structs.asdict(conversation)
    return told | {"settings": settings_of(conversation)}


def _title(title: str) -> str:
    title = " ".join(title.split())
    if len(title) > _TITLE_CHARS:
        raise InputError(f"title: longer than {_TITLE_CHARS} characters", place="title")
    return title


def _time(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise InputError("before: expected Unix seconds", place="before")
    return found


def _file(body: bytes, title: str, ending: str, media_type: str) -> Answer:
    """A download; its name has letters of any script, and a plain one besides.

    Source: RFC 6266 and RFC 8187, read 2026-11-21.
    """
    name = " ".join(_UNSAFE.sub(" ", title).split())[:_NAME_CHARS].strip(". ") or "conversation"
    plain = name.encode("ascii", "ignore").decode().strip() or "conversation"
    disposition = (
        f'attachment; filename="{plain}.{ending}"; '
        f"filename*=UTF-8''{quote(f'{name}.{ending}', safe='')}"
    )
    headers = (("content-type", media_type), ("content-disposition", disposition))
    return Answer(body=body, headers=headers)
