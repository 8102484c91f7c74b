"""AI Power 2.3 and later: leaving a message, and the turns its stream can take."""

import json
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from tests.unit.web.ai_power_kit import (
    HTML_TYPE,
    JSON_TYPE,
    decode,
    drive,
    make_call,
    make_head,
    make_reply,
    outline,
)
from tests.unit.web.test_ai_power_requests import FACTS

from dragoman.account import Secret
from dragoman.errors import ChatError
from dragoman.providers.call import StaleSession
from dragoman.providers.web.ai_power_modern import ModernDecoder, leave_message
from dragoman.wire.http import HttpReply

MODERN = msgspec.structs.replace(FACTS, kind="modern", bot_id="5")


def said(value: Any, status: int = 200) -> HttpReply:
    return make_reply(json.dumps(value), status, JSON_TYPE)


def refused(status: int, **words: str) -> HttpReply:
    return said({"success": False, "data": words}, status)


def test_a_message_is_left_for_a_key() -> None:
    reply = said({"success": True, "data": {"cache_key": "aipkit_sse_1"}})

    facts, (request,) = drive(leave_message(make_call(prompt="Hi"), MODERN), [reply])

    sent = dict(parse_qsl(request.body.decode()))
    assert facts.chat is not None
    assert facts.chat.cache_key == Secret("aipkit_sse_1")
    assert len(facts.chat.conversation) == len(sent.pop("user_client_message_id")) == 36
    assert sent == {
        "action": "aipkit_cache_sse_message",
        "message": "Hi",
        "_ajax_nonce": "0123456789",
        "bot_id": "5",
    }


class Bad(msgspec.Struct, frozen=True):
    """A reply to the left message, and the error that it is."""

    reply: HttpReply
    error: str
    words: str = ""


BAD = [
    Bad(refused(403, message="No", code="nonce_failure_cache_sse"), "stale AuthError", "No"),
    Bad(refused(400, message="Unknown bot."), "ResponseStatusError", "Unknown bot."),
    Bad(refused(429, message="Full", code="token_limit_exceeded_final_logic"), "RateLimitError"),
    Bad(refused(503, message="Down"), "ResponseStatusError", "Down"),
    Bad(refused(200), "ResponseError", "refused"),
    Bad(make_reply("0", 400), "HandshakeError", "2.3"),
    Bad(make_reply("", 500), "ResponseStatusError"),
    Bad(make_reply("<html>Login</html>"), "ResponseError", "HTML instead of JSON"),
    Bad(make_reply("<title>Just a moment...</title>", 403), "ChallengeError"),
    Bad(make_reply("<title>Just a moment...</title>", 200), "ChallengeError"),
    Bad(make_reply("", 200), "ResponseError", "no key"),
    Bad(said({"success": True, "data": {}}), "ResponseError", "no key"),
]


@pytest.mark.parametrize("case", BAD, ids=lambda case: f"{case.reply.head.status} {case.error}")
def test_a_message_that_is_not_taken_is_an_error(case: Bad) -> None:
    try:
        drive(leave_message(make_call(), MODERN), [case.reply])
        kind, words = "taken", ""
    except StaleSession as stale:
        kind, words = f"stale {type(stale.error).__name__}", stale.error.message
    except ChatError as error:
        kind, words = type(error).__name__, error.message

    assert kind == case.error
    assert case.words in words


class Case(msgspec.Struct, frozen=True):
    """A stream, its events and how it ends."""

    name: str
    body: str
    events: list[str]
    kind: str = "whole"


START = 'event: message_start\ndata: {"message_id":"m"}\n\n'
HEL, LO = 'data: {"delta":"Hel"}\n\n', 'data: {"delta":"lo"}\n\n'
DONE = 'event: done\ndata: {"finished":true}\n\n'
ERROR = 'id: 1\nevent: error\ndata: {"error":"Busy."}\n\n'
ALL = ["started", "Hel", "lo", "finished stop"]

CASES = [
    Case("an answer", START + HEL + LO + DONE, ALL),
    Case("side events", START + HEL + "event: warning\ndata: x\n\n" + LO + DONE, ALL),
    Case("an empty delta", START + 'data: {"delta":""}\n\n' + HEL + LO + DONE, ALL),
    Case("nothing after the end", HEL + LO + DONE + ERROR, ALL),
    Case("no end", START + HEL, ["started", "Hel"], "StreamTruncatedError"),
    Case(
        "an end inside an event",
        START + HEL + 'data: {"del',
        ["started", "Hel"],
        "StreamTruncatedError",
    ),
    Case("no answer", START + DONE, [], "ResponseError"),
    Case("nothing at all", "", [], "ResponseError"),
    Case("a refusal", START + ERROR + DONE, [], "stale ResponseError"),
    Case("an upstream error", START + ERROR, [], "ResponseError"),
    Case("an upstream error in the answer", HEL + ERROR, ["started", "Hel"], "ResponseError"),
    Case("the same and an end", HEL + ERROR + DONE, ["started", "Hel"], "ResponseError"),
    Case("an unnamed error", 'data: {"error":{"message":"x"}}\n\n', [], "ResponseError"),
    Case("an error without words", "event: error\ndata: {}\n\n", [], "ResponseError"),
    Case("a broken event", HEL + "data: {\n\n" + DONE, ["started", "Hel"], "ResponseError"),
    Case(
        "a broken first event",
        "event: message_start\ndata: {\n\n" + HEL + DONE,
        [],
        "ResponseError",
    ),
    Case("a delta that is no text", 'data: {"delta":5}\n\n', [], "ResponseError"),
    Case("zero", "0", [], "ResponseError"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("size", [1, 10_000])
def test_a_stream_is_read(case: Case, size: int) -> None:
    body = case.body.encode()
    pieces = [body[place : place + size] for place in range(0, len(body), size)]

    decoded = decode(ModernDecoder(make_call(), make_head()), pieces)

    assert (outline(decoded), decoded.kind) == (case.events, case.kind)


def test_a_login_page_is_no_answer() -> None:
    decoder = ModernDecoder(make_call(), make_head(content_type=HTML_TYPE))

    assert decode(decoder, [b"<html>Log in</html>"]).words.startswith("HTML instead")
