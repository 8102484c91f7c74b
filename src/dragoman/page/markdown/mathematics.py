"""Mathematics in TeX stays as it was written: no emphasis, no escapes, no list within it.

Between $...$, $$...$$, \\(...\\) and \\[...\\]. A price is none: what follows the opening $ and
what comes before the closing one is not a space, and no digit follows; nor is a variable of a shell
that stands before code, so there is no ` within.
Source: Pandoc User's Guide, "tex_math_dollars" and "tex_math_single_backslash", read 2026-11-21.
Own rules: those of mdit-py-plugins 0.7 take a text's last character for the one before its first.
"""

import re
from bisect import bisect_left

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

__all__ = ["with_mathematics"]

# Characters within a formula: what is longer is none, and no search is longer.
_LONGEST = 2000
_DOLLARS = re.compile(
    rf"\$\$(?!\$)(?:\\.|[^\\$`]){{1,{_LONGEST}}}?\$\$"
    rf"|\$(?![\s$])(?:\\.|[^\\$`]){{1,{_LONGEST}}}?(?<!\s)\$(?!\d)",
    re.DOTALL,
)
_CLOSERS = {"$$": "$$", "\\[": "\\]", "\\(": "\\)"}
_BLANK = re.compile(r"\n[ \t>]*\n")
_AFTER = re.compile(r"[ \t]*[.,;:]?[ \t]*")


def with_mathematics(parser: MarkdownIt) -> MarkdownIt:
    """The parser, knowing `math_inline` and `math_block`."""
    parser.inline.ruler.before("escape", "math_inline", _inline)
    ends = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "math_block", _block, {"alt": ends})
    return parser


def _inline(state: StateInline, silent: bool) -> bool:
    end = _end_of_inline(state.src, state.pos, state.posMax)
    if not end:
        return False
    if not silent:
        token = state.push("math_inline", "span", 0)
        token.content = state.src[state.pos : end]
    state.pos = end
    return True


def _end_of_inline(text: str, start: int, last: int) -> int:
    """The position after a formula that begins there, or 0."""
    if text[start] == "$":
        found = _DOLLARS.match(text, start, last)
        return found.end() if found else 0
    closer = _CLOSERS.get(text[start : start + 2])
    close = text.find(closer, start + 3, min(last, start + _LONGEST)) if closer else -1
    return close + 2 if close > 0 else 0


def _block(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    if state.is_code_block(line):
        return False
    end = _last_line(state, line)
    if not 0 <= end < last or _is_outdented(state, line, end):
        return False
    if not silent:
        token = state.push("math_block", "div", 0)
        token.content = state.getLines(line, end + 1, state.blkIndent, False).strip()
        token.map = [line, end + 1]
        state.line = end + 1
    return True


def _last_line(state: StateBlock, line: int) -> int:
    """The line that closes a formula, which this one opens, or -1."""
    start = state.bMarks[line] + state.tShift[line]
    closer = _CLOSERS.get(state.src[start : start + 2])
    if closer is None or closer == "\\)":
        return -1
    close = state.src.find(closer, start + 2, start + _LONGEST)
    if close < 0 or _BLANK.search(state.src, start, close):
        return -1
    end = bisect_left(state.eMarks, close)
    after = state.src[close + len(closer) : state.eMarks[end]]
    return end if _AFTER.fullmatch(after) else -1


def _is_outdented(state: StateBlock, line: int, end: int) -> bool:
    return any(state.sCount[at] < state.blkIndent for at in range(line + 1, end + 1))
