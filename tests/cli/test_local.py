"""The default model from the command line: fetched, asked, and what is said without it."""

import os
from pathlib import Path

import pytest

from tests.cli.program import run

# The weights (98 MB) are fetched by the first run on a machine.
pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def _shared_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", os.environ["DRAGOMAN_TEST_CACHE"])


@pytest.mark.usefixtures("_shared_weights")
def test_pull_prints_where_the_checked_file_is_and_then_the_default_model_answers() -> None:
    pulled = run("pull", patience_s=150)
    answer = run("-o", "max_tokens=8", "-u", "Why is the sky blue?", patience_s=60)

    assert pulled.code == 0
    assert Path(pulled.out.strip()).is_file()
    assert len(pulled.err.splitlines()) <= 1
    assert (answer.code, len(answer.out.split()) > 2) == (0, True)
    assert "8 out (tokens)" in answer.err
    assert "stopped at its length limit" in answer.err


def test_without_the_extra_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['xllamacpp'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    result = run("Why is the sky blue?")

    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1
    assert "pip install 'dragoman[local]'" in result.err


def test_debug_shows_the_last_words_of_a_model_that_could_not_be_loaded(tmp_path: Path) -> None:
    path = tmp_path / "empty.gguf"
    path.write_bytes(b"GGUF\x03\0\0\0" + bytes(16))

    told = run("-m", f"local:{path}", "hi", patience_s=60)
    shown = run("-m", f"local:{path}", "--debug", "hi", patience_s=60)

    assert told.code == 1
    assert "llama.cpp cannot load" in told.err.splitlines()[-1]
    assert "unknown model architecture" not in told.err
    assert "unknown model architecture" in shown.err
