"""`dragoman emulate`: another program's provider, and how it ends."""

import json
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.cli.program import at, run, start


def _address(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    assert line.startswith("listening on ")
    return line.removeprefix("listening on ").strip()


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url) as reply:  # noqa: S310 - our own emulator's address
        content: bytes = reply.read()
    return content


def test_the_first_line_tells_the_address_and_the_service_answers_there() -> None:
    with start("emulate", "fakegpt", "--scenario", '{"answer": "Good day."}') as process:
        result = run(*at(_address(process)), "hello")

    assert (result.code, result.out) == (0, "Good day.\n")


def test_a_scenario_may_be_a_file_and_a_journal_tells_what_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps({"answer": "From a file."}))

    with start("emulate", "fakegpt", "--scenario", str(path)) as process:
        url = _address(process)
        result = run(*at(url), "hello")
        journal = json.loads(_get(f"{url}/_emulator/journal"))

    assert result.out == "From a file.\n"
    assert journal


def test_tls_names_the_authority_to_trust() -> None:
    with start("emulate", "fakegpt", "--tls") as process:
        url = _address(process)
        assert process.stderr is not None
        authority = process.stderr.readline().decode().split(": ")[1].strip()
        result = run(*at(url), "-o", f"verify={authority}", "hello")
        refused = run(*at(url), "hello")
        warned = run(*at(url), "-o", "verify=false", "hello")

    assert url.startswith("https://")
    assert (result.code, result.out) == (0, "hello\n")
    assert refused.code == 1
    assert (warned.code, warned.out) == (0, "hello\n")
    assert warned.err.startswith("warning: the certificate of 127.0.0.1 is not verified")
    assert len(warned.err.splitlines()) == 1


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_ends_quietly_when_it_is_told_to(sent: signal.Signals, code: int) -> None:
    with start("emulate", "aichat") as process:
        url = _address(process)
        # An answer shows that the signal finds it at work and not at its start.
        _get(f"{url}/")
        process.send_signal(sent)
        _, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (code, b"")
