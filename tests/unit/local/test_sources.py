"""What a fetch can be told of while pip does it."""

import threading
from pathlib import Path

from dragoman.providers.local.sources import _arrived_bytes


def test_the_largest_wheel_so_far_is_what_arrived(tmp_path: Path) -> None:
    (tmp_path / "pip" / "deep").mkdir(parents=True)
    (tmp_path / "pip" / "deep" / "a.whl").write_bytes(b"12345")
    (tmp_path / "b.whl").write_bytes(b"12")
    (tmp_path / "pip.log").write_bytes(b"1234567")

    assert _arrived_bytes(tmp_path) == 5
    assert _arrived_bytes(tmp_path / "absent") == 0


def test_folders_that_pip_removes_meanwhile_do_not_disturb(tmp_path: Path) -> None:
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            folder = tmp_path / "pip" / "unpack"
            folder.mkdir(parents=True)
            folder.rmdir()
            folder.parent.rmdir()

    pip = threading.Thread(target=come_and_go)
    pip.start()
    try:
        assert {_arrived_bytes(tmp_path) for _ in range(2000)} == {0}
    finally:
        over.set()
        pip.join()
