"""The page's document and files, and what a browser may do with them."""

import re
from pathlib import Path

import pytest

from dragoman.errors import TransportError
from dragoman.gateway import to_page
from dragoman.page.table import ROWS, Row
from tests.page.place import open_page

HTML = {"accept": "text/html,application/xhtml+xml"}


async def test_a_browser_gets_the_page_and_a_program_a_word(tmp_path: Path) -> None:
    async with open_page(tmp_path) as place:
        status, page, headers = await place.file("/", HTML)
        _, word, _ = await place.file("/", {"accept": "*/*"})

        assert status == 200
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert b"<main" in page
        assert word == b"Dragoman\n"


async def test_nothing_else_may_be_run_or_loaded(tmp_path: Path) -> None:
    async with open_page(tmp_path) as place:
        _, page, headers = await place.file("/", HTML)
        _, _, api = await place.ask("GET", "/me")

        for said in (headers, api):
            policy = said["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "require-trusted-types-for 'script'" in policy
            assert said["x-content-type-options"] == "nosniff"
        assert api["cache-control"] == "no-store"
        assert not re.search(rb"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page)


async def test_files_are_packed_for_those_who_can_unpack_them(tmp_path: Path) -> None:
    async with open_page(tmp_path) as place:
        _, whole, plain = await place.file("/page/static/app.js", {"accept-encoding": "identity"})
        _, same, packed = await place.file("/page/static/app.js", {"accept-encoding": "gzip, br"})

        assert "content-encoding" not in plain
        assert packed["content-encoding"] == "gzip"
        assert int(packed["content-length"]) < int(plain["content-length"])
        assert same == whole
        assert packed["etag"] == plain["etag"]


async def test_a_file_that_the_browser_has_is_not_sent_again(tmp_path: Path) -> None:
    async with open_page(tmp_path) as place:
        status, body, headers = await place.file("/page/static/app.js")
        tag = headers["etag"]
        again, nothing, _ = await place.file("/page/static/app.js", {"if-none-match": tag})

        assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        assert body
        assert (again, nothing) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/page/static/../app.py",
        "/page/static/%2e%2e/app.py",
        "/page/static/%2fetc/passwd",
        "/page/static//etc/hostname.css",
        "/page/static/none.js",
        "/page/static/",
        "/page/elsewhere",
        "/page/api/elsewhere",
    ],
)
async def test_what_is_not_there_is_said(tmp_path: Path, path: str) -> None:
    async with open_page(tmp_path) as place:
        status, _, _ = await place.file(path)

        assert status == 404


async def test_a_wrong_method_is_said(tmp_path: Path) -> None:
    async with open_page(tmp_path) as place:
        assert (await place.ask("DELETE", "/models"))[0] == 405


async def test_models_are_offered_with_what_is_known_of_them(tmp_path: Path) -> None:
    routes = {"smart": {"candidates": ["echo/echo"]}}
    async with open_page(tmp_path, {"echo": {}}, routes=routes) as place:
        _, told, _ = await place.ask("GET", "/models")

        (route, *models) = told["models"]
        assert (route["name"], route["kind"]) == ("smart", "route")
        assert route["candidates"] == ["echo/echo"]
        (echo,) = (one for one in models if one["provider"] == "echo")
        assert (echo["kind"], echo["state"]) == ("model", "unknown")


async def test_a_model_that_fails_says_so(tmp_path: Path) -> None:
    nowhere = {"dialect": "openai_chat", "base_url": "http://127.0.0.1:9/v1", "api_key": "k"}
    async with open_page(tmp_path, {"away": {**nowhere, "models": ["m"]}}) as place:
        health = place.app.gateway.health
        for _ in range(health.settings.breaker_failures):
            health.failed("away", "m", TransportError("away"))

        _, told, _ = await place.ask("GET", "/models")

        (row,) = (one for one in told["models"] if one["name"] == "away/m")
        assert row["state"] == "open"
        assert "in a row" in row["why"]
        assert [one["provider"] for one in told["failed"]] == ["away"]


async def test_without_its_libraries_a_browser_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(to_page, "_NEEDED", ("no_such_library_of_ours",))
    async with open_page(tmp_path) as place:
        status, page, _ = await place.file("/", HTML)

        assert status == 200
        assert b"dragoman[page]" in page


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
def test_every_address_has_its_function(row: Row) -> None:
    assert callable(row.load())
