"""The knobs of the Anthropic emulator beside those that the API dialects share."""

from typing import Annotated

import msgspec

from dragoman.emulators.knob import ApiKnobs, knob

__all__ = ["AnthropicKnobs"]


class AnthropicKnobs(ApiKnobs, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a scenario may say to Anthropic."""

    prefill: Annotated[
        bool,
        knob(
            "whether the model goes on with a last message of the assistant; `false`: it answers "
            "400, as the newer models do",
            "not send one where the model takes none",
            shape="`false`",
            fault=False,
        ),
    ] = True
    redacted_thinking: Annotated[
        bool,
        knob(
            "reasoning comes as `redacted_thinking` blocks, without its text",
            "send the block back as it came",
            shape="`true`",
            fault=False,
        ),
    ] = False
    cache_creation_tokens: Annotated[
        Annotated[int, msgspec.Meta(ge=0)],
        knob(
            "how many of the input tokens were written to the cache; like the cached ones they "
            "are not in the dialect's own `input_tokens`",
            "add them up",
            shape="`128`",
            fault=False,
        ),
    ] = 0
