"""One chat with AI Power, dialects D0-D4: from the fields of a form to a reply.

Rule: pure but for the order of the site's checks, which is the plugin's: nonce (not here), quota,
empty message, banned address and words, answer. Most refusals are JSON even where the site streams;
a banned word or address in a stream is one event, and the answer follows it anyway.
Source: AI Power plugin 1.8.79-1.9.18 behaviour, observed 2026-11-21.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias, assert_never

import msgspec

from dragoman.emulators import ai_power_replies as replies
from dragoman.emulators import ai_power_stream as stream
from dragoman.emulators.ai_power_prompt import Dialect, Prompt
from dragoman.emulators.ai_power_texts import Texts
from dragoman.emulators.service import Pairs, Reply, event_stream, pieces
from dragoman.emulators.wordpress_knobs import AssistantMode, ErrorAsContent, WordPressKnobs

__all__ = [
    "BROKEN_BODY",
    "Ban",
    "Chat",
    "answer",
    "bans_of",
    "fragment",
    "json_reply",
    "limit_reply",
]

Ban: TypeAlias = Literal["messageFlagged", "ipBanned", "modflag", "pineconeError"]

# What an OpenAI-style API says to a body that PHP could not encode.
BROKEN_BODY = "We could not parse the JSON body of your request."
_UNREACHABLE = "cURL error 7: Failed to connect to api.openai.com port 443: Connection refused"
_UPSTREAM_PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_WITH_TRAILER = {Dialect.D1, Dialect.D2}


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    """One chat request that passed its nonce: the site's side of it, and what the model got."""

    knobs: WordPressKnobs
    dialect: Dialect
    texts: Texts
    streams: bool
    prompt: Prompt


def answer(chat: Chat, bans: Sequence[Ban]) -> Reply:
    """The model's answer, or its failure; a stream has one refusal event for each of `bans`."""
    if chat.knobs.captcha_text:
        captcha = chat.texts.captcha if chat.knobs.captcha_text is True else chat.knobs.captcha_text
        return json_reply(chat.knobs, _success(chat, captcha))
    if chat.knobs.site_fault == "embeddings":
        return json_reply(chat.knobs, replies.embedding_answer("".join(_words(chat))))
    if not chat.streams:
        return json_reply(chat.knobs, _ban(chat, bans[0]) if bans else _object(chat))
    if chat.knobs.site_fault == "upstream_unreachable" and not bans:
        return _no_event(chat)
    events, text = _stream(chat)
    refusals = [stream.refusal_event(ban, chat.texts) for ban in bans]
    return _event_stream(chat.knobs, [*refusals, *events], tail=_trailer(chat, text))


def bans_of(knobs: WordPressKnobs, address: str, message: str) -> list[Ban]:
    """The refusals of a message: its address, each banned word in it, the scenario's own."""
    bans: list[Ban] = []
    if knobs.banned_ip is True or (knobs.banned_ip and knobs.banned_ip == address):
        bans.append("ipBanned")
    if knobs.banned_word is True:
        bans.append("messageFlagged")
    elif knobs.banned_word:
        # Split at spaces: "word," is another word than "word".
        words = message.lower().split(" ")
        bans += ["messageFlagged"] * words.count(knobs.banned_word.lower())
    return [*bans, knobs.refusal_event] if knobs.refusal_event else bans


def limit_reply(knobs: WordPressKnobs, texts: Texts, *, streams: bool) -> Reply:
    """The quota is used up: an object, or one event and the end."""
    if not streams:
        return json_reply(knobs, replies.limit_reached(texts))
    return _event_stream(knobs, [stream.refusal_event("tokenLimitReached", texts)])


def json_reply(knobs: WordPressKnobs, body: bytes) -> Reply:
    """200 with a JSON object, behind PHP's notice where it prints one."""
    notice = replies.php_notice() if knobs.php_notice else b""
    return _whole(200, replies.JSON_TYPE, notice + body)


def fragment(status: int, body: bytes) -> Reply:
    """A short piece of HTML, as WordPress ends an ajax request that went wrong."""
    return _whole(status, replies.HTML_TYPE, body)


def _whole(status: int, content_type: str, body: bytes) -> Reply:
    headers: Pairs = (("Content-Type", content_type), *replies.AJAX_HEADERS.items())
    return Reply(status=status, headers=headers, events=(body,) if body else (), chunked=True)


