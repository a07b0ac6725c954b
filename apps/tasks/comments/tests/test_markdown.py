"""Markdown as HTML: what it may hold, and that no hostile text makes it otherwise (contract C13 to C16)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.comments.markdown.document import Document
from apps.tasks.comments.tests.comment_helpers import comment_on, url
from apps.tasks.models import Attachment
from apps.tasks.tests.factories import TaskFactory

ELEMENTS = {
    *("p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "h4", "h5", "h6", "hr", "a"),
    *("table", "thead", "tbody", "tr", "th", "td", "input", "span", "img"),
}
ATTRIBUTES = {
    "a": {"href", "rel"},
    "img": {"src", "alt"},
    "input": {"type", "disabled", "checked"},
    "span": {"class", "data-user"},
    "ol": {"start"},
}


def html(source: str, *, people=None, pictures=(), task_id=42) -> str:
    document = Document(source, task_id=task_id, people=people or {}, sites={"https://tasks.example.com"})
    return document.html(pictures=pictures)


class Judge(HTMLParser):
    """Notes every element, attribute and address that may not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attrs):
        allowed = ATTRIBUTES.get(tag, set())
        if tag not in ELEMENTS:
            self.wrong.append(tag)
        for name, value in attrs:
            if name not in allowed:
                self.wrong.append(f"{tag} {name}")
            if name == "href" and not re.match(r"(https?://|mailto:)", value or ""):
                self.wrong.append(f"{tag} {name}={value}")
            if name == "src" and not re.fullmatch(r"/tasks/[0-9]+/attachments/[0-9]+/", value or ""):
                self.wrong.append(f"{tag} {name}={value}")

    handle_comment = handle_decl = handle_pi = lambda self, data: self.wrong.append(data)


def judged(text: str) -> list[str]:
    judge = Judge()
    judge.feed(text)
    judge.close()
    return judge.wrong


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a *b* **c** ~~d~~ `e`", "<p>a <em>b</em> <strong>c</strong> <s>d</s> <code>e</code></p>\n"),
        ("# a\n\n### b\n\n###### c", "<h4>a</h4>\n<h6>b</h6>\n<h6>c</h6>\n"),
        ("a  \nb\n***", "<p>a<br>\nb</p>\n<hr>\n"),
        ("> a\n\n1. b", "<blockquote>\n<p>a</p>\n</blockquote>\n<ol>\n<li>b</li>\n</ol>\n"),
        (
            "- [ ] a\n- [x] b",
            '<ul>\n<li><input type="checkbox" disabled=""> a</li>\n'
            '<li><input type="checkbox" checked="" disabled=""> b</li>\n</ul>\n',
        ),
        ("```py\n<b>\n```", "<pre><code>&lt;b&gt;\n</code></pre>\n"),
        (
            "|a|b|\n|:-|-:|\n|1|2|",
            "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n"
            "<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n",
        ),
        ("<b>x</b> &amp; &lt;", "<p>&lt;b&gt;x&lt;/b&gt; &amp; &lt;</p>\n"),
        (
            "see http://x.example/a?b=c, ok",
            '<p>see <a href="http://x.example/a?b=c" rel="nofollow noopener ugc">http://x.example/a?b=c</a>, ok</p>\n',
        ),
        (
            "[a](https://x.example 'title') <mailto:a@x.example>",
            '<p><a href="https://x.example" rel="nofollow noopener ugc">a</a> '
            '<a href="mailto:a@x.example" rel="nofollow noopener ugc">mailto:a@x.example</a></p>\n',
        ),
        ("www.x.example x.example a@x.example ftp://x.example", None),
        ("[a](ftp://x.example) [b](/relative) [c](#x) [d](//x.example)", "<p>a b c d</p>\n"),
    ],
)
def test_c13_c14_markdown_is_shown_as_the_contract_says(source, shown):
    expected = f"<p>{source}</p>\n" if shown is None else shown
    assert html(source) == expected


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<style>*{display:none}</style><svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1)) [y](<java\nscript:alert(1)>)",
    "[x](&#106;avascript:alert(1)) [y](\\javascript:alert(1))",
    "[x](%6aavascript:alert(1)) [x](\x01javascript:alert(1))",
    "[x](vbscript:x) [y](data:text/html,<script>) [z](file:///etc/passwd) [w](blob:http://x)",
    "[x]: javascript:alert(1)\n\n[x] [y][x] ![z][x]",
    "<javascript:alert(1)> <data:text/html;base64,xx>",
    "![x](javascript:alert(1)) ![y](data:image/svg+xml;base64,xx) ![z](http://x.example/pixel.png)",
    "![x](//x.example/pixel.png) ![y](/media/avatars/x) ![z](attachment:../../x)",
    '![x" onerror="alert(1)](attachment:7) ![](attachment:7 "onload=alert(1)")',
    '[x](http://x.example/"onmouseover="alert(1)) [y](http://x.example/ "a\\" onclick=\\"b")',
    "[![x](http://x.example/a.png)](javascript:alert(1))",
    "[a](http://a.example [b](http://b.example) ![c](http://c.example))",
    "|<script>|\n|-|\n|<img src=x onerror=y>|",
    '```"><script>alert(1)</script>\nx\n```',
    "- [x] <input type=text autofocus onfocus=alert(1)>",
    "<span class=mention data-user=1>@x</span> <a href=javascript:x style=color:red>y</a>",
    "<!-- --> <?php ?> <![CDATA[x]]> <!doctype html>",
    "\x00<script>\u2028</script\u2029> &#x3c;script&#x3e; &lt;script&gt;",
    "http://x.example/<script> http://x.example/\"onclick=x http://x.example/'",
    '@anna<script> @anna" onclick=x',
    "<scr<script>ipt> <</p>script> <math><mtext></p><style><img src=x>",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_property_7_no_hostile_text_becomes_markup(source):
    for text in (source, f"> {source}", f"- {source}", f"# {source}", f"**{source}**", f"[{source}](http://x.example)"):
        shown = html(text, people={"anna": 5}, pictures={7})
        assert judged(shown) == [], shown


