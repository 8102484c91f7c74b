"""Texts that would like to be a program: nothing of them is one."""

import pytest
from tests.unit.page.markdown.checked import Checked

from dragoman.page.markdown import render

ELEMENTS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//e.example></sCrIpT>",
    "<script\x0d\x0asrc=//e>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script\t>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)//",
    "<IMG SRC=javascript:alert(1)>",
    '<img src="x` `<script>alert(1)</script>"` `>',
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=a>",
    "<audio src onloadstart=a>",
    "<marquee onstart=a>",
    "<p onmouseover=alert(1)>a</p>",
    "<a href=javascript:alert(1)>a</a>",
    '<a href="jav&#x09;ascript:alert(1)">a</a>',
    "<a href='&#106;avascript:alert(1)'>a</a>",
    "<a href=data:text/html,<script>a</script>>b</a>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1)>",
    "<svg><a xlink:href=javascript:alert(1)><text>a",
    "<svg><use href=data:image/svg+xml;base64,AA#x>",
    "<svg><foreignObject><script>a",
    "<svg></p><style><a id='</style><img src=1 onerror=a>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src onerror=a&gt;'>",
    "<math href=javascript:alert(1)>a</math>",
    "<math><annotation-xml encoding=text/html><script>a",
    "<style>*{background:url(javascript:a)}</style>",
    "<style>@import '//e.example';</style>",
    "<p style='background:url(//e.example)'>",
    "<div style=position:fixed;inset:0>",
    "<link rel=stylesheet href=//e>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>a</script>'>",
    "<object data=javascript:alert(1)>",
    "<embed src=//e.example/x.swf>",
    "<applet code=x>",
    "<meta http-equiv=refresh content='0;url=javascript:a'>",
    "<base href=//e.example/>",
    "<form action=//e.example><button>a",
    "<button formaction=javascript:a form=x>",
    "<isindex action=//e>",
    "<frameset onload=a>",
    "<portal src=//e>",
    "<dialog open>a</dialog>",
    "<template><script>a</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=a>'>",
    "<xmp><script>a</script></xmp>",
    "<textarea></textarea><script>a</script>",
    "<title></title><script>a",
    "<plaintext>a",
    "<!--><script>a</script>-->",
    "<![CDATA[<script>a</script>]]>",
    "<?xml-stylesheet href='javascript:a'?>",
    "<!DOCTYPE html [<!ENTITY x '<script>'>]>&x;",
    "<custom-element onfoo=a>",
    "<a id=location name=cookie>",
    "<script",
    "<<script>>alert(1)<</script>>",
    "</p><script>a</script>",
    "</code></pre><script>a</script>",
    "<img src=x:x onerror\x0b=a>",
    "<\x00script>a</script>",
    "\ufeff<script>a</script>",
    "＜script＞a＜/script＞",
    "&lt;script&gt;a&lt;/script&gt;",
    "&#60;script&#62;a",
    "&#x3c;img src=x onerror=a&#x3e;",
]
ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "javascript&colon;alert(1)",
    "&#106;&#97;vascript:alert(1)",
    "&#x6A;avascript:alert(1)",
    "&#0000106avascript:alert(1)",
    "javascript&#58;alert(1)",
    "\\javascript:alert(1)",
    "java\\script:alert(1)",
    "%6aavascript:alert(1)",
    "\x01javascript:alert(1)",
    "\u2028javascript:alert(1)",
    "javascript:\\u0061lert(1)",
    "<javascript:alert(1)>",
    "<java script:alert(1)>",
    "data:text/html,<script>a</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml,<svg onload=a>",
    "data:image/png;base64,AA",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://a/b",
    "view-source:x",
    "//e.example",
    "/page/api/sign-out",
    "../x",
    "#x",
    "?x",
    "",
    "https:e.example",
    "https:\\\\e.example",
    "https://a.example@e.example",
    "https://e.example\\@a.example",
    'https://e.example/"onmouseover="alert(1)',
    "https://e.example/'onmouseover='a",
    "https://e.example/><script>",
    "https://e.example/`onmouseover=a",
    "http://[::1",
    "https://xn--\ud800",
    "https://%00",
    "feed:javascript:a",
    "mailto:a@b.example?body=<script>",
]
SHAPES = [
    "{}",
    "a {} b",
    "# {}",
    "- {}",
    "> {}",
    "| {} |\n|---|\n| {} |",
    "**{}**",
    "[{}](https://a.example)",
    "![{}](https://a.example)",
    "`{}`",
    "```\n{}\n```",
    "```{}\na\n```",
    "    {}",
    "${}$",
    "$$\n{}\n$$",
    "[a](https://a.example '{}')",
    "```html\n{}\n```",
    "{}\n===",
]
WAYS = [
    "[a]({})",
    "[a](<{}>)",
    "![a]({})",
    "<{}>",
    "[a][b]\n\n[b]: {}",
    "[b]: {}\n[b]",
    "[b]: <{}>\n![b]",
    "[![a]({})]({})",
    "{}",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_an_element_of_a_model_is_words_wherever_it_is(shape: str) -> None:
    for element in ELEMENTS:
        for html in render(shape.replace("{}", element)):
            Checked(html)


@pytest.mark.parametrize("way", WAYS)
def test_an_address_is_followed_only_to_the_web(way: str) -> None:
    for address in ADDRESSES:
        for html in render(way.replace("{}", address)):
            Checked(html)


def test_a_script_is_shown_as_it_was_written() -> None:
    checked = Checked(render("a <script>alert(1)</script>")[0])

    assert checked.text == "a <script>alert(1)</script>\n"
    assert len(ELEMENTS) + len(ADDRESSES) >= 60
