"""The conversation of a Messages request: who may say what, and which calls have their results.

Messages of one role in a row are one turn. The results of a turn's calls open the next turn of
the user, all of them and no others.
Source: Claude API docs "Messages", "Handle tool calls", "Extended thinking", "Mid-conversation
system messages"; error texts from public issue reports; read 2026-11-21.
"""

from collections.abc import Mapping
from itertools import groupby, pairwise, takewhile

from msgspec import Struct

from dragoman.emulators.anthropic_fields import OLD_VERSION
from dragoman.emulators.anthropic_shape import Refused
from dragoman.emulators.anthropic_thinking import is_redacted, is_signed
from dragoman.emulators.service import Json

__all__ = ["Block", "blocks", "check_turns", "conversation"]

_OF_THE_ASSISTANT = frozenset({"tool_use", "thinking", "redacted_thinking"})
_OF_THE_USER = frozenset({"tool_result", "image", "search_result"})

Form = Mapping[str, Json]


class Block(Struct, frozen=True):
    """A content block and where it stands."""

    role: str
    message: int
    index: int
    value: Form

    @property
    def kind(self) -> str:
        """Its `type`."""
        return str(self.value["type"])

    @property
    def place(self) -> str:
        """Its place as the service writes it."""
        return f"messages.{self.message}.content.{self.index}"


