"""Gemini's knobs: those of every API, but its streams have other line ends of their own."""

from typing import Annotated, Literal

from dragoman.emulators.knob import ApiKnobs, knob

__all__ = ["GeminiKnobs"]


class GeminiKnobs(ApiKnobs, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The knobs of the Gemini API."""

    # The service itself ends its lines so: here "\n" is the fault.
    line_ends: Annotated[
        Literal["\n", "\r\n", "\r", "mixed", "no_blank_at_end", "none_at_end"],
        knob(
            "line ends of the stream, `\\r\\n` by default; `no_blank_at_end`: no empty line before "
            "the end, `none_at_end`: not even a line end",
            "hand out the same text",
            shape='`"\\n"`, `"\\r"`, `"mixed"`, `"no_blank_at_end"`, `"none_at_end"`',
        ),
    ] = "\r\n"
