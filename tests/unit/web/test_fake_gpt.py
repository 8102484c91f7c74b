"""FakeGpt as a class: its contract, its models, its settings, and what it sends."""

import inspect
import json
from contextlib import aclosing
from typing import Any
from uuid import UUID

import pytest
from tests.unit.web.fake_gpt_kit import (
    BASE,
    bearer,
    call,
    drive,
    loads,
    logged_in,
    made,
    reply,
    session,
)

from dragoman.account import Account, Secret
from dragoman.errors import (
    AuthError,
    InputError,
    ModelNotSupportedError,
    ResponseError,
    ResponseStatusError,
)
from dragoman.messages import Message, Messages, Text
from dragoman.providers.base import AsyncGeneratorProvider
from dragoman.providers.call import Call, StaleSession
from dragoman.providers.web.fake_gpt import MODEL_ALIASES, FakeGpt
from dragoman.providers.web.fake_gpt_station import Login
from dragoman.transport.line import Line
from dragoman.wire.http import HttpReply, HttpRequest

SLUG = "text-davinci-002-render-sha"
LOGIN = made("tok", "a", sid="1")
HELLO: Messages = [{"role": "user", "content": "Hi"}]


def test_the_signature_and_the_attributes_are_those_of_the_document() -> None:
    parameters = inspect.signature(FakeGpt.create_async_generator).parameters

    assert [(p.name, p.default) for p in parameters.values()] == [
        ("model", inspect.Parameter.empty),
        ("messages", inspect.Parameter.empty),
        ("proxy", None),
        ("kwargs", inspect.Parameter.empty),
    ]
    assert issubclass(FakeGpt, AsyncGeneratorProvider)
    assert inspect.isasyncgenfunction(FakeGpt.create_async_generator)
    assert (FakeGpt.url, FakeGpt.working, FakeGpt.supports_gpt_35_turbo) == (
        "https://chat-shared2.zhile.io",
        False,
        True,
    )
    assert FakeGpt._access_token is None
    assert FakeGpt._cookie_jar is None
    assert isinstance(FakeGpt(), FakeGpt)


MODELS = [
    (None, SLUG),
    ("", SLUG),
    (SLUG, SLUG),
    ("gpt-3.5-turbo", SLUG),
    ("gpt-3.5-turbo-0301", SLUG),
    ("gpt-3.5-turbo-0613", SLUG),
    ("gpt-3.5-turbo-16k", SLUG),
    ("gpt-4", "gpt-4"),
    ("gpt-4-32k", "gpt-4-plugins"),
    ("gpt-4-plugins", "gpt-4-plugins"),
    ("own-slug", "own-slug"),
]


@pytest.mark.parametrize(("asked", "slug"), MODELS)
def test_a_model_has_a_slug_on_the_wire(asked: str | None, slug: str) -> None:
    assert FakeGpt().resolve_model(asked, Account.of(models=["own-slug"])) == slug


@pytest.mark.parametrize("model", ["GPT-4", "own-slug", "gpt-4 ", "text-davinci-003"])
def test_any_other_model_is_refused_by_name(model: str) -> None:
    with pytest.raises(ModelNotSupportedError, match=r"it has: gpt-3.5-turbo, .*gpt-4-plugins"):
        FakeGpt().resolve_model(model, Account.of())


def test_an_installations_own_models_are_known() -> None:
    known = FakeGpt().known_models(Account.of(models=["own-slug", "gpt-4"]))

    assert known == [SLUG, "gpt-4", "gpt-4-plugins", "own-slug"]
    assert set(MODEL_ALIASES.values()) <= set(known)


def body(call: Call, login: Login = LOGIN) -> dict[str, Any]:
    value = json.loads(FakeGpt().request(call, login).body)
    assert isinstance(value, dict)
    return value


def test_a_station_is_sent_one_message_in_a_conversation_of_its_own() -> None:
    request = FakeGpt().request(call(prompt="Привет \N{GRINNING FACE}"), LOGIN)
    sent = json.loads(request.body)

    assert (request.method, request.url) == ("POST", f"{BASE}/api/conversation")
    assert request.headers == {
        "Content-Type": "application/json",
        "Accept": "text/event-stream",
        "X-Authorization": "Bearer tok",
    }
    assert request.cookies == {"sid": "1"}
    (message,) = sent.pop("messages")
    assert UUID(message.pop("id")).version == 4
    assert UUID(sent.pop("parent_message_id")).version == 4
    assert message == {
        "author": {"role": "user"},
        "content": {"content_type": "text", "parts": ["Привет \N{GRINNING FACE}"]},
        "metadata": {},
    }
    assert sent == {
        "action": "next",
        "model": "gpt-4",
        "timezone_offset_min": 0,
        "history_and_training_disabled": True,
        "arkose_token": "",
        "plugin_ids": [],
        "suggestions": [],
        "force_paragen": False,
    }


