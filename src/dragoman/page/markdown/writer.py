"""Tokens of Markdown to HTML, as the page shows them.

Headings are two levels down, below those of the page. A picture is a button that asks for it.
What people read says `dir="auto"`; code and mathematics go from left to right.
"""

from collections.abc import Sequence

from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from dragoman.page.markdown.addresses import host, is_picture
from dragoman.page.markdown.code import figure
from dragoman.page.markdown.unseen import isolated, marked

__all__ = ["Writer"]

_TOKENS = Sequence[Token]
_HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}
_WORDS = {"p", "li", "h3", "h4", "h5", "h6", "blockquote", "td", "th"}


class Writer(RendererHTML):
    """A rule for each kind of token, by its name."""

    def renderToken(self, tokens: _TOKENS, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A tag that has no rule of its own."""
        token = tokens[idx]
        token.tag = _HEADINGS.get(token.tag, token.tag)
        if token.nesting == 1 and token.tag in _WORDS:
            token.attrSet("dir", "auto")
        style = str(token.attrs.pop("style", ""))
        if style:
            # "text-align:right": the page's policy takes no styles in HTML.
            token.attrSet("align", style.partition(":")[2])
        return super().renderToken(tokens, idx, options, env)

    def text(self, tokens: _TOKENS, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Words."""
        return isolated(tokens[idx].content)

    def code_inline(self, tokens: _TOKENS, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Code in words."""
        return f'<code dir="ltr">{marked(tokens[idx].content)}</code>'

    def code_block(self, tokens: _TOKENS, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Code without a fence."""
        return figure(tokens[idx].content, "")

    def fence(self, tokens: _TOKENS, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Code in a list or a quotation; all other is cut out before."""
        return figure(tokens[idx].content, tokens[idx].info)

    def math_inline(self, tokens: _TOKENS, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A formula in words."""
        return f'<span class="math" dir="ltr">{marked(tokens[idx].content)}</span>'

    def math_block(self, tokens: _TOKENS, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A formula of its own."""
        return f'<div class="math" dir="ltr">{marked(tokens[idx].content)}</div>\n'

    def table_open(self, tokens: _TOKENS, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A table scrolls by itself, and so takes the focus."""
        return '<div class="table" tabindex="0"><table>\n'

    def table_close(self, tokens: _TOKENS, idx: int, options: OptionsDict, env: EnvType) -> str:
        """And its end."""
        return "</table></div>\n"

    def link_open(self, tokens: _TOKENS, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A link that leads away, and tells nobody where from."""
        href = escapeHtml(str(tokens[idx].attrs["href"]))
        return f'<a href="{href}" rel="noreferrer noopener nofollow" target="_blank">'

    def image(self, tokens: _TOKENS, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A button with the picture's words and host; within a link, its words alone."""
        token = tokens[idx]
        source, words = str(token.attrs["src"]), isolated(token.content)
        if not is_picture(source):
            return words
        where = isolated(host(source))
        if token.meta["in_link"]:
            return words or where
        return (
            f'<button type="button" class="picture" data-src="{escapeHtml(source)}">'
            f"<span>{words}</span> <small>{where}</small></button>"
        )
