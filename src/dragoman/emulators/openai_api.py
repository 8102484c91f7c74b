"""OpenAI's API: Chat Completions, Responses and their tokens, Embeddings, Models, under `/v1`.

Any key is good and any model name is answered but `missing-model`. Ids count up over the life of
the emulator, also past a new scenario, so a response that was stored stays known.
Source: OpenAI API reference and the types of the official SDK (openai 3.54), read 2026-11-21.
"""

from collections.abc import Callable

import msgspec

from dragoman.emulators.fault_shapes import ErrorEvent
from dragoman.emulators.knob import ApiKnobs
from dragoman.emulators.openai_chat import Completion, completion
from dragoman.emulators.openai_chat_checks import chat_ask, chat_notes, check_chat
from dragoman.emulators.openai_chat_request import ChatBody
from dragoman.emulators.openai_chat_stream import chunks
from dragoman.emulators.openai_embeddings import EmbeddingsBody, embeddings
from dragoman.emulators.openai_errors import RefusedError, error_object, error_reply
from dragoman.emulators.openai_models import CREATED, check_model, model, models
from dragoman.emulators.openai_responses import Responses
from dragoman.emulators.openai_responses_count import count_tokens
from dragoman.emulators.openai_responses_request import ResponsesBody
from dragoman.emulators.openai_shape import read_body
from dragoman.emulators.openai_turn import decide
from dragoman.emulators.service import Reply, Request, Service, event_stream, json_reply, sse

__all__ = ["OpenAI"]

_PATHS = {
    "/v1/chat/completions": ("chat", "POST"),
    "/v1/responses": ("chat", "POST"),
    "/v1/responses/input_tokens": ("tokens", "POST"),
    "/v1/embeddings": ("embeddings", "POST"),
    "/v1/models": ("models", "GET"),
}
_MODEL = "/v1/models/"


class OpenAI(Service[ApiKnobs]):
    """The far side of the OpenAI provider, and of every service that speaks like it."""

    name = "openai"
    knobs_type = ApiKnobs

    def __init__(self) -> None:
        """Nothing stored yet."""
        self._requests = 0
        self._answers = 0
        self._responses = Responses()
        self._error_event: Callable[[ErrorEvent], bytes] = _chat_error

    def step(self, request: Request) -> str:
        """`chat`, `tokens`, `embeddings`, `models`, or "" for an unknown path."""
        if request.path.startswith(_MODEL):
            return "models"
        return _PATHS.get(request.path, ("", ""))[0]

    def answer(self, request: Request, knobs: ApiKnobs) -> Reply:
        """The reply, whole or as a stream; a refusal is a complaint, too."""
        self._requests += 1
        try:
            reply = self._answered(request, knobs)
        except RefusedError as refused:
            request.complain(refused.message)
            reply = error_reply(
                refused.status, refused.message, param=refused.param, code=refused.code
            )
        headers = (("x-request-id", f"req_{self._requests}"), ("openai-version", "2020-10-01"))
        return msgspec.structs.replace(reply, headers=(*reply.headers, *headers))

    def error(self, status: int, message: str, code: str = "") -> Reply:
        """An error object as the whole body."""
        return error_reply(status, message, code=code)

    def too_long(self, request: Request, count: int, limit: int) -> Reply:
        """The code `context_length_exceeded`; each API has its own text."""
        code = "context_length_exceeded"
        if request.path == "/v1/responses":
            text = (
                "Your input exceeds the context window of this model. "
                "Please adjust your input and try again."
            )
            return error_reply(400, text, param="input", code=code)
        text = (
            f"This model's maximum context length is {limit} tokens. However, your messages "
            f"resulted in {count} tokens. Please reduce the length of the messages."
        )
        return error_reply(400, text, param="messages", code=code)

    def error_event(self, error: ErrorEvent) -> bytes:
        """An error inside the stream that was answered last, in the form of its API."""
        return self._error_event(error)

    def _answered(self, request: Request, knobs: ApiKnobs) -> Reply:
        step, method = _PATHS.get(request.path, ("models", "GET"))
        if not self.step(request):
            raise RefusedError(f"Invalid URL ({request.method} {request.path})", status=404)
        if request.method != method:
            text = f"Not allowed to {request.method} on {request.path}."
            raise RefusedError(text, status=405, code="method_not_supported")
        if not self.client_id(request):
            raise RefusedError("You didn't provide an API key.", status=401)
        match step:
            case "tokens":
                return json_reply(count_tokens(request))
            case "embeddings":
                return json_reply(embeddings(read_body(request, EmbeddingsBody)))
            case "models":
                name = request.path.removeprefix(_MODEL)
                return json_reply(models() if request.path == "/v1/models" else model(name))
        self._answers += 1
        chat = request.path == "/v1/chat/completions"
        return self._chat(request, knobs) if chat else self._respond(request, knobs)

    def _chat(self, request: Request, knobs: ApiKnobs) -> Reply:
        body = read_body(request, ChatBody)
        check_model(body.model)
        check_chat(body)
        for name, note in chat_notes(body).items():
            request.note(name, note)
        made = Completion(
            id=f"chatcmpl-{self._answers}",
            created=CREATED,
            body=body,
            answer=decide(chat_ask(body), knobs),
        )
        if body.stream:
            self._error_event = _chat_error
            return event_stream(chunks(made))
        if knobs.error_event:
            return error_reply(500, knobs.error_event.message, code=str(knobs.error_event.code))
        return json_reply(completion(made))

    def _respond(self, request: Request, knobs: ApiKnobs) -> Reply:
        body = read_body(request, ResponsesBody)
        check_model(body.model)
        said = self._responses.answer(request, body, knobs, number=self._answers)
        if body.stream:
            self._error_event = _responses_error
        return said


def _chat_error(error: ErrorEvent) -> bytes:
    return sse({"error": error_object(500, error.message, code=str(error.code))})


def _responses_error(error: ErrorEvent) -> bytes:
    event = {
        "type": "error",
        "code": str(error.code),
        "message": error.message,
        "param": None,
        # Events are numbered from 0, and this one takes the next number.
        "sequence_number": error.after_events,
    }
    return sse(event, "error")
