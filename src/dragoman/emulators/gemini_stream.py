"""Gemini's answers on the wire: one GenerateContentResponse, or many that each add parts.

A stream is server-sent events with `alt=sse`, else one JSON list that comes in pieces. Text is a
part an event; a call comes whole. Where the model thought, its signature is on the first call, or
without calls on the text; a stream's text is gone by then, so an empty one brings it at the end.
Source: the REST reference of GenerateContentResponse; "Thinking", "Thought signatures" and "Text
generation" of the Gemini API docs, with streams in users' reports, read 2026-11-21.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

import msgspec

from dragoman.emulators.api_answer import Answer, Call, Item, Reasoning, Refusal, Text
from dragoman.emulators.fault_shapes import ErrorEvent
from dragoman.emulators.gemini_errors import pretty, status_of_event
from dragoman.emulators.gemini_logprobs import logprobs
from dragoman.emulators.gemini_signatures import signature
from dragoman.emulators.service import Json, Reply, event_stream, json_reply, sse

__all__ = ["Said", "list_reply", "sse_reply", "whole_reply"]

_Part = dict[str, Json]

# Ends that leave what was said as it is; every other one comes without content.
_CALM_ENDS = ("STOP", "MAX_TOKENS")
_BLOCKS = ("SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY")
_RATED = "HARM_CATEGORY_DANGEROUS_CONTENT"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An answer and what it takes to write it down.

    `top_logprobs` is None where the request wants none; `signs` is whether the model signs even
    without a thought.
    """

    answer: Answer
    model: str
    response_id: str
    candidates: int = 1
    top_logprobs: int | None = None
    signs: bool = False

    @property
    def signature(self) -> bool:
        """Whether something is signed."""
        return self.signs or bool(self.answer.reasoning)

    @property
    def blocked(self) -> bool:
        """Whether the model declines, which here means that nothing else is said."""
        return any(isinstance(item, Refusal) for item in self.answer.items)


def whole_reply(said: Said) -> Reply:
    """The answer in one response."""
    return json_reply(pretty(_whole(said)), headers=_JSON)


def sse_reply(said: Said) -> Reply:
    """The answer as server-sent events; the kit makes their line ends the service's own."""
    return event_stream(map(sse, _events(said)), content_type="text/event-stream", headers=_SAVED)


def list_reply(said: Said, error: ErrorEvent | None) -> Reply:
    """The answer as a JSON list, an element an event, with an error in place of the rest."""
    elements: Iterable[Json] = _events(said)
    if error is not None:
        elements = [*islice(elements, error.after_events), status_of_event(error)]
    # A body that is no stream of events in the kit's sense, but still comes in pieces.
    return Reply(headers=_JSON, events=_listed(elements), chunked=True, tail=b"]")


_JSON = (("Content-Type", "application/json; charset=UTF-8"),)
_SAVED = (("Content-Disposition", "attachment"),)


def _listed(elements: Iterable[Json]) -> Iterator[bytes]:
    for at, element in enumerate(elements):
        yield (b",\r\n" if at else b"[") + pretty(element)


def _events(said: Said) -> Iterator[dict[str, Json]]:
    if said.blocked:
        yield _blocked(said)
        return
    reason = said.answer.finish_reason
    parts = list(_signed(said, said.answer.items))
    if said.signature and not said.answer.calls and reason in _CALM_ENDS:
        parts.append({"text": "", "thoughtSignature": signature(said.answer.reasoning)})
    ends = [reason if part is parts[-1] and reason in _CALM_ENDS else None for part in parts]
    for part, end in zip(parts, ends, strict=True):
        yield _response(said, [part], end)
    if not parts or reason not in _CALM_ENDS:
        yield _response(said, [], reason)


def _whole(said: Said) -> dict[str, Json]:
    if said.blocked:
        return _blocked(said)
    parts = list(_signed(said, _merged(said.answer.items)))
    texts = [part for part in parts if "text" in part and "thought" not in part]
    if said.signature and not said.answer.calls and texts:
        texts[-1]["thoughtSignature"] = signature(said.answer.reasoning)
    return _response(said, parts, said.answer.finish_reason)


