"""One call from its first request to its last event: one refresh, one retry, never a third."""

import asyncio
from contextlib import aclosing

import pytest
from tests.unit.providers.scripted import Scripted, ScriptedLine, Toy, toy_call

from dragoman.errors import (
    ChatError,
    HandshakeError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
    TimeoutError,
    TransportError,
)
from dragoman.events import Event, Finished, Started, TextDelta
from dragoman.providers.exchange import exchange

PAGE1, PAGE2 = Scripted([b"n", b"1"]), Scripted([b"n2"])
ANSWER = Scripted([b"one ", b"two ", b"."])
WHOLE: list[Event] = [Started("m"), TextDelta("one"), TextDelta("two"), Finished()]


async def ask(line: ScriptedLine, **limits: float) -> list[Event]:
    async with aclosing(Toy().events(toy_call(**limits), line)) as batches:
        return [event async for batch in batches for event in batch]


def paths(line: ScriptedLine) -> str:
    return " ".join(request.url.rpartition("/")[2] for request in line.scripted.sent)


async def test_a_handshake_comes_first_and_is_kept() -> None:
    line = ScriptedLine(PAGE1, ANSWER, ANSWER)

    assert await ask(line) == WHOLE
    assert await ask(line) == WHOLE

    assert paths(line) == "page chat chat"
    assert [request.body for request in line.scripted.sent] == [b"", b"n1", b"n1"]
    assert line.scripted.open == 0


async def test_bytes_that_complete_nothing_are_no_batch() -> None:
    line = ScriptedLine(PAGE1, Scripted([b" ", b"one ", b"\n", b"."]))

    async with aclosing(exchange(Toy(), toy_call(), line)) as batches:
        came = [batch async for batch in batches]

    assert came == [[Started("m"), TextDelta("one")], [Finished()]]


async def test_content_that_comes_late_ends_the_limit_on_it() -> None:
    line = ScriptedLine(PAGE1, Scripted([b"~", b"one", b" ", b"."]))

    assert len(await ask(line, first_token_s=60, total_s=60)) == 3


@pytest.mark.parametrize("stale", [Scripted([b"!"]), Scripted([b"!"], status=403)])
async def test_a_dead_session_is_renewed_once(stale: Scripted) -> None:
    line = ScriptedLine(PAGE1, stale, PAGE2, ANSWER)

    assert await ask(line) == WHOLE

    assert paths(line) == "page chat page chat"
    assert line.scripted.sent[-1].body == b"n2"


async def test_there_is_never_a_third_attempt_and_the_next_call_begins_anew() -> None:
    stale = Scripted([b"!"])
    line = ScriptedLine(PAGE1, stale, PAGE2, stale, PAGE1, ANSWER)

    with pytest.raises(ResponseError, match=r"toy at toy\.test: chat: the session is dead"):
        await ask(line)

    assert paths(line) == "page chat page chat"
    assert await ask(line) == WHOLE
    assert paths(line) == "page chat page chat page chat"


async def test_a_session_that_dies_after_the_first_word_is_final() -> None:
    """A retry would contradict what was already shown."""
    line = ScriptedLine(PAGE1, Scripted([b"one ", b"!"]))

    with pytest.raises(ResponseError, match="the session is dead") as caught:
        await ask(line)

    assert caught.value.text == "one"
    assert paths(line) == "page chat"


async def test_a_refresh_that_fails_is_final() -> None:
    line = ScriptedLine(PAGE1, Scripted([b"!"]), Scripted([]))

    with pytest.raises(HandshakeError, match=r"toy at toy\.test: page: no nonce"):
        await ask(line)

    assert paths(line) == "page chat page"


