"""`dragoman PROMPT`: one question and its answer, in a pipe."""

import json
import os
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman.emulators.emulator import Emulator
from tests.cli.program import PROGRAM, at, run, start

Emulators = Callable[..., Emulator[Any]]


def test_the_answer_and_nothing_else_goes_to_standard_output() -> None:
    result = run("-m", "echo", "-u", "-o", "temperature=0.2", "Why is", "the sky blue?")

    assert result.out == "Why is the sky blue?\n"
    assert result.err.splitlines() == [
        "warning: echo has no temperature: left out",
        "usage: 5 in, 5 out (tokens)",
    ]
    assert result.code == 0


def test_the_command_may_be_named_or_left_out() -> None:
    assert run("chat", "-m", "echo", "models").out == "models\n"
    assert run("-m", "echo", "--", "--help").out == "--help\n"
    assert run("hello", "-m", "echo").out == "hello\n"


@pytest.mark.parametrize(
    ("words", "piped", "question"),
    [
        ((), "from a pipe\n", "from a pipe"),
        (("-",), "from a pipe\n", "from a pipe"),
        (("Translate:",), "good day\n", "Translate:\n\ngood day"),
        (("Translate:",), "", "Translate:"),
        ((), "\ufeffwith a mark", "with a mark"),
    ],
)
def test_standard_input_is_the_question_or_stands_below_it(
    words: tuple[str, ...], piped: str, question: str
) -> None:
    result = run("-m", "echo", *words, stdin=piped.encode())

    assert (result.code, result.out) == (0, f"{question}\n")


def test_a_pipe_gets_each_delta_at_once_and_control_characters_as_they_are(
    dragoman_emulator: Emulators,
) -> None:
    emulator = dragoman_emulator(
        "fakegpt", scenario={"answer": "\x1b[31mred words", "stall": {"after_events": 6}}
    )

    with start(*at(emulator.url), "go") as process:
        assert process.stdout is not None
        first = os.read(process.stdout.fileno(), 100)

    assert first.startswith(b"\x1b[31mred")


def test_json_is_the_whole_reply_in_one_object() -> None:
    reply = json.loads(run("-m", "echo", "--json", "good day").out)

    assert reply["text"] == "good day"
    assert (reply["provider"], reply["model"]) == ("echo", "echo")
    assert reply["finish_reason"] == "stop"
    assert reply["usage"]["output_tokens"] == 2


def test_json_holds_no_character_that_a_terminal_obeys() -> None:
    out = run("-m", "echo", "--json", "\x1b[2J \x9b31m \x7f").out

    assert json.loads(out)["text"] == "\x1b[2J \x9b31m \x7f"
    assert out.isprintable() or out.rstrip("\n").isprintable()


def test_without_streaming_the_last_version_of_an_answer_counts(
    dragoman_emulator: Emulators,
) -> None:
    emulator = dragoman_emulator(
        "fakegpt", scenario={"answer": "one two three", "rewrite": "final"}
    )

    whole = run(*at(emulator.url), "--no-stream", "go")
    streamed = run(*at(emulator.url), "go")

    assert whole.code == 0
    assert streamed.code == 1
    assert "--no-stream" in streamed.err
    assert whole.out != streamed.out


def test_system_and_options_reach_the_provider(dragoman_emulator: Emulators) -> None:
    emulator = dragoman_emulator("aichat")
    words = ("-o", "cookies_required=no", "-o", "temperature=0.25", "-s", "Be brief.")

    run(*at(emulator.url, "aichat"), *words, "go")

    body: Any = emulator.journal[-1]["body"]
    assert body["temperature"] == 0.25
    assert "Be brief." in body["message"]


def test_c_goes_on_with_the_last_conversation(dragoman_emulator: Emulators, tmp_path: Path) -> None:
    emulator = dragoman_emulator("aichat", scenario={"answer": "Nice to meet you."})
    cookies = tmp_path / "cookies.json"
    cookies.write_text('{"cf_clearance": "let-me-in"}')
    cookies.chmod(0o600)
    words = (*at(emulator.url, "aichat"), "-o", f"cookies_file={cookies}")

    run(*words, "My name is Ada.")
    result = run("-c", *words, "What is my name?")

    assert (result.code, result.err) == (0, "")
    body: Any = emulator.journal[-1]["body"]
    asked = [
        body["message"].index(said)
        for said in ("My name is Ada.", "Nice to meet you.", "What is my name?")
    ]
    assert asked == sorted(asked)


