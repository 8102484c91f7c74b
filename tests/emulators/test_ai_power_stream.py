"""Every row of AI Power's event streams, as it stands on the wire."""

import json
from typing import Any

import pytest
from tests.emulators.wordpress_visitor import Seen, visiting

STREAM = "text/event-stream;charset=UTF-8"
JSON = "application/json; charset=UTF-8"
STREAMING = ["D1", "D2", "D3", "D4-1.8.91", "D4"]
DONE = "[DONE]"
STOP = {"choices": [{"finish_reason": "stop"}]}


def trailer(seen: Seen) -> Any:
    """The JSON object that ends the body, None if there is none."""
    last = seen.body.decode().rpartition("\n")[2]
    return json.loads(last[last.index("{") :]) if "{" in last else None


@pytest.mark.parametrize("dialect", STREAMING)
async def test_an_answer_is_relayed_word_by_word(dialect: str) -> None:
    async with visiting(dialect=dialect, stream=True) as visitor:
        seen = await visitor.chat("one two  three")

    first, *words, finish, done = seen.events()
    assert (seen.status, seen.content_type) == (200, STREAM)
    assert seen.headers["Cache-Control"] == "no-cache"
    assert seen.headers["X-Accel-Buffering"] == "no"
    assert first["choices"] == []
    assert [set(event) >= {"id", "object", "choices"} for event in words] == [True] * 3
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert done == DONE
    assert b"event:" not in seen.body


@pytest.mark.parametrize("dialect", STREAMING)
async def test_d1_and_d2_repeat_the_answer_in_a_trailer(dialect: str) -> None:
    async with visiting(dialect=dialect, stream=True) as visitor:
        seen = await visitor.chat("one two")

    if dialect in ("D1", "D2"):
        assert trailer(seen)["status"] == "success"
        assert trailer(seen)["data"] == seen.text() == "one two"
    else:
        assert seen.body.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize(
    ("knob", "told"),
    [
        (True, {"status": "success", "data": "one two"}),
        (False, None),
        ("error", {"status": "error", "log": 4711}),
        ("empty", {"status": "success", "data": ""}),
        ("differs", {"status": "success", "data": "Not this: one two"}),
    ],
)
async def test_the_trailer_can_say_anything(knob: Any, told: Any) -> None:
    async with visiting("chatgptt", stream=True, trailer=knob) as visitor:
        seen = await visitor.chat("one two")

    assert seen.text() == "one two"
    if told is None:
        assert trailer(seen) is None
    else:
        assert trailer(seen).items() >= told.items()


async def test_after_a_cut_upstream_the_trailer_says_success_with_the_part() -> None:
    async with visiting(trailer="after_cut") as visitor:
        seen = await visitor.chat("one two three four")

    assert seen.text() == "one two"
    assert DONE not in seen.events()
    assert trailer(seen).items() >= {"status": "success", "data": "one two"}.items()


async def test_where_the_last_event_has_no_line_end_there_is_no_trailer() -> None:
    async with visiting(line_ends="none_at_end") as visitor:
        seen = await visitor.chat("one two")

    assert seen.body.endswith(b"\ndata: [DONE]")


@pytest.mark.parametrize(("dialect", "data"), [("D1", "one"), ("D4", None)])
async def test_an_upstream_error_inside_its_stream_is_relayed_and_ends_it(
    dialect: str, data: str | None
) -> None:
    error_event = {"after_events": 1, "message": "overloaded", "code": "503"}
    async with visiting(dialect=dialect, stream=True, error_event=error_event) as visitor:
        seen = await visitor.chat("one two")

    assert seen.text() == "one"
    assert seen.events()[-1]["error"]["message"] == "overloaded"
    assert DONE not in seen.events()
    assert (trailer(seen) or {}).get("data") == data


async def test_an_error_as_content_comes_word_by_word_and_then_once_more() -> None:
    error = {"message": "You hit it."}
    async with visiting("chatgptt", stream=True, error_as_content=error) as visitor:
        seen = await visitor.chat()

    words = [{"choices": [{"delta": {"content": word}}]} for word in ("You", " hit", " it.")]
    assert seen.events() == [*words, STOP] * 2
    assert seen.body.count(b'event: message\ndata: {"choices":[{"delta"') == 6
    assert b'\n\ndata: {"choices":[{"finish_reason":"stop"}]}\n\nevent' in seen.body


