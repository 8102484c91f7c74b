"""The official package takes what the server half says, and speaks to it."""

from collections.abc import Callable

import httpx2
import msgspec
import openai
import pytest
from pydantic import BaseModel

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.openai_responses import DIALECT
from dragoman.errors import (
    AuthError,
    ChatError,
    InputError,
    ModelNotSupportedError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
)
from dragoman.events import (
    Event,
    Finished,
    ReasoningDelta,
    ReasoningSigned,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.messages import Message, Reasoning, Text, ToolCall, ToolResult

STAMP = Stamp("7", 1763700000.0)
Answer = Callable[[ChatRequest], httpx2.Response]


class Face:
    """The server half behind the official package; it keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[ChatRequest] = []
        self._answer = answer
        transport = httpx2.MockTransport(self._take)
        self.client = openai.OpenAI(
            api_key="k",
            base_url="http://face.test/v1",
            max_retries=0,
            http_client=httpx2.Client(transport=transport),
        )

    def _take(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(DIALECT.decode_request(request.content))
        return self._answer(self.asked[-1])


def whole(reply: ChatReply) -> Answer:
    return lambda chat: httpx2.Response(
        200,
        content=DIALECT.encode_reply(reply, chat, STAMP),
        headers={"content-type": "application/json"},
    )


def streamed(*events: Event, error: ChatError | None = None) -> Answer:
    def answer(chat: ChatRequest) -> httpx2.Response:
        encoder = DIALECT.encoder(chat, STAMP)
        body = encoder.feed([Started("m-1"), *events]) + encoder.ping()
        body += encoder.fail(error) if error else b""
        return httpx2.Response(200, content=body, headers={"content-type": DIALECT.media_type})

    return answer


THOUGHT = Reasoning("Hm", "gemini:x")
CALL = ToolCall("c", "clock", '{"zone":"UTC"}')
EVENTS: list[Event] = [
    ReasoningDelta("Hm"),
    ReasoningSigned("gemini:x"),
    TextDelta("Wa"),
    TextDelta("it"),
    ToolCallStarted(0, "c", "clock"),
    ToolCallDelta(0, '{"zone":'),
    ToolCallDelta(0, '"UTC"}'),
    UsageReported(Usage(5, 2)),
    Finished("tool_calls"),
]
REPLY = ChatReply(
    model="m-1",
    message=Message("assistant", (THOUGHT, Text("Wait"), CALL)),
    finish_reason="tool_calls",
)


def test_a_whole_answer_is_read() -> None:
    response = Face(whole(REPLY)).client.responses.create(model="m", input="Hi")

    assert response.output_text == "Wait"
    assert [item.type for item in response.output] == ["reasoning", "message", "function_call"]


def test_what_was_answered_can_be_sent_back() -> None:
    face = Face(whole(REPLY))
    response = face.client.responses.create(model="m", input="Hi")

    face.client.responses.create(
        model="m",
        input=[
            {"role": "user", "content": "Hi"},
            *response.output,  # type: ignore[list-item]  # what the package's own guide does
            {"type": "function_call_output", "call_id": "c", "output": "13"},
        ],
    )

    _, turn, result = face.asked[1].messages
    assert [msgspec.structs.replace(part, native=None) if isinstance(part, ToolCall) else part
            for part in turn.parts] == [THOUGHT, Text("Wait"), CALL]  # fmt: skip
    assert result.parts == (ToolResult("c", (Text("13"),)),)


def test_a_stream_is_gathered() -> None:
    with Face(streamed(*EVENTS)).client.responses.stream(model="m", input="Hi") as stream:
        texts = [event.delta for event in stream if event.type == "response.output_text.delta"]
        response = stream.get_final_response()

    assert texts == ["Wa", "it"]
    assert response.output_text == "Wait"
    assert response.usage is not None
    assert response.usage.total_tokens == 7
    assert response.output[2].to_dict()["arguments"] == '{"zone":"UTC"}'


class Place(BaseModel):
    """What the model is to tell of."""

    city: str


def test_an_answer_in_a_form_is_parsed() -> None:
    reply = ChatReply(model="m-1", message=Message("assistant", (Text('{"city":"Rome"}'),)))
    face = Face(whole(reply))

    response = face.client.responses.parse(model="m", input="Hi", text_format=Place)

    assert response.output_parsed == Place(city="Rome")
    assert face.asked[0].output is not None


def test_an_error_inside_a_stream_is_raised() -> None:
    face = Face(streamed(TextDelta("Wa"), error=RateLimitError("Oh")))
    texts = []

    with pytest.raises(openai.APIError, match="Oh"):  # noqa: PT012 - it is raised while reading
        for event in face.client.responses.create(model="m", input="Hi", stream=True):
            texts += [event.delta] if event.type == "response.output_text.delta" else []

    assert texts == ["Wa"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InputError("Oh", place="input"), openai.BadRequestError),
        (AuthError("Oh"), openai.AuthenticationError),
        (ResponseStatusError("Oh", status=403), openai.PermissionDeniedError),
        (ModelNotSupportedError("Oh"), openai.NotFoundError),
        (RateLimitError("Oh"), openai.RateLimitError),
        (ResponseError("Oh"), openai.InternalServerError),
    ],
)
def test_an_error_is_the_package_s_own(error: ChatError, kind: type[openai.APIStatusError]) -> None:
    failure = DIALECT.encode_failure(error)
    face = Face(
        lambda _: httpx2.Response(
            failure.status, content=failure.body, headers=dict(failure.headers)
        )
    )

    with pytest.raises(kind, match="Oh") as caught:
        face.client.responses.create(model="m", input="Hi")

    assert caught.value.status_code == failure.status
    assert caught.value.param == getattr(error, "place", None)
