import pytest
from anthropic.types.raw_message_delta_event import Delta

from dragoman.dialects.anthropic_messages.finish import StopDetails, decode_finish, encode_finish
from dragoman.events import Finished

# the service's words, and what they are in the middle
ENDS = [
    ("end_turn", None, None, Finished("stop")),
    ("stop_sequence", "END", None, Finished("stop", None, "END")),
    ("pause_turn", None, None, Finished("stop", "pause_turn")),
    ("max_tokens", None, None, Finished("length")),
    (
        "model_context_window_exceeded",
        None,
        None,
        Finished("length", "model_context_window_exceeded"),
    ),
    ("tool_use", None, None, Finished("tool_calls")),
    ("refusal", None, None, Finished("content_filter")),
    ("refusal", None, "bio", Finished("content_filter", "bio")),
]


@pytest.mark.parametrize(("word", "sequence", "category", "finished"), ENDS)
def test_an_end_is_the_same_on_both_sides(
    word: str, sequence: str | None, category: str | None, finished: Finished
) -> None:
    assert decode_finish(word, sequence, StopDetails(category)) == finished

    told = Delta.model_validate(encode_finish(finished, ""))
    assert (told.stop_reason, told.stop_sequence) == (word, sequence)
    assert (told.stop_details.category if told.stop_details else None) == category


def test_what_is_not_known_is_a_stop_that_says_more() -> None:
    assert decode_finish("later_word", None, None) == Finished("stop", "later_word")
    assert decode_finish("stop_sequence", None, None) == Finished("stop")
    assert decode_finish("refusal", None, None) == Finished("content_filter")


def test_words_of_other_services_are_not_said() -> None:
    told = encode_finish(Finished("stop", "later_word"), "")
    refused = encode_finish(Finished("content_filter", "SAFETY"), "")

    assert told["stop_reason"] == "end_turn"
    assert Delta.model_validate(refused).stop_details is not None


def test_words_in_place_of_an_answer_are_the_explanation() -> None:
    told = Delta.model_validate(encode_finish(Finished("stop"), "I will not."))

    assert told.stop_reason == "refusal"
    assert told.stop_details is not None
    assert told.stop_details.explanation == "I will not."
