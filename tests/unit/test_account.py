"""Accounts and secrets: equal by value, and silent."""

import logging
import pickle

import msgspec
import pytest

from dragoman.account import Account, Secret

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
