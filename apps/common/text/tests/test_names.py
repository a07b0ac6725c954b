"""Names of things, by whatever route they come: one line that shows something (contract 02, CONTRACT §8)."""

import pytest

from apps.projects.models import Project
from apps.projects.tests.factories import ProjectFactory
from apps.users.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

TOKEN = {"scopes": ["read_only"], "all_projects": True, "password": PASSWORD}
# What is sent with a name; `{project}` is an id
ROUTES = {
    "projects/": {},
    "projects/{project}/labels/": {},
    "views/": {"filter": ""},
    "calendar-feeds/": {},
    "auth/tokens/": TOKEN,
}
GOOD = ["Z\u200bß", "नि\u200dर", "👩\u200d💻", "a\u00adb", "🏴\U000e0067\U000e007f", "x" * 50]
BAD = {
    "a\nb": "invalid_characters",
    "a\x07b": "invalid_characters",
    "a\x85b": "invalid_characters",
    "a\u2029b": "invalid_characters",
    "gpj.\u202eexe": "invalid_characters",
    "a\u2066b": "invalid_characters",
    "a\u200fb": "invalid_characters",
    "\u200b\u2060": "blank",
    "\ufe0f": "blank",
    " ": "blank",
}


@pytest.fixture
def place(api):
    owner = UserFactory()
    return api(owner), ProjectFactory(owner=owner)


@pytest.mark.parametrize("route", ROUTES)
def test_a_name_has_no_control_and_no_direction_characters(place, route):
    client, project = place
    path = f"/api/{route.format(project=project.pk)}"

    for name, code in BAD.items():
        response = client.post(path, ROUTES[route] | {"name": name})
        assert response.status_code == 400, name
        assert ("/name", code) in [(each["pointer"], each["code"]) for each in response.json()["errors"]], name
    for name in GOOD:
        response = client.post(path, ROUTES[route] | {"name": name})
        assert response.status_code == 201, response.json()
        assert response.json()["name"] == name


def test_the_admin_takes_the_same_names_of_projects(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("root", "root@example.com", PASSWORD))
    owner = UserFactory()

    for name in ("a\u202eb", "\u200b", "Good"):
        client.post("/admin/projects/project/add/", {"owner": owner.pk, "name": name, "key": "", "description": ""})

    assert list(Project.objects.filter(owner=owner, is_inbox=False).values_list("name", flat=True)) == ["Good"]
