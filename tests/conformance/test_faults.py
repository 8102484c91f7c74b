"""What a service gets wrong in the middle of an answer, and what it may do without harm."""

from typing import Any

import pytest

from dragoman.errors import (
    ChatError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
    TimeoutError,
)
from tests.conformance.subject import APIS, ASK, ONCE, SAID, Subject

of_an_api = pytest.mark.parametrize("subject", APIS, indirect=True)
"""What falls between the events of an answer: the sites' own forms of it are in `tests/web`."""

LONG = "word " * 200
MIDST = 12
"""Events after which every API has said something and none has ended."""

HARMLESS: list[dict[str, Any]] = [
    {"split": 1},
    {"split": 7},
    {"split": "all"},
    *({"line_ends": ends} for ends in ("\r\n", "\r", "mixed", "no_blank_at_end", "none_at_end")),
    {"noise": True},
    {"noise": True, "line_ends": "mixed", "split": 3},
    *({"encoding": coding} for coding in ("gzip", "deflate", "br")),
    {"encoding": {"coding": "gzip", "flush": "end"}},
]


async def test_no_harmless_fault_changes_the_text(subject: Subject) -> None:
    changed = []

    async with subject.client() as client:
        whole = (await client.complete(ONCE, ASK)).text
        for knobs in HARMLESS:
            subject.emulator.scenario(knobs)
            if (await client.complete(ONCE, ASK)).text != whole:
                changed.append(knobs)

    assert SAID in whole
    assert changed == []


async def test_unicode_and_a_long_line_arrive_as_they_are(subject: Subject) -> None:
    async with subject.client() as client:
        subject.emulator.scenario(unicode=True, answer="x")
        odd = await client.complete(ONCE, ASK)
        subject.emulator.scenario(long_line=204_800, answer="x")
        long = await client.complete(ONCE, ASK)

    assert "\N{GRINNING FACE} שלום \u2028 \x85 e\u0301" in odd.text
    assert long.text.startswith("x long long")
    assert len(long.text) >= 204_800


@pytest.mark.parametrize("kind", ["json", "utf8", "not_object", "nan", "lone_surrogate"])
async def test_a_spoilt_event_never_changes_the_text(subject: Subject, kind: str) -> None:
    texts: set[str] = set()
    told: list[str] = []
    async with subject.client() as client:
        whole = (await client.complete(ONCE, ASK)).text
        for place in (1, 3, 5):
            subject.emulator.scenario(malformed={"at_event": place, "kind": kind})
            try:
                text = (await client.complete(ONCE, ASK)).text
            except ResponseError as error:
                told.append(error.text)
            else:
                texts.add(text)

    assert texts <= {whole}
    assert [text for text in told if not whole.startswith(text)] == []


@of_an_api
@pytest.mark.parametrize("how", ["end", "fin", "rst", "mid_chunk", "close_delimited"])
async def test_a_cut_gives_the_text_so_far(subject: Subject, how: str) -> None:
    subject.emulator.scenario(cut={"after_events": MIDST, "how": how}, answer=LONG)

    async with subject.client() as client:
        with pytest.raises(StreamTruncatedError) as caught:
            await client.complete(ONCE, ASK)

    _assert_begun(caught.value)


@of_an_api
async def test_a_stall_gives_the_text_so_far(subject: Subject) -> None:
    subject.emulator.scenario(stall={"after_events": MIDST}, answer=LONG)

    async with subject.client(idle_s=0.1) as client:
        with pytest.raises(TimeoutError) as caught:
            await client.complete(ONCE, ASK)

    _assert_begun(caught.value)
    await subject.emulator.wait_closed()


@of_an_api
@pytest.mark.parametrize("form", ["object", "bare", "string", "line"])
async def test_an_error_in_the_stream_is_told_after_the_text_before_it(
    subject: Subject, form: str
) -> None:
    error = {"after_events": MIDST, "message": "the cat is on the keyboard", "form": form}
    subject.emulator.scenario(error_event=error, answer=LONG)

    async with subject.client() as client:
        with pytest.raises(ChatError, match="the cat is on the keyboard") as caught:
            await client.complete(ONCE, ASK)

    assert caught.value.retryable
    _assert_begun(caught.value)


@pytest.mark.parametrize("body", ["json", "html", "text", "empty"])
async def test_a_status_is_told_whatever_body_it_comes_with(subject: Subject, body: str) -> None:
    async with subject.client() as client:
        await client.complete(ONCE, ASK)
        subject.emulator.scenario(status=503, status_body=body)

        with pytest.raises(ResponseStatusError) as caught:
            await client.complete(ONCE, ASK)

    assert caught.value.status == 503
    assert caught.value.retryable


def _assert_begun(error: ChatError) -> None:
    assert error.text
    assert LONG.startswith(error.text)
