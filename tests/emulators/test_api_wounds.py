"""One event, or a whole body, that is no good JSON, on each API dialect's wire."""

import json

import pytest
from tests.emulators.apis import Api, asked, each_api, payload, with_text


@each_api
@pytest.mark.parametrize("kind", ["json", "utf8", "not_object"])
async def test_one_event_is_spoilt_and_the_others_are_whole(api: Api, kind: str) -> None:
    calm = await asked(api)
    at = with_text(api, calm)[1]

    reply = await asked(api, malformed={"at_event": at + 1, "kind": kind})

    changed = [n for n, chunk in enumerate(reply.chunks) if chunk != calm.chunks[n]]
    assert (changed, reply.ended) == ([at], True)
    assert fault_in(payload(api, reply.chunks[at])) == kind


@each_api
@pytest.mark.parametrize("kind", ["json", "utf8", "not_object"])
async def test_a_whole_body_is_spoilt(api: Api, kind: str) -> None:
    reply = await asked(api, api.whole, malformed={"at_event": 1, "kind": kind})

    assert (reply.status, fault_in(reply.body)) == (200, kind)


def fault_in(event: bytes) -> str:
    """What is wrong with bytes that should be a JSON object; "" if nothing is."""
    try:
        value = json.loads(event.decode())
    except UnicodeDecodeError:
        return "utf8"
    except json.JSONDecodeError:
        return "json"
    return "" if isinstance(value, dict) else "not_object"


@each_api
@pytest.mark.parametrize("kind", ["json", "utf8", "not_object", "nan", "lone_surrogate"])
async def test_words_that_look_like_a_field_do_not_move_the_wound(api: Api, kind: str) -> None:
    """An answer may talk of `data: ` itself."""
    text = "data: [event: data: ]"
    answer = [{"text": text}]
    at = with_text(api, await asked(api, answer=answer))[0]

    streamed = await asked(api, answer=answer, malformed={"at_event": at + 1, "kind": kind})
    whole = await asked(api, api.whole, answer=answer, malformed={"at_event": 1, "kind": kind})

    events = [payload(api, streamed.chunks[at]).rstrip(), whole.body.rstrip()]
    if kind == "not_object":
        assert events == [b'["not", "an", "object"]'] * 2
    else:
        event, body = (json.loads(healed(each, kind)) for each in events)
        assert api.said(event) == text
        assert text in json.dumps(body)


def healed(event: bytes, kind: str) -> bytes:
    """The JSON object without the wound of this kind, if it is where it belongs."""
    return {
        "json": event + b"}",
        "utf8": event.removesuffix(b"\xff\xfe}") + b"}",
        "nan": b"{" + event.removeprefix(b'{"nan":NaN,'),
        "lone_surrogate": b"{" + event.removeprefix(b'{"lone":"\\ud83d",'),
    }[kind]
