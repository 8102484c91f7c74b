"""Cookies on disk: for their owner only, and whole whenever the process dies."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dragoman.errors import InputError
from dragoman.sessions.cookie_rules import Cookie
from dragoman.sessions.cookie_store import CookieStore, data_folder

SID = Cookie(name="sid", value="SECRET", domain="example.org", expires_at=1.5e9, secure=True)


def test_what_is_saved_is_loaded() -> None:
    CookieStore().save("aichat", [SID])
    CookieStore().save("other", [])

    assert CookieStore().load("aichat") == [SID]
    assert CookieStore().load() == [SID]
    assert CookieStore().accounts() == ["aichat", "other"]


def test_what_is_removed_is_gone() -> None:
    store = CookieStore()
    store.save("aichat", [SID])

    assert (store.remove("aichat"), store.remove("aichat")) == (True, False)
    assert store.load() == []
    assert "SECRET" not in store.path.read_text()


def test_nothing_was_saved_yet() -> None:
    assert CookieStore().load() == []
    assert CookieStore().load("aichat") == []
    assert not data_folder().exists()


def test_file_and_folder_are_for_their_owner_only() -> None:
    old = os.umask(0)
    try:
        store = CookieStore()
        store.save("aichat", [SID])
    finally:
        os.umask(old)

    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize(("value", "used"), [("{}/data", True), ("relative", False), ("", False)])
def test_the_data_folder_is_where_xdg_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str, used: bool
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", value.format(tmp_path))

    home = Path.home() / ".local" / "share"
    assert data_folder() == (tmp_path / "data" if used else home) / "dragoman"


def test_a_store_that_others_may_read_is_refused() -> None:
    store = CookieStore()
    store.save("aichat", [SID])
    store.path.chmod(0o644)

    with pytest.raises(InputError, match="chmod 600"):
        store.load()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"SECRET",
        b'{"accounts": {"a": [{"name": "a"}]}}',
        b'{"accounts": {"a": [{"name": "a", "value": "SECRET\\n"}]}}',
        b"\xff",
    ],
)
def test_a_malformed_store_says_what_to_do(content: bytes) -> None:
    store = CookieStore()
    store.save("aichat", [SID])
    store.path.write_bytes(content)

    for call in (store.load, lambda: store.save("x", [])):
        with pytest.raises(InputError, match="log in again") as caught:
            call()
        assert "SECRET" not in str(caught.value)

    assert store.path.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match="file"):
        CookieStore(tmp_path / "file" / "cookies.json").save("a", [])


def test_two_at_once_lose_nothing() -> None:
    names = [f"account{number}" for number in range(20)]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: CookieStore().save(name, [SID]), names))

    assert CookieStore().accounts() == sorted(names)


KILLED_EVERYWHERE = """
import os, signal, sys
from pathlib import Path
from dragoman.sessions.cookie_rules import Cookie
from dragoman.sessions.cookie_store import CookieStore

def cookies(value):
    return [Cookie(name=name, value=value * 10_000) for name in ("a", "b")]

def save_and_die(store, at):
    left, new = at, cookies("new")
    def count(frame, event, argument):
        nonlocal left
        left -= event == "c_call"
        if left == 0 and event == "c_call":
            os.kill(os.getpid(), signal.SIGKILL)
    sys.setprofile(count)
    store.save("a", new)
    sys.setprofile(None)
    os._exit(0)

store = CookieStore(Path(sys.argv[1]))
found = []
for at in range(1, 10_000):
    if found[-1:] != ["old"]:
        store.save("a", cookies("old"))
    pid = os.fork()
    if pid == 0:
        save_and_die(store, at)
    _, status = os.waitpid(pid, 0)
    loaded = store.load("a")
    assert len(loaded) == 2, at
    (value,) = {cookie.value for cookie in loaded}
    found.append(value[:3])
    if status == 0:
        break
assert found == sorted(found, reverse=True), found
print(found.count("old") > 20, found.count("new") > 2, status)
"""


def test_a_kill_at_any_step_leaves_the_old_store_or_the_new_one(tmp_path: Path) -> None:
    """The writer is killed before every single call into the system that it makes."""
    run = subprocess.run(
        [sys.executable, "-c", KILLED_EVERYWHERE, str(tmp_path / "data" / "cookies.json")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.stdout, run.stderr) == ("True True 0\n", "")
