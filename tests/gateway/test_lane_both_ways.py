"""Whatever is asked, and whatever the service does: the short way tells no other story.

The same random request and the same fault go through a gateway with the short way and through one
without. Status, headers, bytes, what the services heard and what was counted have to be the same.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import hypothesis
import msgspec
import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.routing import verdicts
from tests.gateway.both_ways import Case, Pair, Seen, open_pair
from tests.gateway.wire import SAME

# All faces together: 300 requests in CI, and 10,000 with `scripts/check --thorough`.
EXAMPLES = 2_000 if settings().max_examples > 100 else 60
# A busy machine must not make a quick answer late.
PATIENT: dict[str, Any] = {"first_token_s": 10, "idle_s": 10}

pytestmark = pytest.mark.timeout(1_800 if settings().max_examples > 100 else 240)

WORDS = (
    "one two three four five six",
    "Größe 大きさ 👩‍👩‍👧 \u2028 \u0000 ok",
    'a "model" : "x" \\ b',
    "x" * 3_000,
)
TOOL = {"type": "object", "properties": {"city": {"type": "string"}}}
MORE: Mapping[str, tuple[dict[str, Any], ...]] = {
    "chat": (
        {"temperature": 0.5},
        {"max_tokens": 99},
        {"logprobs": True, "top_logprobs": 2},
        {"n": 2},
        {"metadata": {"model": "m", "stream": "no"}},
        {"stream_options": {"include_usage": True}},
        {"stream_options": {"include_usage": False}},
        {"stream_options": {}},
        {"stream_options": None},
        {"tools": [{"type": "function", "function": {"name": "weather", "parameters": TOOL}}]},
        {"service_tier": "flex", "store": False},
    ),
    "responses": (
        {"temperature": 0.5},
        {"metadata": {"model": "m"}},
        {"truncation": "auto"},
        {"tools": [{"type": "function", "name": "weather", "parameters": TOOL, "strict": False}]},
    ),
    "messages": (
        {"temperature": 0.5},
        {"metadata": {"user_id": "model"}},
        {"tools": [{"name": "weather", "input_schema": TOOL}]},
        {"system": "Be brief."},
    ),
    "gemini": (
        {"generationConfig": {"temperature": 0.5, "maxOutputTokens": 99}},
        {"systemInstruction": {"parts": [{"text": "Be brief."}]}},
        {"tools": [{"functionDeclarations": [{"name": "weather", "parameters": TOOL}]}]},
    ),
    "ollama": (
        {"keep_alive": "5m"},
        {"options": {"seed": 7, "temperature": 0.5}},
        {"think": False},
    ),
}
WRONG: tuple[dict[str, Any], ...] = (
    {"unheard_of": [1, {"a": None}]},
    {"temperature": "warm"},
    {"messages": 7},
    {"stream": "yes"},
    {"model": 7},
    {"max_tokens": "many"},
)

ANSWERS: tuple[Any, ...] = (
    "echo",
    "",
    "x" * 9_000,
    'A longer answer.\nIn several words, with "quotes" and \\ and größe.',
    [{"text": "Hi"}, {"text": " there"}, {"usage": {"input_tokens": 11, "output_tokens": 7}}],
    [{"text": "Hi"}, {"finish_reason": "length"}],
    [{"tool_call": {"name": "weather", "arguments": {"city": "Paris"}}}],
    [{"text": "So"}, {"tool_call": {"name": "weather", "arguments": {}}}],
    [{"usage": {"input_tokens": 11, "output_tokens": 0}}],
)
_HOW = ("end", "fin", "rst", "no_chunk_end", "mid_chunk", "length_too_long", "close_delimited")
FAULTS: tuple[Callable[[Random], dict[str, Any]], ...] = (
    lambda random: {"cut": {"after_events": random.randint(-2, 9), "how": random.choice(_HOW)}},
    lambda random: {"cut": {"after_bytes": random.randint(0, 900), "how": random.choice(_HOW)}},
    lambda random: {
        "malformed": {
            "at_event": random.randint(1, 9),
            "kind": random.choice(("json", "utf8", "not_object", "nan", "lone_surrogate")),
        }
    },
    lambda random: {
        "error_event": {
            "after_events": random.randint(0, 9),
            "form": random.choice(("object", "bare", "string", "line")),
        }
    },
    lambda random: {
        "status": random.choice((400, 401, 402, 403, 404, 408, 413, 422, 500, 502, 503, 529)),
        "status_body": random.choice(("dialect", "json", "html", "text", "empty")),
    },
    lambda random: {"retry_after": random.choice((0, 0.1, 999, "soon"))},
    lambda random: {"connection": random.choice(("reset", "close"))},
    lambda random: {"html_instead": random.choice((True, "login", "maintenance"))},
    lambda random: {"empty_body": random.choice((True, "0", 204))},
    lambda random: {"challenge": {"status": random.choice((403, 503, 200))}},
    lambda random: {"redirect": {"status": random.choice((302, 307))}},
    lambda random: {"context_words": random.choice((0, 9))},
)
# They change nothing of what is said.
STYLES: tuple[Callable[[Random], dict[str, Any]], ...] = (
    lambda random: {"split": random.choice((1, 7, 100, "all"))},
    lambda random: {
        "line_ends": random.choice(
            ("\r\n", "\r", "mixed", "no_blank_at_end", "none_at_end"),
        )
    },
    lambda random: {"noise": True},
    lambda random: {"unicode": True},
    lambda random: {"long_line": 70_000},
)


FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")
# The space is left out among noise.
ENDS: Mapping[str, re.Pattern[bytes]] = {
    "chat": re.compile(rb"data: ?\[DONE\]"),
    "responses": re.compile(rb'data: ?\{"type":"response\.(completed|incomplete)"'),
    "messages": re.compile(rb'data: ?\{"type":"message_stop"'),
    "gemini": re.compile(rb'"finishReason":'),
    "ollama": re.compile(rb'"done":true'),
}


@pytest.fixture(autouse=True)
def _short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "_FIRST_S", 0.001)


def _text(random: Random, text: str) -> str:
    """A JSON string, some of its letters as escapes."""
    plain = json.dumps(text, ensure_ascii=random.random() < 0.5)
    if "\\" in plain or random.random() < 0.7:
        return plain
    letters = (rf"\u{ord(c):04x}" if c.isascii() and c.isalnum() else c for c in plain[1:-1])
    return '"' + "".join(letters) + '"'


def _blank(random: Random) -> str:
    return random.choice(("", "", "", " ", "\n", "\t", "\r\n  "))


def _written(random: Random, value: Any) -> str:
    """JSON with blanks anywhere, and escapes where nobody needs them."""
    match value:
        case str():
            said = _text(random, value)
        case dict():
            pairs = [
                f"{_written(random, name)}:{_written(random, one)}" for name, one in value.items()
            ]
            said = "{" + ",".join(pairs) + "}"
        case list():
            said = "[" + ",".join(_written(random, one) for one in value) + "]"
        case _:
            said = json.dumps(value)
    return _blank(random) + said + _blank(random)


def _fields(random: Random, face: str, model: str, stream: bool) -> list[tuple[str, Any]]:
    text = random.choice(WORDS)
    turns = [{"role": "user", "content": text}]
    fields: list[tuple[str, Any]] = []
    match face:
        case "gemini":
            fields = [("contents", [{"role": "user", "parts": [{"text": text}]}])]
        case "responses":
            fields = [("model", model), ("input", random.choice((text, turns)))]
        case "messages":
            fields = [("model", model), ("messages", turns), ("max_tokens", 99)]
        case _:
            fields = [("model", model), ("messages", turns)]
    if face != "gemini" and (stream or random.random() < 0.5 or face == "ollama"):
        fields.append(("stream", stream))
    for more in random.sample(MORE[face], random.randint(0, 2)):
        fields += more.items()
    if random.random() < 0.1:
        fields += random.choice(WRONG).items()
    random.shuffle(fields)
    if random.random() < 0.1:
        # Of two with one name the last one counts.
        fields.insert(0, random.choice(fields))
    return fields


def _body(random: Random, face: str, model: str, stream: bool) -> bytes:
    pairs = [
        f"{_written(random, name)}:{_written(random, value)}"
        for name, value in _fields(random, face, model, stream)
    ]
    body = (_blank(random) + "{" + ",".join(pairs) + "}" + _blank(random)).encode()
    match random.randrange(60):
        case 0:
            return body[: random.randrange(len(body))]
        case 1:
            return body.replace(b"e", b"\xff", 1)
        case 2:
            return b"\xef\xbb\xbf" + body
        case _:
            return body


def _scenario(random: Random) -> dict[str, Any]:
    scenario: dict[str, Any] = {}
    if random.random() < 0.5:
        scenario["answer"] = random.choice(ANSWERS)
    if random.random() < 0.3:
        scenario |= random.choice(STYLES)(random)
    if random.random() < 0.5:
        fault = random.choice(FAULTS)(random)
        if _is_unclear(scenario, fault):
            return scenario
        scenario |= fault
        if random.random() < 0.4:
            scenario["on"] = [1]
    return scenario


def _is_unclear(scenario: Mapping[str, Any], fault: Mapping[str, Any]) -> bool:
    """Whether it is a matter of taste, or of the moment, which bytes are the last sound ones.

    A carriage return may be the half of a line end. An empty answer is broken as it is. Of a long
    event the end may come in the same moment as the cut.
    """
    if scenario.get("line_ends") in ("\r", "mixed"):
        return True
    is_empty = scenario.get("answer") in (ANSWERS[1], ANSWERS[-1])
    if "long_line" in scenario:
        return bool({"cut", "malformed", "error_event"} & fault.keys())
    return "cut" in fault and is_empty


def _without_taste(seen: Seen, face: str, case: Case) -> Seen:
    """What one way leaves to the reader, and the other one not.

    That is what stands behind the last event of an answer, lines behind its finish reason that are
    no event, and whether a carriage return at its very end is the end of a line.
    """
    body = seen.body
    end = ENDS[face].search(body)
    if "error_event" in case.scenario and seen.whole and end is not None:
        body = body[: body.find(b"\n", end.start()) + 1 or None]
    if "error_event" in case.scenario and seen.whole and face != "ollama":
        body = b"\n".join(line for line in body.splitlines() if line.startswith(FIELDS))
    if "line_ends" in case.scenario:
        body = body.rstrip(b"\r\n")
    return msgspec.structs.replace(seen, body=body)


@st.composite
def cases(draw: st.DrawFn, face: str) -> Case:
    """A request to a face, and what its service does."""
    stream = draw(st.booleans())
    name = SAME[face]
    kinds = (f"once/{name}", f"{name}/mock-model", f"pair/{name}", f"{name}:mock-model", "nobody")
    model = draw(st.sampled_from(kinds[:3]) | st.sampled_from(kinds))
    random = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - it has to give the same again
    path = {
        "chat": "/v1/chat/completions",
        "responses": "/v1/responses",
        "messages": "/v1/messages",
        "ollama": "/api/chat",
        "gemini": f"/v1beta/models/{model}:"
        + ("streamGenerateContent?alt=sse" if stream else "generateContent"),
    }[face]
    headers = {"anthropic-version": "2023-06-01"} if face == "messages" else {}
    return Case(
        path=path,
        body=_body(random, face, model, stream),
        scenario=_scenario(random),
        headers=headers,
    )


@pytest.mark.parametrize(
    ("face", "loop"), [*((face, uvloop.new_event_loop) for face in SAME), ("chat", None)]
)
def test_both_ways_tell_the_same(
    face: str, loop: Callable[[], asyncio.AbstractEventLoop] | None
) -> None:
    """On the loop that a served gateway has, and once on the other one."""
    with asyncio.Runner(loop_factory=loop) as runner:
        opening = open_pair(face, rescue="replay", **PATIENT)
        pair: Pair = runner.run(opening.__aenter__())
        try:

            @settings(max_examples=EXAMPLES, suppress_health_check=list(hypothesis.HealthCheck))
            @given(cases(face))
            def compare(case: Case) -> None:
                lane, around = runner.run(pair.both(case))

                assert _without_taste(lane, face, case) == _without_taste(around, face, case)

            compare()
            assert pair.relayed > EXAMPLES // 2
        finally:
            runner.run(opening.__aexit__(None, None, None))
