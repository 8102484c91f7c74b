"""The parser: CommonMark without HTML, with tables, strikethrough and mathematics, bounded.

Bounds: blocks nest `NESTING` deep; a table has at most `CELLS` cells, since a head of many columns
and rows of one letter each are otherwise a hundred times as much HTML as text; a segment with more
than `BRACKETS` opening brackets has no links, since each is looked for to its end.
Source: markdown-it-py 4.3, read 2026-11-21.
"""

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore

from dragoman.page.markdown.addresses import is_safe
from dragoman.page.markdown.mathematics import with_mathematics
from dragoman.page.markdown.writer import Writer

__all__ = ["BRACKETS", "CELLS", "NESTING", "parser"]

NESTING = 20
CELLS = 8192
BRACKETS = 512


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Whether it becomes a link; what does not stays as it was written."""
        return is_safe(url)


def parser(*, links: bool) -> MarkdownIt:
    """A parser, which may know links and pictures; it keeps nothing between texts."""
    made = _Parser("commonmark", {"html": False, "maxNesting": NESTING}, renderer_cls=Writer)
    made.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    made.block.ruler.at("table", _small_table, {"alt": ["paragraph", "reference"]})
    made.core.ruler.push("pictures", _tell_pictures_in_links)
    if not links:
        made.disable(["link", "image", "reference"])
    return with_mathematics(made)


def _small_table(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    if not table(state, line, last, True):
        return False
    return silent or (_cells(state, line, last) <= CELLS and table(state, line, last, False))


def _cells(state: StateBlock, line: int, last: int) -> int:
    columns = state.src.count("|", state.bMarks[line], state.eMarks[line]) + 1
    end = next((at for at in range(line, last) if state.isEmpty(at)), last)
    return columns * (end - line)


def _tell_pictures_in_links(state: StateCore) -> None:
    """A button cannot be in a link, so a picture has to know that it is in one."""
    for token in state.tokens:
        depth = 0
        for child in token.children or ():
            depth += child.nesting if child.tag == "a" else 0
            if child.type == "image":
                child.meta["in_link"] = depth > 0
