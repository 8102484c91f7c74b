"""The last gate: only these tags, attributes, classes and schemes of addresses leave the renderer.

The renderer writes nothing else; this is for the day it errs.
Source: ammonia 4 by way of nh3 0.3, read 2026-11-21.
"""

import nh3
from pygments.token import STANDARD_TYPES  # type: ignore[import-untyped]  # Pygments ships no types

__all__ = ["ATTRIBUTES", "CLASSES", "SCHEMES", "TAGS", "passed"]

_TAGS = """
a bdi blockquote br button code div em figcaption figure h3 h4 h5 h6 hr li ol p pre s small span
strong table tbody td th thead tr ul
"""
TAGS = frozenset(_TAGS.split())
_WORDS = ("p", "li", "h3", "h4", "h5", "h6", "blockquote")
ATTRIBUTES = {tag: {"dir"} for tag in _WORDS} | {
    "a": {"href", "rel", "target"},
    "button": {"type", "data-src"},
    "code": {"dir"},
    "div": {"dir", "tabindex"},
    "figure": {"dir"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "span": {"dir", "title"},
    "td": {"dir", "align"},
    "th": {"dir", "align"},
}
CLASSES = {
    "button": {"picture"},
    "div": {"math", "table"},
    "figure": {"code", "more"},
    "span": {"math", "unseen", *filter(None, STANDARD_TYPES.values())},
}
SCHEMES = frozenset({"http", "https", "mailto"})

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes=ATTRIBUTES,
    allowed_classes=CLASSES,
    url_schemes=set(SCHEMES),
    url_relative="deny",
    link_rel=None,
)


def passed(html: str) -> str:
    """The HTML less whatever is not allowed."""
    return _CLEANER.clean(html)
