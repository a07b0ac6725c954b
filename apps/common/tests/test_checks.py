"""What would open a hole is rejected at start-up."""

import subprocess
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db.models import F, TextField
from django.db.models.functions import Lower
from django_filters import rest_framework as filters
from rest_framework.generics import ListAPIView

from apps.common import checks
from apps.common.api.token_scopes import needs
from apps.common.api.views import ListMixin, ScopedViewSet
from apps.common.lists.ordering import OrderKey
from apps.projects.models import Project
from apps.tasks.models import Task


class Good(ListMixin, ScopedViewSet[Task]):
    token_scopes = needs("tasks:read")

    def scope(self):
        return Task.objects.visible_to(self.actor)


class Generic(ListAPIView):
    queryset = Task.objects.all()


class Unsaid(ListMixin, ScopedViewSet[Task]):
    pass


class Everything(ListMixin, ScopedViewSet[Task]):
    def scope(self):
        return Task.objects.all()


class EverythingElsewhere(Everything):
    def scope(self):
        return self.rows()

    def rows(self):
        return Task.objects.all()


class WithQueryset(Good):
    queryset = Task.objects.all()


class WithGetQueryset(Good):
    def get_queryset(self):
        return Task.objects.all()


class OrderedByAll(Good):
    ordering_fields = "__all__"


class OrderedByRelationName(Good):
    ordering_keys = {"project__name": OrderKey(F("title"))}


class OrderedByRelation(Good):
    ordering_keys = {"email": OrderKey(Lower(F("created_by__email"), output_field=TextField()))}


class RelationFilter(filters.FilterSet):
    email = filters.CharFilter(field_name="created_by__email")


class FilteredByRelation(Good):
    filterset_class = RelationFilter


class FilteredByFields(Good):
    filterset_fields = ["created_by__email"]


class SilentAboutTokens(Good):
    token_scopes = None


class NamesAnotherAction(Good):
    token_scopes = needs("tasks:read", archive="tasks:write")


@pytest.mark.parametrize(
    ("view", "code"),
    [
        (Generic, "door.E001"),
        (Unsaid, "door.E001"),
        (Everything, "door.E001"),
        (EverythingElsewhere, "door.E001"),
        (WithQueryset, "door.E001"),
        (WithGetQueryset, "door.E001"),
        (OrderedByAll, "door.E003"),
        (OrderedByRelationName, "door.E003"),
        (OrderedByRelation, "door.E003"),
        (FilteredByRelation, "door.E004"),
        (FilteredByFields, "door.E004"),
        (SilentAboutTokens, "door.E005"),
        (NamesAnotherAction, "door.E005"),
    ],
)
def test_a_view_that_would_open_a_hole_is_rejected(view, code):
    assert code in [error.id for error in checks.view_errors(view)]


def test_a_scoped_view_is_fine():
    assert list(checks.view_errors(Good)) == []


def test_a_serializer_that_shows_all_columns_is_rejected():
    def made(**meta):
        options = type("Meta", (), {"model": Project, **meta})
        return type("Made", (), {"Meta": options, "__module__": "apps.made"})  # not among the real ones

    assert [error.id for error in checks.serializer_errors(made(fields="__all__"))] == ["door.E002"]
    assert [error.id for error in checks.serializer_errors(made(exclude=["owner"]))] == ["door.E002"]
    assert list(checks.serializer_errors(made(fields=["id"]))) == []


urlpatterns = []


@pytest.mark.urls(__name__)
def test_the_check_command_fails_on_such_a_route(monkeypatch):
    from django.urls import path

    monkeypatch.setattr(f"{__name__}.urlpatterns", [path("leak/", Everything.as_view({"get": "list"}))])

    with pytest.raises(SystemCheckError, match=r"door\.E001"):
        call_command("check")


REGISTERED = """
import django
django.setup()
from django.core.checks.registry import registry
print(*sorted(check.__name__ for check in registry.get_checks() if check.__module__.startswith("apps.")))
"""


def test_every_start_up_check_is_registered_where_no_test_has_imported_it():
    """The import of `checks` was once lost in a move, and nothing noticed."""
    done = subprocess.run([sys.executable, "-c", REGISTERED], capture_output=True, text=True, check=True)

    assert {"check_views", "check_serializers", "check_erasure"} <= set(done.stdout.split())


def test_the_check_command_passes_on_our_own_routes():
    call_command("check")


@pytest.mark.parametrize("name", ["ScopedViewSet", "ActivityViewSet"])
def test_the_checks_see_every_viewset_of_the_routes(name):
    """A guard of the guard: the walk over the URL map finds the views."""
    from django.urls import get_resolver

    found = {base.__name__ for view in checks._views(get_resolver().url_patterns) for base in view.__mro__}

    assert name in found
