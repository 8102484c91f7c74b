"""The knobs of the FakeGPT emulator beside those that all share."""

from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from dragoman.emulators.knob import ServiceKnobs, knob

__all__ = ["FakeGptKnobs", "Pool", "SideEvent", "TokenExpire", "Variant"]

SideEvent = Literal[
    "moderation", "flagged", "blocked", "title", "variants", "ping", "markers", "delta_encoding"
]


class Pool(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shared accounts, smallest `count` first, and the step at which each is dead."""

    accounts: tuple[Literal["alive", "login", "session", "chat"], ...] = ("alive",) * 3


class TokenExpire(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long an access token is good: in chats (None: any number) and in seconds.

    `lifetime_s` may be negative: `exp` lies in the past, and the token is refused. `jwt` false:
    the token is opaque, so only the session tells its end; `zone` false: it does so without a zone.
    """

    uses: Annotated[int, msgspec.Meta(ge=0)] | None = None
    lifetime_s: float = 864000.0
    jwt: bool = True
    zone: bool = True


Variant = Literal["bare_token", "password_cookie"]


class FakeGptKnobs(ServiceKnobs, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a scenario may say to FakeGPT."""

    dialect: Annotated[
        Literal["station", "talk", "token"],
        knob(
            "which of the related programs it is: the shared station, open Pandora, or an API "
            "that takes a token",
            shape='`"station"`, `"talk"`, `"token"`',
            fault=False,
        ),
    ] = "station"
    pool: Annotated[
        Pool,
        knob(
            "each account, smallest `count` first, and where it is dead; `[]`: an empty pool",
            "try at most three accounts, then raise `AuthError`",
            shape='`{"accounts": ["login", "session", "chat", "alive"]}`',
            fault=False,
        ),
    ] = Pool()
    token_expire: Annotated[
        TokenExpire,
        knob(
            "an access token is good for n chats and so many seconds, then 401 `token_expired`; "
            "or it is no JWT, and the session alone tells its end, with or without a zone",
            "one refresh with another account and one retry, or a refresh before `exp`",
            shape='`{"uses": 1}`, `{"lifetime_s": -60}`, `{"jwt": false, "zone": false}`',
            fault=False,
        ),
    ] = TokenExpire()
    variant: Annotated[
        tuple[Variant, ...],
        knob(
            "a station of its own kind: it wants the access token without `Bearer `; it wants the "
            "login's password as a cookie, too",
            "get the answer with the settings `token_scheme` and `password_cookie`",
            shape='`["bare_token", "password_cookie"]`',
            fault=False,
        ),
    ] = ()
    tokens: Annotated[
        tuple[str, ...] | None,
        knob(
            "dialect `talk`: the token names that the server knows (default: any)",
            "raise `ResponseStatusError`",
            shape='`["default"]`',
            fault=False,
        ),
    ] = None
    unknown_model: Annotated[
        Literal[404, 422],
        knob("the status for a model it does not have", shape="`404`, `422`", fault=False),
    ] = 404
    rate_limit: Annotated[
        bool,
        knob(
            "429 above three chats in 10 s",
            "raise `RateLimitError`; no retry",
            shape="`true`",
            fault=False,
        ),
    ] = False
    login_shape: Annotated[
        Literal["302", "html", "400", "code_500", "429"],
        knob(
            "how the login answers: redirect; 200 with an error page; 200 with the body `400`; "
            '200 with `{"code":500}`; 429',
            "take a 200 page for nothing until the session says so; `400` is a dead account",
            shape='`"302"`, `"html"`, `"400"`, `"code_500"`, `"429"`',
        ),
    ] = "302"
    session_shape: Annotated[
        Literal["token", "empty", "credential", "secret"],
        knob(
            "how the session answers: with a token; `{}`; 404 while the login set the cookie "
            "`credential`; as open Pandora does",
            "`{}`: another account; `credential`: use the cookie; `secret`: `HandshakeError` "
            "naming `talk`",
            shape='`"token"`, `"empty"`, `"credential"`, `"secret"`',
        ),
    ] = "token"
    refusal: Annotated[
        Literal[
            "unusual_activity",
            "account",
            "not_found",
            "too_long",
            "validation",
            "hour_limit",
            "one_message",
            "clears_in",
        ]
        | None,
        knob(
            "the chat is refused in one of the service's ways (403, 403, 404, 413, 422, 429, 429, "
            "429)",
            "raise the error of that status; `account`: one retry with another account",
            shape='`"unusual_activity"`, `"account"`, `"not_found"`, `"too_long"`, '
            '`"validation"`, `"hour_limit"`, `"one_message"`, `"clears_in"`',
        ),
    ] = None
    wss: Annotated[
        bool,
        knob(
            "200 JSON with a `wss_url` in place of the stream",
            "raise `ResponseError`",
            shape="`true`",
        ),
    ] = False
    side_events: Annotated[
        tuple[SideEvent, ...],
        knob(
            "other events before the growing text and before its end; `delta_encoding` announces "
            "patches",
            "pass over them; `blocked`: `ContentFilterError`; `delta_encoding`: `ResponseError`",
            shape='`["moderation", "flagged", "blocked", "title", "variants", "ping", "markers", '
            '"delta_encoding"]`',
        ),
    ] = ()
    echo_first: Annotated[
        bool,
        knob(
            "the stream begins with the system and the user message",
            "never hand them out",
            shape="`false`",
        ),
    ] = True
    finish_details_mid: Annotated[
        bool,
        knob(
            "`finish_details` appears while the text still grows",
            "go on with the text",
            shape="`false`",
        ),
    ] = True
    end_sign: Annotated[
        Literal["end_turn", "status", "is_complete", "none"],
        knob(
            "what the last message says: `end_turn`; only its status; only `is_complete`; nothing",
            "take any of them for the end, and `[DONE]` without",
            shape='`"end_turn"`, `"status"`, `"is_complete"`, `"none"`',
        ),
    ] = "end_turn"
    finish: Annotated[
        Literal["stop", "max_tokens", "interrupted"],
        knob(
            "the type of the last `finish_details`",
            "report `stop`, `length`, `interrupted`",
            shape='`"max_tokens"`',
        ),
    ] = "stop"
    duplicates: Annotated[
        Annotated[int, msgspec.Meta(ge=1)],
        knob("each assistant event comes so many times", "hand out each delta once", shape="`3`"),
    ] = 1
    out_of_order: Annotated[
        bool,
        knob("an older prefix comes after a longer one", "ignore it", shape="`true`"),
    ] = False
    rewrite: Annotated[
        Literal["mid", "final", "shorter"] | None,
        knob(
            "the text changes behind what was handed out and back again; the final text differs; "
            "the final text is shorter",
            "`mid`: wait; the others: `ResponseError` with the final text",
            shape='`"mid"`, `"final"`, `"shorter"`',
        ),
    ] = None
    messages: Annotated[
        Literal["two", "tool", "code", "objects"] | None,
        knob(
            "two assistant messages; a call of a tool first; `code` content first; a part that is "
            "an object first",
            "a blank line between two messages; pass over the others",
            shape='`"two"`, `"tool"`, `"code"`, `"objects"`',
        ),
    ] = None
    half_character: Annotated[
        bool,
        knob(
            "a trailing U+FFFD that the next event replaces",
            "never hand it out",
            shape="`true`",
        ),
    ] = False
