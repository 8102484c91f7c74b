"""One board for several processes: real processes, a real file, and one that is killed."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.unit.file_workers import FileWorker, file_worker

from dragoman.errors import HandshakeError, TransportError
from dragoman.routing.health import Health
from dragoman.routing.health_settings import HealthSettings
from dragoman.routing.shared_breakers import SharedBreakers, make_shared
from dragoman.worker_file import LOCK_WAIT_S

PAIR = ("work", "small")
SETTINGS = HealthSettings(breaker_failures=5, probe_every_s=60)
DOWN = TransportError("no connection")

_WORKER = """
from dragoman.errors import TransportError
from dragoman.routing.health import Health
from dragoman.routing.health_settings import HealthSettings
from dragoman.routing.shared_breakers import SharedBreakers

board = SharedBreakers(Path(path), lanes=int(lanes), lane=int(lane))
health = Health(HealthSettings(breaker_failures=5, probe_every_s=60), board)
DOWN = TransportError("no connection")
"""


@contextlib.contextmanager
def _worker(path: Path, lane: int) -> Iterator[FileWorker]:
    with file_worker(_WORKER, path, lane) as worker:
        yield worker


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "board"
    make_shared(path, 2)
    return path


@contextlib.contextmanager
def _board(path: Path, lane: int = 0) -> Iterator[SharedBreakers]:
    board = SharedBreakers(path, lanes=2, lane=lane)
    try:
        yield board
    finally:
        board.close()


def test_the_file_is_for_its_owner_alone_and_takes_no_room_before_it_is_used(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_blocks * 512 < path.stat().st_size / 10


def test_a_file_for_other_workers_is_refused(path: Path) -> None:
    with pytest.raises(HandshakeError, match="no board for 3 workers"):
        SharedBreakers(path, lanes=3, lane=0)


def test_a_failure_in_one_process_counts_for_all(path: Path) -> None:
    with _worker(path, 0) as first, _worker(path, 1) as second:
        for worker in (first, second, first, second):
            worker.does("health.failed('work', 'small', DOWN)")
        before = [worker.does("health.admit('work', 'small')") for worker in (first, second)]
        first.does("health.failed('work', 'small', DOWN)")
        after = [worker.does("health.admit('work', 'small')") for worker in (first, second)]
        why = second.does("health.view('work', 'small').why")

    assert (before, after) == (["True", "True"], ["False", "False"])
    assert why == "5 failures in a row; the last: TransportError: no connection"


def test_a_success_in_one_process_closes_for_all(path: Path) -> None:
    with _worker(path, 0) as first, _worker(path, 1) as second:
        first.does("[health.failed('work', 'small', DOWN) for _ in range(5)]")
        assert second.does("health.admit('work', 'small')") == "False"
        first.does("health.succeeded('work', 'small', first_token_s=0.0, total_s=0.0)")

        assert second.does("health.view('work', 'small').state") == "closed"
        assert second.does("health.admit('work', 'small')") == "True"


def test_the_share_of_failures_and_the_times_are_those_of_all(path: Path) -> None:
    with _worker(path, 0) as first, _worker(path, 1) as second:
        ok = "health.succeeded('work', 'small', first_token_s=0.25, total_s=1.0)"
        first.does(f"[{ok} for _ in range(10)]")
        second.does(f"[{ok} for _ in range(6)]")
        second.does("[health.failed('work', 'small', DOWN) for _ in range(4)]")
        seen = [
            worker.does("[(m.requests, m.error_rate, m.first_token_s) for *_, m in health.all()]")
            for worker in (first, second)
        ]

    assert seen == ["[(20, 0.2, 0.25)]"] * 2


def test_of_all_processes_one_gets_the_probe_s_turn(path: Path) -> None:
    """Each asks a thousand times, as nearly at once as two processes can."""
    asks = "sum(health.admit('work', 'small') for _ in range(1000))"
    with _worker(path, 0) as first, _worker(path, 1) as second, _board(path) as board:
        health = Health(SETTINGS, board)
        for _ in range(5):
            health.failed(*PAIR, DOWN)
        slot = board.find(*PAIR)
        assert slot is not None
        for _ in range(5):
            board.keep(slot, board.breaker(slot).due(time.monotonic()))
            first.begins(asks)
            second.begins(asks)
            assert int(first.says()) + int(second.says()) == 1


def test_nothing_is_lost_of_what_two_processes_write_at_once(path: Path) -> None:
    fails = "[health.failed('work', f'model-{n % 7}', DOWN) for n in range(700)]"
    with _worker(path, 0) as first, _worker(path, 1) as second, _board(path) as board:
        first.begins(fails)
        second.begins(fails)
        assert (first.says(), second.says()) != ("", "")

        seen = Health(SETTINGS, board).all()
    assert [(model, found.in_row) for _, model, found in seen] == [
        (f"model-{n}", 200) for n in range(7)
    ]


def test_what_a_killed_process_knew_is_known_and_its_lock_is_gone(path: Path) -> None:
    with _worker(path, 0) as first, _worker(path, 1) as second:
        first.does("[health.failed('work', 'small', DOWN) for _ in range(4)]")
        first.does("board.lock().__enter__()")
        first.kill()

        second.does("health.failed('work', 'small', DOWN)")
        assert second.does("health.admit('work', 'small')") == "False"
        assert second.does("board._file.lock()") == "True"

    with _worker(path, 0) as successor:
        assert successor.does("health.view('work', 'small').in_row") == "5"


def test_a_process_that_is_killed_as_it_writes_leaves_a_file_that_can_be_read(path: Path) -> None:
    """Killed at any moment of a storm of failures, a few times over."""
    storm = "[health.failed('work', f'model-{n % 300}', DOWN) for n in range(10**6)]"
    with _board(path, lane=1) as board:
        health = Health(SETTINGS, board)
        for _ in range(3):
            with _worker(path, 0) as worker:
                assert worker.does("1") == "1"
                began_at = time.time()
                worker.begins(storm)
                while max((m.last_failure or 0 for *_, m in health.all()), default=0) < began_at:
                    pass
                os.kill(worker.process.pid, signal.SIGKILL)
                worker.process.wait()
            health.failed(*PAIR, DOWN)

        assert health.view(*PAIR).failure is not None
        assert not [model for _, model, _ in health.all() if "\ufffd" in model]


def test_a_failure_that_is_half_written_is_none(path: Path) -> None:
    with _board(path) as board:
        health = Health(SETTINGS, board)
        health.failed(*PAIR, DOWN)
        with path.open("r+b") as file:
            file.seek(path.read_bytes().index(b"TransportError") - 1)
            file.write(b"\x00")

        assert health.view(*PAIR).failure is None
        assert health.view(*PAIR).last_failure is not None


def test_a_pair_that_two_processes_meet_at_once_has_one_slot(path: Path) -> None:
    class Slow(SharedBreakers):
        def lock(self) -> AbstractContextManager[object]:
            quick.append(rival.claim(*PAIR))
            return super().lock()

    quick: list[int] = []
    with _board(path, lane=1) as rival:
        slow = Slow(path, lanes=2, lane=0)

        assert slow.claim(*PAIR) == quick[0]
        slow.close()


def test_a_key_is_found_at_its_own_place_only(path: Path) -> None:
    """Two digests side by side may hold a third; it is no slot's."""
    with _board(path) as board:
        assert board.claim(*PAIR) == 0
        key = path.read_bytes()[:16]
        with path.open("r+b") as file:
            file.write(bytes(8) + key + bytes(24) + key)

        assert board.find(*PAIR) == 3


