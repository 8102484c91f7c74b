"""`dragoman serve`: how it begins, changes its configuration while it runs, and ends."""

import http.client
import os
import re
import resource
import signal
import socket
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.program import run
from tests.gateway.served import IN_FORCE, Place, Served, place, said_of, served, wait_until

REFUSED = "the new configuration is refused, the old one goes on"

__all__ = ["place"]

pytestmark = pytest.mark.timeout(120)


def _workers(gateway: Served) -> set[int]:
    words = ["pgrep", "-P", str(gateway.process.pid)]
    done = subprocess.run(words, check=False, capture_output=True)
    return {int(word) for word in done.stdout.split()}


def test_its_first_line_is_said_when_it_answers(place: Place) -> None:
    with served(place.path) as gateway:
        assert gateway.get("/health/ready")[0] == 200
        assert gateway.ask("far/mock-model") == (200, "one two three")


@pytest.mark.parametrize(
    ("sent", "code", "workers"),
    [(signal.SIGTERM, 0, "1"), (signal.SIGINT, 130, "1"), (signal.SIGINT, 130, "2")],
)
def test_it_ends_quietly_when_it_is_told_to(
    place: Place, sent: signal.Signals, code: int, workers: str
) -> None:
    with served(place.path, "--workers", workers) as gateway:
        gateway.process.send_signal(sent)

        assert gateway.end() == (code, "")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_end_in_order_finishes_what_runs_and_takes_nothing_new(
    place: Place, workers: str
) -> None:
    place.far.scenario(slow={"between_events_s": 0.3}, answer="one two three four five six")

    with (
        served(place.path, "--workers", workers) as gateway,
        gateway.stream("far/mock-model") as reply,
    ):
        first = reply.readline()
        gateway.process.send_signal(signal.SIGTERM)
        wait_until(gateway.refuses)
        rest = reply.read()

        assert said_of(first + rest) == "one two three four five six"
        assert gateway.end()[0] == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_does_not_end_within_the_limit_is_left(place: Place, workers: str) -> None:
    place.write(gateway="drain_s = 0.3\nlog = false")
    place.far.scenario(stall={"after_events": 3})

    with (
        served(place.path, "--workers", workers) as gateway,
        gateway.stream("far/mock-model") as reply,
    ):
        reply.readline()
        gateway.process.send_signal(signal.SIGTERM)

        assert gateway.end()[0] == 0
        with pytest.raises((http.client.IncompleteRead, OSError)):
            reply.read()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_second_word_ends_it_at_once(place: Place, workers: str) -> None:
    place.far.scenario(stall={"after_events": 3})

    with (
        served(place.path, "--workers", workers) as gateway,
        gateway.stream("far/mock-model") as reply,
    ):
        reply.readline()
        gateway.process.send_signal(signal.SIGINT)
        wait_until(gateway.refuses)
        gateway.process.send_signal(signal.SIGINT)

        # The stream would go on for ever.
        assert gateway.end()[0] == 130


@pytest.mark.parametrize("told", ["by a signal", "by the file"])
def test_a_new_configuration_drops_no_stream(place: Place, told: str) -> None:
    words = "one two three four five six"
    place.far.scenario(slow={"between_events_s": 0.5}, answer=words)

    with served(place.path) as gateway, gateway.stream("far/mock-model") as reply:
        first = reply.readline()
        place.write(name="other")
        if told == "by a signal":
            gateway.process.send_signal(signal.SIGHUP)
        gateway.wait_for(IN_FORCE)
        place.far.scenario()

        assert gateway.ask("other/mock-model") == (200, "one two three")
        assert gateway.ask("far/mock-model")[0] == 404
        assert said_of(first + reply.read()) == words


class Broken(NamedTuple):
    """A configuration that is none, and what is said of it after the file's name."""

    text: str
    says: str


BROKEN = (
    Broken("[gateway]\nport = = 3\n", ":2: not TOML"),
    Broken("\n[gateway]\nprot = 3\n", ":3: gateway.prot: unknown"),
    Broken("[providers.far]\nservice = 3\n", ":2: providers.far.service"),
)


def test_a_broken_configuration_is_refused_in_words_and_the_old_goes_on(place: Place) -> None:
    with served(place.path) as gateway:
        for case in BROKEN:
            place.path.write_text(case.text)
            gateway.process.send_signal(signal.SIGHUP)

            assert f"{REFUSED}: {place.path}{case.says}" in gateway.wait_for(case.says)
            assert gateway.ask("far/mock-model") == (200, "one two three")


def test_a_file_that_is_gone_is_refused_and_one_that_comes_back_is_read(place: Place) -> None:
    with served(place.path) as gateway:
        place.path.unlink()
        assert "cannot be read" in gateway.wait_for(REFUSED)

        place.write(name="other")
        gateway.wait_for(IN_FORCE)
        assert gateway.ask("other/mock-model") == (200, "one two three")


def test_a_reload_opens_the_gateway_to_nobody(place: Place) -> None:
    """It listens where others can come in: a configuration without keys is none for it."""
    place.write(gateway='keys = ["a-key-for-friends"]')

    with served(place.path, "--host", "0.0.0.0") as gateway:  # noqa: S104 - it has a key
        gateway.address = gateway.address.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - the same
        place.write()
        gateway.process.send_signal(signal.SIGHUP)

        assert "can be reached from other machines" in gateway.wait_for(REFUSED)
        assert gateway.ask("far/mock-model")[0] == 401


