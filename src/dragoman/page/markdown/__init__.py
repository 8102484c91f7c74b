"""Markdown of a model, as safe HTML, in blocks that are final as soon as they are whole.

`render` gives the blocks of a whole text; `Blocks` gives the same blocks of a text that comes in
pieces, however it is cut. What a model writes is never trusted: nothing of its HTML is HTML here,
a picture is never fetched by itself, and every block passes a narrow gate at the end.

    lines      text to lines: without control characters, cut where they are too long
    cutting    lines to segments: what can be rendered without knowing the rest
    prose      a segment of CommonMark, tables and mathematics to HTML
    code       a block of code to HTML, coloured
    gate       the last word on tags, attributes and addresses

Beyond CommonMark 0.31 (https://spec.commonmark.org/0.31.2/, read 2026-11-21) there are tables and
strikethrough of GitHub Flavored Markdown; a definition of a link serves only what comes after it.
"""

from dragoman.page.markdown.blocks import Blocks, render

__all__ = ["Blocks", "render"]
