"""Keywords of a call: what they mean, and what is refused before anything is sent."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.account import Account, Secret, Setting
from dragoman.errors import InputError
from dragoman.options import OPTIONS
from dragoman.providers.keywords import (
    KEYWORDS,
    check_cookies,
    check_header,
    check_line,
    check_url,
    decode_keywords,
    decode_settings,
    environment_base_url,
)
from dragoman.transport.base import Limits
from dragoman.transport.line import LineSettings

SETTINGS = {
    "page_path": Setting(str, "/", "where the chat is"),
    "bot_id": Setting(int, None, "which bot"),
    "token": Setting(str, None, "a token", secret=True),
}


def test_no_keyword_means_the_public_account_and_the_providers_own_limits() -> None:
    asked = decode_keywords("x", SETTINGS, {})

    assert asked.account == Account()
    assert asked.options == {}
    assert asked.limits is None
    assert asked.line == LineSettings()
    assert asked.user_agent is None


def test_none_is_as_good_as_nothing() -> None:
    nothing = dict.fromkeys([*KEYWORDS, *OPTIONS, *SETTINGS])

    assert decode_keywords("x", SETTINGS, nothing) == decode_keywords("x", SETTINGS, {})


def test_every_keyword_has_its_meaning() -> None:
    asked = decode_keywords(
        "x",
        SETTINGS,
        {
            "api_key": "k",
            "base_url": "https://own.test/chat/",
            "cookies": {"sid": "1"},
            "proxy": "http://proxy.test:3128",
            "stream": False,
            "timeout": (1, 2),
            "user_agent": "mine/1.0",
            "verify": "/ca.pem",
            "temperature": 1,
            "seed": None,
            "page_path": "/talk",
            "bot_id": 3,
            "token": "t",
        },
    )

    assert asked.account == Account.of(
        base_url="https://own.test/chat",
        api_key="k",
        cookies={"sid": "1"},
        settings={"page_path": "/talk", "bot_id": 3, "token": Secret("t")},
    )
    assert asked.options == {"temperature": 1.0}
    assert asked.limits == Limits(connect_s=1.0, idle_s=2.0)
    assert asked.line == LineSettings(proxy="http://proxy.test:3128", verify="/ca.pem")
    assert asked.user_agent == "mine/1.0"


def test_an_unknown_keyword_is_a_type_error_that_names_the_known_ones() -> None:
    with pytest.raises(TypeError, match=r"x: unknown keyword 'proxi'; known: api_key, .*bot_id"):
        decode_keywords("x", SETTINGS, {"proxi": None})


SECRET = "s3cr3t"  # noqa: S105 - a made-up one


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("api_key", f"{SECRET}\r\nX-Evil: 1", "api_key must be one line of text in ASCII"),
        ("api_key", f"{SECRET}é", "api_key must be one line"),
        ("api_key", 7, "api_key must be one line"),
        ("user_agent", "mine\n", "user_agent must be one line"),
        ("user_agent", b"mine", "user_agent must be one line"),
        ("proxy", "http://p.test\n", "proxy must be one line"),
        ("proxy", 7, "proxy must be one line"),
        ("base_url", 7, "base_url must be one line"),
        ("base_url", "own.test", "absolute http or https address"),
        ("cookies", [("sid", SECRET)], "cookies must be a mapping"),
        ("cookies", "sid=1", "cookies must be a mapping"),
        ("cookies", {"sid": f"{SECRET}\r\nX: 1"}, "the cookie sid must be one line"),
        ("cookies", {"sid": f"{SECRET}; admin=1"}, "without a semicolon"),
        ("cookies", {"sid": 7}, "the cookie sid must be"),
        ("cookies", {"": "1"}, "'' is no name of a cookie"),
        ("cookies", {"a=b": "1"}, "no name of a cookie"),
        ("cookies", {"a\n": "1"}, "no name of a cookie"),
        ("cookies", {7: "1"}, "7 is no name of a cookie"),
        ("verify", False, "verify must be True, or the path"),
        ("verify", "", "verify must be"),
        ("verify", 1, "verify must be"),
        ("timeout", 0, "expected seconds above 0"),
        ("timeout", True, "expected seconds above 0"),
        ("timeout", float("nan"), "expected seconds above 0"),
        ("timeout", "5", "expected seconds above 0"),
        ("timeout", float("inf"), "expected seconds above 0"),
        ("timeout", (1, float("inf")), "expected seconds above 0"),
        ("temperature", 3, "temperature = 3"),
        ("page_path", 7, "page_path must be str: where the chat is"),
        ("page_path", "/\r\n", "page_path must be one line"),
        ("bot_id", "3", "bot_id must be int: which bot"),
        ("bot_id", True, "bot_id must be int"),
        ("token", f"{SECRET}\n", "token must be one line"),
    ],
)
def test_a_wrong_value_is_said_without_quoting_a_secret(
    name: str, value: object, words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        decode_keywords("x", SETTINGS, {name: value})

    assert SECRET not in str(caught.value)


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(InputError, match="unknown setting 'bott'; known: page_path, bot_id, token"):
        decode_settings(SETTINGS, {"bott": 1})
    with pytest.raises(InputError, match="known: none"):
        decode_settings({}, {"bott": 1})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://own.test", "https://own.test"),
        ("http://own.test:8080/a/b//", "http://own.test:8080/a/b"),
        ("HTTPS://Own.Test/@me", "HTTPS://Own.Test/@me"),
        ("http://[::1]:5000/", "http://[::1]:5000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
    ],
)
def test_an_address_is_absolute_and_has_no_slash_at_its_end(url: str, expected: str) -> None:
    assert check_url("base_url", url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "", "own.test", "//own.test", "/chat", "ftp://own.test", "https://", "https:///chat",
        "https://:80", "https://own.test:0", "https://own.test:99999", "https://own.test:x",
        "https://[::1", "https://own test", "https://own.test/\r\nX: 1", "https://own.test\\@x",
        "https://own.test/\x00", "https://own.test/\ud800",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="X must be an absolute http or https address"):
        check_url("X", url)


@pytest.mark.parametrize(
    "url",
    [
        "https://me:s3cr3t@own.test", "https://me@own.test", "https://@own.test",
        "https://own.test?a=s3cr3t", "https://own.test/?", "https://own.test#", "https://own.test/#a",
    ],
)  # fmt: skip
def test_an_address_has_no_credentials_query_or_fragment(url: str) -> None:
    with pytest.raises(InputError, match="no credentials, query or fragment") as caught:
        check_url("X", url)

    assert "s3cr3t" not in str(caught.value)


def test_the_environment_may_name_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment_base_url("my-gpt") is None

    monkeypatch.setenv("DRAGOMAN_MY_GPT_BASE_URL", "http://own.test/")

    assert environment_base_url("my-gpt") == "http://own.test"
    assert decode_keywords("my-gpt", {}, {}).account.base_url == "http://own.test"
    given = decode_keywords("my-gpt", {}, {"base_url": "http://other.test"})
    assert given.account.base_url == "http://other.test"


def test_a_wrong_address_in_the_environment_names_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DRAGOMAN_X_BASE_URL", "own.test")

    with pytest.raises(InputError, match="DRAGOMAN_X_BASE_URL must be an absolute"):
        environment_base_url("x")


CHECKS: dict[str, Callable[[str], str]] = {
    "line": lambda value: check_line("x", value),
    "header": lambda value: check_header("x", value),
    "cookie": lambda value: check_cookies({"sid": value})["sid"],
    "cookie name": lambda value: next(iter(check_cookies({value: "1"}))),
    "url": lambda value: check_url("x", f"http://own.test/{value}"),
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@given(value=st.text())
def test_what_passes_cannot_end_a_header(check: Callable[[str], str], value: str) -> None:
    try:
        passed = check(value)
    except InputError:
        return
    assert not {"\r", "\n", "\0"} & set(passed)
