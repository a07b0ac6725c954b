"""The only door through which calendar feeds are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from apps.calendars.models import CalendarFeed
from apps.common.errors import ConflictError, NotFoundError, ValidationError
from apps.common.secret_links import digest_of, random_secret
from apps.common.transactions import write
from apps.tasks.models import SavedView
from apps.users.models import User
from apps.users.services.locking import lock_user

FEEDS_MAX = 20  # of a person, contract IC
USE_NOTED_EVERY = timedelta(minutes=1)


class NewAddress(NamedTuple):
    """A feed and the secret of its address, which nobody can look up again."""

    feed: CalendarFeed
    secret: str


@write
def create_feed(*, actor: User, **fields: Any) -> NewAddress:
    """Make a feed of the actor; `fields` are name, view_id, components, details.

    Raises ValidationError `does_not_exist` at /view for a view that the actor does not see, ConflictError for one feed
    more than FEEDS_MAX.
    """
    _require_view(actor, fields.get("view_id"))
    lock_user(actor.pk)  # counts and inserts of one person take turns
    if CalendarFeed.objects.filter(user=actor).count() >= FEEDS_MAX:
        raise ConflictError(f"You have {FEEDS_MAX} calendar feeds already: delete one first.")
    secret = random_secret()
    feed = CalendarFeed.objects.create(user=actor, digest=digest_of(secret), **fields)
    return NewAddress(feed, secret)


@write
def update_feed(*, feed: CalendarFeed, changes: Mapping[str, Any]) -> CalendarFeed:
    """Change what a feed shows; its address stays. Raises NotFoundError, ValidationError at /view."""
    locked = _locked(feed)
    if changes.get("view_id", locked.view_id) != locked.view_id:
        _require_view(locked.user, changes["view_id"])
    for name, value in changes.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(changes))
    return locked


@write
def regenerate_feed(*, feed: CalendarFeed) -> NewAddress:
    """Give a feed another address; the one before is 404 from now on. Raises NotFoundError."""
    locked = _locked(feed)
    secret = random_secret()
    locked.digest = digest_of(secret)
    locked.save(update_fields=["digest"])
    return NewAddress(locked, secret)


@write
def delete_feed(*, feed: CalendarFeed) -> None:
    """Delete a feed: its address is 404 from now on."""
    CalendarFeed.objects.filter(pk=feed.pk).delete()


def delete_feeds_of(user: User) -> None:
    """Delete the feeds of an account that ends, in the caller's transaction."""
    CalendarFeed.objects.filter(user=user).delete()


def find_feed(secret: str) -> CalendarFeed:
    """Return the live feed of a secret, with its owner; NotFoundError for every other text."""
    feed = CalendarFeed.objects.live().select_related("user").filter(digest=digest_of(secret)).first()
    if feed is None:
        raise NotFoundError
    return feed


def note_use(feed: CalendarFeed) -> None:
    """Note that a feed was read, at most once in USE_NOTED_EVERY."""
    now = timezone.now()
    long_ago = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    if feed.last_used_at is None or feed.last_used_at < now - USE_NOTED_EVERY:
        CalendarFeed.objects.filter(long_ago, pk=feed.pk).update(last_used_at=now)


def _locked(feed: CalendarFeed) -> CalendarFeed:
    rows = CalendarFeed.objects.select_related("user").select_for_update(no_key=True, of=("self",))
    locked = rows.filter(pk=feed.pk).first()
    if locked is None:
        raise NotFoundError
    return locked


def _require_view(person: User, view_id: int | None) -> None:
    if view_id is not None and not SavedView.objects.visible_to(person).filter(pk=view_id).exists():
        raise ValidationError.at("/view", "does_not_exist", "There is no such view, or you do not see it.")
