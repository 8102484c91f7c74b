"""What a reader says, and the answers to it: asked, asked again, stopped."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from dragoman.chat import ChatRequest
from dragoman.errors import InputError
from dragoman.page.asked import (
    SaidImage,
    SaidText,
    Wanted,
    build,
    messages_of,
    read_parts,
    title_of,
    wanted_model,
)
from dragoman.page.finding import found
from dragoman.page.order import Order
from dragoman.page.settings import Settings, settings_of
from dragoman.page.speaking import Answer, Ask
from dragoman.page.told import told_turn
from dragoman.store.rows import Turn

__all__ = ["again", "say", "stop"]

_Json = dict[str, Any]


class _Say(msgspec.Struct, frozen=True):
    parts: list[SaidText | SaidImage]
    models: Annotated[list[str], msgspec.Meta(min_length=1, max_length=4)]
    parent: str | None = None
    system: str | None = None
    options: _Json | None = None


class _Again(msgspec.Struct, frozen=True):
    model: str = ""
    system: str | None = None
    options: _Json | None = None


async def say(ask: Ask, conversation: str) -> Answer:
    """`POST /conversations/ID/turns`: what was said is on the disk when this answers."""
    asked = await ask.body(_Say)
    ask.page.runs.check_open()
    mine = (await ask.store()).conversations(ask.caller.name)
    with found("conversation"):
        settings = settings_of(await mine.head(conversation))
    wanted = [wanted_model(ask, name) for name in asked.models]
    said = await read_parts(asked.parts)
    branch: list[Turn] = []
    if asked.parent is not None:
        with found("turn"):
            branch = await mine.branch(asked.parent)
        if branch[-1].role != "assistant" or branch[-1].conversation != conversation:
            raise InputError("parent: is no answer of this conversation", place="parent")
    messages = await messages_of(mine, branch, said.parts)
    chat = build(messages, *_manner(asked, settings))
    with found("conversation"):
        turn, answers = await mine.say(
            conversation,
            said.content,
            parent=asked.parent,
            models=[each.name for each in wanted],
            pictures=said.pictures,
            title=title_of(said.content),
        )
    told = _begin(ask, answers, wanted, chat)
    return Answer(status=201, body={"user": told_turn(turn), "answers": told})


async def again(ask: Ask, turn: str) -> Answer:
    """`POST /turns/ID/again`: another answer to the same words."""
    asked = await ask.body(_Again)
    ask.page.runs.check_open()
    mine = (await ask.store()).conversations(ask.caller.name)
    with found("turn"):
        before = await mine.turn(turn)
    if before.role != "assistant" or before.parent is None:
        raise InputError("only an answer can be given again")
    with found("turn"):
        branch = await mine.branch(before.parent)
        settings = settings_of(await mine.head(before.conversation))
    wanted = wanted_model(ask, asked.model or before.model)
    chat = build(await messages_of(mine, branch), *_manner(asked, settings))
    with found("turn"):
        answer = await mine.add(
            before.conversation,
            "assistant",
            [],
            parent=before.parent,
            model=wanted.name,
            state="running",
        )
    return Answer(status=201, body={"answers": _begin(ask, [answer], [wanted], chat)})


async def stop(ask: Ask, turn: str) -> None:
    """`POST /turns/ID/stop`: the connection to the provider is closed when this answers."""
    mine = (await ask.store()).conversations(ask.caller.name)
    with found("turn"):
        kept = await mine.turn(turn)
        if kept.state == "running" and not await ask.page.runs.stop(kept):
            # It runs in another worker, which looks for this.
            await mine.stop(turn)


def _manner(asked: _Say | _Again, settings: Settings) -> tuple[str, _Json]:
    """The system text and the options: those of the request, else the conversation's."""
    system = settings.system if asked.system is None else asked.system
    return system, settings.options if asked.options is None else asked.options


def _begin(
    ask: Ask, answers: Sequence[Turn], wanted: Sequence[Wanted], chat: ChatRequest
) -> list[_Json]:
    orders = [
        Order(
            turn=turn,
            route=each.route,
            chat=chat,
            key=ask.caller.key,
            headers=ask.visit.headers,
        )
        for turn, each in zip(answers, wanted, strict=True)
    ]
    ask.page.runs.begin(ask.held, orders)
    return [told_turn(turn) for turn in answers]
