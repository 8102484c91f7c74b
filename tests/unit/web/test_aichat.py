"""Aichat: its contract, what it sends, and every row of what may come back."""

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from dragoman.account import Account, Secret
from dragoman.chat import ChatRequest
from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    InputError,
    ModelNotSupportedError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
)
from dragoman.events import Event, Finished, Grammar, Started, TextDelta
from dragoman.messages import Message, Messages, Text
from dragoman.providers.base import AsyncProvider
from dragoman.providers.call import Call
from dragoman.providers.web.aichat import Aichat
from dragoman.sessions.store import Facts
from dragoman.transport.line import Line
from dragoman.wire.http import HttpReply, ReplyHead

NOW = 1_700_000_000.0
BASE = "http://aichat.test"
SAMPLES = Path(__file__).parents[2] / "samples" / "aichat"
ACCOUNT = Account.of(cookies={"cf_clearance": "c1"})
HELLO: Messages = [{"role": "user", "content": "Hi"}]


def call(account: Account = ACCOUNT, options: Mapping[str, float] | None = None) -> Call:
    chat = ChatRequest(model="gpt-3.5-turbo", messages=(Message("user", (Text("Hi"),)),))
    chat = msgspec.structs.replace(chat, **(options or {}))
    dropped = ("seed",) if options else ()
    return Call(chat=chat, account=account, base_url=BASE, now=NOW, prompt="Hi", dropped=dropped)


def body_of(call: Call) -> dict[str, Any]:
    value = json.loads(Aichat().request(call, Facts()).body)
    assert isinstance(value, dict)
    return value


def test_the_call_form_and_the_attributes_are_those_of_the_document() -> None:
    parameters = inspect.signature(Aichat.create_async).parameters

    assert [(p.name, p.default) for p in parameters.values()] == [
        ("model", inspect.Parameter.empty),
        ("messages", inspect.Parameter.empty),
        ("proxy", None),
        ("kwargs", inspect.Parameter.empty),
    ]
    assert issubclass(Aichat, AsyncProvider)
    assert (Aichat.url, Aichat.working, Aichat.supports_gpt_35_turbo, Aichat.needs_auth) == (
        "https://chat-gpt.org/chat",
        False,
        True,
        True,
    )
    assert Aichat().base_url(Account.of()) == "https://chat-gpt.org"
    assert Aichat().base_url(Account.of(base_url=f"{BASE}/")) == BASE


@pytest.mark.parametrize("model", ["", None, "gpt-3.5-turbo"])
def test_the_advertised_model_is_the_only_one(model: str | None) -> None:
    assert Aichat().resolve_model(model, Account.of()) == "gpt-3.5-turbo"


def test_any_other_model_is_refused_unless_the_installation_has_it() -> None:
    own = Account.of(models=["own"])

    with pytest.raises(ModelNotSupportedError, match=r"gpt-3\.5-turbo"):
        Aichat().resolve_model("gpt-4", Account.of())
    assert Aichat().resolve_model("own", own) == "own"
    assert Aichat().known_models(own) == ["gpt-3.5-turbo", "own"]


def test_the_request_is_a_json_object_with_four_numbers_and_the_cookies() -> None:
    request = Aichat().request(call(), Facts())

    assert (request.method, request.url) == ("POST", f"{BASE}/api/text")
    assert request.headers == {"Content-Type": "application/json", "Accept": "application/json"}
    assert request.cookies == {"cf_clearance": "c1"}
    assert body_of(call()) == {
        "message": "Hi",
        "temperature": 0.5,
        "presence_penalty": 0,
        "top_p": 1,
        "frequency_penalty": 0,
    }


def test_the_callers_numbers_are_sent_also_where_they_are_zero() -> None:
    options = {"temperature": 0.0, "top_p": 0.0, "presence_penalty": 1.5, "frequency_penalty": -1.0}

    sent = body_of(call(options=options))

    assert {name: sent[name] for name in options} == options


def test_settings_of_an_own_installation() -> None:
    settings: dict[str, str | int | Secret] = {
        "endpoint": "chat/text",
        "recaptcha_token": Secret("r1"),
    }
    own = call(Account.of(settings=settings))

    assert Aichat().request(own, Facts()).url == f"{BASE}/chat/text"
    assert "r1" in body_of(own).values()