def test_a_conversation_is_kept_for_its_owner_only_with_its_model_and_instructions() -> None:
    run("-m", "echo", "-s", "Be brief.", "one")
    run("-c", "two")

    path = Path.home() / ".local" / "share" / "dragoman" / "conversation.json"
    kept = json.loads(path.read_text())
    assert (kept["model"], kept["system"]) == ("echo", "Be brief.")
    assert [turn["content"] for turn in kept["messages"]] == ["one", "one", "two", "two"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["conversation.json"]


def test_an_answer_that_was_not_whole_leaves_the_kept_conversation_as_it_was(
    dragoman_emulator: Emulators,
) -> None:
    emulator = dragoman_emulator("fakegpt", scenario={"cut": {"after_events": 6, "how": "rst"}})
    run("-m", "echo", "one")

    cut = run("-c", *at(emulator.url), "two")
    again = run("-c", "-m", "echo", "--json", "three")

    assert cut.code == 1
    assert json.loads(again.out)["usage"]["input_tokens"] == 3


def test_killing_it_leaves_a_whole_conversation(dragoman_emulator: Emulators) -> None:
    emulator = dragoman_emulator(
        "fakegpt", scenario={"answer": "one two three", "stall": {"after_events": 6}}
    )
    run("-m", "echo", "one")

    with start("-c", *at(emulator.url), "two") as process:
        assert process.stdout is not None
        process.stdout.read(1)
        process.kill()
        process.wait()

    assert run("-c", "-m", "echo", "three").code == 0


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_ends_it_quietly_and_closes_the_connection(
    dragoman_emulator: Emulators, sent: signal.Signals, code: int
) -> None:
    emulator = dragoman_emulator(
        "fakegpt", scenario={"answer": "one two three", "stall": {"after_events": 6}}
    )

    with start(*at(emulator.url), "go") as process:
        assert process.stdout is not None
        process.stdout.read(1)
        process.send_signal(sent)
        _, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (code, b"")
    await emulator.wait_closed()
    assert emulator.abandoned == 1


def test_a_reader_that_has_enough_ends_it_quietly(dragoman_emulator: Emulators) -> None:
    emulator = dragoman_emulator(
        "fakegpt",
        scenario={"answer": "a line\n" * 200, "slow": {"between_events_s": 0.001}},
    )

    with start(*at(emulator.url), "go") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"a line\n"
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
        code = process.wait(10)

    assert (code, err) == (0, b"")


def test_a_full_disk_is_one_line() -> None:
    with (
        Path("/dev/full").open("wb") as full,
        start("-m", "echo", "hi", stdout=full.fileno()) as process,
    ):
        _, err = process.communicate(timeout=30)

    assert process.returncode == 1
    assert err.decode().splitlines() == ["error: standard output: No space left on device"]


def test_a_closed_standard_output_is_an_error_and_no_traceback() -> None:
    shell = ["sh", "-c", 'exec "$0" "$@" >&-', *PROGRAM, "-m", "echo", "hi"]
    done = subprocess.run(shell, capture_output=True, stdin=subprocess.DEVNULL, check=False)

    assert done.returncode == 2
    assert done.stderr.decode().startswith("error: standard output is closed")


@pytest.mark.parametrize("damaged", [b'{"messages": [', b"[" * 100_000, b"\xff"])
def test_a_damaged_conversation_is_set_aside_and_never_lost(damaged: bytes) -> None:
    path = Path.home() / ".local" / "share" / "dragoman" / "conversation.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(damaged)

    went_on = run("-c", "-m", "echo", "more")
    began = run("-m", "echo", "anew")

    assert (went_on.code, began.code) == (2, 0)
    (aside,) = path.parent.glob("*.damaged")
    assert aside.read_bytes() == damaged
    assert str(aside) in began.err
    assert b"anew" in path.read_bytes()
