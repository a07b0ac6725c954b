"""The only door through which saved views are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.common.concurrency import Expected, require_version
from apps.common.errors import ConflictError, ForbiddenError, NotFoundError, ValidationError
from apps.common.transactions import start_again, write
from apps.projects.events import EventType
from apps.projects.models import Project
from apps.projects.roles import Capability, allows
from apps.projects.services import Event, lock_project_as, record_event, record_events, require_active
from apps.tasks.models import SavedView, ViewFavourite
from apps.users.models import User
from apps.users.services.locking import lock_user

SHARED_MAX = 100  # of one project, contract VI7
NAMED_IN_EVENTS = ("name", "filter", "ordering", "layout", "group_by", "columns")
WRITTEN = (*NAMED_IN_EVENTS, "project_id", "ast", "is_shared")


@write
def create_view(*, actor: User, **fields: Any) -> SavedView:
    """Keep a view of the actor's; `filter` and `ast` are of a filter that is right.

    Raises ValidationError at /project or /is_shared, ForbiddenError below member for a shared one, ConflictError
    `project_archived` or `too_many_views`.
    """
    view = SavedView(owner=actor, **fields)
    _require_project(actor, view)
    if view.is_shared:
        _lock_for_sharing(actor, view.project_id)
    lock_user(actor.pk)
    if SavedView.objects.filter(owner=actor).count() >= settings.VIEWS_MAX:
        raise _too_many(settings.VIEWS_MAX)
    if view.is_shared:
        _require_room(view.project_id)
    view.save(force_insert=True)
    _record(EventType.VIEW_CREATED, view, {}, actor)
    return view


@write
def update_view(
    *,
    actor: User,
    view: SavedView,
    changes: Mapping[str, Any],
    expected: Expected = None,
    as_administrator: bool = False,
) -> SavedView:
    """Change a view; what stays the same changes nothing. A right filter repairs a broken view.

    `as_administrator` is the admin site's right, which moves and shares none. Raises what `create_view` does,
    NotFoundError, ForbiddenError for a shared view of somebody else, and PreconditionFailedError.
    """
    after = {"project_id": view.project_id, "is_shared": view.is_shared} | dict(changes)
    places = {place for place, is_shared in ((view.project_id, view.is_shared), _place(after)) if is_shared and place}
    projects = {pk: _locked(actor, pk, as_administrator=as_administrator) for pk in sorted(places)}
    row = _row(actor, view, as_administrator=as_administrator)
    if (row.project_id, row.is_shared) != (view.project_id, view.is_shared):
        start_again()
        raise NotFoundError
    if not as_administrator:
        _require_changeable(actor, row, projects.get(row.project_id or 0))
    require_version(row, expected)
    for project in projects.values():
        require_active(project)
    before = {name: getattr(row, name) for name in WRITTEN}
    changed = {name: value for name, value in changes.items() if value != before[name]}
    _require_kept_place(actor, row, changed)
    for name, value in changed.items():
        setattr(row, name, value)
    if not changed:
        return row
    if "project_id" in changed or "is_shared" in changed:
        _require_project(actor, row)
    if row.is_shared and not before["is_shared"]:
        _require_sharer(actor, projects[row.project_id or 0])
        _require_room(row.project_id)
    _save(row, changed)
    _record_change(row, before, actor)
    return row


@write
def delete_view(*, actor: User, view: SavedView, expected: Expected = None, as_administrator: bool = False) -> None:
    """Delete a view; `as_administrator` is the admin site's right.

    Raises NotFoundError, ForbiddenError, PreconditionFailedError, ConflictError `project_archived`, in this order.
    """
    project = None
    if view.is_shared and view.project_id:
        project = _locked(actor, view.project_id, as_administrator=as_administrator)
    row = _row(actor, view, as_administrator=as_administrator)
    if row.is_shared != view.is_shared:
        start_again()
        raise NotFoundError
    if not as_administrator:
        _require_changeable(actor, row, project)
    require_version(row, expected)
    if project is not None:
        require_active(project)
        _record(EventType.VIEW_DELETED, row, {}, actor)
    ViewFavourite.objects.filter(view=row).delete()
    SavedView.objects.filter(pk=row.pk).delete()


def import_views(project: Project, views: Sequence[SavedView], *, actor_id: int) -> list[str]:
    """Share unsaved views of members in the locked project, with an event each; return the names that had no room.

    One that is there already, with the name and the filter, stays the only one. Their filters are right.
    """
    shared = SavedView.objects.filter(project=project, is_shared=True)
    there = set(shared.values_list("name", "filter"))
    owners = Counter(
        SavedView.objects.filter(owner__in=[view.owner_id for view in views]).values_list("owner", flat=True)
    )
    number = shared.count()
    made, dropped = [], []
    for view in views:
        if (view.name, view.filter) in there:
            continue
        if number >= SHARED_MAX or owners[view.owner_id] >= settings.VIEWS_MAX:
            dropped.append(view.name)
            continue
        number, owners[view.owner_id] = number + 1, owners[view.owner_id] + 1
        there.add((view.name, view.filter))
        made.append(view)
    SavedView.objects.bulk_create(made)
    events = [Event(type=EventType.VIEW_CREATED, object_id=view.pk, version=view.version) for view in made]
    record_events(project.pk, events, actor_id=actor_id)
    return dropped


def set_favourite(*, actor: User, view: SavedView, is_favourite: bool) -> None:
    """Keep a visible view at hand, or no more; doing it again changes nothing."""
    if is_favourite:
        ViewFavourite.objects.bulk_create([ViewFavourite(view=view, user=actor)], ignore_conflicts=True)
    else:
        ViewFavourite.objects.filter(view=view, user=actor).delete()


def may_change(view: SavedView, person: User) -> bool:
    """Return whether a person who sees the view, whose `role` the row has, may change or delete it (contract VI3)."""
    if not view.is_shared:
        return view.owner_id == person.pk
    is_own = view.owner_id == person.pk and allows(view.role, Capability.WRITE_TASKS)
    return is_own or allows(view.role, Capability.MANAGE_PROJECT)


def delete_views_of(user: User) -> None:
    """Delete the personal views and the favourites of an account that ends; shared views stay."""
    ViewFavourite.objects.filter(user=user).delete()
    personal = SavedView.objects.filter(owner=user, is_shared=False)
    ViewFavourite.objects.filter(view__in=personal).delete()
    personal.delete()


def rewrite_filter(view: SavedView, *, text: str, ast: Any, actor_id: int) -> None:
    """Give a locked view a filter that says the same in other names, with an event of a shared one (LA8).

    `actor_id` is the person who renamed or merged what it names.
    """
    before = view.filter
    view.filter, view.ast = text, ast
    _save(view, {"filter": text, "ast": ast})
    if view.is_shared:
        changes = {"filter": (before, view.filter)}
        event = Event(type=EventType.VIEW_UPDATED, object_id=view.pk, version=view.version, changes=changes)
        record_event(view.project_id, event, actor_id=actor_id)  # type: ignore[arg-type]


def _place(fields: Mapping[str, Any]) -> tuple[int | None, bool]:
    return fields["project_id"], fields["is_shared"]


def _locked(actor: User, project_id: int, *, as_administrator: bool = False) -> Project:
    """Lock a project that the actor sees; ValidationError at /project for one that they do not."""
    try:
        return lock_project_as(actor, project_id, Capability.VIEW, as_administrator=as_administrator)
    except NotFoundError:
        raise _unknown_project() from None


def _lock_for_sharing(actor: User, project_id: int | None) -> None:
    project = _locked(actor, project_id)  # type: ignore[arg-type]
    _require_sharer(actor, project)
    require_active(project)


def _require_sharer(actor: User, project: Project) -> None:
    if not allows(project.role, Capability.WRITE_TASKS):
        raise ForbiddenError("Members of the project share views.")


def _require_project(actor: User, view: SavedView) -> None:
    """Raise ValidationError unless the view's project is visible, and there is one if it is shared."""
    if view.project_id is None:
        if view.is_shared:
            raise ValidationError.at("/is_shared", "needs_project", "A shared view needs a project.")
        return
    if not Project.objects.visible_to(actor).filter(pk=view.project_id).exists():
        raise _unknown_project()


