"""Files that users export: any of the usual formats, or an error that says what to do."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman.errors import InputError
from dragoman.sessions.cookie_files import decode_cookie_file, read_cookie_file
from dragoman.sessions.cookie_rules import Cookie, cookies_for
from dragoman.transport.request_head import cookie_header

SID = Cookie(name="sid", value="1", domain="example.org")

FORMATS = [
    (
        "extension",
        json.dumps(
            [
                {
                    "domain": ".Example.org",
                    "expirationDate": 1900000000.5,
                    "hostOnly": False,
                    "httpOnly": True,
                    "name": "sid",
                    "path": "/a",
                    "secure": True,
                    "session": False,
                    "value": "1",
                }
            ]
        ),
        [
            Cookie(
                name="sid",
                value="1",
                domain="example.org",
                path="/a",
                secure=True,
                expires_at=1900000000.5,
            )
        ],
    ),
    (
        "storage state",
        '{"cookies": [{"name": "sid", "value": "1", "domain": "example.org", "expires": -1}]}',
        [Cookie(name="sid", value="1", domain="example.org", host_only=True)],
    ),
    ("by name", '\ufeff {"sid": "1"}', [Cookie(name="sid", value="1")]),
    ("by domain", '{".example.org": {"sid": "1"}}', [SID]),
    (
        "netscape",
        "# Netscape HTTP Cookie File\r\n\r\n"
        ".example.org\tTRUE\t/\tFALSE\t0\tsid\t1\r\n"
        "#HttpOnly_example.org\tFALSE\t/a\tTRUE\t1900000000\ttwo\t2=\n"
        "# the end",
        [
            SID,
            Cookie(
                name="two",
                value="2=",
                domain="example.org",
                host_only=True,
                path="/a",
                secure=True,
                expires_at=1900000000.0,
            ),
        ],
    ),
    ("empty", "", []),
    ("empty list", "[]", []),
]


@pytest.mark.parametrize(
    ("text", "expect"), [row[1:] for row in FORMATS], ids=[row[0] for row in FORMATS]
)
def test_the_usual_formats_are_read(text: str, expect: list[Cookie]) -> None:
    assert decode_cookie_file(text.encode(), "f") == expect


def test_cookies_without_a_domain_get_the_one_that_is_named() -> None:
    text = b'[{"name": "sid", "value": "1"}]'

    assert decode_cookie_file(text, "f", domain="example.org") == [SID]
    assert decode_cookie_file(b'{"sid": "1"}', "f", domain="example.org") == [SID]


MALFORMED = [
    ("not a text", b"\xff\xfe", "UTF-8"),
    ("broken JSON", b'{"a":\n "SECRET', "line 2"),
    ("deep JSON", b"[" * 100_000, "not JSON"),
    ("a number for a value", b'{"sid": 1}', "'sid'"),
    ("a list of texts", b'["SECRET"]', "cookie 1"),
    ("no name", b'[{"name": "a", "value": "1"}, {"value": "SECRET"}]', "cookie 2"),
    ("a path that is no text", b'[{"name": "a", "value": "SECRET", "path": 1}]', "'path'"),
    ("a line break in a value", b'{"sid": "SECRET\\r\\nX: 1"}', "'sid'"),
    ("spaces for tabs", b"# x\n.example.org TRUE / FALSE 0 sid SECRET", "line 2"),
    ("a name that is none", b"h\tTRUE\t/\tFALSE\t0\ta b\tSECRET", "line 1"),
]


@pytest.mark.parametrize(
    ("content", "where"), [row[1:] for row in MALFORMED], ids=[row[0] for row in MALFORMED]
)
def test_a_malformed_file_is_one_line_with_what_and_where_and_what_to_do(
    content: bytes, where: str
) -> None:
    with pytest.raises(InputError) as caught:
        decode_cookie_file(content, "my.txt")

    words = str(caught.value)
    assert "cookie file my.txt" in words
    assert where in words
    assert "export it again" in words
    assert "\n" not in words
    assert "SECRET" not in words


def check(content: bytes) -> None:
    """Cookies that a header can carry, or an `InputError`; nothing else."""
    with contextlib.suppress(InputError):
        cookies = decode_cookie_file(content, "f")
        cookie_header(cookies_for(cookies, "https://example.org/", 0.0))


@given(content=st.binary(max_size=300))
@example(content=b"{}")
@example(content=b"[null]")
@example(content=b'{"cookies": {"a": []}}')
@example(content=b'[{"name": "a", "value": "b", "expires": 1e999}]')
def test_any_bytes_give_cookies_or_an_input_error(content: bytes) -> None:
    check(content)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cookies", "name", "value", "domain", "path", "expires", "x.y", "hostOnly"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(value=VALUES)
def test_any_json_gives_cookies_or_an_input_error(value: object) -> None:
    check(json.dumps(value).encode())


@given(rows=st.lists(st.lists(st.text(max_size=9), min_size=6, max_size=8), max_size=4))
def test_any_table_gives_cookies_or_an_input_error(rows: list[list[str]]) -> None:
    text = "\n".join("\t".join(row) for row in rows)

    check(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "cookies.json"
    path.write_text('{"sid": "1"}')
    path.chmod(mode)

    with pytest.raises(InputError, match=f"chmod 600 {path}"):
        read_cookie_file(str(path))

    path.chmod(0o600)
    assert len(read_cookie_file(str(path))) == 1


@pytest.mark.parametrize("name", ["missing.json", "", "nul\0byte", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cookie file"):
        read_cookie_file(f"{tmp_path}/{name}")