def test_the_judge_notices_what_is_wrong():
    assert judged('<script>x</script><a href="javascript:x" style="a">y</a><img src="http://x/">') == [
        "script",
        "a href=javascript:x",
        "a style",
        "img src=http://x/",
    ]


def test_c14_pictures_of_the_task_are_shown_and_others_become_links(api, member, project, task):
    picture, text = attach(task), attach(task)
    Attachment.objects.filter(pk=picture.pk).update(content_type="image/png")
    Attachment.objects.filter(pk=text.pk).update(content_type="text/plain")
    foreign = attach(TaskFactory(project=project))
    Attachment.objects.filter(pk=foreign.pk).update(content_type="image/png")
    shown = api(member).get(f"/api/tasks/{task.pk}/attachments/{picture.pk}/").json()["url"]
    site = "http://testserver"

    def rendered(address):
        comment = comment_on(task, member, f"![a *b*]({address})")
        return api(member).get(url(task, comment), {"include": "html"}).json()["body_html"]

    image = f'<p><img src="/tasks/{task.pk}/attachments/{picture.pk}/" alt="a b"></p>\n'
    for address in (f"attachment:{picture.pk}", shown, shown.removeprefix(site)):
        assert rendered(address) == image
    for address in (f"attachment:{text.pk}", f"attachment:{foreign.pk}", "attachment:9", "x.png", "data:image/png,x"):
        assert rendered(address) == "<p>a b</p>\n"
    for address in (
        "https://x.example/a.png",
        shown.replace(site, "https://evil.example"),
        f"{shown}?x=1",
        f"{site}/api/tasks/{task.pk}/attachments/{text.pk}/download/",
        f"{site}/api/tasks/{foreign.task_id}/attachments/{foreign.pk}/download/",
    ):
        assert rendered(address) == f'<p><a href="{address}" rel="nofollow noopener ugc">a b</a></p>\n'
    Attachment.objects.filter(pk=picture.pk).update(state="deleting", task=None, project=None)
    assert rendered(f"attachment:{picture.pk}") == "<p>a b</p>\n"


def test_c16_a_task_shows_its_description_by_the_same_rules(api, member, viewer, task):
    body = {"description": "# Ask @viewer\n\n<b>"}
    assert "description_html" not in api(member).patch(f"/api/tasks/{task.pk}/", body, query_params={}).json()

    plain = api(viewer).get(f"/api/tasks/{task.pk}/")
    shown = api(viewer).get(f"/api/tasks/{task.pk}/?include=html")

    mention = f'<span class="mention" data-user="{viewer.pk}">@viewer</span>'
    assert shown.json() == plain.json() | {"description_html": f"<h4>Ask {mention}</h4>\n<p>&lt;b&gt;</p>\n"}
    assert shown["ETag"] != plain["ETag"]
    assert shown["ETag"].split(".")[0] == plain["ETag"].split(".")[0]
    not_modified = api(viewer).get(f"/api/tasks/{task.pk}/?include=html", headers={"If-None-Match": shown["ETag"]})
    assert not_modified.status_code == 304


def test_h5_include_takes_known_words_on_get_only(api, member, task):
    comment = comment_on(task, member, "**x**")
    for path in (url(task), url(task, comment), f"/api/tasks/{task.pk}/"):
        wrong = api(member).get(path, {"include": "html,colour"})
        assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (400, "invalid_choice")
        assert api(member).get(path, {"include": ""}).status_code == 200
        assert "html" in api(member).get(path, {"include": " html "}).content.decode()
    [row] = api(member).get(url(task), {"include": "html"}).json()["results"]
    assert row["body_html"] == "<p><strong>x</strong></p>\n"
    edited = api(member).patch(f"{url(task, comment)}?include=html", {"body": "y"})
    assert (edited.status_code, "body_html" in edited.json()) == (200, False)
    api(member).delete(url(task, comment))
    [row] = api(member).get(url(task), {"include": "html"}).json()["results"]
    assert (row["body"], row["body_html"]) == (None, None)
