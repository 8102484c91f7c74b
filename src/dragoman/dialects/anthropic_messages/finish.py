"""How an answer ended, on the wire and in the middle.

A refusal has words of its own beside the text, in `stop_details`: they are a `RefusalDelta`, and
its category is the word of the `Finished`.
Source: Claude API docs "Handling stop reasons", the SDK's `StopReason` and `RefusalStopDetails`,
read 2026-11-21.
"""

from collections.abc import Mapping

import msgspec

from dragoman.dialects.anthropic_messages.tables import CATEGORIES, REASONS
from dragoman.events import Finished, FinishReason

__all__ = ["StopDetails", "decode_finish", "encode_finish"]

_USUAL: Mapping[FinishReason, str] = {
    reason: word for word, reason in reversed(list(REASONS.items()))
}


class StopDetails(msgspec.Struct, gc=False):
    """Why an answer was refused."""

    category: str | None = None
    explanation: str | None = None


def decode_finish(word: str, sequence: str | None, details: StopDetails | None) -> Finished:
    """The end of an answer; a word that is not known is a `stop` that says more."""
    reason = REASONS.get(word, "stop")
    if reason == "content_filter":
        return Finished(reason, (details.category if details else None) or None)
    if reason == "stop" and sequence is not None:
        return Finished(reason, None, sequence)
    usual = word in {_USUAL[reason], "stop_sequence"}
    return Finished(reason, None if usual else word)


def encode_finish(finished: Finished, refusal: str) -> dict[str, object]:
    """The fields of an answer that tell of its end; `refusal` is what was said in its place."""
    reason, word = finished.reason, finished.word
    if refusal or reason == "content_filter":
        details = {
            "type": "refusal",
            "category": word if word in CATEGORIES else None,
            "explanation": refusal or None,
        }
        return {"stop_reason": "refusal", "stop_sequence": None, "stop_details": details}
    if reason == "stop" and finished.stop_sequence is not None:
        return {"stop_reason": "stop_sequence", "stop_sequence": finished.stop_sequence}
    known = word is not None and REASONS.get(word) == reason
    return {"stop_reason": word if known else _USUAL[reason], "stop_sequence": None}
