"""A whole answer: the items of its output as parts, in their order.

What only this dialect knows of an answer stands in the middle as whole pieces: items of tools that
the service runs, the annotations of a text (after it), and a mark before the text of a message
item that has a `phase`. An answer with neither text, refusal nor call is an error.
Source: OpenAI API reference, "The response object", and the types of the package openai 3.54.0,
read 2026-11-21.
"""

from collections.abc import Iterable, Sequence

import msgspec

from dragoman.chat import ChatReply
from dragoman.dialects.empty_answers import has_thought, refuse_empty
from dragoman.dialects.failures import FOREIGN, senseless
from dragoman.dialects.openai_responses.failures import Said, said_error
from dragoman.dialects.openai_responses.proofs import make_signature, split_signature
from dragoman.dialects.openai_responses.tables import ANNOTATIONS, ECHOED, HISTORY, INCOMPLETE, NAME
from dragoman.errors import ResponseError, excerpt
from dragoman.events import Finished, TokenLogprob, Usage
from dragoman.messages import Message, Part, Reasoning, Refusal, Text, ToolCall
from dragoman.native import Native

__all__ = [
    "Item",
    "Logprob",
    "Response",
    "decode_annotations",
    "decode_item",
    "decode_logprobs",
    "decode_reply",
    "decode_usage",
    "finished",
    "item_signature",
    "native_piece",
    "phase_mark",
    "refuse_failed",
    "reply_native",
]


class Logprob(msgspec.Struct, gc=False):
    """How likely a token was."""

    token: str = ""
    logprob: float = 0.0
    top_logprobs: "list[Logprob] | None" = None


class _Content(msgspec.Struct, gc=False):
    type: str
    text: str | None = None
    refusal: str | None = None
    annotations: list[dict[str, object]] | None = None
    logprobs: list[Logprob] | None = None


class _Text(msgspec.Struct, gc=False):
    text: str = ""


class Item(msgspec.Struct, gc=False):
    """An item of an output whose type this package knows."""

    type: str
    id: str | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None
    namespace: str | None = None
    phase: str | None = None
    summary: list[_Text] | None = None
    content: list[msgspec.Raw] | None = None
    encrypted_content: str | None = None

    @property
    def thoughts(self) -> list[str]:
        """The texts of a thought: its summary, and itself where it is shown."""
        shown = (_TEXT.decode(raw) for raw in self.content or ())
        return [part.text for part in (*(self.summary or ()), *shown) if part.text]


class _Kind(msgspec.Struct):
    type: str = ""
    namespace: object = None


class _InputDetails(msgspec.Struct, gc=False):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _OutputDetails(msgspec.Struct, gc=False):
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_details: _InputDetails | None = None
    output_tokens_details: _OutputDetails | None = None


class _Incomplete(msgspec.Struct, gc=False):
    reason: str | None = None


class Response(msgspec.Struct):
    """What is read of a response object; `output` is still undecoded."""

    id: str | None = None
    model: str | None = None
    status: str | None = None
    error: Said | str | None = None
    incomplete_details: _Incomplete | None = None
    output: list[msgspec.Raw] | None = None
    usage: _Usage | None = None


_CONTENT = msgspec.json.Decoder(_Content)
_TEXT = msgspec.json.Decoder(_Text)
_ITEM = msgspec.json.Decoder(Item)
_KIND = msgspec.json.Decoder(_Kind)
_OBJECT = msgspec.json.Decoder(dict[str, object])
_RESPONSE = msgspec.json.Decoder(Response)
_OWN_KINDS = frozenset({"message", "reasoning", "function_call"})


def decode_reply(body: bytes, model: str, *, dropped: tuple[str, ...] = ()) -> ChatReply:
    """The whole answer; `model` is the name to give where the service tells none."""
    try:
        response = _RESPONSE.decode(body)
        refuse_failed(response)
        if response.output is None:
            raise ResponseError(f"a reply that is no answer: {excerpt(body)!r}")
        parts, logprobs = _decode_output(response.output)
        native = reply_native(body)
    except FOREIGN as exc:
        raise senseless(body, "a reply") from exc
    end = finished(response, calls=any(isinstance(part, ToolCall) for part in parts))
    usage = decode_usage(response)
    if not any(map(_is_answer, parts)):
        thought = has_thought(usage) or any(isinstance(part, Reasoning) for part in parts)
        refuse_empty(end.reason, end.word, thought=thought)
    return ChatReply(
        model=response.model or model,
        message=Message("assistant", tuple(parts)),
        finish_reason=end.reason,
        finish_word=end.word,
        usage=usage,
        dropped=dropped,
        id=response.id,
        logprobs=tuple(logprobs),
        native=native,
    )


