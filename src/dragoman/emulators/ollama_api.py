"""Ollama's own API: chat and generate, models, embeddings; no key is needed.

Streams unless `stream` is false; a request without messages or prompt loads or unloads a model.
The models that were used are those that `GET /api/ps` lists.
Source: docs.ollama.com (API reference, openapi.yaml), read 2026-11-21.
"""

from collections.abc import Callable
from zlib import crc32

from dragoman.emulators.api_answer import Answer
from dragoman.emulators.fault_shapes import ErrorEvent
from dragoman.emulators.knob import ApiKnobs
from dragoman.emulators.ollama_answer import answer_to, prompt_of
from dragoman.emulators.ollama_checks import check_chat, check_generate, decode_body, known_model
from dragoman.emulators.ollama_embed import embed_reply, embeddings_reply
from dragoman.emulators.ollama_frames import Turn, go_json, loaded, stream, whole
from dragoman.emulators.ollama_models import Model, details, running, summaries
from dragoman.emulators.ollama_shapes import SHOW, Refused
from dragoman.emulators.service import (
    Json,
    Reply,
    Request,
    Service,
    json_reply,
    line_stream,
    text_reply,
    words,
)

__all__ = ["Ollama"]

VERSION = "0.40.12"

_STEPS = {
    ("POST", "/api/chat"): "chat",
    ("POST", "/api/generate"): "chat",
    ("GET", "/api/tags"): "models",
    ("HEAD", "/api/tags"): "models",
    ("GET", "/api/ps"): "models",
    ("POST", "/api/show"): "show",
    ("GET", "/api/version"): "version",
    ("HEAD", "/api/version"): "version",
    ("GET", "/"): "version",
    ("HEAD", "/"): "version",
    ("POST", "/api/embed"): "embeddings",
    ("POST", "/api/embeddings"): "embeddings",
}
_PATHS = {path for _, path in _STEPS}
_JSON = (("Content-Type", "application/json; charset=utf-8"),)


class Ollama(Service[ApiKnobs]):
    """The far side of the Ollama provider."""

    name = "ollama"
    knobs_type = ApiKnobs

    def __init__(self) -> None:
        self._running: dict[str, Model] = {}

    def reset(self, knobs: ApiKnobs) -> None:
        """No model is loaded."""
        self._running.clear()

    def step(self, request: Request) -> str:
        """`chat` (also generate), `models`, `show`, `version`, `embeddings`."""
        return _STEPS.get((request.method, request.path), "")

    def answer(self, request: Request, knobs: ApiKnobs) -> Reply:
        """The reply of the path, or the service's refusal."""
        try:
            return self._answer(request, knobs)
        except Refused as refused:
            # To ask for a model that is not there is no fault of the client's form.
            if refused.status != 404:
                request.complain(str(refused))
            return self.error(refused.status, str(refused))

    def error(self, status: int, message: str, code: str = "") -> Reply:
        """One field, `error`; there is no code."""
        return json_reply(go_json({"error": message}), status, headers=_JSON)

    def too_long(self, request: Request, count: int, limit: int) -> Reply:
        """There is no code: the text alone tells."""
        return self.error(400, "the input length exceeds the context length")

    def error_event(self, error: ErrorEvent) -> bytes:
        """A line with the one field, `error`."""
        return go_json({"error": error.message}) + b"\n"

    def _answer(self, request: Request, knobs: ApiKnobs) -> Reply:
        match request.path:
            case _ if not request.step:
                if request.path in _PATHS:
                    return text_reply("405 method not allowed", 405)
                return text_reply("404 page not found", 404)
            case "/":
                return text_reply("Ollama is running")
            case "/api/chat":
                return self._chat(request, knobs)
            case "/api/generate":
                return self._generate(request, knobs)
            case path:
                return json_reply(go_json(self._facts(path)(request)), headers=_JSON)

    def _facts(self, path: str) -> Callable[[Request], Json]:
        return {
            "/api/tags": lambda _: {"models": summaries()},
            "/api/ps": lambda _: {"models": [running(each) for each in self._running.values()]},
            "/api/version": lambda _: {"version": VERSION},
            "/api/show": _show,
            "/api/embed": embed_reply,
            "/api/embeddings": embeddings_reply,
        }[path]

    def _chat(self, request: Request, knobs: ApiKnobs) -> Reply:
        body, model = check_chat(request)
        messages = body.get("messages") or []
        answer = answer_to(body, prompt_of(messages), knobs)
        return self._reply(_turn(request, body, answer), body, model)

    def _generate(self, request: Request, knobs: ApiKnobs) -> Reply:
        body, model = check_generate(request)
        answer = answer_to(body, body.get("prompt") or "", knobs)
        return self._reply(_turn(request, body, answer), body, model)

    def _reply(self, turn: Turn, body: dict[str, Json], model: Model) -> Reply:
        unload = body.get("keep_alive") in (0, "0")
        if unload:
            self._running.pop(model.name, None)
        else:
            self._running[model.name] = model
        if not body.get("messages") and not body.get("prompt"):
            return json_reply(loaded(turn, "unload" if unload else "load"), headers=_JSON)
        if body.get("stream") is False:
            return json_reply(whole(turn), headers=_JSON)
        return line_stream(stream(turn))


def _turn(request: Request, body: dict[str, Json], answer: Answer) -> Turn:
    generate = request.path == "/api/generate"
    return Turn(
        model=body["model"],
        number=request.number,
        generate=generate,
        answer=answer,
        top_logprobs=body.get("top_logprobs") or 0 if body.get("logprobs") else None,
        context=_context(body, answer) if generate and not body.get("raw") else None,
    )


def _context(body: dict[str, Json], answer: Answer) -> list[int]:
    """The conversation as tokens: those that came, then a number a word."""
    said = words(body.get("prompt") or "") + words(answer.text)
    return [*(body.get("context") or []), *(crc32(word.encode()) % 32_000 for word in said)]


def _show(request: Request) -> Json:
    body = decode_body(request, SHOW, "ShowRequest")
    return details(known_model(body), verbose=bool(body.get("verbose")))