def test_every_request_has_ids_of_its_own() -> None:
    assert body(call())["parent_message_id"] != body(call())["parent_message_id"]


@pytest.mark.parametrize(
    "account",
    [
        Account.of(api_key="own"),
        Account.of(settings={"access_token": Secret("own")}),
        Account.of(api_key="own", settings={"dialect": "token"}),
    ],
    ids=["api_key", "access_token", "dialect"],
)
def test_a_callers_token_needs_no_login(account: Account) -> None:
    provider = FakeGpt()
    handshake = provider.handshake(call(account))

    with pytest.raises(StopIteration) as end:
        next(handshake)
    request = provider.request(call(account), end.value.value)

    assert request.headers["X-Authorization"] == "Bearer own"
    assert request.headers["Authorization"] == "Bearer own"
    assert request.url == f"{BASE}/api/conversation"


@pytest.mark.parametrize(("scheme", "header"), [("none", "tok"), ("Bearer", "Bearer tok")])
def test_what_stands_before_the_token_is_a_setting(scheme: str, header: str) -> None:
    account = Account.of(settings={"token_scheme": scheme})

    at_station = FakeGpt().request(call(account), LOGIN)
    with_token = FakeGpt().request(call(account), made("tok"))

    assert at_station.headers["X-Authorization"] == header
    assert with_token.headers["Authorization"] == header


@pytest.mark.parametrize(
    ("prefix", "url"),
    [
        ("/backend-api", f"{BASE}/backend-api/conversation"),
        ("api/", f"{BASE}/api/conversation"),
        ("/", f"{BASE}/conversation"),
    ],
)
def test_the_path_before_the_conversation_is_a_setting(prefix: str, url: str) -> None:
    account = Account.of(api_key="own", settings={"api_prefix": prefix})

    assert FakeGpt().request(call(account), made("own")).url == url


def test_open_pandora_is_sent_a_prompt() -> None:
    account = Account.of(settings={"dialect": "talk", "token_name": Secret("work")})
    provider = FakeGpt()
    with pytest.raises(StopIteration) as end:
        next(provider.handshake(call(account)))

    request = provider.request(call(account), end.value.value)
    sent = json.loads(request.body)

    assert (request.method, request.url) == ("POST", f"{BASE}/api/conversation/talk")
    assert request.headers["X-Use-Token"] == "work"
    assert "X-Authorization" not in request.headers
    assert UUID(sent.pop("message_id")) != UUID(sent.pop("parent_message_id"))
    assert sent == {"prompt": "Hi", "model": "gpt-4", "stream": True}


def test_an_explicit_dialect_wins_over_a_token() -> None:
    account = Account.of(api_key="own", settings={"dialect": "station"})

    assert next(FakeGpt().handshake(call(account))).name == "loads"


BAD_SETTINGS: list[dict[str, str | int | Secret]] = [
    {"dialect": "pandora"},
    {"dialect": "token"},
    {"access_token": Secret("two words")},
    {"access_token": Secret("a\nX-Evil: 1")},
    {"api_prefix": "/api?x=1"},
    {"api_prefix": "/api\r\n"},
    {"dialect": "talk", "token_name": Secret("a\nX-Evil: 1")},
    {"token_scheme": "Basic"},
    {"token_scheme": ""},
    {"password_cookie": "true"},
]


@pytest.mark.parametrize("settings", BAD_SETTINGS, ids=repr)
async def test_a_wrong_setting_is_refused_before_anything_is_sent(
    settings: dict[str, str | int | Secret],
) -> None:
    async with Line() as line:
        with pytest.raises(InputError):
            FakeGpt().events(call(Account.of(settings=settings)), line)


WRONG_MESSAGES: list[Any] = [
    [],
    [{"role": "user", "content": "  "}],
    [{"role": "nobody", "content": "Hi"}],
    [{"role": "user"}],
    [{"role": "user", "content": "half a pair: \ud83d"}],
    "Hi",
]


