"""The knobs of the Aichat emulator beside those that all share."""

from typing import Annotated, Literal

from dragoman.emulators.knob import ServiceKnobs, knob

__all__ = ["AichatKnobs"]


class AichatKnobs(ServiceKnobs, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a scenario may say to Aichat."""

    response_flag: Annotated[
        bool | Literal["absent", "text", ""] | None,
        knob(
            "the field `response`: falsy is a refusal with its reason in `message`; `absent`: "
            "the field is missing; `text`: the answer itself stands in it, without `message`",
            "take the answer only if it is truthy",
            shape='`true`, `false`, `null`, `""`, `"absent"`, `"text"`',
        ),
    ] = True
    refused_by: Annotated[
        Literal["json", "challenge"],
        knob(
            "how a request without the cookie is refused: 403 with JSON, or a challenge page",
            "raise `AuthError` naming the cookies, or `ChallengeError`; no retry",
            shape='`"json"`, `"challenge"`',
            fault=False,
        ),
    ] = "json"
    recaptcha: Annotated[
        bool,
        knob(
            "a request without `recaptcha_token` is refused",
            "raise `ResponseError`; never make a token",
            shape="`true`",
        ),
    ] = False