def test_nothing_precedes_the_chat() -> None:
    with pytest.raises(StopIteration):
        next(Aichat().handshake(call()))


async def test_without_cookies_nothing_is_sent() -> None:
    async with Line() as line:
        with pytest.raises(AuthError, match="no cookies") as caught:
            Aichat().events(call(Account.of()), line)

    assert isinstance(caught.value, RuntimeError)
    assert "cookies=" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "account",
    [ACCOUNT, Account.of(settings={"cookies_required": "no"})],
    ids=["cookies", "an installation that wants none"],
)
async def test_nothing_is_sent_before_the_first_step(account: Account) -> None:
    async with Line() as line:
        await Aichat().events(call(account), line).aclose()


BAD_SETTINGS: list[dict[str, str | int | Secret]] = [
    {"cookies_required": "perhaps"},
    {"endpoint": "/api?x=1"},
    {"endpoint": "/a b"},
]


@pytest.mark.parametrize("settings", BAD_SETTINGS, ids=repr)
async def test_a_wrong_setting_is_refused_before_anything_is_sent(
    settings: dict[str, str | int | Secret],
) -> None:
    async with Line() as line:
        with pytest.raises(InputError):
            Aichat().events(call(Account.of(settings=settings)), line)


@pytest.mark.parametrize(
    ("messages", "keywords", "error"),
    [
        ([], {}, InputError),
        ([{"role": "user", "content": " "}], {}, InputError),
        (HELLO, {"temprature": 1}, TypeError),
        (HELLO, {"temperature": 3}, InputError),
        (HELLO, {"cookies": "a=b"}, InputError),
    ],
    ids=["no messages", "blank", "unknown keyword", "too hot", "cookies as text"],
)
async def test_a_wrong_call_is_refused_before_anything_is_sent(
    messages: Messages, keywords: dict[str, Any], error: type[Exception]
) -> None:
    wrong = {"cookies": {"a": "b"}, "base_url": "http://127.0.0.1:9"} | keywords

    with pytest.raises(error):
        await Aichat.create_async("", messages, **wrong)


class Case(Struct):
    name: str
    body: object
    text: str = ""
    error: type[ChatError] | None = None
    says: str = ""
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = {}


PAGE = "text/html; charset=utf-8"
CHALLENGE = b"<title>Just a moment...</title>"
CASES = [
    Case("an answer", {"response": True, "message": "Hi"}, "Hi"),
    Case("a truthy number", {"response": 1, "message": "Hi"}, "Hi"),
    Case("the answer in response", {"response": "Hi"}, "Hi"),
    Case("the answer in response, message null", {"response": "Hi", "message": None}, "Hi"),
    Case("a text in both", {"response": "ok", "message": "Hi"}, "Hi"),
    Case("other fields", {"response": True, "message": "Hi", "x": [1]}, "Hi"),
    Case("another content type", {"response": True, "message": "Hi"}, "Hi", kind="text/plain"),
    Case("false", {"response": False, "message": "why"}, error=ResponseError, says="why"),
    Case("null", {"response": None, "error": "why"}, error=ResponseError, says="why"),
    Case("empty", {"response": "", "message": "why"}, error=ResponseError, says="why"),
    Case("absent", {"message": "why"}, error=ResponseError, says="why"),
    Case("no reason", {"response": False, "message": 7}, error=ResponseError, says="no reason"),
    Case("a long reason", {"message": "w" * 999}, error=ResponseError, says="w" * 199 + "…"),
    Case("message absent", {"response": True}, error=ResponseError, says="without a text"),
    Case("message null", {"response": True, "message": None}, error=ResponseError),
    Case("message a number", {"response": True, "message": 7}, error=ResponseError),
    Case("message a number beside a text", {"response": "x", "message": 7}, error=ResponseError),
    Case("message empty", {"response": True, "message": ""}, error=ResponseError, says="empty"),
    Case("no object", [1], error=ResponseError, says="no JSON object"),
    Case("null alone", None, error=ResponseError, says="no JSON object"),
    Case("broken JSON", b'{"response": tr', error=ResponseError, says="no JSON object"),
    Case("a NaN", b'{"response": true, "message": "x", "n": NaN}', error=ResponseError),
    Case("a lone surrogate", b'{"response": true, "message": "\\ud800"}', error=ResponseError),
    Case("no UTF-8", b'{"response": true, "message": "\xff"}', error=ResponseError),
    Case("deep nesting", b'{"x":' + b"[" * 99_999, error=ResponseError),
    Case("nothing", b"", error=ResponseError, says="empty reply"),
    Case("blanks", b" \r\n", error=ResponseError, says="empty reply"),
    Case("0", b"0", error=ResponseError),
    Case("204", b"", error=ResponseError, says="empty reply", status=204),
    Case("a page", b"<p>Log in", error=ResponseError, says="HTML instead", kind=PAGE),
    Case("challenge at 200", CHALLENGE, error=ChallengeError, kind=PAGE),
    Case("challenge at 403", CHALLENGE, error=ChallengeError, status=403, kind=PAGE),
    Case("challenge at 503", CHALLENGE, error=ChallengeError, status=503, kind=PAGE),
    Case(
        "challenge by its header",
        {"x": 1},
        error=ChallengeError,
        status=403,
        headers={"cf-mitigated": "challenge"},
    ),
    Case("401", b"", error=AuthError, says="cf_clearance", status=401),
    Case("403 JSON", {"message": "no"}, error=AuthError, says="cf_clearance): no", status=403),
    Case("403 page", b"<p>no", error=ResponseStatusError, says="403", status=403, kind=PAGE),
    Case("429", {"message": "slow"}, error=RateLimitError, says="slow", status=429),
    Case("404", b"", error=ResponseStatusError, says="404", status=404),
    Case("302", b"", error=ResponseStatusError, says="302", status=302),
    Case("500", b"oops", error=ResponseStatusError, says="oops", status=500, kind="text/plain"),
]