def _event_stream(knobs: WordPressKnobs, events: list[bytes], *, tail: bytes = b"") -> Reply:
    headers = tuple({**replies.AJAX_HEADERS, **stream.STREAM_HEADERS}.items())
    if knobs.php_notice:
        events = [replies.php_notice() + events[0], *events[1:]]
        tail += replies.php_notice()
    if knobs.line_ends == "none_at_end":
        # What follows would stick to the last event's line.
        tail = b""
    return event_stream(events, headers=headers, content_type=stream.STREAM_TYPE, tail=tail)


def _no_event(chat: Chat) -> Reply:
    """A stream that never began: its trailer alone, or no byte and PHP's usual type."""
    trailer = _trailer(chat, "")
    return json_reply(chat.knobs, trailer) if trailer else fragment(200, b"")


def _trailer(chat: Chat, text: str) -> bytes:
    knob = chat.knobs.trailer
    if knob is None:
        knob = chat.dialect in _WITH_TRAILER
    match knob:
        case False:
            return b""
        case "error":
            return replies.upstream_error(ErrorAsContent().message)
        case "empty":
            return _success(chat, "")
        case "differs":
            return _success(chat, f"Not this: {text}")
        case True | "after_cut":
            return _success(chat, text)
        case _:
            assert_never(knob)


def _ban(chat: Chat, ban: Ban) -> bytes:
    return replies.refused(stream.refusal_text(ban, chat.texts))


def _success(chat: Chat, text: str | None, thread_id: str | None = None) -> bytes:
    return replies.success(chat.texts, text, thread_id=thread_id, logged=chat.knobs.chat_logs)


def _words(chat: Chat) -> list[str]:
    return pieces(chat.knobs, chat.prompt.message or "")


def _assistant(chat: Chat) -> AssistantMode | None:
    mode = chat.knobs.assistant_mode
    if mode is True:
        return AssistantMode()
    return mode or None


def _object(chat: Chat) -> bytes:
    """The JSON object of a site that does not stream."""
    error = _failure(chat)
    if error is not None:
        return replies.upstream_error(error.message)
    text: str | None = "".join(_words(chat))
    match chat.knobs.site_fault:
        case "data_null" | "upstream_html":
            text = None
        case "data_empty":
            text = ""
        case _:
            pass
    thread_id = stream.THREAD_ID if _assistant(chat) else None
    return _success(chat, text, thread_id)


def _stream(chat: Chat) -> tuple[list[bytes], str]:
    """The events of a site that streams, and the text that its trailer repeats."""
    error = _failure(chat)
    if error is not None:
        return _error_events(chat, error), ""
    if chat.knobs.site_fault == "upstream_html":
        return [_UPSTREAM_PAGE], ""
    words = [] if chat.knobs.site_fault in ("data_null", "data_empty") else _words(chat)
    if _assistant(chat):
        return stream.assistant_stream(words), ""
    if chat.knobs.trailer == "after_cut":
        words = words[: max(1, len(words) // 2)]
        return stream.relayed_words(words), "".join(words)
    # The trailer repeats what came before an error that the scenario puts into the stream.
    error_event = chat.knobs.error_event
    told = words if error_event is None else words[: error_event.after_events]
    return stream.relayed(words), "".join(told)


def _error_events(chat: Chat, error: ErrorAsContent) -> list[bytes]:
    if _assistant(chat):
        return stream.assistant_error(error.message)
    if error.raw_first:
        return stream.glued_error(error.message, final_newline=error.final_newline)
    return stream.error_as_content(error.message, ending=error.ending)


def _failure(chat: Chat) -> ErrorAsContent | None:
    """The upstream failure of this chat, whatever knob says so."""
    if isinstance(chat.knobs.error_as_content, ErrorAsContent):
        return chat.knobs.error_as_content
    if chat.knobs.error_as_content or chat.knobs.site_fault == "upstream_error":
        return ErrorAsContent()
    message = _failure_text(chat)
    return None if message is None else ErrorAsContent(message=message)


def _failure_text(chat: Chat) -> str | None:
    assistant = _assistant(chat)
    if assistant is not None and assistant.error is not None:
        return assistant.error
    if chat.prompt.message is None:
        return BROKEN_BODY
    if chat.knobs.site_fault == "upstream_unreachable":
        return _UNREACHABLE
    if chat.knobs.error_event is not None and not chat.streams:
        return chat.knobs.error_event.message
    return None