def test_a_new_port_waits_for_the_next_start(place: Place) -> None:
    with served(place.path) as gateway:
        place.write(gateway="port = 1")
        gateway.process.send_signal(signal.SIGHUP)

        gateway.wait_for("a new host or port waits for the next start")
        assert gateway.ask("far/mock-model")[0] == 200


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(("before", "after"), [("30", "0.3"), ("0.3", "30")])
def test_a_new_limit_on_the_end_holds_without_a_new_start(
    place: Place, workers: str, before: str, after: str
) -> None:
    place.write(gateway=f"drain_s = {before}\nlog = false")
    words = "one two three four"
    place.far.scenario(slow={"between_events_s": 1.0}, answer=words)
    with (
        served(place.path, "--workers", workers) as gateway,
        gateway.stream("far/mock-model") as reply,
    ):
        first = reply.readline()
        place.write(gateway=f"drain_s = {after}\nlog = false")
        for _ in range(int(workers)):
            gateway.wait_for(IN_FORCE)
        gateway.process.send_signal(signal.SIGTERM)

        if after == "30":
            assert said_of(first + reply.read()) == words
        else:
            with pytest.raises((http.client.IncompleteRead, OSError)):
                reply.read()
        assert gateway.end()[0] == 0


def test_without_keys_it_serves_this_machine_only(place: Place) -> None:
    words = ("--config", str(place.path), "--port", "0")
    result = run("serve", *words, "--host", "0.0.0.0")  # noqa: S104 - it is refused

    assert (result.code, result.out) == (2, "")
    assert "0.0.0.0 can be reached from other machines: add keys" in result.err


def test_a_taken_port_is_refused_in_words(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run("serve", "--config", str(place.path), "--port", port)

    assert (result.code, result.out) == (2, "")
    assert f"cannot listen on 127.0.0.1:{port}" in result.err
    assert "--port 0 takes a free port" in result.err


def test_a_missing_package_is_named(place: Place, tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError(name='uvicorn')\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        result = run("serve", "--config", str(place.path))

    assert (result.code, result.out) == (2, "")
    assert (
        "uvicorn, which is not installed. Install it: pip install 'dragoman[serve]'" in result.err
    )


def test_workers_share_their_port_with_nobody_else(place: Place) -> None:
    with served(place.path, "--workers", "2") as first:
        port = first.address.rpartition(":")[2]
        words = ("--config", str(place.path), "--port", port, "--workers", "2")
        second = run("serve", *words)

    assert (second.code, second.out) == (2, "")
    assert f"cannot listen on 127.0.0.1:{port}" in second.err


def test_workers_share_one_port_and_a_configuration(place: Place) -> None:
    with served(place.path, "--workers", "2") as gateway:
        assert len(_workers(gateway)) == 2
        place.write(name="other")
        gateway.process.send_signal(signal.SIGHUP)
        gateway.wait_for(IN_FORCE)
        gateway.wait_for(IN_FORCE)

        # Connections are shared out by their ports: of so many some go to each.
        answers = {gateway.ask("other/mock-model") for _ in range(12)}
        assert answers == {(200, "one two three")}


def test_any_worker_tells_what_all_have_counted(place: Place) -> None:
    def counted() -> float:
        page = gateway.get("/metrics")[1].decode()
        return sum(map(float, re.findall(r"^dragoman_requests_total{.+} (.+)$", page, re.M)))

    with served(place.path, "--workers", "2") as gateway:
        for _ in range(12):
            gateway.ask("far/mock-model")

        wait_until(lambda: all(counted() == 12 for _ in range(6)))


def test_a_worker_that_dies_has_a_successor_and_no_caller_is_refused(place: Place) -> None:
    with served(place.path, "--workers", "2") as gateway:
        before = _workers(gateway)
        victim = min(before)
        os.kill(victim, signal.SIGKILL)

        answers = {gateway.ask("far/mock-model") for _ in range(12)}

        assert answers == {(200, "one two three")}
        assert gateway.wait_for("another one takes its place").startswith(f"worker {victim} ")
        wait_until(lambda: len(_workers(gateway) - {victim}) == 2)


def test_workers_do_not_outlive_their_parent(place: Place) -> None:
    with served(place.path, "--workers", "2") as gateway:
        gateway.process.kill()

        wait_until(gateway.refuses)


def test_workers_that_cannot_begin_are_an_error(place: Place, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if 'dragoman.gateway.worker' in sys.orig_argv:\n"
        "    os.write(2, b'no memory')\n"
        "    os._exit(3)\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        words = ("--config", str(place.path), "--port", "0", "--workers", "2")
        result = run("serve", *words)

    assert (result.code, result.out) == (1, "")
    assert "no memory" in result.err
    assert "a worker did not begin" in result.err


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="only Linux tells of limits")
@pytest.mark.parametrize("workers", [1, 2])
def test_as_many_streams_may_be_open_as_the_system_lets(place: Place, workers: int) -> None:
    """Many systems begin a process at 1,024 files, and a stream takes two."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most // 2, most))
    try:
        with served(place.path, "--workers", str(workers)) as gateway:
            pids = [gateway.process.pid, *gateway.workers()]
            limits = [_open_files(pid) for pid in pids]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (now, most))

    assert limits == [most] * (1 if workers == 1 else 1 + workers)


def _open_files(pid: int) -> int:
    told = Path(f"/proc/{pid}/limits").read_text()
    return int(re.findall(r"Max open files\s+(\d+)", told)[0])
