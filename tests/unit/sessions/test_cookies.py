"""Where the user's cookies come from, in which order, and to whom they go."""

import http.cookiejar
import subprocess
import sys
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dragoman.errors import InputError, MissingRequirementsError
from dragoman.sessions.cookie_rules import Cookie
from dragoman.sessions.cookie_store import CookieStore
from dragoman.sessions.cookies import PROCESS_COOKIES, get_cookies, set_cookies

HOST = "a.example.org"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    PROCESS_COOKIES.clear()
    yield
    PROCESS_COOKIES.clear()


@pytest.fixture
def name_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Writes the cookie file that the environment names."""

    def write(text: str) -> Path:
        path = tmp_path / "mine.txt"
        path.write_text(text)
        path.chmod(0o600)
        monkeypatch.setenv("DRAGOMAN_COOKIES", str(path))
        return path

    return write


class Browsers(types.ModuleType):
    """In place of the optional package: a module of two browsers."""

    def __init__(self) -> None:
        super().__init__("browser_cookie3")
        self.jars = [http.cookiejar.CookieJar(), http.cookiejar.CookieJar()]
        self.asked = 0
        self.all_browsers = [self._reader(jar) for jar in self.jars]
        self.all_browsers.insert(0, self._absent)

    def add(self, browser: int, name: str, value: str, domain: str, **more: object) -> None:
        self.jars[browser].set_cookie(
            http.cookiejar.Cookie(
                0, name, value, None, False, domain, True, domain.startswith("."), "/", True,
                bool(more.get("secure")), more.get("expires"), False, None, None, {},  # type: ignore[arg-type]  # a time or None
            )
        )  # fmt: skip

    def _reader(self, jar: http.cookiejar.CookieJar) -> Callable[..., http.cookiejar.CookieJar]:
        def read(domain_name: str) -> http.cookiejar.CookieJar:
            self.asked += 1
            found = http.cookiejar.CookieJar()
            for cookie in jar:
                if domain_name in cookie.domain:
                    found.set_cookie(cookie)
            return found

        return read

    def _absent(self, domain_name: str) -> http.cookiejar.CookieJar:
        raise RuntimeError(f"no such browser for {domain_name}")


@pytest.fixture
def browsers(monkeypatch: pytest.MonkeyPatch) -> Browsers:
    module = Browsers()
    monkeypatch.setitem(sys.modules, "browser_cookie3", module)
    return module


def test_nothing_anywhere_is_an_empty_dict() -> None:
    assert get_cookies(HOST) == {}
    assert get_cookies() == {}


def test_the_first_place_that_has_any_wins(
    name_file: Callable[[str], Path], browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_BROWSER_COOKIES", "1")
    browsers.add(0, "from", "browser", HOST)
    assert get_cookies(HOST) == {"from": "browser"}

    CookieStore().save("p", [Cookie(name="from", value="store", domain=HOST)])
    assert get_cookies(HOST) == {"from": "store"}

    path = name_file('{"example.org": {"from": "file"}}')
    assert get_cookies(HOST) == {"from": "file"}

    set_cookies("example.org", {"from": "set"})
    assert get_cookies(HOST) == {"from": "set"}

    set_cookies("example.org")
    path.write_text('{"else.where": {"from": "file"}}')
    assert get_cookies(HOST) == {"from": "store"}


def test_set_cookies_go_to_the_domain_and_its_children_only() -> None:
    set_cookies("Example.org", {"sid": "1"})

    assert get_cookies("example.org") == get_cookies("b.a.EXAMPLE.org") == {"sid": "1"}
    assert get_cookies(".example.org") == {"sid": "1"}
    assert get_cookies("https://example.org/x") == {"sid": "1"}
    assert get_cookies("org") == get_cookies("notexample.org") == get_cookies() == {}


def test_a_caller_may_change_what_it_got() -> None:
    given = {"sid": "1"}
    set_cookies(HOST, given)

    given["sid"] = "2"
    get_cookies(HOST)["sid"] = "3"

    assert get_cookies(HOST) == {"sid": "1"}


def test_secure_cookies_do_not_go_to_plain_http(name_file: Callable[[str], Path]) -> None:
    row = f"{HOST}\tTRUE\t/\tTRUE\t0\tsid\t1\n{HOST}\tTRUE\t/\tFALSE\t0\topen\t2"
    name_file(row)

    assert get_cookies(HOST) == {"sid": "1", "open": "2"}
    assert get_cookies(f"http://{HOST}:8080/") == {"open": "2"}


def test_expired_cookies_are_left_out(name_file: Callable[[str], Path]) -> None:
    now = int(time.time())
    rows = [
        f"{HOST}\tTRUE\t/\tTRUE\t{now - 1}\told\t1",
        f"{HOST}\tTRUE\t/\tTRUE\t{now + 99}\tnew\t2",
    ]
    name_file("\n".join(rows))

    assert get_cookies(HOST) == {"new": "2"}


def test_a_file_that_is_no_use_is_an_input_error(
    name_file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    name_file("SECRET").chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        get_cookies(HOST)

    monkeypatch.setenv("DRAGOMAN_COOKIES", "/no/such/file")
    with pytest.raises(InputError, match="/no/such/file"):
        get_cookies(HOST)


@pytest.mark.parametrize("pair", [("a b", "1"), ("a", "SECRET\r\n")])
def test_what_no_header_can_carry_is_refused_at_once(pair: tuple[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        set_cookies(HOST, dict([pair]))

    assert "SECRET" not in str(caught.value)


def test_browsers_are_not_asked_unless_the_user_says_so(browsers: Browsers) -> None:
    browsers.add(0, "sid", "1", HOST)

    assert get_cookies(HOST) == {}
    assert browsers.asked == 0
    assert get_cookies(HOST, browsers=True) == {"sid": "1"}


def test_the_first_browser_wins_and_the_next_add_theirs(browsers: Browsers) -> None:
    browsers.add(0, "sid", "first", HOST)
    browsers.add(1, "sid", "second", HOST)
    browsers.add(1, "two", "2", ".example.org")
    browsers.add(1, "other", "3", "b.example.org")
    browsers.add(1, "old", "4", HOST, expires=1)

    assert get_cookies(HOST, browsers=True, cache_result=False) == {"sid": "first", "two": "2"}
    assert get_cookies(HOST, single_browser=True, browsers=True) == {"sid": "first"}


def test_what_browsers_gave_is_kept_unless_it_is_nothing(browsers: Browsers) -> None:
    assert get_cookies(HOST, browsers=True) == {}
    browsers.add(0, "sid", "1", HOST)

    assert get_cookies(HOST, browsers=True) == {"sid": "1"}
    asked = browsers.asked
    assert get_cookies(HOST, browsers=True) == {"sid": "1"}
    assert browsers.asked == asked


def test_a_missing_package_matters_only_if_browsers_were_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "browser_cookie3", None)

    assert get_cookies(HOST) == {}
    assert get_cookies(HOST, False, browsers=True) == {}
    with pytest.raises(MissingRequirementsError, match=r"pip install 'dragoman\[browser\]'"):
        get_cookies(HOST, browsers=True)


def test_no_value_is_in_a_repr() -> None:
    set_cookies(HOST, {"sid": "SECRET"})

    assert "SECRET" not in repr(PROCESS_COOKIES)


def test_asking_for_cookies_loads_no_http_client() -> None:
    program = (
        "import sys, dragoman.sessions.cookies;"
        "sys.exit(any(name in sys.modules for name in ('aiohttp', 'asyncio', 'curl_cffi')))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_what_is_no_domain_is_an_input_error() -> None:
    with pytest.raises(InputError, match="not a domain"):
        get_cookies("http://[::1")
    with pytest.raises(InputError, match="not a domain"):
        set_cookies("[::1", {})
