"""The service's proof of a thought: its item's id and its encrypted content, as one signature.

The service takes the encrypted content back only under the id that it gave it, so the two go
through the middle as one, `id:encrypted`. A service that shows the thought itself encrypts
nothing: `id:`. Without an id the encrypted content stands alone.
Source: OpenAI guide "Reasoning models" (encrypted reasoning items), read 2026-11-21.
"""

from dragoman.catalog import card_of
from dragoman.chat import ChatRequest
from dragoman.dialects.openai_responses.tables import NAME
from dragoman.dialects.signatures import own, sign

__all__ = ["make_signature", "split_signature", "wants_proofs"]


def make_signature(item_id: str, encrypted: str) -> str:
    """The signature for the middle."""
    item_id = "" if ":" in item_id else item_id
    bare = not item_id and ":" not in encrypted
    return sign(NAME, encrypted if bare else f"{item_id}:{encrypted}")


def split_signature(signature: str | None) -> tuple[str, str] | None:
    """The id and the encrypted content, of which one may be empty; None if it is not ours."""
    proof = own(NAME, signature)
    if proof is None:
        return None
    item_id, colon, encrypted = proof.partition(":")
    return (item_id, encrypted) if colon else ("", proof)


def wants_proofs(chat: ChatRequest) -> bool:
    """Whether its thoughts are asked for encrypted where no program says what to include.

    For a model that does not think the service takes that for an error.
    """
    ways = (chat.reasoning_effort, chat.reasoning_budget, chat.reasoning_summary)
    return any(way is not None for way in ways) or card_of(chat.model).reasoning is True
