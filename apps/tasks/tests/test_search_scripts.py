"""CONTRACT section 8, "Search": every run of letters and digits is a word, in every script."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.tasks.models import Task
from apps.tasks.search import Search, search_tasks
from apps.tasks.tests.factories import TaskFactory

# title: (what finds it, what does not)
TITLES = {
    # punctuation between words
    "Frontend/Backend split": ("Frontend Backend Frontend/Backend backend/front split", "end ront"),
    "Invoice INV-2024-0815": ("INV 2024 0815 INV-2024-0815 -2024 inv-2024-08 #0815", "24 815 INV-2023"),
    "Ask anna.schmidt@firma.example": (
        "anna schmidt firma example anna.schmidt@firma.example @firma schmidt@firma",
        "chmidt irma",
    ),
    "annual_report_v2.pdf": ("annual report v2 pdf annual_report_v2.pdf report_v2 .pdf annual_report_v", "eport"),
    "https://wiki.example.org/onboarding/new-people?lang=de#top": (
        "wiki onboarding new people lang de top example.org https://wiki.example.org/onboarding /onboarding/new",
        "boarding",
    ),
    "C:\\Users\\anna\\Desktop": ("users anna desktop C:\\Users\\anna \\Desktop", "sktop"),
    "TCP/IP and IPv6": ("TCP IP TCP/IP ipv6", "cp"),
    "release v1.2.3-rc1+build": ("v1.2.3 v1 2.3 rc1 build v1.2.3-rc1+build", "v2"),
    "C++ and C# for #123": ("C++ C# #123 123", "#124"),
    "192.168.0.1:8080 is down": ("192.168.0.1 8080 192.168 :8080", "193.168"),
    "3,5 % of 1.000,00 €": ("3,5 1.000,00 000", "9"),
    "don't — “quote” (me)…": ("don't quote me “quote” dont’t", ""),
    "foo|bar&baz!qux<->zip": ("foo bar baz qux zip foo|bar foo&zip", "oo"),
    "Produkt™ Zwei": ("produkt Produkt™ zwei produkttm", "rodukt"),
    "①準備 ②Setup": ("準備 setup ①準備 ②setup", ""),
    "mach´s gut, geht's": ("mach gut geht's mach´s", ""),
    # one form on both sides
    "Große Straße": ("STRASSE strasse Straße grosse GROẞE große", "trasse"),
    "Cafe\u0301 E\u0301te\u0301": ("café CAFÉ été cafe\u0301", "cafe éte"),
    "ＦＵＬＬ ｗｉｄｔｈ １２３": ("full width 123 ＦＵＬＬ", ""),
    "ΟΔΟΣ Αθηνών": ("οδος οδοσ ΑΘΗΝΏΝ αθην", ""),
    "Проверить отчёт": ("ПРОВЕРИТЬ отчёт провер", "роверить"),
    "re\u00adport\u2060.pdf soft": ("report report.pdf re\u00adport", ""),
    "5㎏ ﬁne": ("5kg 5㎏ fine", ""),
    # scripts without spaces
    "設計書のレビューを行う": (
        "レビュー 設計 計書 書の のレ ビュ 行う 設計書のレビューを行う ビューを う 設 ﾚﾋﾞｭｰ",
        "レュ 設計レビュー 書設",
    ),
    "更新用户登录页面": ("登录 用户登录 更新用户 页面 面 更新用户登录页面", "登页 用户页面 录登"),
    "東京から京都へ": ("東京 京都 から京", "東京都 京都か"),
    "ประชุมทีมวางแผน": ("ประชุม ทีม วางแผน มวาง ที", "แผนทีม"),
    "ກອງປະຊຸມທີມ": ("ປະຊຸມ ທີມ ກອງ", "ທີມກອງ"),
    "កិច្ចប្រជុំក្រុម": ("ប្រជុំ ក្រុម កិច្ច", "ក្រុមកិច្ច"),
    "အစည်းအဝေးအဖွဲ့": ("အစည်း အဝေး အဖွဲ့", "ဝေးစည်း"),
    "設計書v2レビュー": ("v2 設計書 レビュー 設計書v2 v2レビュー 設計書v2レビュー 設計書v 書v2レ", "v3 設計書v3"),
    "2024年度計画": ("2024 年度 2024年 2024年度 計画 年度計画", "2025年 画計"),
    "カスタマー・サポート": ("サポート カスタマー カスタマー・サポート サポ", ""),
    "會議記錄：第三季度": ("會議 記錄 第三 季度 ：第三", ""),
    # scripts with spaces
    "회의록 검토 요청": ("회의록 검토 요청 회의 검토요청 회의록검토", ""),
    "مُحَمَّد يكتب تقريرًا": ("مُحَمَّد يكتب تقريرًا يكت", "كتب"),
    "מסמך שָׁלוֹם": ("מסמך שָׁלוֹם", "סמך"),
    "हिन्दी में रिपोर्ट": ("हिन्दी रिपोर्ट हिन्द", "न्दी"),
    "தமிழ் அறிக்கை": ("தமிழ் அறிக்கை", ""),
    "می\u200cخواهم گزارش": ("می\u200cخواهم میخواهم گزارش", ""),
    "رقم ٢٠٢٤": ("٢٠٢٤ رقم", ""),
    # emoji
    "🚀 Launch 👩‍💻🎉done": ("🚀 launch 🎉 done 🎉done 🚀launch 👩‍💻 👩", "🐛"),
    "fix🐛bug ❤️": ("fix bug 🐛 ❤ ❤️ fix🐛bug", ""),
}
# As separate searches some of the words above are joined for the reader: what is found only as one is left out
JOINED = {"dont’t", "검토요청", "회의록검토"}

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    return list(search_tasks(Task.objects.all(), Search.parse(text)).values_list("title", flat=True))


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
def test_a_title_is_found_by_its_words_and_by_what_it_is_as_a_whole(title, project):
    TaskFactory(project=project, title=title)
    finding, missing = (set(words.split()) for words in TITLES[title])

    assert [text for text in (finding - JOINED) | {title} if not found(text)] == []
    assert [text for text in missing if found(text)] == []


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
def test_a_description_is_found_as_a_title_is(title, project):
    TaskFactory(project=project, title="other", description=f"Before.\n{title}\n\nAfter.")

    assert [text for text in set(TITLES[title][0].split()) - JOINED if found(text) != ["other"]] == []
    assert [text for text in TITLES[title][1].split() if found(text)] == []


def test_parts_are_not_joined_over_title_and_description(project):
    TaskFactory(project=project, title="更新用户", description="登录页面")

    assert found("更新用户 登录") == ["更新用户"]
    assert found("用户登录") == []


def test_all_words_must_be_there_and_only_the_last_is_a_prefix(project):
    TaskFactory(project=project, title="設計書 review 登录页面", description="Grüße")

    assert found("計書 review 页面 grü")
    assert found("页面 rev 計書") == []
    assert found("計書 review 页面 fehlt") == []


@pytest.mark.parametrize("text", ["WEB-1", "web-1", " Web-1 ", "ＷＥＢ－１"])
def test_a_key_is_found_in_every_form(text, project):
    TaskFactory(project=project, title="something else")

    assert found(text) == ["something else"]


@pytest.mark.parametrize("text", ["", " ", "!!!", "-", "·", "„“", "…", "\u200b", "\u0301"])
def test_a_text_without_words_finds_nothing(text, project):
    TaskFactory(project=project, title="a · b … „c“ !!! -")

    assert found(text) == []


def test_a_word_is_found_however_long_it_is(project):
    TaskFactory(project=project, title="long", description=f"{'x' * 3_000} {'設' * 3_000} {'😀' * 3_000}")

    assert found("x" * 500) == found("設" * 500) == found("😀" * 500) == found("x" * 50) == ["long"]


LETTERS = st.characters(categories=["L", "N"])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=5),
    mark=st.sampled_from("/-_.@:, \t|·、"),
)
def test_every_word_of_every_text_is_found_and_the_whole_too(words, mark, project):
    text = mark.join(words)
    Task.objects.all().delete()
    TaskFactory(project=project, title="any", description=text)

    assert found(text) == ["any"]
    assert [word for word in words if found(word) != ["any"]] == []


UNSPACED_TEXT = st.text(st.sampled_from("設計書レビュー登录页面用户จกรขคงกิำ်းអ្នកດ的一是々"), min_size=2, max_size=30)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=UNSPACED_TEXT, other=UNSPACED_TEXT, data=st.data())
def test_text_without_spaces_is_found_by_exactly_its_parts(text, other, data, project):
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 2, len(text)))
    Task.objects.all().delete()
    TaskFactory(project=project, title="any", description=f"see{text}, and")

    assert found(text[start:end]) == ["any"]
    assert bool(found(other)) is (other in text)
