"""Thought signatures on Gemini's wire, where they are bytes, so base64.

A proof of its own stands as the service wrote it. Another dialect's is wrapped in base64, since the
service's clients refuse what is none, and unwrapped when it comes back. A signature that stands
for "there is none" is none.
Source: "Thought signatures" of the Gemini API docs, read 2026-11-21.
"""

import base64

from dragoman.dialects.gemini.tables import BYPASSES, NAME
from dragoman.dialects.signatures import foreign_or_own, own
from dragoman.media import decode_base64

__all__ = ["hand_out", "send_back", "take_back"]

_BYPASSES = frozenset(word.encode() for word in BYPASSES)


def send_back(signature: str | None) -> str | None:
    """What to send to the service: only what it signed itself."""
    return own(NAME, signature)


def hand_out(signature: str | None) -> str | None:
    """What to give to a program that speaks Gemini's dialect."""
    proof = own(NAME, signature)
    if proof is not None or not signature:
        return proof
    return base64.b64encode(signature.encode()).decode("ascii")


def take_back(said: str) -> str | None:
    """What a program sent back, for the middle; None if it stands for no signature."""
    content = decode_base64(said) or b""
    if said in BYPASSES or content in _BYPASSES:
        return None
    try:
        wrapped = content.decode()
    except UnicodeDecodeError:
        wrapped = ""
    if wrapped and foreign_or_own(NAME, wrapped) == wrapped:
        return wrapped
    return foreign_or_own(NAME, said)
