"""Code to HTML: a figure with its language, coloured by classes alone.

The language is never guessed; one that is not in `_KNOWN` has no colours. Lexers are regular
expressions of many hands, so only those of well-known languages are let near a model's text.
"""

from collections.abc import Iterator
from functools import cache

from markdown_it.common.utils import unescapeAll
from pygments.lexer import Lexer  # type: ignore[import-untyped]  # Pygments ships no types
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # as above
from pygments.token import STANDARD_TYPES  # type: ignore[import-untyped]  # as above

from dragoman.page.markdown.unseen import cleaned, marked

__all__ = ["END", "LONGEST_LIT", "coloured", "figure", "framed", "language_of"]

# Characters of a block of code that is coloured.
LONGEST_LIT = 65536
# What every figure ends with.
END = "</code></pre></figure>\n"
_LONGEST_NAME = 40
_NAMES = """
bash c c# c++ clj clojure cmake cpp cs csharp css dart diff docker dockerfile elixir elm erl erlang
ex fish fortran fsharp gleam glsl go golang graphql groovy haskell hcl hs html http ini java
javascript jinja jl js json json5 jsx julia kotlin latex less lisp llvm lua make makefile markdown
matlab md mysql nasm nginx nim nix objc objective-c ocaml octave pascal perl php pl postgres
postgresql powershell prolog properties proto protobuf ps1 py py3 python python3 r rb rs ruby rust
sass scala scheme scss sh shell solidity sql sqlite3 swift tcl terraform tex tf toml ts tsx
typescript vb.net verilog vhdl vim vue wgsl xml yaml yml zig zsh
"""
_KNOWN = frozenset(_NAMES.split())
_ALSO = {"cxx": "cpp", "h": "c", "hpp": "cpp", "jsonc": "json", "kt": "kotlin"}
_ALSO |= {"patch": "diff", "sol": "solidity", "svelte": "html", "svg": "xml"}
# Names, punctuation and spaces look like text: no element for them.
_BARE = frozenset({"n", "p", "w"})


def figure(code: str, info: str) -> str:
    """A whole block of code; `info` is what its fence says."""
    language = language_of(info)
    lit = coloured(code, language) if len(code) <= LONGEST_LIT else marked(code)
    return framed(lit, language)


def framed(html: str, language: str, *, follows: bool = False) -> str:
    """A figure around code that is HTML; one more slice of a block has no caption."""
    caption = "" if follows else f"<figcaption><span>{marked(language)}</span></figcaption>"
    kind = "code more" if follows else "code"
    return f'<figure class="{kind}" dir="ltr">{caption}<pre tabindex="0"><code>{html}{END}'


def language_of(info: str) -> str:
    """The name of the language in the words behind a fence."""
    words = cleaned(unescapeAll(info)).replace("{", " ").replace("}", " ").split()
    return words[0][:_LONGEST_NAME] if words else ""


def coloured(code: str, language: str) -> str:
    """HTML of code with a class for each kind of word, or without if its language has no lexer."""
    name = language.lower().lstrip(".")
    name = _ALSO.get(name, name)
    if name not in _KNOWN:
        return marked(code)
    try:
        pieces = list(_pieces(_lexer(name), code))
    except Exception:
        # A lexer is another's code on a model's text: whatever it does, the code is shown.
        return marked(code)
    if sum(len(text) for _, text in pieces) != len(code):
        return marked(code)
    return "".join(
        f'<span class="{kind}">{marked(text)}</span>' if kind else marked(text)
        for kind, text in pieces
    )


@cache
def _lexer(name: str) -> Lexer:
    return get_lexer_by_name(name)


def _pieces(lexer: Lexer, code: str) -> Iterator[tuple[str, str]]:
    """Runs of one class, as few as there are."""
    run: list[str] = []
    last = ""
    for _, token, text in lexer.get_tokens_unprocessed(code):
        kind = STANDARD_TYPES.get(token) or STANDARD_TYPES.get(token.parent, "")
        kind = "" if kind in _BARE else kind
        if kind != last and run:
            yield last, "".join(run)
            run = []
        last = kind
        run.append(text)
    if run:
        yield last, "".join(run)
