"""Segments to safe HTML, one after another: a definition of a link serves what comes after it."""

from collections import ChainMap
from collections.abc import Iterable
from functools import cache
from typing import assert_never

from markdown_it import MarkdownIt
from markdown_it.utils import EnvType

from dragoman.page.markdown.code import END, coloured, framed, language_of
from dragoman.page.markdown.gate import passed
from dragoman.page.markdown.parser import BRACKETS, NESTING, parser
from dragoman.page.markdown.segments import Code, Prose, Run, Segment
from dragoman.page.markdown.unseen import isolated, marked

__all__ = ["Rendered"]


class Rendered:
    """Renders the segments of one text; `work` counts the characters that were parsed for it."""

    def __init__(self) -> None:
        self._links: dict[str, object] = {}
        self.work = 0

    def final(self, segment: Segment) -> str:
        """The HTML of the next segment; the links that it defines are known from now on."""
        return passed(self._html(segment, {"references": self._links}))

    def open(self, segments: Iterable[Segment]) -> str:
        """The HTML of segments that may still change; what they define is forgotten."""
        env = {"references": ChainMap({}, self._links)}
        return passed("".join(self._html(segment, env) for segment in segments))

    def longer(self, html: str, rest: str) -> str:
        """The HTML of a block of code that was rendered, with more code, which has no colours."""
        return html.removesuffix(END) + passed(marked(rest)) + END

    def _html(self, segment: Segment, env: EnvType) -> str:
        self.work += len(segment.text)
        match segment:
            case Code():
                language = language_of(segment.language)
                text = segment.text
                lit = marked(text) if segment.plain else coloured(text, language)
                return framed(lit, language, follows=segment.follows)
            case Run():
                inline = _reader(segment.text).renderInline(segment.text, env)
                return f'<p dir="auto">{inline}</p>\n'
            case Prose():
                return _prose(segment, env)
            case _:
                assert_never(segment)


def _prose(prose: Prose, env: EnvType) -> str:
    reader = _reader(prose.text)
    tokens = reader.parse(prose.text, env)
    if any(token.level >= NESTING - 1 and token.nesting == 1 for token in tokens):
        # The parser drops what is nested deeper; nothing of an answer may be lost.
        return f'<p dir="auto">{isolated(prose.text)}</p>\n'
    if prose.number is not None and tokens and tokens[0].type == "ordered_list_open":
        tokens[0].attrSet("start", str(prose.number))
    return str(reader.renderer.render(tokens, reader.options, env))


def _reader(text: str) -> MarkdownIt:
    return _parser(text.count("[") <= BRACKETS)


@cache
def _parser(links: bool) -> MarkdownIt:
    return parser(links=links)
