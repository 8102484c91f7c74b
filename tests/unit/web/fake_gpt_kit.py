"""What the tests of FakeGpt share: calls, replies, events, and a driver for handshakes."""

import base64
import json
from collections.abc import Iterable

from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.errors import ChatError
from dragoman.events import Event, TextDelta
from dragoman.messages import Message, Text
from dragoman.providers.call import Call, Decoder, Handshake, StaleSession, Step
from dragoman.providers.web.fake_gpt_decoder import ConversationDecoder
from dragoman.providers.web.fake_gpt_station import Login
from dragoman.wire.http import HttpReply, ReplyHead

NOW = 1_700_000_000.0
BASE = "http://station.test"
STREAM = ReplyHead(200, {"content-type": "text/event-stream; charset=utf-8"}, BASE)
DONE = b"data: [DONE]\n\n"


def call(account: Account | None = None, prompt: str = "Hi", *, model: str = "gpt-4") -> Call:
    chat = ChatRequest(model=model, messages=(Message("user", (Text(prompt),)),))
    account = account or Account.of()
    return Call(chat=chat, account=account, base_url=BASE, now=NOW, prompt=prompt)


def reply(
    status: int,
    body: object = b"",
    *,
    kind: str = "application/json",
    headers: dict[str, str] | None = None,
    cookies: dict[str, str] | None = None,
) -> HttpReply:
    """A reply; a body that is not bytes becomes JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = ReplyHead(status, {"content-type": kind, **(headers or {})}, BASE, "", cookies or {})
    return HttpReply(head, raw)


def loads(*accounts: str) -> HttpReply:
    """A list of accounts, the first the least busy."""
    rows = [{"token_id": name, "count": count} for count, name in enumerate(accounts)]
    return reply(200, {"loads": rows})


def logged_in(**cookies: str) -> HttpReply:
    return reply(302, b"", cookies=cookies, headers={"location": "/"})


def session(token: str = "tok", expires: object = None) -> HttpReply:  # noqa: S107 (of an emulated service)
    return reply(200, {"user": {}, "expires": expires, "accessToken": token})


def made(bearer: str, *tried: str, **cookies: str) -> Login:
    """What a handshake gave."""
    return Login(token=bearer, tried=tried, cookies=cookies)


def bearer(login: Login) -> str:
    return login.token


def jwt(claims: object) -> str:
    """A token that looks signed."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'RS256'})}.{part(claims)}.c2ln"


def drive(handshake: Handshake[Login], replies: Iterable[HttpReply]) -> tuple[list[Step], Login]:
    """Send a handshake its replies in order: the steps that it made, and what it gave."""
    steps = [next(handshake)]
    for answer in replies:
        try:
            steps.append(handshake.send(answer))
        except StopIteration as end:
            return steps, end.value
    raise AssertionError(f"the handshake wants more: {steps[-1].name}")


def message(
    text: str | None = None,
    *,
    id: str = "m1",
    role: str = "assistant",
    **fields: object,
) -> dict[str, object]:
    """A message event's `message`; fields replace what a usual one has."""
    usual: dict[str, object] = {
        "id": id,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": None,
        "content": {"content_type": "text", "parts": [text]},
        "end_turn": None,
        "weight": 1.0,
        "metadata": {},
        "recipient": "all",
    }
    return {name: value for name, value in (usual | fields).items() if value != "ABSENT"}


def sse(value: object) -> bytes:
    raw = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    return b"data: %s\n\n" % raw


def event(text: str | None = None, **fields: object) -> bytes:
    """One message event of the stream."""
    return sse({"message": message(text, **fields), "conversation_id": "c", "error": None})  # type: ignore[arg-type]  # the names of `message`


def decoder(head: ReplyHead = STREAM, *, can_refresh: bool = True) -> ConversationDecoder:
    return ConversationDecoder(call(), head, can_refresh=can_refresh)


def read(
    decoder: Decoder, chunks: Iterable[bytes]
) -> tuple[list[Event], ChatError | StaleSession | None]:
    """The events of a whole body and how it ended; text deltas next to each other are joined."""
    events: list[Event] = []
    ended: ChatError | StaleSession | None = None
    try:
        for chunk in chunks:
            events += decoder.feed(chunk)
        events += decoder.close()
    except (ChatError, StaleSession) as error:
        ended = error
    return _joined(events), ended


def _joined(events: list[Event]) -> list[Event]:
    joined: list[Event] = []
    for item in events:
        last = joined[-1] if joined else None
        if isinstance(item, TextDelta) and isinstance(last, TextDelta):
            joined[-1] = TextDelta(last.text + item.text)
        else:
            joined.append(item)
    return joined


def texts(events: list[Event]) -> str:
    return "".join(item.text for item in events if isinstance(item, TextDelta))