@pytest.mark.parametrize(
    ("message", "broken"),
    [
        ('say "no"', b'{"content":" "no""}'),
        ("back\\slash", b'{"content":"back\\slash"}'),
        ("two\nlines", b'{"content":"two\nlines"}'),
        ("", b'{"content":""}'),
    ],
)
async def test_the_words_of_an_error_are_not_escaped(message: str, broken: bytes) -> None:
    error = {"message": message}
    async with visiting("chatgptt", stream=True, error_as_content=error) as visitor:
        seen = await visitor.chat()

    assert broken in seen.body


async def test_an_exception_ends_in_limited_and_comes_once() -> None:
    error = {"message": "It broke", "ending": "limited"}
    async with visiting("chatgptt", stream=True, error_as_content=error) as visitor:
        seen = await visitor.chat()

    assert seen.body.endswith(b"event: message\ndata: [LIMITED]\n\n")
    assert len(seen.events()) == 3


@pytest.mark.parametrize(
    ("final_newline", "joint"), [(False, b"\n}event: message\n"), (True, b"\n}\nevent: message\n")]
)
async def test_an_error_in_several_chunks_is_raw_json_and_then_one_event(
    joint: bytes, *, final_newline: bool
) -> None:
    error = {"message": "Too many words", "raw_first": True, "final_newline": final_newline}
    async with visiting("chatgptt", stream=True, error_as_content=error) as visitor:
        seen = await visitor.chat()

    assert seen.body.startswith(b'{\n  "error": {')
    assert joint in seen.body
    assert seen.events() == [{"choices": [{"delta": {"content": "Too many words"}}]}, STOP]


async def test_after_an_error_as_content_the_trailer_says_success_without_data() -> None:
    async with visiting(dialect="D1", error_as_content=True) as visitor:
        seen = await visitor.chat()

    assert trailer(seen).items() >= {"status": "success", "data": ""}.items()


@pytest.mark.parametrize(("dialect", "glued"), [("D1", True), ("D4", False)])
async def test_raw_html_of_the_upstream_is_no_event_and_a_trailer_is_glued_to_it(
    dialect: str, *, glued: bool
) -> None:
    async with visiting(dialect=dialect, stream=True, site_fault="upstream_html") as visitor:
        seen = await visitor.chat()

    assert seen.body.startswith(b"<html>")
    assert seen.events() == []
    assert (b'</html>{"status":"success"' in seen.body) is glued


@pytest.mark.parametrize("dialect", ["D1", "D2"])
async def test_an_upstream_out_of_reach_leaves_the_trailer_alone_in_d1_and_d2(dialect: str) -> None:
    async with visiting(dialect=dialect, site_fault="upstream_unreachable") as visitor:
        seen = await visitor.chat()

    assert seen.content_type == JSON
    assert seen.json().items() >= {"status": "success", "data": ""}.items()


@pytest.mark.parametrize("dialect", ["D3", "D4"])
async def test_an_upstream_out_of_reach_is_no_byte_later(dialect: str) -> None:
    fault = "upstream_unreachable"
    async with visiting(dialect=dialect, stream=True, site_fault=fault) as visitor:
        seen = await visitor.chat()

    assert (seen.status, seen.body) == (200, b"")


@pytest.mark.parametrize("dialect", STREAMING)
async def test_the_quota_is_one_event_and_the_end_in_every_dialect(dialect: str) -> None:
    async with visiting(dialect=dialect, stream=True, quota=True, locale="ru") as visitor:
        seen = await visitor.chat()

    assert seen.content_type == STREAM
    assert seen.events() == [{"msg": "Ваш лимит токенов исчерпан.", "tokenLimitReached": True}]
    assert seen.body.endswith(b"}\n\n")


