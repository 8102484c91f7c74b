"""Content blocks in a row, with citations put back into the texts that they are of."""

from collections.abc import Iterable

__all__ = ["Block", "CitedBlocks"]

Block = dict[str, object]


class CitedBlocks:
    """The blocks so far.

    A citation may come before its text: the two are one block, as at the service.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._joins = False
        self._is_citable = False

    def add(self, block: Block) -> None:
        """A block; a text goes on with the text of the citation before it."""
        last = self.blocks[-1] if self.blocks else {}
        is_text = block["type"] == "text"
        if self._joins and is_text:
            last["text"] = f"{last['text']}{block['text']}"
        else:
            self.blocks.append(block)
        self._joins = False
        self._is_citable = is_text

    def cite(self, citation: object) -> None:
        """A citation of the text that is there, or of the next."""
        if not self._is_citable:
            self.add({"type": "text", "text": ""})
        said = self.blocks[-1].get("citations")
        self.blocks[-1]["citations"] = [*(said if isinstance(said, Iterable) else ()), citation]
        self._joins = True

    def end_text(self) -> None:
        """What follows is a block of its own."""
        self._joins = self._is_citable = False
