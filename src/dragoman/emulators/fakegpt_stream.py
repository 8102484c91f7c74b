"""FakeGPT's event stream: every event repeats the whole message so far.

Order: system message, the user's own, an empty assistant message, growing text (with
`finish_details` in the middle), the full text once more with `end_turn`, `[DONE]`.
Source: a published capture of such a stream, May 2023, and two later ones (December 2023,
January 2024), read 2026-11-21. The values are ours; every one is a function of the request.
"""

from collections.abc import Iterator
from uuid import NAMESPACE_OID, uuid5

import msgspec

from dragoman.emulators.fakegpt_knobs import FakeGptKnobs
from dragoman.emulators.service import Json, sse

__all__ = ["DONE", "Turn", "stream"]

DONE = b"data: [DONE]\n\n"
# A test compares every byte, so no event carries the time of day.
_CREATED = 1700000000.0


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of a conversation: what was asked, under which ids, and how it is answered.

    `parts` are the growing text; `first` is a whole message before it, "" for none.
    """

    prompt: str
    model: str
    message_id: str
    conversation_id: str
    knobs: FakeGptKnobs
    parts: tuple[str, ...]
    first: str = ""

    def id(self, label: str) -> str:
        """The id of another message of this turn."""
        return str(uuid5(NAMESPACE_OID, f"{self.message_id}/{label}"))


def stream(turn: Turn) -> Iterator[bytes]:
    """All events of the answer, `[DONE]` included."""
    sides = [event for kind in turn.knobs.side_events for event in _SIDE[kind](turn)]
    half = (len(sides) + 1) // 2
    if turn.knobs.echo_first:
        yield from _echoes(turn)
    yield from _before(turn)
    yield from sides[:half]
    yield from _assistant(turn)
    yield from sides[half:]
    yield from _last(turn)
    yield DONE


def _echoes(turn: Turn) -> Iterator[bytes]:
    yield _event(turn, _message(turn.id("system"), "system", "", {"end_turn": True}))
    echo = _message(turn.message_id, "user", turn.prompt, {})
    yield _event(turn, {**echo, "metadata": {"timestamp_": "absolute"}})


def _before(turn: Turn) -> Iterator[bytes]:
    """What an assistant may send that is not for the reader."""
    code = {"content_type": "code", "language": "python", "text": "print(6 * 7)"}
    match turn.knobs.messages:
        case "tool":
            call = _message(turn.id("call"), "assistant", "", {"end_turn": False})
            call |= {"recipient": "python", "content": code, "status": "finished_successfully"}
            yield _event(turn, call)
            yield _event(turn, _message(turn.id("tool"), "tool", "42", {}))
        case "code":
            note = _message(turn.id("code"), "assistant", "", {"end_turn": False})
            yield _event(turn, note | {"content": code})
        case "objects":
            picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://1"}
            note = _message(turn.id("picture"), "assistant", "", {"end_turn": False})
            content = {"content_type": "multimodal_text", "parts": [picture]}
            yield _event(turn, note | {"content": content})
        case "two":
            status = {"end_turn": False, "status": "finished_successfully"}
            yield _event(turn, _message(turn.id("first"), "assistant", turn.first, status))
        case None:
            pass


def _assistant(turn: Turn) -> Iterator[bytes]:
    """The growing message, before its last event."""
    knobs, parts = turn.knobs, turn.parts
    middle = len(parts) // 2
    text = ""
    yield _growing(turn, text, {})
    for number, part in enumerate(parts):
        older, text = text, text + part
        details = {"finish_details": {"type": "stop", "stop": "<|diff_marker|>"}}
        extra = details if knobs.finish_details_mid and number == middle else {}
        if knobs.half_character:
            yield _growing(turn, f"{older}\ufffd", {})
        event = _growing(turn, text, extra)
        for _ in range(knobs.duplicates):
            yield event
        if number == middle:
            yield from _disorder(turn, older, text)


def _disorder(turn: Turn, older: str, text: str) -> Iterator[bytes]:
    if turn.knobs.out_of_order:
        yield _growing(turn, older, {})
    if turn.knobs.rewrite == "mid":
        yield _growing(turn, f"Rather: {text}", {})


def _last(turn: Turn) -> Iterator[bytes]:
    knobs = turn.knobs
    text = "".join(turn.parts)
    rewritten = {"final": f"Rather: {text}", "shorter": text[: len(text) // 2]}
    text = rewritten.get(knobs.rewrite or "", text)
    details: dict[str, Json] = {"finish_details": {"type": knobs.finish, "stop": "<|im_end|>"}}
    fields: dict[str, Json] = {}
    match knobs.end_sign:
        case "end_turn":
            fields = {"end_turn": True}
        case "status":
            fields = {"status": "finished_successfully"}
        case "is_complete":
            details |= {"is_complete": True}
        case "none":
            details = {}
    message = _message(turn.id("assistant"), "assistant", text, fields)
    if knobs.end_sign != "end_turn":
        # A null there says that the turn goes on; later servers left the key out.
        del message["end_turn"]
    message["metadata"] |= {"model_slug": turn.model} | details
    yield from [_event(turn, message)] * knobs.duplicates


def _growing(turn: Turn, text: str, details: dict[str, Json]) -> bytes:
    message = _message(turn.id("assistant"), "assistant", text, {})
    message["metadata"] |= {"model_slug": turn.model} | details
    return _event(turn, message)


def _message(message_id: str, role: str, text: str, extra: dict[str, Json]) -> dict[str, Json]:
    return {
        "id": message_id,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": _CREATED,
        "update_time": None,
        "content": {"content_type": "text", "parts": [text]},
        "end_turn": None,
        "weight": 1.0,
        "metadata": {"message_type": "next"} if role == "assistant" else {},
        "recipient": "all",
    } | extra


def _event(turn: Turn, message: dict[str, Json]) -> bytes:
    return sse({"message": message, "conversation_id": turn.conversation_id, "error": None})


def _moderation(turn: Turn, *, flagged: bool, blocked: bool) -> list[bytes]:
    verdict = {"flagged": flagged, "blocked": blocked, "moderation_id": "modr-1"}
    return [
        sse(
            {
                "conversation_id": turn.conversation_id,
                "message_id": turn.id("assistant"),
                "is_completion": True,
                "moderation_response": verdict,
            }
        )
    ]


def _title(turn: Turn) -> list[bytes]:
    return [
        sse(
            {
                "type": "title_generation",
                "title": "A talk",
                "conversation_id": turn.conversation_id,
            }
        )
    ]


def _variants(turn: Turn) -> list[bytes]:
    return [
        sse({"num_variants_in_stream": 2, "display_treatment": "skippable"}),
    ]


def _markers(turn: Turn) -> list[bytes]:
    of = {"conversation_id": turn.conversation_id}
    return [
        sse({"type": "resume_conversation_token", "token": "t", **of}),
        sse({"type": "conversation_detail_metadata", "banner_info": None, **of}),
        sse({"type": "message_marker", "marker": "user_visible_token", "event": "first", **of}),
        sse({"type": "message_stream_complete", **of}),
    ]


def _delta_encoding(turn: Turn) -> list[bytes]:
    patch = {"p": "/message/content/parts/0", "o": "append", "v": "patched"}
    return [sse('"v1"', event="delta_encoding"), sse(patch, event="delta")]


_SIDE = {
    "moderation": lambda turn: _moderation(turn, flagged=False, blocked=False),
    "flagged": lambda turn: _moderation(turn, flagged=True, blocked=False),
    "blocked": lambda turn: _moderation(turn, flagged=True, blocked=True),
    "title": _title,
    "variants": _variants,
    "ping": lambda turn: [b"event: ping\ndata: 2023-11-21T00:00:00Z\n\n"],
    "markers": _markers,
    "delta_encoding": _delta_encoding,
}
