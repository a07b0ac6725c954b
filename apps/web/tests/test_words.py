"""PG3: a form that is sent with a word it does not offer changes nothing and says so."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from django.urls import reverse

from apps.imports.services import begin
from apps.invitations.models import Invitation
from apps.invitations.services import invite
from apps.projects.models import Activity
from apps.tasks.labels.services import create_label
from apps.tasks.models import SavedView
from apps.tasks.saved_views.services import create_view
from apps.users.models import Session
from apps.web.tests.browser import Browser
from apps.web.urls import urlpatterns
from apps.webhooks.services import create_webhook

pytestmark = pytest.mark.django_db
WEB = Path(__file__).resolve().parents[1]
# Route -> the name of the word, and whether the form may be sent without it
FORMS = {
    "landing": ("overdue", True),
    "invitation": ("act", False),
    "project-invitation-change": ("act", False),
    "project-label": ("act", True),
    "project-end": ("act", False),
    "project-webhook": ("act", True),
    "project-bulk": ("confirm", True),
    "import-page": ("act", True),
    "view-favourite-page": ("is_favourite", False),
    "task-page": ("on_subtasks", True),
    "settings-sessions": ("session", False),
}


@pytest.fixture
def paths(project, task, owner, settings, tmp_path):
    """Return the path of each of FORMS, and the fields without which it does not come to the word."""
    settings.MEDIA_ROOT, settings.DISK_RESERVE_BYTES = tmp_path, 0
    label = create_label(actor=owner, project_id=project.pk, name="bug")
    hook = create_webhook(actor=owner, project_id=project.pk, url="https://93.184.216.34/hook", events=["task.*"])
    made = invite(actor=owner, project_id=project.pk, email="ann@example.org", role="member")
    job = begin(actor=owner, data=b"Title\na\n", file_name="a.csv", source="csv", project_id=project.pk)
    view = create_view(actor=owner, name="All", filter="")
    ids = {
        "invitation": {"token": made.link_secret},
        "project-label": {"pk": project.pk, "label_pk": label.pk},
        "project-webhook": {"pk": project.pk, "hook_pk": hook.pk},
        "import-page": {"pk": job.pk},
        "view-favourite-page": {"pk": view.pk},
        "task-page": {"pk": task.pk},
        "landing": {},
        "settings-sessions": {},
    }
    more = {
        "project-invitation-change": {"invitation": Invitation.objects.get().pk},
        "task-page": {"status": "done"},
        "landing": {"text": "New"},
        "project-bulk": {"ids": task.pk, "status": "done"},
        "project-label": {"name": "other", "color": "#112233"},
    }
    return {name: (reverse(name, kwargs=ids.get(name, {"pk": project.pk})), more.get(name, {})) for name in FORMS}


def state(owner):
    """Return what an act of one of the forms would change."""
    live = Session.objects.filter(user=owner, revoked_at=None).count()
    favourites = SavedView.favourites.rel.related_model.objects.count()
    return Activity.objects.count(), live, favourites, list(Invitation.objects.values())


@pytest.mark.parametrize("name", FORMS)
def test_pg3_a_word_that_a_form_does_not_offer_is_said_and_changes_nothing(paths, owner, name):
    word, may_be_left_out = FORMS[name]
    path, fields = paths[name]
    mara = Browser(owner)
    mara.open("/projects/")
    Session.objects.create(user=owner, device="another", expires_at="2099-01-01T00:00:00Z")
    before = state(owner)

    for sent in ("no such act", "DELETE", " ", "\x00", "x" * 10_000, *([] if may_be_left_out else ["", None])):
        answer = mara.post(path, **fields, **({} if sent is None else {word: sent}))
        assert answer.status_code == 422, (sent, answer.status_code)
        assert "Nothing was changed" in mara.text
        assert "Choose what is to be done." in mara.text or "The form does not offer that." in mara.text
    assert state(owner) == before


def test_every_form_with_a_word_is_in_the_table():
    found = set()
    for pattern in urlpatterns:
        view = pattern.callback.view_class
        own = [
            vars(kind).get("post") or vars(kind).get("change")
            for kind in view.__mro__
            if kind.__module__.startswith("apps.web")
        ]
        sources = [
            inspect.getsource(each) for each in (getattr(view, "post", None), getattr(view, "change", None)) if each
        ]
        found |= {pattern.name} if own and any("chosen_word(" in each for each in sources) else set()

    assert found == set(FORMS)


def test_no_page_compares_a_posted_word_by_itself():
    """Whatever branches on a word of a form asks `chosen_word`; ids and texts are read and not compared."""
    wrong = []
    for path in WEB.rglob("*.py"):
        if "tests" in path.parts or path.name == "words.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            is_branch = isinstance(node, ast.Compare | ast.Dict | ast.Subscript)
            said = ast.unparse(node) if is_branch else ""
            if isinstance(node, ast.Compare) and "request.POST.get(" in said:
                wrong.append(f"{path.relative_to(WEB)}: {said}")
    assert wrong == [
        "day/views.py: self.request.POST.get('overdue') == TODAY"
    ]  # which limit counts it, before it is read
