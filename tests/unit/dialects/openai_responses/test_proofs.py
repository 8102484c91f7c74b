"""The id and the encrypted content of a thought, as one signature."""

import msgspec
import pytest

from dragoman.dialects.openai_responses.proofs import make_signature, split_signature


class Case(msgspec.Struct):
    name: str
    item_id: str
    encrypted: str
    signature: str


CASES = [
    Case("both", "rs_1", "gAAA", "openai_responses:rs_1:gAAA"),
    Case("a thought that is shown", "rs_1", "", "openai_responses:rs_1:"),
    Case("no id", "", "gAAA", "openai_responses:gAAA"),
    Case("no id, and a colon", "", "gemini:x", "openai_responses::gemini:x"),
    Case("another's inside", "rs_1", "gemini:x", "openai_responses:rs_1:gemini:x"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_signature_holds_both(case: Case) -> None:
    assert make_signature(case.item_id, case.encrypted) == case.signature
    assert split_signature(case.signature) == (case.item_id, case.encrypted)


def test_an_id_that_would_hide_the_rest_is_left_out() -> None:
    assert split_signature(make_signature("a:b", "gAAA")) == ("", "gAAA")


@pytest.mark.parametrize("signature", [None, "", "gemini:x", "openai_responses:"])
def test_what_is_not_ours_is_none(signature: str | None) -> None:
    assert split_signature(signature) is None
