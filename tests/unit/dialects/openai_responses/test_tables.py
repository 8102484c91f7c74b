"""The dialect's tables."""

from dragoman.dialects.openai_responses.tables import HINTS, SAYS, STATEFUL, TELLS
from dragoman.features import FEATURES, REPLY_FEATURES, Refused


def test_every_feature_has_its_row() -> None:
    assert SAYS.keys() == FEATURES.keys()
    assert TELLS.keys() == REPLY_FEATURES.keys()


def test_what_the_service_keeps_is_never_left_out() -> None:
    assert not HINTS & STATEFUL


def test_what_would_change_the_answer_is_refused() -> None:
    refused = {name for name, how in SAYS.items() if isinstance(how, Refused)}

    assert refused == {"audio", "n", "stop"}