def outcome(case: Case, size: int) -> tuple[list[Any], ChatError | None]:
    raw = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
    head = ReplyHead(case.status, {"content-type": case.kind, **case.headers}, BASE)
    provider = Aichat()
    if not 200 <= case.status < 300:
        found = provider.failure(call(), HttpReply(head, raw))
        assert isinstance(found, ChatError)
        return [], found
    decoder = provider.decoder(call(options={"temperature": 1}), head)
    try:
        fed = [decoder.feed(raw[at : at + size]) for at in range(0, len(raw), size)]
        return [*(event for events in fed for event in events), *decoder.close()], None
    except ChatError as error:
        return [], error


@pytest.mark.parametrize("size", [1_000_000, 7], ids=["whole", "in pieces"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_reply_is_an_answer_or_an_error(case: Case, size: int) -> None:
    events, error = outcome(case, size)

    if case.error is None:
        assert error is None
        assert events == [
            Started("gpt-3.5-turbo", dropped=("seed",)),
            TextDelta(case.text),
            Finished(),
        ]
    else:
        assert type(error) is case.error
        assert case.says in str(error)
        assert len(str(error)) < 300
        assert "c1" not in str(error)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.body")), ids=lambda path: path.stem)
def test_a_sample_gives_what_is_written_beside_it(path: Path) -> None:
    sample = json.loads(path.with_suffix(".json").read_text("utf-8"))
    head = ReplyHead(sample["status"], sample["headers"], BASE)
    expect = sample["expect"]
    case = Case(path.stem, path.read_bytes(), status=head.status)

    events, error = outcome(case, 1_000_000)

    if isinstance(expect, list):
        assert [type(event) for event in events] == [Started, TextDelta, Finished]
        assert events[1:] == msgspec.convert(expect[1:], list[Event])
    else:
        assert type(error).__name__ == expect["error"]
        assert expect["message"] in str(error)


def test_a_body_without_an_end_is_refused_and_not_kept() -> None:
    decoder = Aichat().decoder(call(), ReplyHead(200, {}, BASE))
    for _ in range(16):
        decoder.feed(b"x" * 1024 * 1024)

    with pytest.raises(ResponseError, match="longer than"):
        decoder.feed(b"x")


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_an_answer_or_a_chat_error(body: bytes) -> None:
    events, error = outcome(Case("any", body), 1_000_000)

    assert bool(events) is (error is None)
    Grammar().check(events)
