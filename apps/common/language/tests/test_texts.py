"""Texts that are kept by language are those that Django would say."""

from django.utils import translation

from apps.common.language.texts import active_language, gettext, in_one_language, once_per_language

FORBIDDEN = "Forbidden"


def test_a_text_is_in_the_language_that_is_active_now():
    for code in ("de", "en", "de"):
        with translation.override(code):
            assert gettext(FORBIDDEN) == translation.gettext(FORBIDDEN)
            with in_one_language():
                assert gettext(FORBIDDEN) == translation.gettext(FORBIDDEN)
    with translation.override("de"):
        assert gettext(FORBIDDEN) != FORBIDDEN
    assert gettext(FORBIDDEN) == FORBIDDEN


def test_without_a_language_it_is_english():
    with translation.override(None, deactivate=False):
        assert active_language() == "en"
        assert gettext(FORBIDDEN) == FORBIDDEN


def test_the_language_of_an_answer_ends_with_it():
    with translation.override("de"), in_one_language():
        assert active_language() == "de"
    with translation.override("en"):
        assert active_language() == "en"


def test_what_is_made_is_kept_for_each_language_and_argument():
    made = []

    @once_per_language
    def say(number):
        made.append((translation.get_language(), number))
        return number

    for code in ("de", "en", "de"):
        with translation.override(code):
            assert [say(1), say(2)] == [1, 2]
    assert made == [("de", 1), ("de", 2), ("en", 1), ("en", 2)]
