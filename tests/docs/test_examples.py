"""Every program of `examples/` runs as a whole, without a key, and says what it should."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conformance.proxy import ForwardingProxy
from tests.docs.pages import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

SAYS = {
    "conversation.py": "it:  What is my name?",
    "fakegpt.py": "Hello, world!",
    "handle_errors.py": "so far it said 'one'",
    "many_prompts.py": "Say the number 20. -> Say the number 20.",
    "own_installation.py": "POST /wp-admin/admin-ajax.php",
    "stop_early.py": "left alone with: 1",
    "streaming_chat.py": "Why is the sky blue?",
    "sync_client.py": "And| one| delta| by| delta.",
    "test_my_program.py": "2 passed",
    "watch_events.py": "tokens: 2 in, 2 out",
    # Of the documents that this project began with:
    "aichat.py": "Hello, world!",
    "chat_gptt.py": "Hello, how are you?",
    "chatgpt_free.py": "Hello, how are you?",
    "fakegpt_howto.py": "Привет, как дела?",
}
"""What a program says, among other things. The emulators and `echo` say back what they hear."""


def test_every_example_is_here() -> None:
    assert {path.name for path in EXAMPLES} == SAYS.keys()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs_and_says_what_it_should(
    example: Path, world: Mapping[str, str], cookie_file: Path
) -> None:
    program = ["-m", "pytest", "-q", "-p", "no:cacheprovider"] if _is_test(example) else []
    done = subprocess.run(
        [sys.executable, *program, str(example)],
        env={**world, "DRAGOMAN_COOKIES": str(cookie_file)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    # Deltas may stand on lines of their own.
    assert SAYS[example.name] in done.stdout.replace("\n", "") + done.stdout


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["aichat.py", "chat_gptt.py"])
async def test_an_example_that_takes_a_proxy_goes_through_it(
    name: str, world: Mapping[str, str], cookie_file: Path
) -> None:
    async with ForwardingProxy() as proxy:
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "examples" / name),
            proxy.url,
            env={**world, "DRAGOMAN_COOKIES": str(cookie_file)},
            stdout=subprocess.PIPE,
        )
        said, _ = await program.communicate()

    assert SAYS[name] in said.decode().replace("\n", "")
    assert proxy.requests > 0


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_short_and_says_first_what_it_shows(example: Path) -> None:
    lines = example.read_text("utf-8").splitlines()

    assert len(lines) <= 40
    assert lines[0].startswith('"""')
    assert len(lines[0]) > 30


def _is_test(example: Path) -> bool:
    return example.name.startswith("test_")
