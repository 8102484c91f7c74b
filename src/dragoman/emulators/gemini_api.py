"""Google's Gemini: the Generative Language API, with a key of Google AI Studio (not Vertex).

`POST /{v}/models/{model}:generateContent`, `:streamGenerateContent`, `:countTokens`,
`:embedContent`, `:batchEmbedContents`, and `GET /{v}/models`; `{v}` is `v1beta` or `v1`. The key
comes in `x-goog-api-key`; any is good but `invalid-key`, and one in the URL is noted as a fault.
Source: the REST reference and the guides of the Gemini API at ai.google.dev, read 2026-11-21.
"""

import re

from dragoman.emulators.fault_shapes import ErrorEvent
from dragoman.emulators.gemini_chat import answer_of, check_chat
from dragoman.emulators.gemini_errors import (
    WrongRequestError,
    error_reply,
    pretty,
    retry_info,
    status_body,
    status_of_event,
)
from dragoman.emulators.gemini_json import read_message
from dragoman.emulators.gemini_knobs import GeminiKnobs
from dragoman.emulators.gemini_models import (
    batch_embeddings,
    count_tokens,
    embedding,
    model,
    models,
)
from dragoman.emulators.gemini_signatures import insists
from dragoman.emulators.gemini_stream import Said, list_reply, sse_reply, whole_reply
from dragoman.emulators.service import Json, Reply, Request, Service, json_reply, sse

__all__ = ["Gemini"]

_PATH = re.compile(r"/(?P<version>v1|v1beta)/models(?:/(?P<model>[^/:]+))?(?::(?P<method>\w+))?")
_STEPS = {
    "generateContent": "chat",
    "streamGenerateContent": "chat",
    "countTokens": "tokens",
    "embedContent": "embeddings",
    "batchEmbedContents": "embeddings",
}
_INVALID_KEY = "invalid-key"
_NO_KEY = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use "
    "API Key or other form of API consumer identity to call this API."
)
_TO_WAIT = (429, 503)


class Gemini(Service[GeminiKnobs]):
    """The far side of the Gemini provider."""

    name = "gemini"
    knobs_type = GeminiKnobs

    def __init__(self) -> None:
        self._retry_after: float | str | None = None

    def reset(self, knobs: GeminiKnobs) -> None:
        """Keep how long to wait, which the error's body tells as well as its header."""
        self._retry_after = knobs.retry_after

    def step(self, request: Request) -> str:
        """`chat`, `tokens`, `embeddings` or `models`."""
        found = _PATH.fullmatch(request.path)
        if found is None:
            return ""
        if request.method == "GET":
            return "" if found["method"] else "models"
        return _STEPS.get(found["method"] or "", "") if request.method == "POST" else ""

    def client_id(self, request: Request) -> str:
        """The key, wherever it is."""
        given = request.headers.get("x-goog-api-key") or request.query.get("key")
        return given or super().client_id(request)

    def answer(self, request: Request, knobs: GeminiKnobs) -> Reply:
        """The answer, or an error of the service's own."""
        try:
            self._check_key(request)
            return _answered(request, knobs)
        except WrongRequestError as exc:
            request.complain(exc.message.strip())
            streams = ":streamGenerateContent" in request.path
            return exc.reply(in_list=streams and request.query.get("alt") != "sse")

    def error(self, status: int, message: str, code: str = "") -> Reply:
        """A google.rpc.Status; with how long to wait where the scenario says it."""
        details = retry_info(self._retry_after) if status in _TO_WAIT else []
        return error_reply(status_body(status, message, details))

    def too_long(self, request: Request, count: int, limit: int) -> Reply:
        """There is no word for it: the text alone tells."""
        text = (
            f"The input token count ({count}) exceeds the maximum number of tokens allowed "
            f"({limit})."
        )
        return self.error(400, text)

    def error_event(self, error: ErrorEvent) -> bytes:
        """The same as one event."""
        return sse(status_of_event(error))

    def _check_key(self, request: Request) -> None:
        if "key" in request.query:
            request.complain("the key is in the URL, where logs keep it: send x-goog-api-key")
        match self.client_id(request):
            case "":
                raise WrongRequestError(_NO_KEY, status=403)
            case key if key == _INVALID_KEY:
                raise WrongRequestError(
                    "API key not valid. Please pass a valid API key.", reason="API_KEY_INVALID"
                )


def _answered(request: Request, knobs: GeminiKnobs) -> Reply:
    found = _PATH.fullmatch(request.path)
    if found is None or not request.step:
        raise WrongRequestError(f"There is no {request.method} {request.path}.", status=404)
    name = found["model"] or ""
    if not name and request.step != "models":
        raise WrongRequestError(f"There is no {request.method} {request.path}.", status=404)
    shown = model(name, found["version"]) if name else models(request)
    match request.step, found["method"]:
        case "chat", _:
            return _chat(request, knobs, name)
        case "tokens", _:
            return _json(count_tokens(request.body))
        case "embeddings", "embedContent":
            return _json(embedding(request.body))
        case "embeddings", _:
            return _json(batch_embeddings(request.body, name))
    return _json(shown)


def _chat(request: Request, knobs: GeminiKnobs, name: str) -> Reply:
    chat = read_message(request.body, "GenerateContentRequest")
    check_chat(chat, name, request)
    config = chat.get("generationConfig", {})
    said = Said(
        answer=answer_of(chat, knobs),
        model=name,
        response_id=f"response-{request.number}",
        candidates=config.get("candidateCount", 1),
        top_logprobs=config.get("logprobs", 0) if config.get("responseLogprobs") else None,
        signs=insists(name),
    )
    if request.path.endswith(":generateContent"):
        return whole_reply(said)
    if request.query.get("alt") == "sse":
        return sse_reply(said)
    return list_reply(said, knobs.error_event)


def _json(value: Json) -> Reply:
    return json_reply(pretty(value), headers=(("Content-Type", "application/json; charset=UTF-8"),))
