"""Messages of a chat as turns of the Messages API.

The service knows turns of the user and of the assistant, and takes tool results in the user's:
messages of one role that follow each other become one turn, results first. System messages at the
beginning are the field `system`. A later one is a turn of its own, which the service takes after a
turn of the user and before one of the assistant, or at the end; where the model takes none, or
the user has no turn any more, it is text of the user's that is marked as such. Turns without
content, which the service refuses, are left out.
Source: Claude API docs "Messages" and "Mid-conversation system messages", read 2026-11-21.
"""

from collections.abc import Mapping, Sequence

from dragoman.chat import ChatRequest
from dragoman.dialects.anthropic_messages.cited_blocks import Block
from dragoman.dialects.anthropic_messages.models import takes_system_turns
from dragoman.dialects.anthropic_messages.natives import merged
from dragoman.dialects.anthropic_messages.part_encoder import encode_parts
from dragoman.dialects.anthropic_messages.tables import NAME
from dragoman.errors import InputError
from dragoman.messages import Message

__all__ = ["Turn", "encode_turns"]


class Turn:
    """A turn that may still grow."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.blocks: list[Block] = []
        self.native: Mapping[str, object] = {}


def encode_turns(chat: ChatRequest) -> tuple[list[Block], list[Turn]]:
    """The blocks of the field `system` and the turns of a request."""
    opening = _opening(chat.messages)
    system: list[Block] = []
    for number, message in enumerate(chat.messages[:opening]):
        system += _system(message, f"messages[{number}]")
    turns = _Turns(takes_system=takes_system_turns(chat.model))
    for number, message in enumerate(chat.messages[opening:], opening):
        turns.add(message, f"messages[{number}]")
    found = turns.close()
    if not found:
        raise InputError("messages: neither user nor assistant says anything", place="messages")
    return system, found


def _opening(messages: Sequence[Message]) -> int:
    """How many system messages stand at the beginning."""
    turns = (number for number, message in enumerate(messages) if message.role != "system")
    return next(turns, len(messages))


class _Turns:
    """The turns so far, and system texts that wait for the end of a turn of the user."""

    def __init__(self, *, takes_system: bool) -> None:
        self._takes_system = takes_system
        self._turns: list[Turn] = []
        self._held: list[Block] = []

    def add(self, message: Message, place: str) -> None:
        if message.role == "system":
            self._held += _system(message, place)
            if not self._takes_system:
                self._note()
            return
        if message.role == "assistant":
            self._release()
        role = "assistant" if message.role == "assistant" else "user"
        native = message.native.of(NAME) if message.native else {}
        self._say(role, encode_parts(message, place), native)

    def close(self) -> list[Turn]:
        self._release()
        self._note()
        return self._turns

    def _release(self) -> None:
        if self._held and self._turns and self._turns[-1].role == "user":
            self._say("system", self._held, {})
            self._held = []

    def _note(self) -> None:
        """What was held as text of the user's, marked."""
        if self._held:
            texts = "\n".join(str(block["text"]) for block in self._held)
            self._held = []
            self._say("user", [{"type": "text", "text": f"<system>\n{texts}\n</system>"}], {})

    def _say(self, role: str, blocks: list[Block], native: Mapping[str, object]) -> None:
        if not blocks:
            return
        if not self._turns or self._turns[-1].role != role:
            self._turns.append(Turn(role))
        turn = self._turns[-1]
        turn.native = merged(turn.native, native)
        turn.blocks += blocks
        if role == "user":
            turn.blocks.sort(key=lambda block: block["type"] != "tool_result")


def _system(message: Message, place: str) -> list[Block]:
    blocks = encode_parts(message, place)
    for block in blocks:
        if block["type"] != "text":
            raise InputError(f"{place}: a system message is text, not {block['type']}", place=place)
    return blocks