@pytest.mark.parametrize("messages", WRONG_MESSAGES, ids=repr)
async def test_wrong_messages_are_refused_at_the_first_step_and_before_anything_is_sent(
    messages: Any,
) -> None:
    generator = FakeGpt.create_async_generator("", messages, base_url="http://127.0.0.1:9")

    async with aclosing(generator) as texts:
        with pytest.raises(InputError):
            await anext(texts)


async def test_an_unknown_keyword_is_a_type_error() -> None:
    async with aclosing(FakeGpt.create_async_generator("", HELLO, tempreature=1)) as texts:
        with pytest.raises(TypeError, match="tempreature"):
            await anext(texts)


async def test_a_model_that_is_no_text_is_refused() -> None:
    generator = FakeGpt.create_async_generator(7, HELLO)  # type: ignore[arg-type]  # the point

    async with aclosing(generator) as texts:
        with pytest.raises(InputError):
            await anext(texts)


SIGNAL = StaleSession(AuthError("401: token_expired"))


def test_a_refused_fresh_login_takes_another_account_and_counts_what_was_tried() -> None:
    stale = made("old", "a", "b")
    replies = [loads("a", "b", "c"), logged_in(), session("new")]

    steps, login = drive(FakeGpt().refresh(call(), stale, SIGNAL, fresh=True), replies)

    assert b"token_key=c" in steps[1].request.body
    assert login.tried == ("a", "b", "c")


def test_after_three_accounts_there_is_no_fourth() -> None:
    stale = made("old", "a", "b", "c")

    with pytest.raises(AuthError, match=r"no live shared account.*token_expired"):
        next(FakeGpt().refresh(call(), stale, SIGNAL, fresh=True))


def test_a_refused_login_of_an_earlier_call_counts_as_one_account() -> None:
    stale = made("old", "a", "b", "c")
    replies = [loads("c", "b", "a"), reply(400, b""), logged_in(), session("new")]

    steps, login = drive(FakeGpt().refresh(call(), stale, SIGNAL, fresh=False), replies)

    assert b"token_key=b" in steps[1].request.body
    assert b"token_key=a" in steps[2].request.body
    assert login.tried == ("c", "b", "a")


def test_a_pool_of_one_account_is_logged_in_to_again() -> None:
    stale = made("old", "a")
    replies = [loads("a"), logged_in(), session("new")]

    _, login = drive(FakeGpt().refresh(call(), stale, SIGNAL, fresh=False), replies)

    assert bearer(login) == "new"


def test_a_long_conversation_is_one_prompt() -> None:
    asked = call()
    turns = [("system", "S"), ("user", "a"), ("assistant", "b"), ("user", "c")]
    messages = tuple(Message(role, (Text(text),)) for role, text in turns)  # type: ignore[arg-type]  # the table's words
    chat = FakeGpt().call(
        type(asked.chat)(model="", messages=messages, temperature=0.3), Account.of(base_url=BASE)
    )

    prompt = body(chat)["messages"][0]["content"]["parts"]

    assert prompt == ["System: S\nUser: a\nAssistant: b\nUser: c\nAssistant:"]
    assert chat.chat.model == SLUG
    assert chat.dropped == ("temperature",)


def models(answer: HttpReply) -> tuple[HttpRequest, list[str]]:
    """What is asked for the models, and what is made of this answer."""
    steps = FakeGpt().model_steps(call(), LOGIN)
    step = next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(answer)
    return step.request, end.value.value


def test_the_list_of_models_is_asked_for_as_the_chat_is() -> None:
    request, _ = models(reply(200, {"models": [{"slug": "gpt-4"}]}))

    assert request.url == f"{BASE}/api/models?history_and_training_disabled=false"
    assert request.headers["X-Authorization"] == "Bearer tok"
    assert request.cookies == {"sid": "1"}


def test_the_list_of_models_is_read_for_its_slugs() -> None:
    rows = [{"slug": "gpt-4"}, {"slug": 7}, 7, {"slug": SLUG, "title": "Default"}]

    _, listed = models(reply(200, {"models": rows, "categories": []}))

    assert listed == ["gpt-4", SLUG]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(200, {"models": []}), ResponseError),
        (reply(200, {"models": 7}), ResponseError),
        (reply(200, []), ResponseError),
        (reply(200, b"<p>"), ResponseError),
        (reply(500, b""), ResponseStatusError),
        (reply(401, b""), AuthError),
    ],
)
def test_what_is_no_list_of_models_is_an_error(answer: HttpReply, error: type[Exception]) -> None:
    with pytest.raises(error):
        models(answer)
