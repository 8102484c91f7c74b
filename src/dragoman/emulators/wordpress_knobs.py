"""The knobs of the WordPress emulators: what a site with AI Power can be, and what can befall it.

Rule: a setting (`fault=False`) says which site it is, and holds for every request; a fault says
what goes wrong, and `on`, `for` and `at` limit it.
Source: AI Power plugin 1.8.79-2.4.71 behaviour, observed 2026-11-21.
"""

from typing import Annotated, Literal

import msgspec

from dragoman.emulators.ai_power_page import PageShape
from dragoman.emulators.ai_power_prompt import Dialect
from dragoman.emulators.ai_power_stream import Ending
from dragoman.emulators.ai_power_texts import Locale
from dragoman.emulators.knob import ServiceKnobs, knob

__all__ = [
    "AssistantMode",
    "ErrorAsContent",
    "ModernSideEvent",
    "NonceDies",
    "NonceExpire",
    "NonceShape",
    "SiteFault",
    "StalePage",
    "WordPressKnobs",
]

NonceShape = Literal["D1", "D4", "-1"]
SiteFault = Literal[
    "no_api_key",
    "embeddings",
    "upstream_error",
    "upstream_unreachable",
    "upstream_html",
    "data_null",
    "data_empty",
    "critical_error",
    "died",
    "zero",
    "plugin_off",
]
ModernSideEvent = Literal[
    "status",
    "warning",
    "openai_response_id",
    "google_interaction_id",
    "grounding_metadata",
    "citations",
]
Trailer = Literal["error", "empty", "differs", "after_cut"]


class NonceExpire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a nonce is good, in chats or in seconds; `shape` None: as the dialect refuses."""

    uses: Annotated[int, msgspec.Meta(ge=0)] | None = None
    seconds: Annotated[float, msgspec.Meta(gt=0)] | None = None
    shape: NonceShape | None = None


class StalePage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page cache with a dead nonce; `cure`: a query string gets past it."""

    cure: bool = True


