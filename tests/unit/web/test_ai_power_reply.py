"""Replies without events: what each shape means, in any language and behind any notice."""

import msgspec
import pytest
from tests.unit.web.ai_power_kit import HTML_TYPE, make_head

from dragoman.errors import ChatError
from dragoman.providers.call import StaleSession
from dragoman.providers.web.ai_power_reply import find_object, read_whole


class Case(msgspec.Struct, frozen=True):
    """A body, what it is (`answer`, an error, `stale` and an error), and words of it."""

    name: str
    body: bytes
    kind: str
    words: str = ""


OK = b'{"status":"success","msg":"Something went wrong","data":"Hello","log":false}'
NOTICE = b"\nDeprecated: Optional {parameter} in x.php on line 3\n"

CASES = [
    Case("an answer", OK, "answer", "Hello"),
    Case("behind a notice", NOTICE + OK, "answer", "Hello"),
    Case("between notices", NOTICE + OK + b"\nDeprecated: x on line 4\n", "answer", "Hello"),
    Case("behind a byte-order mark", b"\xef\xbb\xbf" + OK, "answer", "Hello"),
    Case("glued to raw text", b'{"error":{"message":"x"}}' + OK, "answer", "Hello"),
    Case("from the site's documents", b'{"status":"success","data":"D","msg":"D"}', "answer", "D"),
    Case(
        "no text", b'{"status":"success","data":null,"log":false}', "ResponseError", "empty answer"
    ),
    Case("an empty text", b'{"status":"success","data":""}', "ResponseError", "empty answer"),
    Case("a text that is none", b'{"status":"success","data":5}', "ResponseError", "empty answer"),
    Case("two keys", b'{"status":"error","msg":"Oops"}', "stale ResponseError", "Oops"),
    Case(
        "two keys, translated",
        '{"msg":"Ой","status":"error"}'.encode(),
        "stale ResponseError",
        "Ой",
    ),
    Case(
        "an upstream error",
        b'{"status":"error","msg":"a &lt;b&gt;","log":1}',
        "ResponseError",
        "a <b>",
    ),
    Case(
        "an error without words",
        b'{"status":"error","msg":"","log":1}',
        "ResponseError",
        "without a text",
    ),
    Case(
        "an error that is no text",
        b'{"status":"error","msg":7,"log":1}',
        "ResponseError",
        "without a text",
    ),
    Case("a quota", b'{"msg":"Full","tokenLimitReached":true}', "RateLimitError", "Full"),
    Case("a quota without words", b'{"tokenLimitReached":true}', "RateLimitError", "refused"),
    Case(
        "a quota that is not reached",
        b'{"status":"success","data":"A","tokenLimitReached":false}',
        "answer",
        "A",
    ),
    Case("a flag", b'{"msg":"No","messageFlagged":true}', "ContentFilterError", "No"),
    Case("a moderation", b'{"msg":"No","modflag":true}', "ContentFilterError", "No"),
    Case("a banned address", b'{"msg":"No","ipBanned":true}', "ResponseError", "No"),
    Case("a failed search", b'{"msg":"No","pineconeError":true}', "ResponseError", "No"),
    Case("a raw upstream error", b'{"error": {"message": "busy"}}', "ResponseError", "busy"),
    Case("a raw error with a code", b'{"error": {"code": "E1"}}', "ResponseError", "E1"),
    Case("a modern answer", b'{"success":true,"data":{"reply":"Hi"}}', "answer", "Hi"),
    Case("a modern refusal", b'{"success":false,"data":{"message":"No"}}', "ResponseError", "No"),
    Case(
        "a modern refusal without words",
        b'{"success":false,"data":null}',
        "ResponseError",
        "without a text",
    ),
    Case("another object", b'{"hello":1}', "ResponseError", "keys: hello"),
    Case("an empty object", b"{}", "ResponseError", "keys: none"),
    Case("a list", b"[1]", "ResponseError", "no answer"),
    Case("nothing", b" \n", "ResponseError", "empty reply"),
    Case("zero", b"0", "ResponseError", "ended without"),
    Case("minus one", b"-1", "stale AuthError", "nonce"),
    Case("HTML", b"<!DOCTYPE html><html>Maintenance</html>", "ResponseError", "HTML instead"),
    Case("a challenge", b"<html><title>Just a moment...</title>", "ChallengeError", "challenge"),
    Case("a cut object", OK[:40], "StreamTruncatedError", "inside its JSON"),
    Case(
        "a cut object with the site's secret",
        b'{"status":"error","greeting_message":"SECR',
        "StreamTruncatedError",
    ),
    Case("a broken object", b'{"status":"success",,}', "ResponseError", "no answer"),
    Case(
        "not a number", b'{"nan":NaN,"status":"success","data":"x"}', "ResponseError", "no answer"
    ),
    Case("half a character", b'{"lone":"\\ud83d","status":"success","data":"x"}', "ResponseError"),
    Case("too deep", b'{"status":' * 5000, "StreamTruncatedError"),
    Case("many beginnings", b'{"status":' * 50 + b"}", "ResponseError"),
    Case("no UTF-8", b"\xff\xfe", "ResponseError", "no answer"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_reply_is_what_its_shape_says(case: Case) -> None:
    kind, words = "answer", ""
    try:
        words = read_whole(make_head(content_type=HTML_TYPE), case.body)
    except StaleSession as stale:
        kind, words = f"stale {type(stale.error).__name__}", stale.error.message
    except ChatError as error:
        kind, words = type(error).__name__, error.message

    assert kind == case.kind
    assert case.words in words
    assert "SECR" not in words


def test_long_words_are_cut() -> None:
    with pytest.raises(ChatError) as caught:
        read_whole(make_head(), b'{"status":"error","log":1,"msg":"' + b"x" * 5000 + b'"}')

    assert len(caught.value.message) <= 200


def test_the_outermost_object_is_found() -> None:
    assert find_object(b'notice {"data":{"status":"x"}}') == {"data": {"status": "x"}}
