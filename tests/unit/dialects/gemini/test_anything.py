"""Whatever the bytes are: legal events or a `ChatError`, a chat or an `InputError`."""

from collections.abc import Callable, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.law.strategies import event_streams, requests
from tests.unit.dialects.kit import cut, cuts, heard_or_refused

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Stamp, StreamEncoder
from dragoman.dialects.gemini import DIALECT, ArrayEncoder
from dragoman.dialects.gemini.tables import BYPASSES, FINISH, NAME, SAYS, TELLS
from dragoman.errors import InputError
from dragoman.events import Event, Grammar
from dragoman.messages import Message, Text
from dragoman.wire.http import HttpReply, ReplyHead

CHAT = ChatRequest(model="m", messages=(Message("user", (Text("hi"),)),))
STAMP = Stamp("made", 0.0)

_NAMES = """
candidates content parts text thought thoughtSignature functionCall name id args role index
finishReason finishMessage usageMetadata promptTokenCount candidatesTokenCount promptFeedback
blockReason modelVersion responseId error code message status details retryDelay reason
logprobsResult chosenCandidates topCandidates token logProbability safetyRatings
citationMetadata citations inlineData data mimeType fileData fileUri functionResponse response
contents systemInstruction system_instruction tools toolConfig functionDeclarations parameters
parametersJsonSchema type properties items anyOf nullable minItems description
functionCallingConfig mode allowedFunctionNames generationConfig temperature topK stopSequences
responseLogprobs logprobs responseMimeType responseSchema responseJsonSchema thinkingConfig
thinkingBudget thinkingLevel includeThoughts candidateCount responseModalities executableCode
googleSearch model displayName output tokensDetails promptTokensDetails modality tokenCount
"""
_FIELDS = st.sampled_from(_NAMES.split())
_WORDS = st.sampled_from(
    [*FINISH, *BYPASSES, "MALFORMED_FUNCTION_CALL", "user", "model", "function", "f", "OBJECT",
     "string", "ANY", "AUTO", "VALIDATED", "HIGH", "AUDIO", "application/json", "text/plain",
     "image/png", "audio/wav", "application/pdf", "files/x", "https://a.test/b.png", "QUJD",
     "iVBORw0KGgo", "JVBERi0", "3s", "API_KEY_INVALID", "RESOURCE_EXHAUSTED", "models/m", "call_0",
     "", "b3BlbmFpX2NoYXQ6eA", "\x00"]
)  # fmt: skip
_LEAVES = st.none() | st.booleans() | st.integers(-2, 500) | st.floats(allow_nan=False) | _WORDS
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_FIELDS, inner, max_size=4),
    max_leaves=12,
)
# Things that are nearly right, so that what is wrong lies deep inside.
_PARTS = st.lists(
    st.dictionaries(_FIELDS, _JSON, max_size=2)
    | st.fixed_dictionaries(
        {"text": _WORDS}, optional={"thought": _LEAVES, "thoughtSignature": _WORDS}
    )
    | st.fixed_dictionaries(
        {"functionCall": st.fixed_dictionaries({"name": _WORDS, "args": _JSON})}
    )
    | st.fixed_dictionaries(
        {"functionResponse": st.fixed_dictionaries({"name": _WORDS, "response": _JSON})}
    )
    | st.fixed_dictionaries(
        {"inlineData": st.fixed_dictionaries({"mimeType": _WORDS, "data": _WORDS})}
    )
    | st.fixed_dictionaries({"fileData": st.fixed_dictionaries({"fileUri": _WORDS})}),
    max_size=3,
)
_CONTENT = st.fixed_dictionaries({"role": _WORDS, "parts": _PARTS})
_REQUESTS = st.fixed_dictionaries(
    {"contents": st.lists(_CONTENT, max_size=3) | _JSON},
    optional={
        "systemInstruction": _CONTENT | _JSON,
        "generationConfig": st.dictionaries(_FIELDS, _JSON, max_size=6),
        "tools": st.lists(st.dictionaries(_FIELDS, _JSON, max_size=2), max_size=2) | _JSON,
        "toolConfig": _JSON,
        "model": _LEAVES,
    },
)
_RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "candidates": st.lists(
            st.fixed_dictionaries(
                {"content": st.fixed_dictionaries({"parts": _PARTS})},
                optional={
                    "finishReason": st.sampled_from(list(FINISH)),
                    "index": st.sampled_from((0, 0, 1, -1)),
                    "safetyRatings": _JSON,
                    "citationMetadata": _JSON,
                    "logprobsResult": _JSON,
                },
            ),
            max_size=2,
        ),
        "usageMetadata": st.dictionaries(_FIELDS, st.integers(0, 9), max_size=3),
        "promptFeedback": _JSON,
        "error": _JSON,
    },
)


def heard(chunks: Sequence[bytes]) -> tuple[list[Event], str]:
    """All events, and the error that came in the end."""
    events, error = heard_or_refused(DIALECT.decoder("m"), chunks)
    return events, str(error)


def as_events(values: Sequence[object], end: bytes) -> bytes:
    return b"".join(b"data: " + msgspec.json.encode(value) + end + end for value in values)


def as_list(values: Sequence[object]) -> bytes:
    return b"[" + b",\r\n".join(map(msgspec.json.encode, values)) + b"]"


@given(
    st.one_of(
        st.builds(as_events, st.lists(_RESPONSES, max_size=4), st.sampled_from((b"\n", b"\r\n"))),
        st.builds(as_list, st.lists(_RESPONSES, max_size=4)),
        st.binary(max_size=60),
        st.binary(max_size=60).map(b"data: {".__add__),
        st.binary(max_size=60).map(b'[{"candidates":[{"content":{"parts":['.__add__),
    ),
    st.lists(st.integers(0, 2000), max_size=5),
)
def test_any_bytes_are_legal_events_or_an_error_however_they_are_cut(
    body: bytes, places: list[int]
) -> None:
    events, error = heard([body])

    grammar = Grammar()
    grammar.check(events)
    assert grammar.finished is (error == "None")
    assert heard(cut(body, places)) == (events, error)


@pytest.mark.parametrize("encoder", [DIALECT.encoder, ArrayEncoder])
@given(data=st.data())
def test_a_stream_is_the_same_however_it_is_cut(
    encoder: Callable[[ChatRequest, Stamp], StreamEncoder], data: st.DataObject
) -> None:
    body = encoder(CHAT, STAMP).feed(data.draw(event_streams(TELLS, mapped=True, signer=NAME)))

    assert heard(cuts(data, body)) == heard([body])


@given(_REQUESTS.map(msgspec.json.encode) | st.binary(max_size=40))
def test_any_bytes_are_a_chat_or_an_input_error(body: bytes) -> None:
    try:
        chat = DIALECT.decode_request(body, model="m")
    except InputError:
        return
    # What was heard can be said.
    msgspec.json.encode(DIALECT.encode_request(chat))


@given(requests(SAYS, mapped=True, signer="openai_responses", any_order=True, signs_calls=True))
def test_what_others_signed_is_never_sent(chat: ChatRequest) -> None:
    body = msgspec.json.encode(DIALECT.encode_request(chat))

    assert b"thoughtSignature" not in body


@given(
    _JSON.map(msgspec.json.encode) | st.binary(max_size=40), st.sampled_from((200, 400, 403, 503))
)
def test_any_reply_is_an_error_or_none(body: bytes, status: int) -> None:
    found = DIALECT.decode_failure(HttpReply(ReplyHead(status, {}, ""), body), 0.0)

    assert (found is None) == (status == 200)
