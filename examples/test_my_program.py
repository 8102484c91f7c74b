"""Tests of a program of one's own against an emulator, by the fixture `dragoman_emulator`."""

# ruff: noqa: S101 - tests are made of assertions
from collections.abc import Callable
from typing import Any

import pytest

from dragoman import ResponseError, SyncClient
from dragoman.emulators import Emulator

Start = Callable[..., Emulator[Any]]


def summary(text: str) -> str:
    """The program under test: it asks for a summary and takes the answer's first line."""
    with SyncClient() as client:
        reply = client.complete("fakegpt", f"Summarize in one line: {text}")
    return reply.text.splitlines()[0]


def test_it_takes_the_first_line(dragoman_emulator: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    site = dragoman_emulator("fakegpt", scenario={"answer": "A whale is hunted.\nBy Ahab."})
    monkeypatch.setenv("DRAGOMAN_FAKEGPT_BASE_URL", site.url)

    assert summary("Call me Ishmael ...") == "A whale is hunted."


def test_a_broken_answer_is_no_summary(
    dragoman_emulator: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = dragoman_emulator("fakegpt", scenario={"cut": {"after_events": 3}})
    monkeypatch.setenv("DRAGOMAN_FAKEGPT_BASE_URL", site.url)

    with pytest.raises(ResponseError):
        summary("Call me Ishmael ...")
