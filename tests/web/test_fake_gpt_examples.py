"""The documents' own examples run as they are, against emulators."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def run(example: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / example)],
        env=os.environ | environment | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=45,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(
    ("example", "printed"),
    [("fakegpt.py", "Hello, world!"), ("fakegpt_howto.py", "Привет,\n как\n дела?\n")],
)
def test_fakegpts_examples_print_the_answer(
    example: str, printed: str, dragoman_emulator: Any
) -> None:
    emulator = dragoman_emulator("fakegpt")

    assert run(example, {"DRAGOMAN_FAKEGPT_BASE_URL": emulator.url}) == printed


def test_aichats_example_prints_the_answer(dragoman_emulator: Any, tmp_path: Path) -> None:
    emulator = dragoman_emulator("aichat")
    path = tmp_path / "cookies.txt"
    row = ".chat-gpt.org\tTRUE\t/\tTRUE\t0\tcf_clearance\tlet-me-in\n"
    path.write_text(f"# Netscape HTTP Cookie File\n{row}")
    path.chmod(0o600)
    environment = {"DRAGOMAN_AICHAT_BASE_URL": emulator.url, "DRAGOMAN_COOKIES": str(path)}

    assert run("aichat.py", environment) == "Hello, world!\n"
    assert emulator.journal[0]["body"]["temperature"] == 0.7


def test_aichats_example_without_cookies_says_so(dragoman_emulator: Any) -> None:
    emulator = dragoman_emulator("aichat")

    printed = run("aichat.py", {"DRAGOMAN_AICHAT_BASE_URL": emulator.url})

    assert printed.startswith("Error: aichat")
    assert "no cookies" in printed
