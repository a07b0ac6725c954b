"""A project's settings: its name, its members, its end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from apps.common.errors import ForbiddenError, NotFoundError, ValidationError
from apps.projects.models import Membership, Project
from apps.projects.roles import GRANTABLE_CHOICES, Capability, allows
from apps.projects.services import (
    add_member,
    archive_project,
    change_role,
    delete_project,
    remove_member,
    transfer_project,
    unarchive_project,
    update_project,
)
from apps.web.base.access import find_project
from apps.web.base.forms import UNPROCESSABLE
from apps.web.base.views import PageView
from apps.web.base.words import chosen_word
from apps.web.projects.forms import NewMemberForm, ProjectForm, RoleForm
from apps.web.tasks.forms import members_of
from apps.web.tasks.project_views import frame_of

CHANGED = 412  # somebody was faster

DONE = {
    "transfer": gettext_lazy("The project is handed over"),
    "archive": gettext_lazy("The project is archived"),
    "unarchive": gettext_lazy("The project is open again"),
}


class SettingsPage(PageView):
    """What the pages of a project's settings share."""

    def shown(self, project: Project, *, status: int = 200, **context: Any) -> HttpResponse:
        """Return the page inside the project's frame."""
        is_owner = allows(project.role, Capability.OWN_PROJECT)
        frame = frame_of(project, people=members_of(project))
        return self.page(status=status, is_owner=is_owner, **frame, **context)


class GeneralPage(SettingsPage):
    """Name, key and description; to read for everybody, to change for admins."""

    template_name = "web/projects/general.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = find_project(self.actor, pk)
        return self.shown(project, form=ProjectForm(initial=_initial(project)))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = find_project(self.actor, pk, capability=Capability.MANAGE_PROJECT)
        form = ProjectForm(request.POST)

        def save(values: dict[str, Any]) -> Project:
            version = form.cleaned_data["version"]
            expected = None if version is None else frozenset({version})
            return update_project(actor=self.actor, project_id=pk, changes=values, expected=expected)

        if form.submit(save) is not None:
            messages.success(request, gettext("The project is saved"))
            return self.see(reverse("project-settings", args=[pk]))
        if form.http_status != CHANGED:
            return self.shown(project, form=form, status=form.http_status)
        project = find_project(self.actor, pk)
        again = ProjectForm(request.POST.dict() | {"version": project.version})
        again.say_again(form)
        return self.shown(project, form=again, stored=project, status=form.http_status)


class MembersPage(SettingsPage):
    """Who belongs to the project; an admin adds people."""

    template_name = "web/projects/members.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.members(find_project(self.actor, pk), NewMemberForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = find_project(self.actor, pk, capability=Capability.MANAGE_PROJECT)
        form = NewMemberForm(request.POST)

        def add(values: dict[str, Any]) -> Membership:
            try:
                return add_member(actor=self.actor, project_id=pk, **values)
            except NotFoundError as error:  # of the person: the project has just been there
                raise ValidationError.at("/username", error.code, error.detail) from None

        membership = form.submit(add)
        if membership is None:
            return self.members(project, form, status=form.http_status)
        name = membership.user.shown_name
        messages.success(request, gettext("{name} is a member").format(name=name))
        return self.see(reverse("project-members", args=[pk]))

    def members(self, project: Project, form: NewMemberForm, *, status: int = 200) -> HttpResponse:
        """Return the page with everybody's role."""
        rows = Membership.objects.filter(project=project).select_related("user").order_by("joined_at", "pk")
        return self.shown(project, form=form, rows=rows, roles=GRANTABLE_CHOICES, status=status)


class ChangeRole(PageView):
    """Gives a member another role."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        find_project(self.actor, pk, capability=Capability.MANAGE_PROJECT)
        form = RoleForm(request.POST)
        if not form.is_valid():
            raise ValidationError.at("/role", "invalid", gettext("Choose a member and a role."))
        change_role(actor=self.actor, project_id=pk, **form.values)
        messages.success(request, gettext("The role is saved"))
        return self.see(reverse("project-members", args=[pk]))


class RemoveMember(PageView):
    """Ends a membership: one's own, or as an admin anybody's but the owner's."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = find_project(self.actor, pk)
        named = request.POST.get("user_id", "")
        if not named.isdecimal():
            raise NotFoundError
        is_own = int(named) == self.actor.pk
        if not is_own and not allows(project.role, Capability.MANAGE_PROJECT):
            raise ForbiddenError
        remove_member(actor=self.actor, project_id=pk, user_id=int(named))
        left, removed = gettext("You have left {name}"), gettext("The person is no longer a member")
        messages.success(request, left.format(name=project.name) if is_own else removed)
        return self.see(reverse("projects") if is_own else reverse("project-members", args=[pk]))


class EndPage(SettingsPage):
    """Archives, hands over or deletes the project; `act` says which."""

    template_name = "web/projects/end.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.shown(find_project(self.actor, pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        act = chosen_word(request, "act", ("archive", "unarchive", "transfer", "delete"))
        is_final = act in {"delete", "transfer"}
        needed = Capability.OWN_PROJECT if is_final else Capability.MANAGE_PROJECT
        project = find_project(self.actor, pk, capability=needed)
        if act == "delete":
            return self.delete(project)
        if act == "transfer":
            named = request.POST.get("user_id", "")
            if not named.isdecimal():
                return self.shown(project, fault=gettext("Choose a member first."), status=UNPROCESSABLE)
            transfer_project(actor=self.actor, project_id=pk, user_id=int(named))
        elif act == "archive":
            archive_project(actor=self.actor, project_id=pk)
        else:
            unarchive_project(actor=self.actor, project_id=pk)
        messages.success(request, str(DONE[act]))
        return self.see(reverse("project-end", args=[pk]))

    def delete(self, project: Project) -> HttpResponse:
        """Put the project into the trash."""
        entry = delete_project(actor=self.actor, project_id=project.pk)
        undo = reverse("trash-restore", args=[entry.pk]) if entry else ""
        said = gettext("{name} is in the trash") if entry else gettext("{name} is deleted")
        messages.success(self.request, said.format(name=project.name), extra_tags=undo)
        return self.see(reverse("projects"))


def _initial(project: Project) -> dict[str, Any]:
    return {name: getattr(project, name) for name in ProjectForm.base_fields}
