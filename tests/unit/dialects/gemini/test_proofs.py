"""Signatures: the service's own as they are, another's wrapped."""

import base64

import pytest

from dragoman.dialects.gemini.proofs import hand_out, send_back, take_back


def test_only_the_services_own_proofs_are_sent_to_it() -> None:
    assert send_back("gemini:QUJD") == "QUJD"
    assert send_back("ollama:QUJD") is None
    assert send_back(None) is None


@pytest.mark.parametrize("signature", ["gemini:QUJD", "anthropic_messages:Eq+/=", "openai_chat:é"])
def test_a_program_gives_back_what_it_was_handed(signature: str) -> None:
    said = hand_out(signature)

    assert said is not None
    assert base64.b64decode(said, validate=True)
    assert take_back(said) == signature
    assert hand_out(None) is None


def test_a_wrapped_proof_may_come_back_in_the_other_alphabet() -> None:
    said = base64.urlsafe_b64encode(b"anthropic_messages:~~~???").decode()

    assert take_back(said) == "anthropic_messages:~~~???"


@pytest.mark.parametrize(
    "said",
    [
        "skip_thought_signature_validator",
        base64.b64encode(b"context_engineering_is_the_way_to_go").decode(),
    ],
)
def test_what_stands_for_no_signature_is_none(said: str) -> None:
    assert take_back(said) is None


@pytest.mark.parametrize("said", ["gP8=", "not base64!", "QUJD"])
def test_anything_else_is_the_services_own(said: str) -> None:
    assert take_back(said) == f"gemini:{said}"
