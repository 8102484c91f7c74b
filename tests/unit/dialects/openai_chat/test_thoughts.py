"""Thoughts and proofs: what a service gave comes back to it unharmed."""

import pytest

from dragoman.dialects.openai_chat.thoughts import detail_text, details, proof, signed

PLAIN = {"type": "reasoning.text", "text": "hm", "signature": "QQ"}
HIDDEN = {"type": "reasoning.encrypted", "data": "QQ"}
MORE = {"type": "reasoning.text", "text": "hm", "signature": "QQ", "format": "f", "id": "r"}
MORE_HIDDEN = {"type": "reasoning.encrypted", "data": "QQ", "id": "rs_1"}


@pytest.mark.parametrize("detail", [PLAIN, HIDDEN, MORE, MORE_HIDDEN])
def test_a_detail_comes_back_as_it_was(detail: dict[str, object]) -> None:
    thought = (detail_text(detail), proof(detail))

    assert details([thought], first=3) == [{**detail, "index": 3}]


def test_a_thought_without_proof_is_text_alone() -> None:
    assert proof({"type": "reasoning.text", "text": "hm"}) is None
    assert details([("hm", None)]) == [{"type": "reasoning.text", "text": "hm", "index": 0}]


def test_a_summary_stands_beside_its_hidden_thought() -> None:
    said = proof(MORE_HIDDEN)

    assert detail_text({"type": "reasoning.summary", "summary": "so"}) == "so"
    assert details([("so", said)]) == [
        {"type": "reasoning.summary", "summary": "so", "index": 0},
        {**MORE_HIDDEN, "index": 0},
    ]


def test_a_proof_without_its_text_is_said_alone() -> None:
    assert details([("", proof(MORE))]) == [
        {"type": "reasoning.text", "signature": "QQ", "format": "f", "id": "r", "index": 0}
    ]


@pytest.mark.parametrize("odd", ["{", '{"a":1}', "{" * 5000, '{"type":"\ud800"}'])
def test_a_proof_that_only_looks_like_a_detail_is_one_by_itself(odd: str) -> None:
    assert details([("", odd)]) == [{"type": "reasoning.encrypted", "data": odd, "index": 0}]


def test_a_proof_in_a_stream_says_whether_its_thought_was_shown() -> None:
    assert signed("QQ", hidden=True) == HIDDEN
    assert signed("QQ", hidden=False) == {"type": "reasoning.text", "signature": "QQ"}
    assert signed(proof(MORE_HIDDEN) or "", hidden=False) == MORE_HIDDEN


@pytest.mark.parametrize("said", [None, "", 7])
def test_a_proof_is_a_text(said: object) -> None:
    assert proof({"type": "reasoning.text", "signature": said}) is None
    assert detail_text({"text": said}) == ""
