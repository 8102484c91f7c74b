"""A conversation as one text, for services that take nothing else.

Text that itself holds a line `Assistant:` is not escaped: these services take plain text, so it
cannot be.
"""

from dragoman.dialects.openai_chat.message_decoder import decode_messages
from dragoman.errors import InputError
from dragoman.messages import Message, Messages, Reasoning, Refusal, Text

__all__ = ["format_prompt", "join_turns"]


def format_prompt(
    messages: Messages,
    add_special_tokens: bool = False,
    do_continue: bool = False,
    include_system: bool = True,
) -> str:
    """The prompt: one message as it is, several as `Role: text` lines and a last `Assistant:`.

    `add_special_tokens` labels also a single message, `do_continue` leaves out the last
    `Assistant:`, `include_system=False` leaves out system messages. Blank messages are left out.
    `InputError` if nothing remains, or if a message holds something that is not text.
    """
    decoded = decode_messages(messages)
    if include_system:
        kept = decoded
    else:
        kept = tuple(message for message in decoded if message.role != "system")
    return join_turns(kept, label=add_special_tokens or len(decoded) > 1, go_on=do_continue)


def join_turns(messages: tuple[Message, ...], *, label: bool = False, go_on: bool = False) -> str:
    """As `format_prompt`, of decoded messages; `label` also a single one, `go_on` in its words."""
    turns = [
        (message.role, text)
        for number, message in enumerate(messages, 1)
        if (text := _text(number, message)).strip()
    ]
    if not turns:
        raise InputError("no text to send: every message is blank")
    if len(messages) == 1 and not label:
        return turns[0][1]
    lines = [f"{role.capitalize()}: {text}" for role, text in turns]
    return "\n".join(lines if go_on else [*lines, "Assistant:"])


def _text(number: int, message: Message) -> str:
    texts = []
    for part in message.parts:
        if isinstance(part, Reasoning):
            # What a model thought is nobody's turn.
            continue
        if not isinstance(part, Text | Refusal):
            raise InputError(
                f"message {number} holds a part that is not text ({type(part).__name__}); "
                "this provider takes text only"
            )
        texts.append(part.text)
    return "".join(texts)
