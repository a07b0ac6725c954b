"""Fields of forms that are empty for everybody are rendered once; all others as Django renders them."""

from __future__ import annotations

import pytest
from django.forms import BoundField
from django.utils import translation

from apps.web.account.forms import LoginForm, RegisterForm, ResetRequestForm
from apps.web.base.forms import ServiceForm
from apps.web.settings.forms import PasswordForm
from apps.web.settings.token_forms import TokenForm
from apps.web.tasks.forms import CommentForm, RelationForm, SubtaskForm


def kinds(base=ServiceForm):
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


SAME = [kind for kind in kinds() if kind.is_same_for_everybody]


def test_there_are_such_forms():
    assert {CommentForm, RelationForm, SubtaskForm} <= set(SAME)


@pytest.mark.parametrize("kind", SAME)
def test_an_empty_form_is_as_django_renders_it_in_each_language(kind):
    for code in ("en", "de", "en"):
        with translation.override(code):
            form = kind()
            for bound in form:
                assert str(bound) == BoundField.as_widget(bound)
                assert bound.as_widget(attrs={"id": "other"}) == BoundField.as_widget(bound, attrs={"id": "other"})


def test_what_was_sent_or_stood_before_is_shown():
    str(CommentForm()["body"])
    for form in (CommentForm({"body": "<mine>"}), CommentForm(initial={"body": "<mine>"})):
        assert "&lt;mine&gt;" in str(form["body"])
    assert "mine" not in str(CommentForm()["body"])
    assert 'name="a-body"' in str(CommentForm(prefix="a")["body"])


@pytest.mark.parametrize("kind", [LoginForm, RegisterForm, ResetRequestForm, PasswordForm, TokenForm])
def test_the_fields_of_a_form_are_equally_tall(kind):
    fields = [field for field in kind.base_fields.values() if not field.widget.is_hidden]
    assert len({"big" in field.widget.attrs.get("class", "").split() for field in fields}) == 1
