"""Accounts and secrets: equal by value, and silent."""

import logging
import pickle

import msgspec
import pytest
from rich.pretty import pretty_repr

from dragoman.account import Account, Secret
from dragoman.provider_entry import ProviderFields
from dragoman.providers.web.fake_gpt_station import Login
from dragoman.sessions.cookie_rules import Cookie
from dragoman.transport.line import LineSettings
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead

SECRET = "s3cr3t"  # noqa: S105 - a made-up one


def account() -> Account:
    return Account.of(
        base_url="https://own.test/",
        api_key=SECRET,
        cookies={"sid": SECRET, "a": SECRET},
        settings={"token": Secret(SECRET), "bot_id": 3},
        models=["m"],
    )


@pytest.mark.parametrize(
    "show",
    [repr, str, ascii, format, lambda secret: f"{secret}", lambda secret: f"{secret!s:>20}",
     lambda secret: "%s %r" % (secret, secret), lambda secret: repr([secret])],  # noqa: UP031 - as logging does it
)  # fmt: skip
def test_a_secret_shows_itself_to_nobody(show: object) -> None:
    assert callable(show)
    assert SECRET not in show(Secret(SECRET))
    assert "***" in show(Secret(SECRET))


def test_a_secret_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("x").warning("%s %r %s", Secret(SECRET), account(), [Secret(SECRET)])

    assert SECRET not in caplog.text


def test_a_secret_is_neither_pickled_nor_encoded() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret(SECRET))
    with pytest.raises(TypeError):
        msgspec.json.encode(account())


def test_a_secret_is_equal_by_its_value() -> None:
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret("a").reveal() == "a"


def test_equal_accounts_are_one_key() -> None:
    cookies = {"a": SECRET, "sid": SECRET}

    again = account().with_cookies({}).with_cookies(cookies)

    assert again == account()
    assert {again: 1}[account()] == 1
    assert account().with_cookies({"a": "other"}) != account()
    assert SECRET not in repr(account())


def test_an_account_gives_the_wire_what_it_needs() -> None:
    ours = account()

    assert ours.base_url == "https://own.test"
    assert ours.api_key == Secret(SECRET)
    assert ours.cookie_values() == {"a": SECRET, "sid": SECRET}
    assert ours.setting("token") == SECRET
    assert ours.setting("bot_id") == 3
    assert ours.setting("other") is None
    assert ours.models == ("m",)


@pytest.mark.parametrize("empty", [None, ""])
def test_an_account_of_nothing_is_the_public_one(empty: str | None) -> None:
    assert Account.of(base_url=empty, api_key=empty, cookies={}) == Account()


@pytest.mark.parametrize(
    "value",
    [
        HttpRequest("GET", "http://a/?key=SECRET", {"Authorization": "SECRET"}, b"SECRET"),
        HttpReply(ReplyHead(200, {"set-cookie": "SECRET"}, "http://a/?key=SECRET"), b"SECRET"),
        LineSettings(proxy="http://user:SECRET@127.0.0.1:1"),
        ProviderFields(api_key="SECRET", cookies={"sid": "SECRET"}),
        Login(token="SECRET", cookies={"sid": "SECRET"}),  # noqa: S106 - a made-up one
        Cookie(name="sid", value="SECRET"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_rich_shows_no_more_of_a_value_than_its_repr(value: object) -> None:
    """Rich prints the fields of a struct by a method of their own, in tracebacks too."""
    assert "SECRET" not in pretty_repr(value)
    assert "SECRET" not in repr(value)