def test_a_pair_whose_name_is_half_written_is_not_listed(path: Path) -> None:
    with _board(path) as board:
        health = Health(SETTINGS, board)
        health.failed(*PAIR, DOWN)
        with path.open("r+b") as file:
            file.seek(path.read_bytes().index(b"work\0small"))
            file.write(b"W")

        assert health.all() == []
        assert health.view(*PAIR).in_row == 1


def test_a_lock_that_is_never_let_go_stops_nobody(path: Path) -> None:
    with _worker(path, 1) as other, _board(path) as board:
        other.does("globals().update(kept=board.lock()) or kept.__enter__()")
        health = Health(SETTINGS, board)
        started = time.monotonic()
        health.failed(*PAIR, DOWN)

        assert time.monotonic() - started > LOCK_WAIT_S
        assert health.view(*PAIR).in_row == 1


def test_a_slot_that_another_process_gave_away_is_no_longer_ours(path: Path) -> None:
    with _worker(path, 1) as other, _board(path) as board:
        health = Health(SETTINGS, board)
        for _ in range(5):
            health.failed(*PAIR, DOWN)
        assert health.view(*PAIR).state == "open"

        other.does("[health.failed('work', f'model-{n}', DOWN) for n in range(256)]")

        assert health.view(*PAIR).in_row == 0
        health.failed(*PAIR, DOWN)
        assert health.view(*PAIR).in_row == 1
