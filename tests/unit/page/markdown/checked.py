"""What a browser would make of the HTML: its tags and words, and whether all of it is allowed."""

from html.parser import HTMLParser

from dragoman.page.markdown.addresses import is_picture, is_safe

TAGS = {
    "a", "bdi", "blockquote", "br", "button", "code", "div", "em", "figcaption", "figure",
    "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "small", "span", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
EMPTY = {"br", "hr"}
# What an attribute may say; what is not here is on no element.
SAYS = {
    "dir": {"auto", "ltr"},
    "rel": {"noreferrer noopener nofollow"},
    "target": {"_blank"},
    "type": {"button"},
    "tabindex": {"0"},
    "align": {"left", "right", "center"},
}


class Checked(HTMLParser):
    """Parses HTML, and fails where it is not what the page may show."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        said = {name: value or "" for name, value in attrs}
        assert len(said) == len(attrs)
        for name, value in said.items():
            _check(tag, name, value)
        if tag == "a":
            # An address that is none after all loses it at the gate.
            assert {"rel", "target"} <= said.keys()
        self.tags.append((tag, said))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")

    @property
    def text(self) -> str:
        """All words, as a reader copies them."""
        return "".join(self.words)


def text_of(blocks: list[str]) -> str:
    """The words of blocks, each of which is checked."""
    return "".join(Checked(block).text for block in blocks)


def _check(tag: str, name: str, value: str) -> None:
    match tag, name:
        case "a", "href":
            assert is_safe(value)
        case "button", "data-src":
            assert is_picture(value)
        case "ol", "start":
            assert value.isdigit()
        case "span", "title":
            assert value.startswith("U+")
        case _, "class":
            assert all(word.isalnum() for word in value.split())
        case _:
            assert value in SAYS[name], (tag, name, value)
