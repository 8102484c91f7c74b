"""`--image` and `--file`: what is put beside a question."""

import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any, Literal

import pytest

from dragoman.cli.attached import attach
from dragoman.emulators.emulator import Emulator
from dragoman.errors import InputError
from tests.cli.apis import APIS, Api, Emulators
from tests.cli.program import PROGRAM, run, terminal

OPENAI = APIS[0]
# One red dot.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
IN_BASE64 = base64.b64encode(PNG).decode()


@pytest.fixture(autouse=True)
def _in_a_folder_with_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dot.png").write_bytes(PNG)
    (tmp_path / "notes.txt").write_text("Call me Ishmael.")
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    (tmp_path / "bell.wav").write_bytes(b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + b"\0" * 24)
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x20ftypisom")
    (tmp_path / "noise").write_bytes(b"\x01\xfe\xff")
    (tmp_path / "zeros").write_bytes(b"\0\0\0\0")
    (tmp_path / "empty").write_bytes(b"")
    with (tmp_path / "large").open("wb") as large:
        large.truncate(20_000_001)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def site(dragoman_emulator: Emulators) -> Emulator[Any]:
    """OpenAI, which echoes the text of a question."""
    return dragoman_emulator("openai")


def _content(site: Emulator[Any], message: int = -1) -> Any:
    return site.journal[-1]["body"]["messages"][message]["content"]


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.provider)
def test_a_picture_goes_to_each_service(api: Api, dragoman_emulator: Emulators) -> None:
    emulator = dragoman_emulator(api.emulator)

    result = run(*api.at(emulator.url), "--image", "dot.png", "What is it?")

    assert result == (0, "What is it?\n", "")
    assert IN_BASE64 in json.dumps(emulator.journal[-1]["body"])
    assert emulator.journal[-1]["complaints"] == []


def test_several_pictures_stand_before_the_question_in_order(site: Emulator[Any]) -> None:
    address = "https://example.com/cat.jpg"
    inline = f"data:;base64,{IN_BASE64}"

    run(*OPENAI.at(site.url), "--image", address, "--image", inline, "Which is red?")

    first, second, text = _content(site)
    assert first["image_url"]["url"] == address
    assert second["image_url"]["url"] == f"data:image/png;base64,{IN_BASE64}"
    assert text["text"] == "Which is red?"


def test_a_file_is_what_its_first_bytes_say(site: Emulator[Any]) -> None:
    files = [word for name in ("paper.pdf", "bell.wav", "dot.png") for word in ("--file", name)]

    result = run(*OPENAI.at(site.url), *files, "What are they?")

    assert (result.code, result.err) == (0, "")
    assert [part["type"] for part in _content(site)] == ["file", "input_audio", "image_url", "text"]


def test_a_text_is_read_by_every_provider() -> None:
    result = run("-m", "echo", "--file", "notes.txt", "Who speaks?")

    assert (result.code, result.out) == (0, "notes.txt:\n\nCall me Ishmael.\n\nWho speaks?\n")


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("image", "notes.txt", "notes.txt is no picture"),
        ("image", "paper.pdf", "paper.pdf is no picture: it does not begin like one, but like"),
        ("image", "nowhere.png", "nowhere.png: No such file or directory"),
        ("image", ".", "Is a directory"),
        ("image", "a\0b", "embedded null byte"),
        ("image", "empty", "empty is empty"),
        ("image", "large", "large is larger than 20 MB"),
        ("image", "data:image/png,dot", "expected data:image/TYPE;base64,..."),
        ("file", "film.mp4", "film.mp4 is video/mp4: expected a PDF"),
        ("file", "noise", "noise is neither text in UTF-8 nor"),
        ("file", "zeros", "zeros is neither text in UTF-8 nor"),
    ],
)
def test_what_cannot_be_sent_is_wrong_usage(
    kind: Literal["image", "file"], given: str, words: str
) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        attach(kind, given)


def test_what_is_wrong_with_a_file_is_one_line() -> None:
    result = run("-m", "openai/gpt-4o", "--image", "notes.txt", "What is it?")

    assert (result.code, result.out) == (2, "")
    assert "notes.txt is no picture" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_pipe_is_a_file_that_is_read_once(site: Emulator[Any]) -> None:
    command = 'exec "$0" "$@" --image <(cat dot.png) "What is it?"'
    done = subprocess.run(
        ["bash", "-c", command, *PROGRAM, *OPENAI.at(site.url)],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=True,
    )

    assert done.stdout == b"What is it?\n"
    assert IN_BASE64 in str(_content(site))


def test_a_provider_without_pictures_says_so() -> None:
    result = run("-m", "echo", "--image", "dot.png", "What is it?")

    assert result.code == 2
    assert "echo has no image" in result.err


def test_a_later_question_has_the_picture_still_and_the_disk_has_not(
    site: Emulator[Any],
) -> None:
    run(*OPENAI.at(site.url), "--image", "dot.png", "What is it?")
    result = run("-c", *OPENAI.at(site.url), "And now?")

    assert (result.code, result.err) == (0, "")
    assert IN_BASE64 in str(_content(site, 0))
    kept = Path.home() / ".local" / "share" / "dragoman" / "conversation.json"
    assert IN_BASE64 not in kept.read_text()
    assert str(Path("dot.png").absolute()) in kept.read_text()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda path: path.write_bytes(PNG + b"more"), "dot.png has changed since it was sent"),
        (lambda path: path.unlink(), "dot.png: No such file or directory"),
    ],
    ids=["changed", "gone"],
)
def test_a_picture_that_is_another_now_is_left_out_with_a_warning(
    site: Emulator[Any], change: Any, words: str
) -> None:
    run(*OPENAI.at(site.url), "--image", "dot.png", "What is it?")
    change(Path("dot.png"))

    result = run("-c", *OPENAI.at(site.url), "And now?")

    assert (result.code, result.out) == (0, "And now?\n")
    assert words in result.err
    assert "left out" in result.err
    assert _content(site, 0) == "What is it?"


def test_a_conversation_takes_pictures_between_questions(site: Emulator[Any]) -> None:
    with terminal(*OPENAI.at(site.url), "--image", "dot.png", term="dumb") as shown:
        for line, answer in (
            ("What is it?", "What is it?"),
            ("/image notes.txt", "error: "),
            ("/file notes.txt", "notes.txt goes with your next question"),
            ("And this?", "And this?"),
            ("Which is red?", "Which is red?"),
        ):
            shown.wait_for("> ")
            shown.type(f"{line}\n")
            shown.wait_for(line)
            shown.wait_for(answer)
        shown.wait_for("> ")
        shown.type("/exit\n")
        code = shown.wait()

    assert code == 0
    first, second, third = (_content(site, at) for at in (0, 2, 4))
    assert first[0]["image_url"]["url"].endswith(IN_BASE64)
    assert second[0]["text"] == "notes.txt:\n\nCall me Ishmael.\n\n"
    assert third == "Which is red?"
