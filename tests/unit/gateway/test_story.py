"""The story is told in the last object of a failure, and in an event `error` before it."""

import pytest

from dragoman.gateway.story import with_story

STORY: dict[str, object] = {"text": "so } far", "attempts": []}
TOLD = b',"dragoman":{"text":"so } far","attempts":[]}}'

CASES = {
    "a line": (b'{"error":"x"}\n', b'{"error":"x"' + TOLD + b"\n"),
    "an event": (b'data: {"error":{"a":1}}\n\n', b'data: {"error":{"a":1}' + TOLD + b"\n\n"),
    "behind another event": (
        b'data: {"a":1}\r\n\r\ndata: {"error":{}}\r\n\r\n',
        b'data: {"a":1}\r\n\r\ndata: {"error":{}' + TOLD + b"\r\n\r\n",
    ),
    "at the end of a list": (b',{"error":{}}]', b',{"error":{}' + TOLD + b"]"),
    "two events of one error": (
        b'event: error\ndata: {"a":1}\n\nevent: response.failed\ndata: {"b":{}}\n\n',
        b'event: error\ndata: {"a":1' + TOLD + b"\n\n"
        b'event: response.failed\ndata: {"b":{}' + TOLD + b"\n\n",
    ),
    "no object": (b"event: error\n\n", b"event: error\n\n"),
    "nothing": (b"", b""),
}


@pytest.mark.parametrize(("failure", "told"), CASES.values(), ids=CASES)
def test_it_is_told_once_in_each_object_of_the_error(failure: bytes, told: bytes) -> None:
    assert with_story(failure, STORY) == told
