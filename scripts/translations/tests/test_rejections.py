"""What the services reject with is translated where pages show it: the list is compared with their source."""

from __future__ import annotations

import re

import pytest
from django.urls import get_resolver

from apps.common.language import rejections
from apps.common.language.problems import PLACE
from apps.web.base.forms import ServiceForm
from scripts.translations.raised import raised_texts

# Pages never show these: (module, the beginning of the text) -> why
NOT_SHOWN = {
    ("apps/common/api/", ""): "parsers, headers and tokens of the API",
    ("apps/common/origin.py", ""): "API tokens",
    ("apps/common/errors.py", "Authentication credentials were not provided"): "pages lead to the login",
    ("apps/common/errors.py", "This Idempotency-Key"): "pages send none",
    ("apps/events/", ""): "parameters of the stream, for programs",
    ("apps/exports/services.py", "The export of an account is not for API tokens"): "API tokens",
    ("apps/exports/views.py", ""): "the API's download; the page has its own",
    ("apps/notifications/preferences.py", "Give an object"): "the page's form makes the object",
    ("apps/reports/views.py", ""): "reports have no page",
    ("apps/sync/", ""): "copies have no page",
    ("apps/tasks/demo/", ""): "a command says it",
    ("apps/tasks/external/", ""): "ids of other systems are given by the API alone",
    ("apps/tasks/filtering/json_form.py", ""): "pages send filters as text",
    ("apps/tasks/saved_views/views.py", "Give ids"): "counts of several views are asked for by programs",
    ("apps/tasks/saved_views/views.py", "Name at most"): "counts of several views are asked for by programs",
    ("apps/users/credentials/tokens.py", "The token is"): "bearer tokens",
    ("apps/users/services/sessions.py", "The token is"): "refresh tokens",
    ("apps/users/services/sessions.py", "This token was"): "refresh tokens",
}
# Texts that no source here has: (module, expression) -> who writes and translates them
WRITTEN_ELSEWHERE = {
    ("apps/common/api/includes.py", "wrong"): "parameters of the API",
    ("apps/common/api/problems.py", "str(detail)"): "errors of Django REST Framework",
    ("apps/common/lists/criteria.py", "part.messages[0]"): "Django's forms",
    ("apps/common/lists/filters.py", "item['message']"): "Django's forms",
    ("apps/imports/services.py", "error.errors[0].detail"): "an error that was made before",
    (
        "apps/invitations/services.py",
        "over_state(invitation) or ('' if is_current else State.REVOKED.value)",
    ): "a state",
    ("apps/notifications/delivery/smtp.py", "0"): "a code of a mail server",
    ("apps/notifications/delivery/smtp.py", "553"): "a code of a mail server",
    ("apps/notifications/delivery/smtp.py", "code"): "a code of a mail server",
    ("apps/tasks/attachments/content_types/__init__.py", "str(rejected)"): "followed as `Rejected`",
    ("apps/tasks/bulk/bodies.py", "each.detail"): "an error that was made before",
    ("apps/users/services/credentials.py", "item.messages[0]"): "Django's rules for passwords",
    ("apps/webhooks/addresses.py", "str(error)"): "followed as `NotAllowedError`",
}


@pytest.fixture(scope="module")
def raised():
    return raised_texts()


def is_listed(text):
    pattern = re.compile(".+".join(map(re.escape, text.split("{}"))), re.DOTALL)
    listed = (*rejections.PLAIN, *(PLACE.sub("{}", shape) for shape in rejections.WITH_VALUES))
    return any(pattern.fullmatch(each) for each in listed)


def reasons_for(each):
    return [
        key for key in NOT_SHOWN if each.module.startswith(key[0]) and each.text.startswith(key[1]) and not each.source
    ]


def test_every_text_that_a_page_can_show_is_translated(raised):
    missing = [each for each in raised if each.text and not is_listed(each.text) and not reasons_for(each)]

    assert sorted(missing) == []


def test_every_text_can_be_read_from_the_source_or_is_known_to_come_from_elsewhere(raised):
    assert {(each.module, each.source) for each in raised if each.source} == set(WRITTEN_ELSEWHERE)


def test_no_exception_is_left_without_a_text(raised):
    used = {key for each in raised for key in reasons_for(each) if not is_listed(each.text)}

    assert used == set(NOT_SHOWN)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("apps/batches/services.py", "The batch is still running."),  # from a table
        ("apps/imports/sources/zips.py", "The archive is encrypted."),  # by a function that is given the text
        ("apps/tasks/filtering/parsing.py", "The quoted text does not end."),  # from an unpacked tuple
        ("apps/tasks/filtering/checking.py", "There is no {} `{}`; did you mean {}?"),  # with what may have been meant
        ("apps/invitations/services.py", "The invitation is no longer valid."),  # of a kind of its own
        ("apps/common/errors.py", "Not found."),  # of a class
    ],
)
def test_the_scanner_follows_a_text_to_where_it_is_written(raised, module, text):
    assert any((each.module, each.text) == (module, text) for each in raised)


def test_pg3_what_the_fields_of_a_form_say_themselves_is_translated():
    """A serializer's own field rejects with a text of its class, which no error is made with."""
    assert get_resolver().url_patterns  # reading them imports the forms of all pages
    own = {
        str(text)
        for form in kinds_of(ServiceForm)
        if form.serializer_class is not None
        for name, field in form.serializer_class().fields.items()
        if name in form.base_fields
        for text in field.error_messages.values()
        if type(field).__module__.startswith("apps.") and isinstance(text, str)
    }

    assert "Give the id or the key of a task." in own
    assert sorted(text for text in own if not is_listed(text)) == []


def kinds_of(kind):
    return {kind, *(each for below in kind.__subclasses__() for each in kinds_of(below))}