def _merged(items: Iterable[Item]) -> Iterator[Item]:
    """Neighbours of a kind as one, but for calls."""
    for kind, group in groupby(items, key=type):
        if kind is Text:
            yield Text("".join(one.text for one in group if isinstance(one, Text)))
        elif kind is Reasoning:
            yield Reasoning("".join(one.text for one in group if isinstance(one, Reasoning)))
        else:
            yield from group


def _signed(said: Said, items: Iterable[Item]) -> Iterator[_Part]:
    unsigned = said.signature
    for item in items:
        part = _part(item)
        if isinstance(item, Call) and unsigned:
            part["thoughtSignature"] = signature(said.answer.reasoning, part["functionCall"])
            unsigned = False
        yield part


def _part(item: Item) -> _Part:
    match item:
        case Text(text):
            return {"text": text}
        case Reasoning(text):
            return {"text": text, "thought": True}
        case Call(id, name, arguments):
            return {
                "functionCall": {"id": id, "name": name, "args": msgspec.json.decode(arguments)}
            }
        case Refusal(text):
            # Never sent: a refusal blocks the prompt, and there are no parts then.
            return {"text": text}


def _response(said: Said, parts: list[_Part], end: str | None) -> dict[str, Json]:
    """One response: an event of a stream, with an `end` if it is the last, or the whole."""
    return {
        "candidates": [_candidate(said, parts, end, index=at) for at in range(said.candidates)],
        "usageMetadata": _usage(said) if end else _usage_so_far(said),
        **_identity(said),
    }


def _candidate(said: Said, parts: list[_Part], end: str | None, *, index: int) -> dict[str, Json]:
    candidate: dict[str, Json] = {}
    if parts:
        candidate["content"] = {"parts": parts, "role": "model"}
    elif end in _CALM_ENDS:
        candidate["content"] = {"role": "model"}
    if end:
        candidate["finishReason"] = end
    candidate["index"] = index
    if end == "SAFETY":
        rating = {"category": _RATED, "probability": "HIGH", "blocked": True}
        candidate["safetyRatings"] = [rating]
    elif end and end not in _CALM_ENDS:
        candidate["finishMessage"] = f"The model stopped: {end}."
    if said.top_logprobs is not None:
        text = "".join(part["text"] for part in parts if _says(part))
        candidate |= logprobs(text, said.top_logprobs)
    return candidate


def _says(part: _Part) -> bool:
    return "text" in part and "thought" not in part


def _blocked(said: Said) -> dict[str, Json]:
    """No candidate: the prompt was refused, for the reason that the refusal names, or safety."""
    word = said.answer.refusal
    rating = {"category": _RATED, "probability": "HIGH"}
    return {
        "promptFeedback": {
            "blockReason": word if word in _BLOCKS else "SAFETY",
            "safetyRatings": [rating],
        },
        "usageMetadata": _usage_so_far(said),
        **_identity(said),
    }


def _identity(said: Said) -> dict[str, Json]:
    return {"modelVersion": said.model, "responseId": said.response_id}


def _usage_so_far(said: Said) -> dict[str, Json]:
    tokens = said.answer.usage.input_tokens
    return {
        "promptTokenCount": tokens,
        "totalTokenCount": tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}],
    }


def _usage(said: Said) -> dict[str, Json]:
    """The counts; those of thoughts are beside those of the candidates, and no zero is sent."""
    usage = said.answer.usage
    spoken = usage.output_tokens - usage.reasoning_tokens
    counts = {
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": spoken,
        "totalTokenCount": usage.input_tokens + usage.output_tokens,
        "cachedContentTokenCount": usage.cached_tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": usage.input_tokens}],
        "thoughtsTokenCount": usage.reasoning_tokens,
    }
    return {name: count for name, count in counts.items() if count}
