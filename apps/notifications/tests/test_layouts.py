"""The bodies of mails are what their templates say, whatever the words, though each shape is rendered once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.template.loader import get_template
from django.utils import translation

from apps.notifications.delivery import layouts
from apps.notifications.delivery.safe_text import body_html, body_text, header_text
from apps.notifications.kinds import Change, Content
from apps.notifications.tests.kinds_for_tests import ALL, AccountPoked, Poked
from apps.notifications.user_text import user_text

NASTY = "<b>&amp; \0 1\0 {{ title }} {% now 'Y' %} https://evil.example \u202e\r\n"
WORDS = Content(
    title="WEB-1 is new: Title",
    lines=(f"{user_text('Bob')} created “{user_text(NASTY)}”.", "", "Due: tomorrow", user_text("")),
    changes=(Change("Status", "To do", "Done"), Change("A & B", "", "new"), Change("Tag <i>", NASTY, "")),
    why="You get this because.",
    path="/tasks/1/",
    action="Open “it” & <go>",
    heading=f"WEB-1 {user_text(NASTY)}",
)
SHAPES = [
    WORDS,
    replace(WORDS, title=NASTY, heading="", why=NASTY, lines=tuple(reversed(WORDS.lines))),
    replace(WORDS, changes=tuple(Change(each.label, each.new, each.old) for each in WORDS.changes)),
    replace(WORDS, changes=(), action=""),
    replace(WORDS, lines=(), path=""),
    Content(title="Only this"),
]
LINKS = [("", ""), ("https://tasks.example/tasks/1/?a=1&b=2", "https://tasks.example/unsubscribe/x:y/")]


def rendered(template, harmless, kind, words, link, unsubscribe):
    """Return what the template says when it is rendered for this mail alone."""
    return get_template(template).render(
        {
            "kind": kind,
            "link": link,
            "unsubscribe": unsubscribe,
            "title": harmless(header_text(words.title)),
            "heading": harmless(words.heading or words.title),
            "lines": [harmless(line) for line in words.lines if line],
            "changes": [Change(change.label, harmless(change.old), harmless(change.new)) for change in words.changes],
            "why": harmless(words.why),
            "action": words.action,
        }
    )


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("links", LINKS)
def test_a_body_is_what_its_template_renders_for_each_shape_language_and_kind(kind, links):
    link, unsubscribe = links
    for words in [*SHAPES, *reversed(SHAPES)]:
        for language in ("en", "de"):
            with translation.override(language):
                text = layouts.text_body(kind, words, link=link, unsubscribe=unsubscribe)
                html = layouts.html_body(kind, words, link=link, unsubscribe=unsubscribe)

                assert text == rendered("notifications/mail.txt", body_text, kind, words, link, unsubscribe)
                assert html == rendered("notifications/mail.html", body_html, kind, words, link, unsubscribe)
            assert f'lang="{language}"' in html


def test_mails_of_one_shape_render_the_template_once_and_have_their_own_words(monkeypatch):
    asked = []

    def counting(name):
        asked.append(name)
        return get_template(name)

    monkeypatch.setattr(layouts, "get_template", counting)
    words = replace(WORDS, lines=(*WORDS.lines, "A line more, which no other test has"))
    texts = [
        layouts.text_body(
            AccountPoked, replace(words, title=f"Title {n}", why=f"Why {n}"), link=f"https://x/{n}", unsubscribe=""
        )
        for n in range(5)
    ]

    assert asked == ["notifications/mail.txt"]
    for n, text in enumerate(texts):
        assert f"https://x/{n}\n" in text
        assert f"Why {n}\n" in text


def test_the_words_of_people_cannot_take_the_place_of_others():
    words = replace(WORDS, lines=("\0001\000 and \0003\000",), heading="The heading", action="The action")

    html = layouts.html_body(Poked, words, link="https://x/", unsubscribe="")

    assert html.count("The heading") == 1
    assert html.count("The action") == 1
    assert "\0" not in html
