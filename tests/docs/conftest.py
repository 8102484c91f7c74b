"""The world in which pages and examples run: every site is an emulator, every home is empty.

`local` is the provider `echo` under that name, so what asks the local model runs as it is written,
without a model of 98 MB; `tests/local` asks the real one.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from dragoman import emulators
from dragoman.emulators.threaded import EmulatorThread

LOCAL_IS_ECHO = """
[providers.local]
service = "echo"
models = ["smollm2-135m"]
"""


@pytest.fixture(scope="session")
def sites() -> Iterator[Mapping[str, str]]:
    """The address of every emulator, as the variables that point a program at them."""
    with EmulatorThread() as thread:
        yield {
            f"DRAGOMAN_{name.upper()}_BASE_URL": thread.start(name).url for name in emulators.NAMES
        }


@pytest.fixture
def world(
    sites: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, str]:
    """The environment of a reader, who stands in an empty folder; also that of this process."""
    settings = Path.home() / ".config" / "dragoman"
    settings.mkdir(parents=True)
    (settings / "dragoman.toml").write_text(LOCAL_IS_ECHO)
    monkeypatch.chdir(tmp_path)
    given = {
        **sites,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDEVMODE": "",
        "STATION_TOKEN": "a-token",
        "SHOP_CLEARANCE": "let-me-in",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return dict(os.environ)


@pytest.fixture
def cookie_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cookies of somebody who has been at Aichat's site; the emulator takes them."""
    path = tmp_path_factory.mktemp("cookies") / "cookies.json"
    # With an emulator in its place, the site's host is this machine.
    cookie = {"cf_clearance": "let-me-in"}
    path.write_text(json.dumps({"chat-gpt.org": cookie, "127.0.0.1": cookie}))
    path.chmod(0o600)
    return path
