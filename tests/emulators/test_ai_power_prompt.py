"""What the model gets of a message and a history, by dialect, shown over the wire."""

from typing import Any

import pytest
from tests.emulators.wordpress_visitor import ACTION, AJAX, Seen, Visitor, visiting

from dragoman.emulators.ai_power_prompt import GREETING

FLAT_SLASHED = ("D0", "D1", "D2", "D3")
FLAT = ("D4-1.8.91",)
KEPT = ("D4",)
EMOJI = "\N{GRINNING FACE} שלום"
LINES = "a\u2028\x85b"
REFUSED = "It appears that nothing was inputted."

# (what it shows, message, D0-D3, D4 before 1.8.96, D4 from 1.8.96); None: refused as empty
MESSAGES: list[tuple[str, str, str | None, str | None, str | None]] = [
    ("lines", " a\n\nb\tc ", "a b c", "a b c", "a\n\nb\tc"),
    ("tags", "a <b>c</b>", "a c", "a c", "a <b>c</b>"),
    ("script", "a<script>1</script>b", "ab", "ab", "a<script>1</script>b"),
    ("a lone <", "1 < 2", "1 &lt; 2", "1 &lt; 2", "1 < 2"),
    ("octets", "a %41 b", "a b", "a b", "a %41 b"),
    ("quotes", 'it\'s "x"', 'it\\\'s \\"x\\"', 'it\'s "x"', 'it\'s "x"'),
    ("backslash", "a\\b", "a\\\\b", "a\\b", "a\\b"),
    ("NUL", "a\0b", "a\\0b", "a\0b", "a\0b"),
    ("emoji", EMOJI, EMOJI, EMOJI, EMOJI),
    ("U+2028", LINES, LINES, LINES, LINES),
    ("empty", "", None, None, None),
    ("zero", "0", None, None, None),
    ("blank", " \n ", None, None, ""),
]


def _message_rows() -> list[Any]:
    rows = []
    for name, message, slashed, flat, kept in MESSAGES:
        for dialects, expected in ((FLAT_SLASHED, slashed), (FLAT, flat), (KEPT, kept)):
            rows += [
                pytest.param(dialect, message, expected, id=f"{dialect}-{name}")
                for dialect in dialects
            ]
    return rows


@pytest.mark.parametrize(("dialect", "message", "expected"), _message_rows())
async def test_the_message_is_cleaned_as_its_version_does(
    dialect: str, message: str, expected: str | None
) -> None:
    async with visiting(dialect=dialect, stream=False) as visitor:
        reply = await visitor.chat(message)

        if expected is None:
            assert reply.json() == {"status": "error", "msg": REFUSED}
            assert visitor.model_got() is None
        else:
            assert reply.json()["data"] == expected
            assert visitor.model_got()["turns"] == [
                {"role": "user", "content": GREETING},
                {"role": "user", "content": expected},
            ]


async def post_bytes(visitor: Visitor, body: bytes) -> Seen:
    head = f"action={ACTION}&_wpnonce={await visitor.nonce()}&".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await visitor.send("POST", AJAX, data=head + body, headers=headers)


@pytest.mark.parametrize("body", [b"message=a%ffb", b"message=a\xffb"])
async def test_bytes_that_are_no_utf8_are_refused_or_break_the_upstream_body(body: bytes) -> None:
    async with visiting(dialect="D4-1.8.91", stream=False) as visitor:
        before = await post_bytes(visitor, body)
        assert any("UTF-8" in complaint for complaint in visitor.complaints())

        visitor.emulator.scenario(dialect="D4", stream=False)
        since = await post_bytes(visitor, body)

        assert visitor.model_got() == {"message": None, "turns": []}
    assert before.json() == {"status": "error", "msg": REFUSED}
    assert since.json()["msg"].startswith("We could not parse the JSON body")
    assert "log" in since.json()


USER = {"role": "user", "content": "q"}
ASSISTANT = {"role": "assistant", "content": "a"}

