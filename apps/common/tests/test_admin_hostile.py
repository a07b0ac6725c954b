"""No form and no query string of the admin ends in a 500, whatever stands in it."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from django.contrib.admin import site
from django.test import Client

from apps.common.admin.fields import is_id
from apps.common.tests.admin_browser import read_form
from apps.tasks.models import Task
from apps.users.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

VALUES = ["abc", "\x00", "1\x00", "9" * 30, "-1", "", "[1]", "1,2", "\u0661", "2026-13-45", "1e5", "x" * 5_000, "%"]
JSON = ["[" * 100_000, '{"a":' * 50_000, '{"a": NaN}', '{"a": ' + "9" * 5_000 + "}", '"\\ud800"', "nul", "\ufeff{}"]
FEW = ["abc", "\x00", "9" * 30, "-1,x"]
MODELS = [f"{model._meta.app_label}/{model._meta.model_name}" for model in site._registry]


class Careful(Client):
    """Remembers what ended in a 500, and with which error."""

    def __init__(self):
        super().__init__(raise_request_exception=False)
        self.broken = {}

    def request(self, **request):
        response = super().request(**request)
        if response.status_code >= 500:
            error = response.exc_info[1] if getattr(response, "exc_info", None) else response.status_code
            asked = f"{request['REQUEST_METHOD']} {request['PATH_INFO']}?{request.get('QUERY_STRING', '')[:60]}"
            self.broken[asked] = repr(error)[:200]
        return response


@pytest.fixture
def browser():
    root = UserFactory(is_staff=True, is_superuser=True)
    client = Careful()
    assert client.login(username=root.username, password=PASSWORD)
    yield client
    assert client.get("/admin/").status_code == 200, "logged out on the way"
    assert client.broken == {}


def filters_of(model):
    return [
        *("q", "o", "p", "e", "all", "_popup", "_to_field", "_changelist_filters", "id__exact", "id__in", "x"),
        *(f"{item}__exact" for item in model.list_filter if isinstance(item, str)),
        *(item for item in model.list_filter if isinstance(item, str)),
        *(f"{item[0]}__isempty" for item in model.list_filter if isinstance(item, tuple)),
    ]


@pytest.mark.parametrize("model", site._registry.values(), ids=MODELS)
def test_no_query_string_of_a_list_is_a_500(browser, task, model):
    path = f"/admin/{model.opts.app_label}/{model.opts.model_name}/"

    for name in filters_of(model):
        for value in FEW:
            browser.get(f"{path}?{urlencode({name: value})}")


@pytest.mark.parametrize("model", MODELS)
def test_no_id_in_a_path_and_no_choice_of_rows_is_a_500(browser, task, model):
    for value in FEW:
        for tail in ("change/", "delete/", "history/", "password/", ""):
            browser.get(f"/admin/{model}/{quote(value, safe='')}/{tail}")
            browser.post(f"/admin/{model}/{quote(value, safe='')}/{tail}", {"post": "yes"})
        for action in ("delete_selected", "archive", "remove", "delete_files", "resend", value):
            form = {"action": action, "_selected_action": ["1", value], "index": value, "select_across": "0"}
            browser.post(f"/admin/{model}/", form | {"post": "yes"})

    assert Task.objects.filter(pk=task.pk).exists()


@pytest.mark.parametrize("model", ["tasks/task", "projects/project", "users/user", "auth/group"])
def test_no_value_of_a_form_and_no_prefilled_one_is_a_500(browser, task, owner, model):
    pages = [f"/admin/{model}/add/"]
    rows = {"tasks/task": task.pk, "projects/project": task.project_id, "users/user": owner.pk}
    if model in rows:
        pages.append(f"/admin/{model}/{rows[model]}/change/")

    for page in pages:
        form = read_form(browser, page)
        for name in form:
            for value in FEW + (JSON if name == "metadata" else []):
                browser.post(page, form | {name: value})
                browser.get(f"{page}?{urlencode({name: value[:2_000], name.removesuffix('_0'): value[:2_000]})}")


def test_a_reference_that_is_none_is_an_error_at_its_field(browser, task):
    page = "/admin/tasks/task/add/"

    for value in ("abc", "9" * 30, "-1", "1 OR 1=1"):
        response = browser.post(page, read_form(browser, page) | {"title": "x", "assigned_to": value})

        assert response.status_code == 200
        assert "assigned_to" in response.context["adminform"].form.errors


def test_no_look_up_of_the_admin_is_a_500(browser, task):
    good = {"app_label": "tasks", "model_name": "task", "field_name": "assigned_to", "term": "x"}
    for value in VALUES:
        for name in (*good, "page"):
            browser.get(f"/admin/autocomplete/?{urlencode(good | {name: value})}")
        for path in ("r/{}/1/", "r/1/{}/", "{}/", "tasks/{}/", "?next={}", "jsi18n/?x={}"):
            browser.get(f"/admin/{path.format(quote(value, safe=''))}")
        browser.post(
            "/admin/password_change/", dict.fromkeys(("old_password", "new_password1", "new_password2"), value)
        )


def test_no_login_is_a_500(settings):
    settings.THROTTLE_RATES = dict.fromkeys(settings.THROTTLE_RATES, "100000/60")
    client = Careful()

    for value in VALUES:
        client.post("/admin/login/", {"username": value, "password": value, "next": value})

    assert client.broken == {}


@pytest.mark.parametrize("value", VALUES)
def test_only_a_number_in_range_is_an_id(value):
    assert not is_id(value)
    assert is_id("1")
    assert is_id(2**63 - 1)
    assert not is_id(2**63)