ERRORS: list[tuple[str, tuple[Scripted | Exception, ...], type[ChatError], str, str]] = [
    ("no page", (Scripted([b"x"], status=500),), ResponseStatusError, "page: 500: x", ""),
    ("no connection", (TransportError("refused"),), TransportError, "page: refused", ""),
    ("no chat", (PAGE1, TransportError("reset")), TransportError, "chat: reset", ""),
    ("a status", (PAGE1, Scripted([b"no"], status=404)), ResponseStatusError, "chat: 404: no", ""),
    ("an odd status", (PAGE1, Scripted([], status=418)), ResponseError, "418: not an answer", ""),
    (
        "a challenge at 200",
        (PAGE1, Scripted([b"x"], headers={"cf-mitigated": "challenge"})),
        ResponseStatusError,
        "challenge page",
        "",
    ),
    ("no answer", (PAGE1, Scripted([])), StreamTruncatedError, "chat: cut", ""),
    (
        "an end without Finished",
        (PAGE1, Scripted([b"one ~"])),
        StreamTruncatedError,
        "ended without its end sign",
        "one",
    ),
    (
        "a broken connection",
        (PAGE1, Scripted([b"one "], error=TransportError("reset"))),
        TransportError,
        "chat: reset",
        "one",
    ),
    (
        "a cut before anything",
        (PAGE1, Scripted([], error=StreamTruncatedError("lost"))),
        StreamTruncatedError,
        "chat: lost",
        "",
    ),
    (
        "words after the end",
        (PAGE1, Scripted([b"one . two"])),
        ResponseError,
        "TextDelta may not come after Finished",
        "",
    ),
]


@pytest.mark.parametrize(
    ("script", "kind", "words", "text"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS]
)
async def test_an_error_says_where_and_what_was_said_and_what_now(
    script: tuple[Scripted | Exception, ...], kind: type[ChatError], words: str, text: str
) -> None:
    line = ScriptedLine(*script)

    with pytest.raises(kind, match=words) as caught:
        await ask(line)

    assert (caught.value.provider, caught.value.host) == ("toy", "toy.test")
    assert caught.value.text == text
    assert caught.value.hint is not None
    assert "The public site of toy is gone" in caught.value.hint
    assert len(line.scripted.sent) == len(script)
    assert line.scripted.open == 0


async def test_a_connection_lost_after_the_answers_own_end_is_no_loss() -> None:
    lost = Scripted([b"one ", b"two"], error=StreamTruncatedError("lost"))

    assert await ask(ScriptedLine(PAGE1, lost)) == WHOLE


@pytest.mark.parametrize(
    ("limits", "words", "text"),
    [
        ({"first_token_s": 0.01}, None, ""),
        ({"first_token_s": 60, "total_s": 0.01}, "limit on the whole answer passed", "one"),
        ({"total_s": 0.01}, "limit on the whole answer passed", "one"),
    ],
)
async def test_limits_hold_and_the_first_token_ends_its_own(
    limits: dict[str, float], words: str | None, text: str
) -> None:
    async def silence() -> None:
        await asyncio.sleep(0.05 if words is None else 60)

    line = ScriptedLine(PAGE1, Scripted([b"one "], wait=silence))
    if words is None:
        assert len(await ask(line, **limits)) == 3
        return

    with pytest.raises(TimeoutError, match=words) as caught:
        await ask(line, **limits)

    assert caught.value.text == text


async def test_a_first_token_that_does_not_come_is_not_waited_for() -> None:
    line = ScriptedLine(PAGE1, Scripted([], wait=asyncio.Event().wait))

    with pytest.raises(TimeoutError, match="limit on the first token passed"):
        await ask(line, first_token_s=0.01, total_s=60)

    assert line.scripted.open == 0


async def test_a_transports_own_timeout_keeps_its_words() -> None:
    silent = Scripted([b"one "], error=TimeoutError("60 s of silence"))

    with pytest.raises(TimeoutError, match="60 s of silence"):
        await ask(ScriptedLine(PAGE1, silent), total_s=60)


async def test_leaving_early_closes_the_reply() -> None:
    line = ScriptedLine(PAGE1, ANSWER)

    async with aclosing(exchange(Toy(), toy_call(), line)) as batches:
        assert await anext(batches) == [Started("m"), TextDelta("one")]
        assert line.scripted.open == 1

    assert line.scripted.open == 0


async def test_a_hundred_calls_at_once_make_one_handshake() -> None:
    line = ScriptedLine(PAGE1, *[ANSWER] * 100)

    answers = await asyncio.gather(*[ask(line) for _ in range(100)])

    assert answers == [WHOLE] * 100
    assert paths(line).count("page") == 1


async def test_broken_events_that_were_passed_over_are_counted_by_provider() -> None:
    line = ScriptedLine(PAGE1, Scripted([b"one ", b"? ", b"? ", b"."]), ANSWER)

    assert len(await ask(line)) == 3
    await ask(line)

    assert line.skipped == {"toy": 2}
