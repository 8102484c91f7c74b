"""Aichat: one JSON endpoint that answers in one piece, for who brings the browser's cookies.

`POST /api/text` wants the cookie `cf_clearance=let-me-in`, a `message` and four numbers.
Source: requests and replies of public clients of chat-gpt.org, read 2026-11-21; the service is
closed and gone, so nothing here is better than what its clients read.
"""

from dragoman.emulators.aichat_knobs import AichatKnobs
from dragoman.emulators.fault_shapes import Challenge
from dragoman.emulators.faults import challenge_page
from dragoman.emulators.service import (
    Json,
    Reply,
    Request,
    Service,
    html_reply,
    json_reply,
    pieces,
)

__all__ = ["Aichat"]

COOKIE = ("cf_clearance", "let-me-in")
NUMBERS = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
FIELDS = frozenset({"message", "recaptcha_token", *NUMBERS})


class Aichat(Service[AichatKnobs]):
    """The far side of the Aichat provider."""

    name = "aichat"
    knobs_type = AichatKnobs

    def step(self, request: Request) -> str:
        """`chat`, or `page` for the site's own page."""
        return {"/api/text": "chat", "/chat": "page", "/": "page"}.get(request.path, "")

    def client_id(self, request: Request) -> str:
        """The clearance cookie."""
        return request.cookies.get(COOKIE[0], "")

    def answer(self, request: Request, knobs: AichatKnobs) -> Reply:
        """The page, a refusal, or the answer as one JSON object."""
        match request.step, request.method:
            case "chat", "POST":
                return self._chat(request, knobs)
            case "chat", _:
                return self.error(405, "Method Not Allowed")
            case "page", _:
                return html_reply("<!DOCTYPE html><html><body>Chat</body></html>")
        return self.error(404, "Not Found")

    def error(self, status: int, message: str, code: str = "") -> Reply:
        """A falsy `response` with the reason."""
        return json_reply({"response": False, "message": message}, status)

    def _chat(self, request: Request, knobs: AichatKnobs) -> Reply:
        if request.cookies.get(COOKIE[0]) != COOKIE[1]:
            if knobs.refused_by == "challenge":
                return challenge_page(Challenge())
            return self.error(403, "cookie cf_clearance missing or not valid")
        wrong = list(_wrong_fields(request))
        if wrong:
            for complaint in wrong:
                request.complain(complaint)
            return self.error(400, "; ".join(wrong))
        for name in sorted(set(request.form) - FIELDS):
            request.complain(f"the service has no field {name!r}")
        if knobs.recaptcha and not request.form.get("recaptcha_token"):
            return json_reply({"response": False, "message": "recaptcha_token is missing"})
        return json_reply(_flagged("".join(pieces(knobs, request.form["message"])), knobs))


def _flagged(text: str, knobs: AichatKnobs) -> dict[str, Json]:
    match knobs.response_flag:
        case "text":
            return {"response": text}
        case "absent":
            return {"message": "the scenario refuses"}
        case flag if flag:
            return {"response": True, "message": text}
        case flag:
            return {"response": flag, "message": "the scenario refuses"}


def _wrong_fields(request: Request) -> list[str]:
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind not in ("application/json", "application/x-www-form-urlencoded"):
        return [f"content type {kind!r} instead of application/json"]
    wrong = []
    if not isinstance(request.form.get("message"), str):
        wrong.append("message must be a string")
    form = kind != "application/json"
    wrong += [
        f"{name} must be a number"
        for name in NUMBERS
        if not _is_number(request.form.get(name), as_text=form)
    ]
    return wrong


def _is_number(value: Json, *, as_text: bool) -> bool:
    if as_text and isinstance(value, str):
        try:
            return float(value) is not None
        except ValueError:
            return False
    return isinstance(value, int | float) and not isinstance(value, bool)
