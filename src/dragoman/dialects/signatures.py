"""Proofs of reasoning on their way through other dialects.

A service signs or encrypts what its model thought, and wants that back unharmed in the next turn;
another service's proof is an error to it. So in the middle a signature always begins with the name
of the dialect that made it. The half that made it takes the name off; every other server half hands
it out as it stands, one opaque text, and takes it back as such.

    "EqQB..."                          as Anthropic says it
    "anthropic_messages:EqQB..."       in the middle, and in any other dialect
"""

from dragoman.dialects.table import DIALECTS

__all__ = ["foreign_or_own", "own", "sign"]


def sign(dialect: str, proof: str) -> str:
    """A proof as the dialect's service gave it, for the middle."""
    return f"{dialect}:{proof}"


def own(dialect: str, signature: str | None) -> str | None:
    """The proof as this dialect's service gave it; None if it is another's or there is none.

    For the client half: what another service signed is not sent.
    """
    name, _, proof = (signature or "").partition(":")
    return proof if name == dialect and proof else None


def foreign_or_own(dialect: str, said: str) -> str:
    """What a program sent back as a signature in this dialect, for the middle."""
    name, sign_, proof = said.partition(":")
    return said if name in DIALECTS and sign_ and proof else sign(dialect, said)
