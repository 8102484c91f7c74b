"""A conversation at a terminal: line editing, commands, and Ctrl-C that stops only the answer.

    Ctrl-C  the answer stops, its connection is closed, the conversation goes on without that turn
    Ctrl-D  the conversation ends

The loop runs while an answer comes and rests while the person types: so Python's own line editing
works, and a signal at the prompt is an ordinary `KeyboardInterrupt`.
"""

import asyncio
import contextlib
import importlib
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from dragoman.cli.asking import Manner, ask
from dragoman.cli.attached import Attached, attach
from dragoman.cli.complaint import said
from dragoman.cli.kept import Conversation, Turn, save_conversation
from dragoman.cli.terminal import note
from dragoman.client import Client
from dragoman.errors import ChatError, InputError
from dragoman.names import full_name

__all__ = ["COMMANDS", "talk"]

_PROMPT = "> "


class _Leave(Exception):
    pass


def talk(manner: Manner, conversation: Conversation, attached: tuple[Attached, ...] = ()) -> None:
    """Talk until the person leaves; `attached` goes with the first question."""
    with contextlib.suppress(ImportError):
        # With it `input` has line editing and a history; Windows has its own.
        editing = importlib.import_module("readline")
        # Python turns it off; with it, several lines that are pasted are one question.
        editing.parse_and_bind("set enable-bracketed-paste on")
    model = full_name(conversation.model, manner.config)
    note(f"talking with {model}; /help lists commands, Ctrl-D leaves")
    with asyncio.Runner() as runner:
        talking = _Talk(runner, manner, conversation)
        talking.attached = attached
        try:
            while True:
                talking.turn()
        except (EOFError, _Leave):
            pass
        finally:
            runner.run(talking.client.close())


class _Talk:
    """One conversation and the client that it goes through."""

    def __init__(self, runner: asyncio.Runner, manner: Manner, conversation: Conversation) -> None:
        self._runner = runner
        self._manner = manner
        self._conversation = conversation
        self.attached: tuple[Attached, ...] = ()
        self.client = Client(manner.config)

    def turn(self) -> None:
        """Read a line and do what it says."""
        try:
            line = _read_line()
        except KeyboardInterrupt:
            sys.stderr.write("\n")
            return
        except EOFError:
            sys.stderr.write("\n")
            raise
        if not line.strip():
            return
        try:
            if line.startswith("/"):
                self._obey(line)
            else:
                self._ask(line.strip())
        except KeyboardInterrupt:
            note("stopped; this turn is not kept")
        except ChatError as error:
            note(f"error: {said(error)}")

    def _ask(self, words: str) -> None:
        question = Turn("user", words, self.attached)
        answer = self._runner.run(self._answer(question))
        self.attached = ()
        self._conversation = self._conversation.answered(question, answer)
        save_conversation(self._conversation)

    async def _answer(self, question: Turn) -> str:
        # While the person typed, the loop rested: let it see which connections were closed.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return await ask(self.client, self._manner, self._conversation, question)

    def _obey(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        command = COMMANDS.get(name)
        if command is None:
            raise InputError(
                f"there is no command {name}; known: {', '.join(COMMANDS)}; "
                "to send it as it is, put a space before it"
            )
        command.obey(self, rest.strip())

    def help(self, _rest: str) -> None:
        """List the commands."""
        for name, command in COMMANDS.items():
            sys.stderr.write(f"{name} {command.takes}".ljust(15) + f"{command.about}\n")

    def new(self, _rest: str) -> None:
        """Forget what was said; model and instructions stay."""
        self._conversation = msgspec.structs.replace(self._conversation, messages=())
        note("a new conversation")

    def choose(self, model: str) -> None:
        """Go on with another model."""
        if model:
            name = full_name(model, self._manner.config)
            self._conversation = msgspec.structs.replace(self._conversation, model=model)
        else:
            name = full_name(self._conversation.model, self._manner.config)
        note(f"talking with {name}")

    def instruct(self, text: str) -> None:
        """Give the model other instructions; none if there is no text."""
        self._conversation = msgspec.structs.replace(self._conversation, system=text)
        note("the instructions are set" if text else "no instructions")

    def image(self, given: str) -> None:
        """Put a picture beside the next question."""
        self._attach(attach("image", given))

    def file(self, given: str) -> None:
        """Put a file beside the next question."""
        self._attach(attach("file", given))

    def _attach(self, attached: Attached) -> None:
        self.attached = (*self.attached, attached)
        note(f"{attached.place} goes with your next question")

    def leave(self, _rest: str) -> None:
        """End the conversation."""
        raise _Leave


class Command(NamedTuple):
    """What a line that begins with its name does."""

    takes: str
    about: str
    obey: Callable[[_Talk, str], None]


COMMANDS: Mapping[str, Command] = {
    "/help": Command("", "list these commands", _Talk.help),
    "/new": Command("", "forget what was said; model and instructions stay", _Talk.new),
    "/model": Command(
        "MODEL", "go on with another model; without MODEL, say which it is", _Talk.choose
    ),
    "/system": Command("TEXT", "give the model instructions; without TEXT, none", _Talk.instruct),
    "/image": Command(
        "FILE", "put a picture, a file or its address, beside the next question", _Talk.image
    ),
    "/file": Command(
        "FILE", "put a document, a sound or a text beside the next question", _Talk.file
    ),
    "/exit": Command("", "leave, as Ctrl-D does", _Talk.leave),
}
"""The commands of a conversation; printed in the docs."""


def _read_line() -> str:
    if sys.stdout.isatty():
        return input(_PROMPT)
    # `input` would put the prompt among the answers.
    sys.stderr.write(_PROMPT)
    sys.stderr.flush()
    return input()
