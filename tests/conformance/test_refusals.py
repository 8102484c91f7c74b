"""How refusals reach the caller: statuses, limits, wrong input, and never a secret."""

import email.utils
import logging
import time
import traceback
from typing import Any

import pytest

from dragoman.account import Account
from dragoman.errors import (
    AuthError,
    ChatError,
    InputError,
    ModelNotSupportedError,
    RateLimitError,
    ResponseStatusError,
    TransportError,
)
from tests.conformance.subject import ASK, ONCE, Subject


async def test_401_is_an_auth_error(subject: Subject) -> None:
    subject.emulator.scenario(status=401)

    async with subject.client() as client:
        with pytest.raises(AuthError):
            await client.complete(ONCE, ASK)


LATER = email.utils.formatdate(time.time() + 3600, usegmt=True)


@pytest.mark.parametrize(
    ("sent", "low", "high"),
    [(7, 7, 7), ("7.5", 7.5, 7.5), (LATER, 1, 3600), ("soon", None, None), ("-3", None, None)],
    ids=["seconds", "fraction", "date", "garbage", "negative"],
)
async def test_429_carries_how_long_to_wait(
    subject: Subject, sent: object, low: float | None, high: float | None
) -> None:
    async with subject.client() as client:
        await client.complete(ONCE, ASK)
        subject.emulator.scenario(status=429, retry_after=sent)

        with pytest.raises(RateLimitError) as caught:
            await client.complete(ONCE, ASK)

    error = caught.value
    assert error.retryable
    assert error.status == 429
    if low is None or high is None:
        assert error.retry_after is None
    else:
        assert error.retry_after is not None
        assert low <= error.retry_after <= high


@pytest.mark.parametrize("status", [500, 502, 503, 529])
async def test_a_server_error_is_retryable_and_asked_once(subject: Subject, status: int) -> None:
    async with subject.client() as client:
        await client.complete(ONCE, ASK)
        subject.emulator.clear_journal()
        subject.emulator.scenario(status=status)

        with pytest.raises(ResponseStatusError) as caught:
            await client.complete(ONCE, ASK)

    assert caught.value.status == status
    assert caught.value.retryable
    assert len(subject.emulator.journal) == 1


async def test_a_refused_connection_is_a_transport_error(subject: Subject) -> None:
    async with subject.client(base_url="http://127.0.0.1:9") as client:
        with pytest.raises(TransportError) as caught:
            await client.complete(ONCE, ASK)

    assert "127.0.0.1" in str(caught.value)
    assert subject.name in str(caught.value)


async def test_an_unknown_model_is_refused_before_any_request(subject: Subject) -> None:
    if subject.is_api:
        pytest.skip("the service alone knows its models")
    async with subject.client() as client:
        with pytest.raises(ModelNotSupportedError):
            await client.complete("mine/no-such-model", ASK)
    with pytest.raises(ModelNotSupportedError):
        await subject.kind.create_async("no-such-model", ASK, **subject.keywords)  # type: ignore[attr-defined]  # both bases have it

    assert subject.emulator.journal == []


async def test_an_unknown_keyword_is_a_type_error_before_any_request(subject: Subject) -> None:
    with pytest.raises(TypeError, match="temprature"):
        await subject.ask_class(temprature=1)
    async with subject.client() as client:
        with pytest.raises(TypeError, match="temprature"):
            await client.complete(ONCE, ASK, temprature=1)  # type: ignore[call-overload]  # the point of it

    assert subject.emulator.journal == []


BLANK = {"role": "user", "content": "  "}


@pytest.mark.parametrize(
    "messages",
    [
        [],
        "",
        [{"role": "user"}],
        [{"content": "x"}],
        [{"role": "robot", "content": "x"}],
        [{"role": "user", "content": 1}],
        [BLANK],
        [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}],
    ],
    ids=repr,
)
async def test_wrong_messages_are_refused_before_any_request(
    subject: Subject, messages: Any
) -> None:
    if subject.is_api and (messages == "" or messages == [BLANK]):
        pytest.skip("whether a text may be blank the service judges")
    async with subject.client() as client:
        with pytest.raises(InputError):
            await client.complete(ONCE, messages)

    assert subject.emulator.journal == []


SECRET = "s3cr3t-VALUE-9f8e7d"  # noqa: S105 - the text that must be seen nowhere

FAULTS: list[dict[str, Any]] = [
    {"status": 401},
    {"status": 403},
    {"status": 500},
    {"challenge": {"status": 403}},
    {"empty_body": True},
    {"html_instead": True},
    {"cut": {"after_bytes": 30, "how": "rst"}},
    {"slow": {"before_first_s": 60}},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: next(iter(fault)))
async def test_no_secret_is_in_any_message_repr_or_log(
    subject: Subject, fault: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    subject.emulator.scenario(fault)
    keywords = {
        **subject.keywords,
        "api_key": SECRET,
        "cookies": {"session": SECRET, "cf_clearance": "let-me-in"},
        "timeout": 0.2,
    }

    with pytest.raises(ChatError) as caught:
        await subject.ask_class(**keywords)

    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    assert SECRET not in shown
    assert SECRET not in repr(Account.of(api_key=SECRET, cookies={"session": SECRET}))


async def test_a_proxy_password_is_in_no_message(subject: Subject) -> None:
    with pytest.raises(TransportError) as caught:
        await subject.ask_class(proxy=f"http://user:{SECRET}@127.0.0.1:9")

    assert SECRET not in "".join(traceback.format_exception(caught.value))
