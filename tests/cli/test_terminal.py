"""At a terminal: Markdown, a stranger's control characters, and conversations."""

from collections.abc import Callable
from typing import Any

from dragoman.emulators.emulator import Emulator
from tests.cli.program import at, terminal

Emulators = Callable[..., Emulator[Any]]


def test_markdown_is_rendered() -> None:
    with terminal("-m", "echo", "# Title\n\nsome **bold** words\n\n* one\n* two") as shown:
        code = shown.wait()

    assert code == 0
    assert "some bold words" in shown.text
    assert "\x1b[1mbold" in shown.raw
    assert "• one" in shown.text


def test_a_line_end_of_an_answer_stays_one() -> None:
    with terminal("-m", "echo", "pears\napples") as shown:
        shown.wait()

    assert shown.text.endswith("pears\napples\n")


def test_a_dumb_terminal_gets_plain_text() -> None:
    with terminal("-m", "echo", "some **bold** words", term="dumb") as shown:
        shown.wait()

    assert shown.raw == "some **bold** words\r\n"


def test_control_characters_of_an_answer_do_not_reach_the_terminal() -> None:
    """The last one is a link whose escape is decoded only when it is rendered."""
    answer = "a\x1b]0;title\x07b \x1b[2Jc \x9b31md \x07\x08e <http://x.example/%1b[31m>"

    with (
        terminal("-m", "echo", answer) as shown,
        terminal("-m", "echo", answer, term="dumb") as dumb,
    ):
        shown.wait()
        dumb.wait()

    for raw in (shown.raw, dumb.raw):
        assert "title" not in raw
        assert "[2J" not in raw
        assert not {"\x07", "\x08", "\x9b"} & set(raw)
    assert "\x1b[31m" not in shown.raw
    assert "ab c d e" in shown.text
    assert "\x1b" not in dumb.raw


def test_control_characters_of_an_error_do_not_reach_the_terminal(
    dragoman_emulator: Emulators,
) -> None:
    emulator = dragoman_emulator("fakegpt", scenario={"error_event": {"message": "no\x1b[2J way"}})

    with terminal(*at(emulator.url), "x") as shown:
        code = shown.wait()

    assert code == 1
    assert "\x1b[2J" not in shown.raw


def test_an_answer_longer_than_the_screen_is_shown_whole_and_once() -> None:
    lines = [f"* line {number} ends" for number in range(100)]

    with terminal("-m", "echo", "\n".join(lines)) as shown:
        shown.wait()

    last = shown.text.rindex("line 0 ends")
    assert [shown.text.count(f"line {n} ends", last) for n in range(100)] == [1] * 100


def test_a_conversation_keeps_its_history_and_ends_at_ctrl_d(
    dragoman_emulator: Emulators,
) -> None:
    emulator = dragoman_emulator("fakegpt")

    with terminal(*at(emulator.url)) as shown:
        shown.wait_for("> ")
        shown.type("first question\n")
        shown.wait_for("> ")
        shown.type("second question\n")
        shown.wait_for("> ")
        shown.type("\x04")
        code = shown.wait()

    assert code == 0
    prompt = str(emulator.journal[-1]["body"])
    assert prompt.index("first question") < prompt.index("second question")


async def test_ctrl_c_stops_the_answer_and_not_the_conversation(
    dragoman_emulator: Emulators,
) -> None:
    emulator = dragoman_emulator(
        "fakegpt", scenario={"answer": "one two three", "stall": {"after_events": 6}, "on": [1]}
    )

    with terminal(*at(emulator.url), term="dumb") as shown:
        shown.wait_for("> ")
        shown.type("first question\n")
        shown.wait_for("one")
        shown.type("\x03")
        shown.wait_for("stopped")
        await emulator.wait_idle()
        abandoned = emulator.abandoned
        shown.wait_for("> ")
        shown.type("second question\n")
        shown.wait_for("one two three")
        shown.wait_for("> ")
        shown.type("/exit\n")
        code = shown.wait()

    assert (code, abandoned) == (0, 1)
    assert "first question" not in str(emulator.journal[-1]["body"])


def test_ctrl_c_at_the_prompt_forgets_the_line() -> None:
    with terminal("-m", "echo") as shown:
        shown.wait_for("> ")
        shown.type("half a li")
        shown.wait_for("half a li")
        shown.press_until("\x03", "> ")
        shown.type("whole\n")
        shown.wait_for("whole\nwhole")
        shown.wait_for("> ")
        shown.type("\x04")

        assert shown.wait() == 0


def test_the_commands_of_a_conversation() -> None:
    with terminal("-m", "echo", term="dumb") as shown:
        for line, answer in (
            ("/help", "/help"),
            ("/model fakegtp", "error: no model 'fakegtp'; did you mean"),
            ("/model local", "talking with local/smollm2-135m"),
            ("/model echo", "talking with echo/echo"),
            ("/system Be brief.", "the instructions are set"),
            ("one", "one"),
            ("/new", "a new conversation"),
            ("/unknown", "error: there is no command /unknown"),
            (" /unknown", "/unknown"),
        ):
            shown.wait_for("> ")
            shown.type(f"{line}\n")
            shown.wait_for(f"\n{answer}")
        shown.wait_for("> ")
        shown.type("/exit\n")

        assert shown.wait() == 0


def test_several_lines_that_are_pasted_are_one_question() -> None:
    """Between the marks a terminal sends what was pasted; Enter comes after them."""
    with terminal("-m", "echo", "-u") as shown:
        shown.wait_for("> ")
        shown.type("\x1b[200~one\ntwo\nthree\x1b[201~")
        shown.wait_for("three")
        shown.type("\n")
        shown.wait_for("one\ntwo\nthree\nusage:")
        shown.wait_for("> ")
        shown.type("\x04")

        assert shown.wait() == 0


def test_an_error_does_not_end_a_conversation(dragoman_emulator: Emulators) -> None:
    emulator = dragoman_emulator("fakegpt", scenario={"status": 400, "on": [1]})

    with terminal(*at(emulator.url), term="dumb") as shown:
        shown.wait_for("> ")
        shown.type("one\n")
        shown.wait_for("400")
        shown.wait_for("> ")
        shown.type("two\n")
        shown.wait_for("two\ntwo")
        shown.wait_for("> ")
        shown.type("\x04")

        assert shown.wait() == 0


def test_ctrl_c_ends_a_single_question_and_leaves_its_words(dragoman_emulator: Emulators) -> None:
    """The `^C` of the terminal must not push a line out of what is drawn anew."""
    # Sixteen of them fill a line of 80 to its end.
    words = [f"w{number:03}{'' if number % 16 else 'x'}" for number in range(40)]
    emulator = dragoman_emulator(
        "fakegpt", scenario={"answer": " ".join(words), "stall": {"after_events": 36}}
    )

    with terminal(*at(emulator.url), "go") as shown:
        shown.wait_for(words[31])
        shown.type("\x03")
        code = shown.wait()

    assert code == 130
    assert "Traceback" not in shown.text
    assert shown.cursor_is_shown
    lines = shown.text.split("^C")[0].splitlines()
    assert max(map(len, lines)) + len("^C") <= 80
    assert words[0] in shown.text.rpartition("^C")[2]


def test_no_line_is_filled_up_with_spaces() -> None:
    with terminal("-m", "echo", "some words") as shown:
        shown.wait()

    assert shown.text.endswith("some words\n")