def blocks(content: Json) -> list[Form]:
    """Content as blocks: a text alone is one."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def conversation(form: Form) -> list[Block]:
    """All blocks in order."""
    return [
        Block(message["role"], at, index, value)
        for at, message in enumerate(form["messages"])
        for index, value in enumerate(blocks(message["content"]))
    ]


def check_turns(form: Form, version: str, *, prefill: bool) -> None:
    """Refuse a conversation that cannot be; `prefill`: it may end with the assistant."""
    _check_order(form["messages"])
    said = conversation(form)
    for block in said:
        _check_role(block, version)
        _check_seal(block)
    _check_texts(form, said)
    _check_calls(said)
    if form["messages"][-1]["role"] == "assistant":
        _check_prefill(
            form, [block for block in said if block.role == "assistant"], prefill=prefill
        )


def _check_order(messages: list[Form]) -> None:
    if not messages:
        raise Refused("messages: at least one message is required")
    if messages[0]["role"] != "user":
        raise Refused('messages: first message must use the "user" role')
    for at, (before, message) in enumerate(pairwise(messages), 1):
        if message["role"] == "system" and before["role"] == "assistant":
            raise Refused(f"messages.{at}: a system message must follow a user message")


def _check_role(block: Block, version: str) -> None:
    if block.role == "system" and block.kind != "text":
        raise Refused(f"{block.place}: system messages take `text` blocks only")
    if block.role == "user" and block.kind in _OF_THE_ASSISTANT:
        raise Refused(
            f"messages.{block.message}: `{block.kind}` blocks can only be in `assistant` messages"
        )
    theirs = _OF_THE_USER if version == OLD_VERSION else _OF_THE_USER | {"document"}
    if block.role == "assistant" and block.kind in theirs:
        raise Refused(
            f"messages.{block.message}: `{block.kind}` blocks can only be in `user` messages"
        )
    if version != OLD_VERSION and block.role == "user" and _quotes(block.value):
        raise Refused(
            f"{block.place}.text.citations: citations can only be in `assistant` messages"
        )


def _quotes(block: Form) -> bool:
    """Whether a text block, this one or one of a search result, has citations."""
    texts = block["content"] if block["type"] == "search_result" else [block]
    return any(text["type"] == "text" and text.get("citations") for text in texts)


def _check_seal(block: Block) -> None:
    value = block.value
    if block.kind == "thinking" and not is_signed(value["thinking"], value["signature"]):
        raise Refused(f"{block.place}: Invalid `signature` in `thinking` block")
    if block.kind == "redacted_thinking" and not is_redacted(value["data"]):
        raise Refused(f"{block.place}: Invalid `data` in `redacted_thinking` block")


def _check_texts(form: Form, said: list[Block]) -> None:
    last = len(form["messages"]) - 1
    for at, message in enumerate(form["messages"]):
        if not message["content"] and not (at == last and message["role"] == "assistant"):
            raise Refused(
                f"messages.{at}: all messages must have non-empty content except for the optional "
                "final assistant message"
            )
    listed = [block.value for block in said if not isinstance(_content(form, block), str)]
    inner = [part for value in listed for part in _in_result(value)]
    if any(value["type"] == "text" and not value["text"] for value in [*listed, *inner]):
        raise Refused("messages: text content blocks must be non-empty")
    for _, group in groupby(said, key=lambda block: block.message):
        texts = [block.value.get("text") for block in group]
        if all(text is not None and not text.strip() for text in texts) and any(texts):
            raise Refused("messages: text content blocks must contain non-whitespace text")
    for part in form["system"] if isinstance(form.get("system"), list) else ():
        if not part["text"]:
            raise Refused("system: text content blocks must be non-empty")


def _content(form: Form, block: Block) -> Json:
    return form["messages"][block.message]["content"]


def _in_result(value: Form) -> list[Form]:
    return blocks(value.get("content") or []) if value["type"] == "tool_result" else []


def _check_calls(said: list[Block]) -> None:
    turns = _turns(said)
    ids = [block.value["id"] for block in said if block.kind == "tool_use"]
    if len(ids) > len(set(ids)):
        raise Refused("messages: `tool_use` ids must be unique")
    before: list[Block] = []
    for turn in [*turns, []]:
        _check_answered(before, turn)
        _check_results(turn, {block.value["id"] for block in before if block.kind == "tool_use"})
        before = turn


def _turns(said: list[Block]) -> list[list[Block]]:
    spoken = [block for block in said if block.role != "system"]
    return [list(turn) for _, turn in groupby(spoken, key=lambda block: block.role)]


def _check_answered(before: list[Block], turn: list[Block]) -> None:
    calls = [block for block in before if block.kind == "tool_use"]
    opening = takewhile(lambda block: block.kind == "tool_result", turn)
    answered = {block.value["tool_use_id"] for block in opening}
    missing = [call for call in calls if call.value["id"] not in answered]
    if missing:
        raise Refused(
            f"messages.{missing[0].message}: `tool_use` ids were found without `tool_result` "
            f"blocks immediately after: {', '.join(call.value['id'] for call in missing)}. Each "
            "`tool_use` block must have a corresponding `tool_result` block in the next message."
        )


def _check_results(turn: list[Block], called: set[str]) -> None:
    seen: set[str] = set()
    for block in turn:
        if block.kind != "tool_result":
            continue
        name = block.value["tool_use_id"]
        if name not in called:
            raise Refused(
                f"{block.place}: unexpected `tool_use_id` found in `tool_result` blocks: {name}. "
                "Each `tool_result` block must have a corresponding `tool_use` block in the "
                "previous message."
            )
        if name in seen:
            raise Refused(
                f"{block.place}: each `tool_use` must have a single result. Found multiple "
                f"`tool_result` blocks with id: {name}"
            )
        if block.value.get("is_error") and not block.value.get("content"):
            raise Refused(
                f"{block.place}.tool_result: content cannot be empty if `is_error` is true"
            )
        seen.add(name)


def _check_prefill(form: Form, said: list[Block], *, prefill: bool) -> None:
    if not prefill:
        raise Refused(
            "This model does not support assistant message prefill. The conversation must end with "
            "a user message."
        )
    last = [block for block in said if block.message == len(form["messages"]) - 1]
    if (
        last
        and last[-1].kind == "text"
        and last[-1].value["text"] != last[-1].value["text"].rstrip()
    ):
        raise Refused("messages: final assistant content cannot end with trailing whitespace")
    thinks = form.get("thinking", {}).get("type") in ("enabled", "adaptive")
    if thinks and last and "thinking" not in last[0].kind:
        raise Refused(
            f"{last[0].place}.type: Expected `thinking` or `redacted_thinking`, but found "
            f"`{last[0].kind}`. When `thinking` is enabled, a final `assistant` message must start "
            "with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` "
            "blocks)."
        )