@pytest.mark.parametrize(
    ("scenario", "message", "refusals"),
    [
        ({"banned_word": "darn"}, "darn it", ["messageFlagged"]),
        ({"banned_word": "darn"}, "Darn it darn", ["messageFlagged", "messageFlagged"]),
        ({"banned_ip": True}, "hello", ["ipBanned"]),
        ({"banned_ip": True, "banned_word": True}, "hello", ["ipBanned", "messageFlagged"]),
        ({"banned_word": "darn"}, "hello", []),
        ({"refusal_event": "modflag"}, "hello", ["modflag"]),
        ({"refusal_event": "pineconeError"}, "hello", ["pineconeError"]),
        ({"banned_ip": True, "refusal_event": "modflag"}, "hello", ["ipBanned", "modflag"]),
    ],
)
@pytest.mark.parametrize("dialect", ["D1", "D4"])
async def test_after_a_refusal_event_the_answer_comes_anyway(
    dialect: str, scenario: Any, message: str, refusals: list[str]
) -> None:
    async with visiting(dialect=dialect, stream=True, **scenario) as visitor:
        seen = await visitor.chat(message)

    first = seen.events()[: len(refusals)]
    assert [set(event) for event in first] == [{"msg", refusal} for refusal in refusals]
    assert seen.text() == message
    assert seen.events()[-1] == DONE or trailer(seen)["data"] == message


async def test_php_prints_its_notice_before_and_after_the_events() -> None:
    async with visiting("chatgptt", stream=True, php_notice=True) as visitor:
        seen = await visitor.chat("one two")

    assert seen.body.startswith(b"\nDeprecated: ")
    assert seen.body.rpartition(b"data: [DONE]\n\n")[2].startswith(b"\nDeprecated: ")
    assert seen.text() == "one two"


async def test_an_assistant_has_events_of_its_own() -> None:
    async with visiting("chatgptt", stream=True, assistant_mode=True) as visitor:
        seen = await visitor.chat("one two")

    named = [line for line in seen.body.decode().split("\n") if line.startswith("event: ")]
    assert named == [
        "event: thread_id",
        "event: thread.message.delta",
        "event: thread.message.delta",
        "event: thread.message.completed",
        "event: done",
    ]
    thread, one, two, completed, done = seen.events()
    assert thread == "thread_emulated"
    assert [event["delta"]["content"][0]["text"]["value"] for event in (one, two)] == [
        "one",
        " two",
    ]
    assert completed["content"][0]["text"]["value"] == "one two"
    assert done == DONE


async def test_an_assistants_answer_in_json_names_its_thread() -> None:
    async with visiting("chatgptt", assistant_mode=True) as visitor:
        reply = (await visitor.chat("one")).json()

    assert (reply["data"], reply["thread_id"]) == ("one", "thread_emulated")


async def test_an_assistants_error_has_its_own_event_and_an_empty_end() -> None:
    mode = {"error": "the run failed"}
    async with visiting("chatgptt", stream=True, assistant_mode=mode) as visitor:
        seen = await visitor.chat()

    assert b'event: assistant_error\ndata: {"status": "error", "msg": "the run fai' in seen.body
    assert seen.body.endswith(b"event: done\ndata: \n\n")


async def test_a_nonce_that_dies_in_a_running_answer_does_not_stop_it() -> None:
    async with visiting(nonce_dies_mid_stream={"after_events": 1}) as visitor:
        nonce = await visitor.nonce()
        running = await visitor.chat("one two three", _wpnonce=nonce)
        after = await visitor.chat(_wpnonce=nonce)

    assert running.text() == "one two three"
    assert after.json() == {"status": "error", "msg": "Nonce verification failed"}


@pytest.mark.parametrize(("after_events", "text"), [(0, ""), (1, "one"), (2, "one two")])
async def test_a_cut_counts_words(after_events: int, text: str) -> None:
    cut = {"after_events": after_events, "how": "end"}
    async with visiting(cut=cut) as visitor:
        seen = await visitor.chat("one two three")

    assert seen.text() == text
    assert trailer(seen) is None


async def test_on_limits_a_fault_to_some_chats() -> None:
    async with visiting("chatgptt", quota=True, on=[2]) as visitor:
        limited = ["tokenLimitReached" in (await visitor.chat()).json() for _ in range(3)]

    assert limited == [False, True, False]


async def test_for_limits_a_fault_to_one_client_id() -> None:
    async with visiting("chatgptt", quota=True, **{"for": "ada"}) as visitor:
        ada = (await visitor.chat(wpaicg_chat_client_id="ada")).json()
        bob = (await visitor.chat(wpaicg_chat_client_id="bob")).json()

    assert "tokenLimitReached" in ada
    assert bob["status"] == "success"
