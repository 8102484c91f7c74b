"""How each thing is shown."""

# ruff: noqa: E501  # reason: a row of the table is a line

import msgspec
import pytest
from tests.unit.page.markdown.checked import Checked

from dragoman.page.markdown import render

A = 'rel="noreferrer noopener nofollow" target="_blank"'


class Case(msgspec.Struct):
    claim: str
    text: str
    html: str


CASES = [
    Case("a paragraph", "a *b* **c** ~~d~~", '<p dir="auto">a <em>b</em> <strong>c</strong> <s>d</s></p>'),
    Case("a heading, two levels down", "# a", '<h3 dir="auto">a</h3>'),
    Case("the deepest heading", "###### a", '<h6 dir="auto">a</h6>'),
    Case("a heading by its line", "a\n===", '<h3 dir="auto">a</h3>'),
    Case("a rule", "***", "<hr>"),
    Case("a break", "a  \nb\nc", '<p dir="auto">a<br>\nb\nc</p>'),
    Case("a quotation", "> a", '<blockquote dir="auto">\n<p dir="auto">a</p>\n</blockquote>'),
    Case("a list", "- a\n- b", '<ul>\n<li dir="auto">a</li>\n<li dir="auto">b</li>\n</ul>'),
    Case("a list from 3", "3. a", '<ol start="3">\n<li dir="auto">a</li>\n</ol>'),
    Case("tasks", "- [ ] a\n- [x] b", '<ul>\n<li dir="auto">[ ] a</li>\n<li dir="auto">[x] b</li>\n</ul>'),
    Case("code in words", "`<a>`", '<p dir="auto"><code dir="ltr">&lt;a&gt;</code></p>'),
    Case("a link", "[a](https://b.example 'c')", f'<p dir="auto"><a href="https://b.example" {A}>a</a></p>'),
    Case("a bare link", "<https://b.example>", f'<p dir="auto"><a href="https://b.example" {A}>https://b.example</a></p>'),
    Case("mail", "<a@b.example>", f'<p dir="auto"><a href="mailto:a@b.example" {A}>a@b.example</a></p>'),
    Case("words that look like a link", "https://b.example", '<p dir="auto">https://b.example</p>'),
    Case("a link to a script", "[a](javascript:b)", '<p dir="auto">[a](javascript:b)</p>'),
    Case("a link to here", "[a](/b)", '<p dir="auto">[a](/b)</p>'),
    Case("a link by reference", "[a]: https://b.example\n[a]", f'<p dir="auto"><a href="https://b.example" {A}>a</a></p>'),
    Case("a picture", "![a *b*](https://c.example/d?e&f)", '<p dir="auto"><button type="button" class="picture" data-src="https://c.example/d?e&amp;f"><span>a *b*</span> <small>c.example</small></button></p>'),
    Case("a picture in the text", "![a](data:image/png;base64,AA==)", '<p dir="auto">![a](data:image/png;base64,AA==)</p>'),
    Case("a picture by mail", "![a](mailto:b@c.example)", '<p dir="auto">a</p>'),
    Case("a picture in a link", "[![a](https://b.example)](https://c.example)", f'<p dir="auto"><a href="https://c.example" {A}>a</a></p>'),
    Case("a nameless picture in a link", "[![](https://b.example)](https://c.example)", f'<p dir="auto"><a href="https://c.example" {A}>b.example</a></p>'),
    Case("an element", "<b>a</b>", '<p dir="auto">&lt;b&gt;a&lt;/b&gt;</p>'),
    Case("an entity", "&lt;b&gt; &#x202e;a", '<p dir="auto"><bdi>&lt;b&gt; \u202ea</bdi></p>'),
    Case("a table", "|a|b|c|\n|:-|-:|-|\n|d|e|f|", '<div class="table" tabindex="0"><table>\n<thead>\n<tr>\n<th dir="auto" align="left">a</th>\n<th dir="auto" align="right">b</th>\n<th dir="auto">c</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td dir="auto" align="left">d</td>\n<td dir="auto" align="right">e</td>\n<td dir="auto">f</td>\n</tr>\n</tbody>\n</table></div>'),
    Case("code", "```\n<a>\n```", '<figure class="code" dir="ltr"><figcaption><span></span></figcaption><pre tabindex="0"><code>&lt;a&gt;\n</code></pre></figure>'),
    Case("indented code", "    a", '<figure class="code" dir="ltr"><figcaption><span></span></figcaption><pre tabindex="0"><code>a\n</code></pre></figure>'),
    Case("code in a list", "- ~~~ x\n  a\n  ~~~", '<ul>\n<li dir="auto">\n<figure class="code" dir="ltr"><figcaption><span>x</span></figcaption><pre tabindex="0"><code>a\n</code></pre></figure>\n</li>\n</ul>'),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_each_thing_is_shown_in_its_way(case: Case) -> None:
    html = "".join(render(case.text))

    assert html == f"{case.html}\n"
    Checked(html)
