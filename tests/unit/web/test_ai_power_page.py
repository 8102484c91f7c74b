"""The chat box of a page, however the page is written."""

import html
import json

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from dragoman.account import Secret
from dragoman.providers.web.ai_power_page import MAX_PAGE_BYTES, Box, choose_box, read_page

NONCE = "0123456789"
CONFIG = {"botId": 1137, "ajaxUrl": "https://example.test/ajax", "nonce": NONCE, "postId": 7}


class Case(msgspec.Struct, frozen=True):
    """A page, and its box as `kind nonce post bot url`; None is no box."""

    name: str
    page: str
    box: str | None


def shown(box: Box | None) -> str | None:
    if box is None:
        return None
    nonce = box.nonce.reveal() if box.nonce else "-"
    return f"{box.kind} {nonce} {box.post_id or '-'} {box.bot_id} {box.site_url or '-'}"


def shortcode(rest: str) -> str:
    return f"<div class=wpaicg-chat-shortcode {rest}></div>"


def modern(config: object) -> str:
    return f'<div data-config="{html.escape(json.dumps(config))}"></div>'


SCRIPT = (
    '<script>var other = {"a": "<div>"}; var wpaicgParams = {"ajax_url":'
    '"https:\\/\\/example.test\\/ajax","search_nonce":"abcdef0123"}; if (1<2) {}</script>'
)
FULL = shortcode(
    f'data-nonce="{NONCE}" data-post-id="7" data-bot-id="0" data-url="https://x.test/"'
)

CASES = [
    Case("double quotes", FULL, f"shortcode {NONCE} 7 0 https://x.test/"),
    Case(
        "single quotes",
        shortcode(f"data-nonce='{NONCE}' data-post-id='7'"),
        f"shortcode {NONCE} 7 0 -",
    ),
    Case(
        "no quotes",
        shortcode(f"data-nonce={NONCE} data-post-id=7 data-url=https://x.test/"),
        f"shortcode {NONCE} 7 0 https://x.test/",
    ),
    Case(
        "blanks around the equals sign",
        shortcode(f'data-nonce = "{NONCE}"\n data-post-id\t=\n7'),
        f"shortcode {NONCE} 7 0 -",
    ),
    Case(
        "entities",
        shortcode('data-nonce="&#48;12345678&#x39;" data-url="https://x.test/?a&amp;b"'),
        f"shortcode {NONCE} - 0 https://x.test/?a&b",
    ),
    Case(
        "upper case",
        f'<DIV CLASS="wpaicg-chat-shortcode" DATA-NONCE="{NONCE}">',
        f"shortcode {NONCE} - 0 -",
    ),
    Case(
        "one class of several",
        f'<div class="a wpaicg-chat-shortcode b" data-nonce="{NONCE}">',
        f"shortcode {NONCE} - 0 -",
    ),
    Case(
        "a post without a value",
        shortcode(f"data-nonce={NONCE} data-post-id"),
        f"shortcode {NONCE} - 0 -",
    ),
    Case(
        "the widget's stray sign",
        f'<div class="wpaicg-chatbox" data-nonce="{NONCE}" data-post-id="<4" data-bot-id="5">',
        f"widget {NONCE} 4 5 -",
    ),
    Case(
        "the shortcode before the widget",
        f'<div class="wpaicg-chatbox" data-nonce="1111111111"></div>{FULL}',
        f"shortcode {NONCE} 7 0 https://x.test/",
    ),
    Case(
        "the first of two attributes",
        shortcode(f"data-nonce={NONCE} data-nonce=1111111111"),
        f"shortcode {NONCE} - 0 -",
    ),
    Case(
        "a box of which the script has the nonce",
        shortcode("data-post-id=7") + SCRIPT,
        "shortcode abcdef0123 7 0 -",
    ),
    Case("the script alone", SCRIPT, "shortcode abcdef0123 - 0 -"),
    Case("a modern box", modern(CONFIG), f"modern {NONCE} 7 1137 -"),
    Case("a modern box without a nonce", modern({"botId": "5"}), "modern - - 5 -"),
    Case("a modern box and a script", modern(CONFIG) + SCRIPT, f"modern {NONCE} 7 1137 -"),
    Case("another plugin's config", modern({"theme": 1}) + modern([1]), None),
    Case("a config that is no JSON", '<div data-config="{">' + "<div data-config>", None),
    Case("a box in a comment", f"<!-- {FULL} -->", None),
    Case("a box in an unclosed comment", f"<!-- {FULL}", None),
    Case("a box in a script", f"<script>'{FULL}'</script>", None),
    Case("a box without a nonce", shortcode("data-post-id=7"), None),
    Case("a nonce that is none", shortcode(f"data-nonce={'x' * 65}"), None),
    Case("a script without an object", "<script>wpaicgParams = {oops</script>", None),
    Case("a script with a list", "<script>wpaicgParams = [1]</script>", None),
    Case("a script nested too deeply", f"<script>wpaicgParams = {{{'[' * 5000}</script>", None),
    Case("a marked section", f"<![oops[ {FULL}", None),
    Case("nothing", "", None),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_box_is_read(case: Case) -> None:
    assert shown(choose_box(read_page(case.page.encode()), None)) == case.box


@pytest.mark.parametrize(
    ("asked", "expected"), [(None, "0"), ("0", "0"), ("7", "7"), ("9", "9"), ("77", "0")]
)
def test_of_several_boxes_the_one_asked_for_is_taken(asked: str | None, expected: str) -> None:
    page = (
        f'<div class="wpaicg-chatbox" data-nonce="{NONCE}" data-bot-id="9"></div>'
        + shortcode(f"data-nonce={NONCE} data-bot-id=0")
        + shortcode(f"data-nonce={NONCE} data-bot-id=7")
    )

    box = choose_box(read_page(page.encode()), asked)

    assert box is not None
    assert box.bot_id == expected


def test_the_addresses_of_the_dispatcher_are_told() -> None:
    page = read_page((SCRIPT + modern(CONFIG)).encode())

    assert page.ajax_url == "https://example.test/ajax"
    assert page.boxes[0].ajax_url == "https://example.test/ajax"


def test_a_nonce_is_in_no_repr() -> None:
    page = read_page(FULL.encode())

    assert page.boxes[0].nonce == Secret(NONCE)
    assert NONCE not in repr(page)


def test_of_a_huge_page_the_beginning_is_read() -> None:
    page = FULL.encode() + b" " * (2 * MAX_PAGE_BYTES)

    assert shown(choose_box(read_page(page), None)) is not None


PIECES = [
    FULL,
    SCRIPT,
    modern(CONFIG),
    "<!--",
    "-->",
    "<![",
    "<!",
    "<?",
    "</",
    "<script>",
    '"',
    "'",
    "<div ",
    "&#",
    "\0",
]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=10)), max_size=12))
def test_any_text_is_a_page(pieces: list[str]) -> None:
    read_page("".join(pieces).encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_page(body: bytes) -> None:
    assert choose_box(read_page(body), None) is None


@pytest.mark.parametrize("nonce", [r"\ud800abc", r"a\u0000b", "\u00e9", "a\\nb"])
def test_a_nonce_that_no_request_can_carry_is_none(nonce: str) -> None:
    page = read_page(f'<script>var wpaicgParams = {{"search_nonce":"{nonce}"}}</script>'.encode())

    assert page.nonce is None
