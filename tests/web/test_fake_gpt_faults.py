"""FakeGpt against its emulator: whatever goes wrong is one error, with the text so far."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import Struct
from tests.web.fake_gpt_visit import PROMPT, complaints, failure, paths

from dragoman import emulators
from dragoman.emulators.emulator import Emulator
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    ContentFilterError,
    HandshakeError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
    TimeoutError,
    TransportError,
)


@pytest.fixture
async def station() -> AsyncIterator[Emulator[Any]]:
    async with emulators.run("fakegpt", scenario={}) as emulator:
        yield emulator


class Fault(Struct):
    name: str
    scenario: dict[str, Any]
    error: type[ChatError]
    says: str = ""
    posts: int | None = None
    """How many chats were sent, if that is the point."""
    partial: bool = False
    keywords: dict[str, Any] = {}


def stays(name: str, scenario: dict[str, Any], error: type[ChatError], says: str = "") -> Fault:
    """A fault after which there is no second try."""
    return Fault(name, scenario, error, says, 1)


CHATS: dict[str, Any] = {"at": ["chat"]}
FAULTS = [
    Fault("an empty pool", {"pool": {"accounts": []}}, HandshakeError, "no shared account", 0),
    Fault("all dead at login", {"pool": {"accounts": ["login"] * 5}}, AuthError, "3 tried", 0),
    Fault("all dead at session", {"pool": {"accounts": ["session"] * 5}}, AuthError, "3 tried", 0),
    Fault("all dead at chat", {"pool": {"accounts": ["chat"] * 5}}, AuthError, "", 2),
    Fault("three dead, each in its way", {"pool": {"accounts": ["login", "session", "chat"]}},
          AuthError, "no live shared account", 1),
    Fault("every token expired", {"token_expire": {"lifetime_s": -60}}, AuthError, "401", 2),
    Fault("every chat 401", {"status": 401, **CHATS}, AuthError, "401", 2),
    Fault("every account refused", {"refusal": "account"}, AuthError, "403", 2),
    Fault("token refused", {"dialect": "token", "status": 401}, AuthError, "401", 1,
          keywords={"access_token": "t"}),
    Fault("a token in a form that the station does not want", {"variant": ["bare_token"]},
          AuthError, "401", 2),
    Fault("a password that is no cookie", {"variant": ["password_cookie"]}, AuthError, "3 tried",
          0),
    Fault("login says 400", {"login_shape": "400"}, AuthError, "3 tried", 0),
    Fault("login says code 500", {"login_shape": "code_500"}, AuthError, "3 tried", 0),
    Fault("login 429", {"login_shape": "429"}, RateLimitError, "login", 0),
    Fault("login page", {"login_shape": "html"}, AuthError, "3 tried", 0),
    Fault("session empty", {"session_shape": "empty"}, AuthError, "3 tried", 0),
    Fault("session of open Pandora", {"session_shape": "secret"}, HandshakeError, "talk", 0),
    Fault("open Pandora", {"dialect": "talk"}, ResponseStatusError, "500", 0),
    Fault("talk: unknown token", {"dialect": "talk", "tokens": ["work"]}, ResponseStatusError,
          "Access token not found: home", 1, keywords={"dialect": "talk", "token_name": "home"}),
    Fault("talk: WebSocket", {"dialect": "talk", "wss": True}, ResponseError, "no valid response",
          1, keywords={"dialect": "talk"}),
    Fault("talk: hang", {"dialect": "talk", "stall": {"after_events": 3}}, TimeoutError,
          keywords={"dialect": "talk", "timeout": 0.3}),
    stays("unusual activity", {"refusal": "unusual_activity"}, ResponseStatusError, "403"),
    stays("not found", {"refusal": "not_found"}, ResponseStatusError, "404"),
    stays("too long", {"refusal": "too_long"}, ResponseStatusError, "prompt too long"),
    stays("validation", {"refusal": "validation"}, ResponseStatusError, "422"),
    stays("hour limit", {"refusal": "hour_limit"}, RateLimitError, "1 hour"),
    stays("one message", {"refusal": "one_message"}, RateLimitError, "one message"),
    stays("clears in", {"refusal": "clears_in"}, RateLimitError),
    *(stays(f"status {status} as {body}", {"status": status, "status_body": body, **CHATS},
            ResponseStatusError, str(status))
      for status in (404, 405, 500, 502, 529) for body in ("dialect", "json", "html", "text",
                                                           "empty")),
    stays("429", {"status": 429, **CHATS}, RateLimitError),
    *(Fault(f"status 500 at {step}", {"status": 500, "at": [step]}, ResponseStatusError, step, 0)
      for step in ("loads", "login", "session")),
    *(Fault(f"challenge at {step}", {"challenge": {}, "at": [step]}, ChallengeError, step, 0)
      for step in ("loads", "login", "session")),
    *(stays(f"challenge {number}", {"challenge": challenge, **CHATS}, ChallengeError)
      for number, challenge in enumerate(({}, {"status": 503}, {"status": 200},
          {"status": 200, "cf_mitigated": False}, {"status": 403, "cf_mitigated": False},
          {"status": 200, "coding": "br"}, {"status": 403, "cf_mitigated": False,
                                            "coding": "br"}))),
    *(Fault(f"page at {step}", {"html_instead": True, "at": [step]}, ResponseError, step, 0)
      for step in ("loads", "session")),
    Fault("page at login", {"html_instead": "login", "at": ["login"]}, AuthError, "3 tried", 0),
    stays("page at chat", {"html_instead": "maintenance", **CHATS}, ResponseError, "HTML"),
    *(Fault(f"nothing at {step}: {body}", {"empty_body": body, "at": [step]}, ResponseError, step,
            0)
      for step in ("loads", "session") for body in (True, "0", 204)),
    *(stays(f"nothing at chat: {body}", {"empty_body": body, **CHATS}, ResponseError)
      for body in (True, "0", 204)),
    stays("a redirect of the chat", {"redirect": {}, **CHATS}, ResponseStatusError, "302"),
    stays("WebSocket", {"wss": True}, ResponseError, "WebSocket"),
    stays("delta encoding", {"side_events": ["delta_encoding"]}, ResponseError, "delta encoding"),
    stays("blocked", {"side_events": ["title", "blocked"]}, ContentFilterError, "blocked"),
    *(Fault(f"error event as {form}", {"error_event": {"after_events": 6, "form": form,
            "message": "broke"}}, ResponseError, "broke", 1, partial=True)
      for form in ("object", "string", "line")),
    Fault("a dead token inside the stream", {"error_event": {"code": "token_expired"}}, AuthError,
          "", 2),
    Fault("rewritten at the end", {"rewrite": "final"}, ResponseError, "rewritten", 1),
    Fault("shortened at the end", {"rewrite": "shorter"}, ResponseError, "rewritten", 1),
    *(Fault(f"cut: {how}", {"cut": {"after_events": 6, "how": how}}, StreamTruncatedError, "", 1,
            partial=True)
      for how in ("end", "fin", "no_chunk_end", "mid_chunk", "length_too_long",
                  "close_delimited", "rst")),
    Fault("cut inside an event", {"cut": {"after_bytes": 2500, "how": "end"}},
          StreamTruncatedError),
    Fault("stall", {"stall": {"after_events": 6}}, TimeoutError, "", 1, partial=True,
          keywords={"timeout": 0.3}),
    Fault("stall before the headers", {"stall": {"headers": False}}, TimeoutError, "", 1,
          keywords={"timeout": 0.3}),
    Fault("slower than the limit", {"slow": {"between_events_s": 2}}, TimeoutError, "", 1,
          keywords={"timeout": 0.3}),
    stays("a coding by a wrong name", {"encoding": {"coding": "gzip", "header": "br"}},
          ResponseError),
    Fault("20 MiB in a line", {"long_line": 20 * 1024 * 1024}, ResponseError, "longer than", 1),
    Fault("a kept connection dies under the login", {"connection": "drop_reused"}, TransportError,
          "login", 0),
    stays("reset", {"connection": "reset", **CHATS}, TransportError),
    stays("closed", {"connection": "close", **CHATS}, TransportError),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_what_is_no_answer_is_one_error(fault: Fault, station: Emulator[Any]) -> None:
    station.scenario(fault.scenario)

    error = await failure(station, **fault.keywords)

    assert type(error) is fault.error
    assert fault.says in str(error)
    assert str(error).startswith("fakegpt at 127.0.0.1: ")
    assert len(str(error)) < 400
    assert complaints(station) == []
    if fault.posts is not None:
        assert sum("/conversation" in path for path in paths(station)) == fault.posts
    if fault.partial:
        assert error.text
        assert PROMPT.startswith(error.text)