def _unknown_project() -> ValidationError:
    return ValidationError.at("/project", "does_not_exist", "There is no such project, or you do not see it.")


def _require_kept_place(actor: User, row: SavedView, changed: Mapping[str, Any]) -> None:
    if "project_id" in changed and changed.get("is_shared", row.is_shared):
        raise ValidationError.at("/project", "invalid", "A shared view stays in its project.")
    if row.is_shared and changed.get("is_shared") is False and row.owner_id != actor.pk:
        raise ForbiddenError("Only its owner makes a shared view personal; an admin deletes it.")


def _row(actor: User, view: SavedView, *, as_administrator: bool) -> SavedView:
    """Return the view as it is now, locked; NotFoundError when the actor does not see it any more."""
    visible = SavedView.objects.all() if as_administrator else SavedView.objects.visible_to(actor)
    rows = visible.select_for_update(no_key=True, of=("self",))
    row = rows.filter(pk=view.pk).first()
    if row is None:
        raise NotFoundError
    return row


def _require_changeable(actor: User, row: SavedView, project: Project | None) -> None:
    if project is None or not row.is_shared:
        return
    if not may_change(row, actor):
        raise ForbiddenError("Its owner, while a member, and admins of the project change a shared view.")


def _require_room(project_id: int | None) -> None:
    if SavedView.objects.filter(project=project_id, is_shared=True).count() >= SHARED_MAX:
        raise _too_many(SHARED_MAX)


def _too_many(limit: int) -> ConflictError:
    return ConflictError(f"There are {limit} views already.", code="too_many_views", extra={"limit": limit})


def _save(row: SavedView, changed: Mapping[str, Any]) -> None:
    row.version += 1
    row.updated_at = timezone.now()
    row.save(update_fields=[*changed, "version", "updated_at"])


def _record_change(row: SavedView, before: Mapping[str, Any], actor: User) -> None:
    changes = {
        name: (before[name], getattr(row, name)) for name in NAMED_IN_EVENTS if before[name] != getattr(row, name)
    }
    if row.is_shared:
        kind = EventType.VIEW_UPDATED if before["is_shared"] else EventType.VIEW_CREATED
        _record(kind, row, changes if before["is_shared"] else {}, actor)
    elif before["is_shared"]:
        _record(EventType.VIEW_DELETED, row, {}, actor, project_id=before["project_id"])


def _record(
    kind: EventType, view: SavedView, changes: Mapping[str, Any], actor: User, *, project_id: int | None = None
) -> None:
    """Write an event of a shared view; personal ones have none (contract VI8)."""
    if view.is_shared or project_id is not None:
        event = Event(type=kind, object_id=view.pk, version=view.version, changes=changes)
        record_event(project_id or view.project_id, event, actor_id=actor.pk)  # type: ignore[arg-type]