def _decode_output(items: Iterable[msgspec.Raw]) -> tuple[list[Part], list[TokenLogprob]]:
    parts: list[Part] = []
    logprobs: list[TokenLogprob] = []
    for raw in items:
        found, tokens = decode_item(raw)
        parts += found
        logprobs += tokens
    return parts, logprobs


def _is_answer(part: Part) -> bool:
    match part:
        case Native():
            return part.fields.get("type") != "message"
        case _:
            return not isinstance(part, Reasoning)


def refuse_failed(response: Response) -> None:
    """Raise the error that a response is; one that is still being made is none either."""
    if response.error:
        error = response.error
        raise said_error(Said(error) if isinstance(error, str) else error)
    if response.status not in {None, "completed", "incomplete"}:
        raise ResponseError(f"the answer is {excerpt(response.status or '')}")


def native_piece(raw: msgspec.Raw | bytes) -> Native | None:
    """The item as a whole piece if only this dialect has words for it; else None."""
    kind = _KIND.decode(raw)
    if kind.type in _OWN_KINDS and kind.namespace is None:
        return None
    return Native(NAME, _OBJECT.decode(raw), HISTORY & {kind.type})


def decode_item(raw: msgspec.Raw | bytes) -> tuple[list[Part], list[TokenLogprob]]:
    """The parts that an item of the output holds, and how likely its tokens were."""
    native = native_piece(raw)
    if native is not None:
        return [native], []
    item = _ITEM.decode(raw)
    match item.type:
        case "function_call":
            if not item.name:
                raise ResponseError("a tool call without a name")
            call_id = item.call_id or item.id or item.name
            return [ToolCall(call_id, item.name, item.arguments or "")], []
        case "reasoning":
            text, signature = "\n\n".join(item.thoughts), item_signature(item)
            return [Reasoning(text, signature)] if text or signature else [], []
        case _:
            return _message(item)


def item_signature(item: Item) -> str | None:
    """The service's proof of a thought, if it gave one."""
    encrypted = item.encrypted_content
    if not encrypted:
        return make_signature(item.id, "") if item.id and item.content else None
    # A gateway of this package hands out whole what it could not say in the item's own fields.
    return encrypted if split_signature(encrypted) else make_signature(item.id or "", encrypted)


def _message(item: Item) -> tuple[list[Part], list[TokenLogprob]]:
    parts: list[Part] = [phase_mark(item.phase)] if item.phase else []
    logprobs: list[TokenLogprob] = []
    for raw in item.content or ():
        kind = _KIND.decode(raw).type
        if kind not in {"output_text", "refusal"}:
            parts.append(Native(NAME, _OBJECT.decode(raw)))
            continue
        content = _CONTENT.decode(raw)
        if content.text:
            parts.append(Text(content.text))
        if content.refusal:
            parts.append(Refusal(content.refusal))
        parts += decode_annotations(content.annotations or ())
        logprobs += decode_logprobs(content.logprobs or ())
    return parts, logprobs


def phase_mark(phase: str) -> Native:
    """What stands before the text of a message item that has a phase."""
    return Native(NAME, {"type": "message", "phase": phase}, frozenset({"message"}))


def decode_annotations(annotations: Iterable[dict[str, object]]) -> list[Native]:
    """Those annotations of a text that this package can put back at their place."""
    return [
        Native(NAME, annotation, frozenset({kind}))
        for annotation in annotations
        if isinstance(kind := annotation.get("type"), str) and kind in ANNOTATIONS
    ]


def decode_logprobs(tokens: Sequence[Logprob]) -> tuple[TokenLogprob, ...]:
    """How likely tokens were, as values."""
    return tuple(
        TokenLogprob(token.token, token.logprob, decode_logprobs(token.top_logprobs or ()))
        for token in tokens
    )


def decode_usage(response: Response) -> Usage | None:
    """What the answer used."""
    usage = response.usage
    if usage is None:
        return None
    into, out = usage.input_tokens_details, usage.output_tokens_details
    return Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=into.cached_tokens if into else None,
        cache_write_tokens=into.cache_write_tokens if into else None,
        reasoning_tokens=out.reasoning_tokens if out else None,
    )


def finished(response: Response, *, calls: bool) -> Finished:
    """How the answer ended; `calls` is whether it has tool calls."""
    if response.status != "incomplete":
        return Finished("tool_calls" if calls else "stop")
    details = response.incomplete_details
    word = (details and details.reason) or "max_output_tokens"
    usual = word in {"max_output_tokens", "content_filter"}
    return Finished(INCOMPLETE.get(word, "stop"), None if usual else word)


def reply_native(body: bytes | msgspec.Raw) -> Native | None:
    """The fields of a response that neither repeat the request nor are told otherwise."""
    fields = {
        name: value
        for name, value in _OBJECT.decode(body).items()
        if name not in ECHOED and value is not None
    }
    return Native(NAME, fields) if fields else None
