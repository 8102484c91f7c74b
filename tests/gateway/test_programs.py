"""Programs that other people wrote, by their own packages, in front of a gateway.

They live in an environment of their own (`.venv/programs`, made by `scripts/install`): LlamaIndex
wants another version of the package `openai` than the tests of the SDKs.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.house import House, open_house

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / ".venv" / "programs" / "bin"
HERE = Path(__file__).parent / "programs"
TEXT = "one two three"

pytestmark = [
    # Their imports alone take seconds on a machine that is busy.
    pytest.mark.timeout(120),
    pytest.mark.skipif(
        not (PROGRAMS / "python").exists(), reason="scripts/install makes .venv/programs"
    ),
]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


async def run(package: str, *command: str | Path, home: Path) -> str:
    """What a program prints; skips if its package is not there. It reaches this machine alone."""
    if not list(PROGRAMS.parent.glob(f"lib/python*/site-packages/{package}")):
        pytest.skip(f"{package} is not installed in .venv/programs")
    nowhere = "http://127.0.0.1:9"
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LLM_USER_PATH": str(home),
            "HTTP_PROXY": nowhere,
            "HTTPS_PROXY": nowhere,
            "NO_PROXY": "127.0.0.1",
        },
    )
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, err.decode()
    return out.decode()


def complaints(house: House) -> list[str]:
    return [
        text for far in house.far.values() for entry in far.journal for text in entry["complaints"]
    ]


async def test_langchain_asks_streams_calls_tools_and_has_json(
    house: House, tmp_path: Path
) -> None:
    """Each of its classes asks a provider of another dialect than its own."""
    printed = await run(
        "langchain_openai",
        PROGRAMS / "python",
        HERE / "langchain_chats.py",
        house.url,
        "claude/mock-model",
        "chat/mock-model",
        home=tmp_path,
    )

    said: dict[str, Any] = json.loads(printed)
    assert said.pop("vectors") == [8, 8]
    for face in ("chat", "responses", "messages"):
        assert said[face] == {
            "text": TEXT,
            "output_tokens": 3,
            "pieces": 3,
            "streamed": TEXT,
            "tool": "weather",
            "shaped": ["city"],
        }, face
    assert complaints(house) == []


async def test_llama_index_asks_streams_and_calls_tools(house: House, tmp_path: Path) -> None:
    printed = await run(
        "llama_index/llms/openai_like",
        PROGRAMS / "python",
        HERE / "llama_index_chats.py",
        house.url,
        "claude/mock-model",
        home=tmp_path,
    )

    assert json.loads(printed) == {
        "text": TEXT,
        "complete": TEXT,
        "pieces": 3,
        "streamed": TEXT,
        "tool": "weather",
    }
    assert complaints(house) == []


async def test_the_llm_command_answers_whole_and_streamed(house: House, tmp_path: Path) -> None:
    models = "".join(
        f"- model_id: {name}\n  model_name: {name}/mock-model\n  api_base: {house.url}/v1\n"
        for name in ("claude", "chat")
    )
    (tmp_path / "extra-openai-models.yaml").write_text(models)
    asked = ("-s", "Be brief.", "--key", "any", "--no-log", TEXT)

    streamed = await run("llm", PROGRAMS / "llm", "-m", "claude", *asked, home=tmp_path)
    whole = await run("llm", PROGRAMS / "llm", "--no-stream", "-m", "chat", *asked, home=tmp_path)

    assert (streamed, whole) == (f"{TEXT}\n", f"{TEXT}\n")
    assert [house.far[name].journal[0]["body"]["stream"] for name in ("claude", "chat")] == [
        True,
        False,
    ]
    assert complaints(house) == []