# (what it shows, field, turns of D0-D3, turns of D4); "500": the plugin dies
HISTORIES: list[tuple[str, str, Any, Any]] = [
    ("strings", '["Human: q", "AI: a"]', [USER, ASSISTANT], [USER, ASSISTANT]),
    ("objects", '[{"id":"1","text":"Human: q"}]', [USER], [USER]),
    ("no mark is the assistant", '["a"]', [ASSISTANT], [ASSISTANT]),
    ("an object gives its values", '{"x": "Human: q"}', [USER], [USER]),
    ("Python's None", "None", [], []),
    ("a number", "1", [], []),
    ("NaN", "[NaN]", [], []),
    ("nothing", "", [], []),
    ("escapes lose their backslash", '["\\u0041\\n\\\\"]', ["u0041n"], ["u0041n"]),
    ("an escaped quote drops it all", '["Human: \\"q\\""]', [], []),
    ("a raw newline drops it all in D4", '["Human: q",\n"a\nb"]', [USER, "a b"], []),
    ("a newline between items does not", '["Human: q",\n"AI: a"]', [USER, ASSISTANT], None),
    ("tags and octets are cut", '["<b>a</b>%41"]', [ASSISTANT], [ASSISTANT]),
    ("an item that is a list", '[["Human: q"]]', "500", "500"),
    ("an object without text", '[{"id":"1"}]', "500", "500"),
    ("a text that is no text", '[{"text":["q"]}]', "500", "500"),
]


def _history_rows() -> list[Any]:
    return [
        pytest.param(dialect, field, expected, id=f"{dialect}-{name}")
        for name, field, old, new in HISTORIES
        for dialect, expected in (
            ("D1", old),
            ("D3", old),
            ("D4-1.8.91", old if new is None else new),
            ("D4", old if new is None else new),
        )
    ]


@pytest.mark.parametrize(("dialect", "field", "expected"), _history_rows())
async def test_the_history_is_cleaned_as_its_version_does(
    dialect: str, field: str, expected: Any
) -> None:
    async with visiting(dialect=dialect, stream=False) as visitor:
        reply = await visitor.chat("now", wpaicg_chat_history=field)

        if expected == "500":
            assert reply.status == 500
            assert b"critical error" in reply.body
            return
        turns = visitor.model_got()["turns"][1:-1]
    assert turns == [
        turn if isinstance(turn, dict) else {"role": "assistant", "content": turn}
        for turn in expected
    ]


@pytest.mark.parametrize("field", ['["Human: q", "AI: a"]', '[["Human: q"]]'])
@pytest.mark.parametrize("dialect", ["D1", "D4"])
async def test_a_site_that_remembers_nothing_does_not_read_the_history(
    dialect: str, field: str
) -> None:
    async with visiting(dialect=dialect, stream=False, remember=False) as visitor:
        reply = await visitor.chat("now", wpaicg_chat_history=field)

        assert reply.json()["data"] == "now"
        assert visitor.model_got()["turns"][1:] == [{"role": "user", "content": "now"}]


@pytest.mark.parametrize(
    ("dialect", "field", "turns"),
    [
        ("D1", '["Human: é q"]', ["u00e9 q"]),
        ("D2", '["Human: é q"]', ["u00e9 q"]),
        ("D1", '["Human: \\u00e9"]', ["u00e9"]),
        ("D1", '["Human: q"]', ["q"]),
        ("D1", "None", []),
        ("D3", '["Human: é q"]', ["é q"]),
        ("D4", '["Human: é q"]', ["é q"]),
    ],
)
async def test_chat_logs_garble_a_history_that_is_not_ascii(
    dialect: str, field: str, turns: list[str]
) -> None:
    async with visiting(dialect=dialect, stream=False, chat_logs=True) as visitor:
        reply = await visitor.chat("now", wpaicg_chat_history=field)

        got = visitor.model_got()["turns"][1:-1]
    assert [turn["content"] for turn in got] == turns
    assert isinstance(reply.json()["log"], int)
    assert reply.json()["log"] is not False
