"""Limits of several processes: real processes, a real file, and some that are killed or stopped."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.file_workers import FileWorker, file_worker

from dragoman import worker_file
from dragoman.errors import HandshakeError
from dragoman.gateway_settings import GatewayKey
from dragoman.limits import UsedUpError
from dragoman.limits_file import LimitFile, make_limit_file
from dragoman.limits_shared import SharedLimiter

_WORKER = """
import time
from dragoman.events import Usage
from dragoman.gateway_settings import GatewayKey
from dragoman.limits import UsedUpError
from dragoman.limits_file import LimitFile
from dragoman.limits_shared import SharedLimiter

board = LimitFile(Path(path), lanes=int(lanes), lane=int(lane))
limiter = SharedLimiter(board)
kept = []

def key(**limits):
    return GatewayKey(name="one", digest=b"", **limits)

def ask(key):
    try:
        kept.append(limiter.admit(key, time.monotonic()))
    except UsedUpError:
        return False
    return True

def storm(key):
    for _ in range(150):
        print("in" if ask(key) else "out", flush=True)
"""


@contextlib.contextmanager
def _worker(path: Path, lane: int) -> Iterator[FileWorker]:
    with file_worker(_WORKER, path, lane) as worker:
        yield worker


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "limits"
    make_limit_file(path, 2)
    return path


@contextlib.contextmanager
def _board(path: Path, lane: int = 0) -> Iterator[LimitFile]:
    board = LimitFile(path, lanes=2, lane=lane)
    try:
        yield board
    finally:
        board.close()


def _ask(board: LimitFile, requests: int) -> dict[str, str]:
    key = GatewayKey(name="one", digest=b"", requests_per_minute=requests)
    return dict(SharedLimiter(board).admit(key, time.monotonic()).headers())


def test_the_file_is_for_its_owner_alone_and_takes_no_room_before_it_is_used(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_blocks * 512 < path.stat().st_size / 10


def test_a_file_for_other_workers_is_refused(path: Path) -> None:
    with pytest.raises(HandshakeError, match="no limits of 3 workers"):
        LimitFile(path, lanes=3, lane=0)


def test_two_processes_that_ask_at_once_get_the_limit_and_not_one_more(path: Path) -> None:
    asks = "sum(ask(key(requests_per_minute=1500)) for _ in range(1400))"
    with _worker(path, 0) as first, _worker(path, 1) as second:
        assert (first.does("1"), second.does("1")) == ("1", "1")
        first.begins(asks)
        second.begins(asks)

        assert int(first.says()) + int(second.says()) == 1500
        assert first.does("ask(key(requests_per_minute=1501))") == "True"
        assert second.does("ask(key(requests_per_minute=1501))") == "False"


def test_tokens_of_two_processes_are_added_up(path: Path) -> None:
    spends = "[kept[0].spent(Usage(n)) for n in range(1, 1001)] and 0"
    with _worker(path, 0) as first, _worker(path, 1) as second:
        for worker in (first, second):
            worker.does("ask(key(tokens_per_minute=5000))")
        first.begins(spends)
        second.begins(spends)
        assert (first.says(), second.says()) == ("0", "0")

        said = second.does("ask(key(tokens_per_minute=2001)), kept[-1].headers()[1][1]")
        assert said == "(True, '1')"


def test_what_a_killed_process_ran_is_free_when_its_successor_begins(path: Path) -> None:
    with _worker(path, 0) as first, _worker(path, 1) as second:
        asks = "sum(ask(key(concurrency=5)) for _ in range(9))"
        assert first.does(asks) == "5"
        first.kill()
        assert second.does(asks) == "0"

        with _worker(path, 0) as successor:
            assert successor.does("1") == "1"
            assert second.does(asks) == "5"
            assert successor.does(asks) == "0"


def test_killed_at_any_moment_it_has_counted_what_it_let_in(path: Path) -> None:
    """In the middle of a storm, a few times over; at most the one that it was at is lost."""
    asks = "sum(ask(key(requests_per_minute=900)) for _ in range(1000))"
    let_in = 0
    with _worker(path, 1) as survivor:
        for heard in (1, 5, 20, 50, 100):
            with _worker(path, 0) as victim:
                victim.begins("storm(key(requests_per_minute=900))")
                let_in += [victim.says() for _ in range(heard)].count("in")
                let_in += victim.kill().count("in")

        let_in += int(survivor.does(asks))

    assert 895 <= let_in <= 900


def test_a_lock_that_is_never_let_go_stops_nobody_and_is_waited_for_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_file, "LOCK_WAIT_S", 0.5)
    with _worker(path, 1) as other, _board(path) as board:
        assert other.does("board.lock()") == "True"
        started = time.monotonic()
        left = [_ask(board, 60)["x-ratelimit-remaining-requests"] for _ in range(50)]
        with pytest.raises(UsedUpError):
            _ask(board, 50)
        taken_s = time.monotonic() - started
        other.does("board.unlock()")

        assert left == [str(59 - number) for number in range(50)]
        assert 0.5 < taken_s < 50 * 0.5
        assert board.lock()
        board.unlock()


def test_a_process_that_is_stopped_stops_nobody_and_nothing_is_exceeded(path: Path) -> None:
    with _worker(path, 0) as first, _board(path, lane=1) as board:
        assert first.does("ask(key(requests_per_minute=5)), board.lock()") == "(True, True)"
        os.kill(first.process.pid, signal.SIGSTOP)
        for _ in range(4):
            _ask(board, 5)
        with pytest.raises(UsedUpError):
            _ask(board, 5)
        os.kill(first.process.pid, signal.SIGCONT)

        assert first.does("board.unlock() or ask(key(requests_per_minute=5))") == "False"
        assert first.does("ask(key(requests_per_minute=6))") == "True"


def test_a_lock_that_comes_soon_is_waited_for(path: Path) -> None:
    with _board(path) as board, path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        yields: list[int] = []

        def let_go() -> None:
            yields.append(1)
            if len(yields) == 3:
                fcntl.flock(other, fcntl.LOCK_UN)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "sched_yield", let_go)
            assert board.lock()

    assert len(yields) == 3
