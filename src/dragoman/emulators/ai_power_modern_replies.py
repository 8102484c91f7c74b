"""What AI Power 2.3 and later answers: JSON objects, and the events of its streams.

Rule: pure, values in, bytes out. Each event is a piece of its own, so that a count of events is a
count of events; the comment that opens a stream is in one piece with the first.
Source: AI Power plugin 2.3-2.4.71 behaviour, observed 2026-11-21; of the events beside the answer
the names are the plugin's and the values ours.
"""

from collections.abc import Sequence

from dragoman.emulators.ai_power_replies import AJAX_HEADERS, JSON_TYPE, php_json, php_notice
from dragoman.emulators.ai_power_stream import STREAM_HEADERS, STREAM_TYPE
from dragoman.emulators.service import Json, Reply, event_stream, sse
from dragoman.emulators.wordpress_knobs import ModernSideEvent, WordPressKnobs

__all__ = ["answer_events", "error_events", "failure", "refused_events", "stream", "success"]

_OPENING_COMMENT = b":" + b" " * 4096 + b"\n\n"
_DONE = sse({"finished": True}, event="done")
_SIDE: dict[ModernSideEvent, Json] = {
    "status": {"status": "searching", "message": "Searching the web"},
    "warning": {"message": "The file could not be read."},
    "openai_response_id": {"id": "resp_emulated"},
    "google_interaction_id": {"id": "interaction_emulated"},
    "grounding_metadata": {"webSearchQueries": ["emulated"], "groundingChunks": []},
    "citations": [{"url": "https://example.invalid/", "title": "Emulated"}],
}


def success(data: Json, knobs: WordPressKnobs) -> Reply:
    """200 with what was asked for."""
    return _object(200, {"success": True, "data": data}, knobs)


def failure(status: int, message: str, knobs: WordPressKnobs, *, code: str) -> Reply:
    """A refusal; `code` does not change with the language."""
    data = {"message": message, "code": code}
    return _object(status, {"success": False, "data": data}, knobs)


def stream(events: Sequence[bytes], knobs: WordPressKnobs, *, commented: bool) -> Reply:
    """A stream; `commented`: with the comment that gets it past a buffering server in front."""
    headers = tuple({**AJAX_HEADERS, **STREAM_HEADERS}.items())
    notice = php_notice() if knobs.php_notice else b""
    first, *others = events
    opening = notice + (_OPENING_COMMENT if commented else b"")
    # What follows would stick to an event that has lost its line end.
    tail = b"" if knobs.line_ends == "none_at_end" else notice
    return event_stream(
        [opening + first, *others], headers=headers, content_type=STREAM_TYPE, tail=tail
    )


def answer_events(words: Sequence[str], sides: Sequence[ModernSideEvent]) -> list[bytes]:
    """A whole answer, with events beside it."""
    beside = [sse(_SIDE[name], event=name) for name in sides]
    half = (len(beside) + 1) // 2
    return [
        sse({"message_id": "aipkit-msg-1"}, event="message_start"),
        *beside[:half],
        *(sse({"delta": word}) for word in words),
        *beside[half:],
        _DONE,
    ]


def error_events(message: str) -> list[bytes]:
    """An error of the model's API: nothing follows it."""
    return [b"id: 1\n" + sse({"error": message}, event="error")]


def refused_events(message: str) -> list[bytes]:
    """A refusal of the plugin itself, before the model is asked."""
    return [*error_events(message), _DONE]


def _object(status: int, value: Json, knobs: WordPressKnobs) -> Reply:
    headers = (("Content-Type", JSON_TYPE), *AJAX_HEADERS.items())
    notice = php_notice() if knobs.php_notice else b""
    return Reply(status=status, headers=headers, events=(notice + php_json(value),), chunked=True)
