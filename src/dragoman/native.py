"""What only one dialect has words for, kept whole on its way through the middle.

A field or a piece that this package has no name for is not thrown away: it is carried as it stands,
with the name of its dialect, and said again where the same dialect is spoken. Where another one is,
it is refused by its name, or left out and named if it is one of its dialect's `hints`.
"""

from collections.abc import Mapping

import msgspec

__all__ = ["Native"]


class Native(msgspec.Struct, frozen=True, tag="native", repr_omit_defaults=True):
    """Fields of one dialect, as JSON values; those in `hints` change nothing that is asked for."""

    dialect: str
    fields: Mapping[str, object]
    hints: frozenset[str] = frozenset()

    def of(self, dialect: str) -> Mapping[str, object]:
        """The fields, if they are this dialect's; else none."""
        return self.fields if self.dialect == dialect else {}