class NonceDies(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The nonce of a running answer dies after so many of its events."""

    after_events: Annotated[int, msgspec.Meta(ge=0)] = 1


class ErrorAsContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An upstream failure in the dress of an answer.

    `raw_first`: it came in several chunks, so its JSON goes out raw and the words follow in one
    event; with `final_newline` false the event's mark sticks to that JSON.
    """

    message: str = "You exceeded your current quota, please check your plan and billing details."
    ending: Ending = "stop"
    raw_first: bool = False
    final_newline: bool = False


class AssistantMode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bot is an OpenAI assistant; `error`: its run fails with this text."""

    error: str | None = None


class WordPressKnobs(ServiceKnobs, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the sites of ChatgptFree and ChatGptt can be told besides the common knobs."""

    dialect: Annotated[
        Dialect | None,
        knob(
            "the plugin's version: early 2023, up to 1.8.79, 1.8.80-82, 1.8.85-90, 1.8.91-95, "
            "1.8.96-1.9.18; 2.3 up to 2.3.41, 2.3.41-2.4.0, 2.4.1 and later",
            "get the answer from each",
            shape='`"D0"`, `"D1"`, `"D2"` (ChatgptFree), `"D3"`, `"D4-1.8.91"`, `"D4"` (ChatGptt), '
            '`"D5-2.3"`, `"D5"`, `"D5-2.4.1"`',
            fault=False,
        ),
    ] = None
    stream: Annotated[
        bool | None,
        knob(
            "the site's stream option; without it ChatgptFree streams and ChatGptt does not",
            "take both, whatever it asked for",
            shape="`true`, `false`",
            fault=False,
        ),
    ] = None
    locale: Annotated[
        Locale,
        knob(
            "the language of the site, and so of every `msg`",
            "come to the same result in each",
            shape='`"en"`, `"de"`, `"ru"`',
            fault=False,
        ),
    ] = "en"
    attributes: Annotated[
        PageShape,
        knob(
            "how the page writes its chat box, and what is missing from it",
            "read them all; without a nonce raise `HandshakeError`",
            shape='`"double"`, `"single"`, `"none"`, `"spaces"`, `"entities"`, `"order"`, '
            '`"second_box"`, `"widget"`, `"search_nonce"` (in the script only), '
            '`"missing_nonce"`, `"missing_post_id"`, `"empty_post_id"`, `"no_box"`',
            fault=False,
        ),
    ] = "double"
    nonce_expire_after: Annotated[
        NonceExpire | None,
        knob(
            "a nonce is good for n chats or n seconds, then refused in that shape; the next page "
            "has a new one; 0 uses: never good",
            "fetch the page once more and get the answer; a second refusal is an error, after two "
            "chat requests in all",
            shape='`{"uses": 1, "shape": "D1"}`, `{"seconds": 60}`; shapes `"D1"`, `"D4"`, `"-1"`',
        ),
    ] = None
    nonce_stale_page: Annotated[
        bool | StalePage,
        knob(
            "a page cache keeps serving a dead nonce, whose refusals follow; `cure`: but for a "
            "page asked for with a query string",
            "fetch the page once past the cache; if that has the dead nonce too, raise `AuthError`",
            shape='`true`, `{"cure": false}`',
            fault=False,
        ),
    ] = False
    nonce_dies_mid_stream: Annotated[
        NonceDies | None,
        knob(
            "the nonce of a running answer dies after n events",
            "nothing: the answer goes on",
            shape='`{"after_events": 2}`',
        ),
    ] = None
    trailer: Annotated[
        bool | Trailer | None,
        knob(
            "the JSON object behind a stream (D1 and D2 have it unless told otherwise). `error`: "
            "it tells of an error; `empty`: its `data` is empty; `differs`: its `data` is another "
            "text; `after_cut`: the relay broke in the middle, and it says success",
            "hand out no text twice; a cut answer stays cut",
            shape='`true`, `false`, `"error"`, `"empty"`, `"differs"`, `"after_cut"`',
        ),
    ] = None
    error_as_content: Annotated[
        bool | ErrorAsContent,
        knob(
            "an upstream error sent word by word as if it were the answer, and then once more; "
            "without a stream the plain error object",
            "raise `ResponseError` and hand out nothing",
            shape='`true`, `{"message": "...", "ending": "stop" or "limited", "raw_first": false, '
            '"final_newline": false}`',
        ),
    ] = False
    quota: Annotated[
        bool | int,
        knob(
            "the token quota is used up; a number: each client id has so many answers before (D5: "
            "all visitors together)",
            "raise `RateLimitError`, and keep its client id",
            shape="`true`, `3`",
        ),
    ] = False
    banned_word: Annotated[
        bool | str,
        knob(
            "the message is flagged, always or if it has this word; a stream then goes on with "
            "the answer anyway (D5: refused with 400)",
            "raise `ContentFilterError` and hand out nothing",
            shape='`true`, `"word"`',
        ),
    ] = False
    banned_ip: Annotated[
        bool | str,
        knob(
            "the address is banned, always or if `X-Forwarded-For` is this one; a stream then "
            "goes on with the answer anyway (D5: refused with 400)",
            "raise `ResponseError` and hand out nothing",
            shape='`true`, `"192.0.2.1"`',
        ),
    ] = False
    refusal_event: Annotated[
        Literal["modflag", "pineconeError"] | None,
        knob(
            "the site's moderation refuses the message, or its documents cannot be searched: an "
            "event of that key in a stream, which goes on with the answer anyway; else a plain "
            "refusal (D0-D4)",
            "`modflag` raise `ContentFilterError`, `pineconeError` `ResponseError`, and hand out "
            "nothing",
            shape='`"modflag"`, `"pineconeError"`',
        ),
    ] = None
    remember: Annotated[
        bool,
        knob(
            'the site\'s option "remember conversation": whether it reads the history field '
            "(D0-D4)",
            "get the same answer",
            shape="`false`",
            fault=False,
        ),
    ] = True
    chat_logs: Annotated[
        bool,
        knob(
            "the site keeps chat logs: `log` in its objects is a number, and D1 and D2 garble a "
            "history that is not ASCII",
            "get the same answer",
            shape="`true`",
            fault=False,
        ),
    ] = False
    side_events: Annotated[
        tuple[ModernSideEvent, ...],
        knob(
            "events beside the answer's, half of them before its text and half behind it (D5)",
            "pass over them",
            shape='a list of `"status"`, `"warning"`, `"openai_response_id"`, '
            '`"google_interaction_id"`, `"grounding_metadata"`, `"citations"`',
        ),
    ] = ()
    php_notice: Annotated[
        bool,
        knob(
            "PHP prints a notice before the JSON, before and after a stream",
            "find the answer",
            shape="`true`",
        ),
    ] = False
    captcha_text: Annotated[
        bool | str,
        knob(
            "an anti-bot add-on asks for a captcha in the place of the answer",
            "a limit that the docs tell: it cannot be told from an answer",
            shape='`true`, `"text"`',
        ),
    ] = False
    assistant_mode: Annotated[
        bool | AssistantMode,
        knob(
            "the bot is an OpenAI assistant, with events of its own (D4)",
            "get the same text; raise `ResponseError` for its error",
            shape='`true`, `{"error": "..."}`',
        ),
    ] = False
    site_fault: Annotated[
        SiteFault | None,
        knob(
            "what else is wrong with the site: no API key, an answer from its own documents, an "
            "upstream that fails, cannot be reached or sends HTML, an answer lost on the way, a "
            "handler that dies in one of three ways, the plugin switched off",
            "raise `ResponseError` (`embeddings`: get the answer)",
            shape='`"no_api_key"`, `"embeddings"`, `"upstream_error"`, `"upstream_unreachable"`, '
            '`"upstream_html"`, `"data_null"`, `"data_empty"`, `"critical_error"`, `"died"`, '
            '`"zero"`, `"plugin_off"`',
        ),
    ] = None
