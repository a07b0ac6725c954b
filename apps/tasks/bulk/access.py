"""Who may look a batch up and undo it (contract BU11), and how many tasks a person may change in a time (BU13)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.batches.models import Batch, BatchItem
from apps.common.api.rates import require_rate
from apps.common.errors import ForbiddenError, NotFoundError
from apps.common.origin import current_door
from apps.projects.models import Activity, Membership
from apps.users.models import User


def batches_seen_by(actor: User) -> QuerySet[Batch]:
    """Return the batches of the actor, and those of others of which an event is visible.

    Through an API token that is limited to projects, without those that touched another one (contract TK3).
    """
    mine = Membership.objects.of(actor).values("project_id")
    seen = Activity.objects.filter(batch_id=OuterRef("pk"), project__in=mine)
    return within_token(Batch.objects.filter(Q(actor=actor) | Exists(seen)))


def within_token(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """Return the batches without those that touched a project outside the list of the caller's API token."""
    listed = current_door().projects
    if listed is None:
        return batches
    events = Activity.objects.filter(batch_id=OuterRef("pk")).exclude(project__in=listed)
    items = BatchItem.objects.filter(batch=OuterRef("pk"), project_id__isnull=False).exclude(project_id__in=listed)
    return batches.exclude(Exists(events)).exclude(Exists(items))


def require_own(batch: Batch, actor: User) -> None:
    """Raise ForbiddenError for a batch of somebody else."""
    if batch.actor_id != actor.pk:
        raise ForbiddenError("Only who did this looks it up and undoes it.")


def find_own(actor: User, pk: UUID) -> Batch:
    """Return a batch of the actor; ForbiddenError for one that others did, NotFoundError where no event is visible."""
    batch = batches_seen_by(actor).filter(pk=pk).first()
    if batch is None:
        raise NotFoundError
    require_own(batch, actor)
    return batch


def count_tasks(actor: User, tasks: int) -> None:
    """Count tasks, of dry runs too; RateLimitedError over the limit."""
    if tasks:
        require_rate("bulk_items", f"user:{actor.pk}", units=tasks)
