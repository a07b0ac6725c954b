"""The only door through which API tokens are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.common.api.token_scopes import SCOPES, SHORTHANDS
from apps.common.background import purging
from apps.common.background.nudge import wake_streams
from apps.common.errors import ConflictError, FieldError, NotFoundError, ValidationError, collect_faults
from apps.common.transactions import write
from apps.notifications.services import NotificationRequest, notify, notify_many
from apps.projects.models import Project
from apps.tokens import secrets
from apps.tokens.messages import TokenCreated, TokenExpiring
from apps.tokens.models import HINT_LENGTH, ApiToken, ApiTokenProject
from apps.users.models import User
from apps.users.services.locking import lock_user

NEXT_ID = "SELECT nextval(pg_get_serial_sequence('tokens_apitoken', 'id'))"
KEPT_FOR = timedelta(days=90)  # after its end
WARNINGS = (7, 1)  # days before the end


class NewToken(NamedTuple):
    """A token and its text, which nobody can look up again."""

    token: ApiToken
    text: str


@write
def create_token(
    *,
    actor: User,
    name: str,
    scopes: Iterable[str],
    projects: Sequence[int] = (),
    all_projects: bool = False,
    expires_at: datetime | None = None,
) -> NewToken:
    """Make a token of the actor, whose password has just been checked, and notify them by mail.

    `scopes` may hold `read_only` and `full`; `projects` are ids. Raises ValidationError `exactly_one`, `does_not_exist`
    at a project that the actor does not see, `max_value` or `min_value` at /expires_at; ConflictError
    `too_many_tokens`.
    """
    now = timezone.now()
    expires_at, listed, _ = collect_faults(
        lambda: _end(expires_at, now=now),
        lambda: _visible(actor, projects),
        lambda: _require_one(projects, all_projects=all_projects),
    )
    lock_user(actor.pk)  # counts and inserts of one person take turns
    if ApiToken.objects.live(now=now).filter(user=actor).count() >= settings.TOKENS_MAX:
        raise ConflictError(
            f"You have {settings.TOKENS_MAX} tokens already: revoke one first.",
            code="too_many_tokens",
            extra={"limit": settings.TOKENS_MAX},
        )
    token = ApiToken(
        pk=_next_id(),
        user=actor,
        name=name,
        scopes=expanded(scopes),
        all_projects=all_projects,
        expires_at=expires_at,
        created_at=now,
    )
    text = _give_text(token)
    token.save(force_insert=True)
    ApiTokenProject.objects.bulk_create([ApiTokenProject(token=token, project_id=pk) for pk in listed])
    notify(TokenCreated, recipient_ids=[actor.pk], dedupe=f"token:{token.pk}", data=_said_of(token))
    return NewToken(token, text)


def expanded(scopes: Iterable[str]) -> list[str]:
    """Return the scopes in their order, without repetitions, `read_only` and `full` in full."""
    wanted = {each for scope in scopes for each in SHORTHANDS.get(scope, (scope,))}
    return [scope for scope in SCOPES if scope in wanted]


@write
def rename_token(*, token: ApiToken, name: str) -> ApiToken:
    """Give a token another name; NotFoundError when it has ended."""
    locked = _locked(token)
    locked.name = name
    locked.save(update_fields=["name"])
    return locked


@write
def rotate_token(*, token: ApiToken, overlap_hours: int) -> NewToken:
    """Give a token a new text; the one before works for `overlap_hours` more, one from an earlier rotation no longer.

    NotFoundError when it has ended.
    """
    locked = _locked(token)
    now = timezone.now()
    locked.previous_digest = bytes(locked.digest) if overlap_hours else None
    locked.previous_until = now + timedelta(hours=overlap_hours) if overlap_hours else None
    text = _give_text(locked)
    locked.save(update_fields=["previous_digest", "previous_until", "digest", "hint"])
    dedupe = f"token:{locked.pk}:{locked.digest.hex()[:16]}"
    notify(TokenCreated, recipient_ids=[locked.user_id], dedupe=dedupe, data=_said_of(locked) | {"is_rotated": True})
    return NewToken(locked, text)


@write
def revoke_token(*, token: ApiToken) -> None:
    """End a token: it lets nobody in from the next request on, and its live streams end."""
    wake_streams()
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def revoke_tokens_of(user: User) -> int:
    """End all tokens of a person, in the caller's transaction; return how many."""
    wake_streams()
    return ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


@write
def revoke_all_tokens() -> int:
    """End everybody's tokens: after a restore, those that were revoked since the backup live again. Return how many."""
    return ApiToken.objects.filter(revoked_at=None).update(revoked_at=timezone.now())


def delete_tokens_of(user: User) -> None:
    """Delete the tokens of an account that ends, in the caller's transaction."""
    ApiToken.objects.filter(user=user).delete()


def warn_before_expiry(*, now: datetime) -> int:
    """Notify people whose tokens end within 7 days, and again within one; once each. Return how many were notified."""
    soon = ApiToken.objects.live(now=now).filter(expires_at__lte=now + timedelta(days=max(WARNINGS)))
    return notify_many(
        NotificationRequest(
            TokenExpiring,
            recipient_id=token.user_id,
            dedupe=f"token_expiring:{token.pk}:{_warning(token, now=now)}",
            data=_said_of(token) | {"expires_at": token.expires_at.isoformat()},
        )
        for token in soon.filter(user__is_active=True).order_by("expires_at", "pk").iterator()
    )


def purge(*, now: datetime) -> int:
    """Delete tokens that ended 90 days ago; return how many rows went."""
    oldest = now - KEPT_FOR
    deleted = purging.purge(ApiToken.objects.filter(expires_at__lt=oldest).order_by("expires_at"))
    return deleted + purging.purge(ApiToken.objects.filter(revoked_at__lt=oldest).order_by("revoked_at"))


def _warning(token: ApiToken, *, now: datetime) -> int:
    """Return which of the warnings is due, in days before the end."""
    return min(days for days in WARNINGS if token.expires_at <= now + timedelta(days=days))


def _locked(token: ApiToken) -> ApiToken:
    """Return the live token with its row locked until the commit."""
    live = ApiToken.objects.live(now=timezone.now()).select_for_update(no_key=True)
    locked = live.filter(pk=token.pk).first()
    if locked is None:
        raise NotFoundError
    return locked


def _give_text(token: ApiToken) -> str:
    text = secrets.make(token.pk)
    token.digest, token.hint = secrets.digest(text.encode()), text[-HINT_LENGTH:]
    return text


def _next_id() -> int:
    """Return the id of the next row: the text, whose digest the row has, names it."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_ID)
        return int(cursor.fetchone()[0])


def _end(wanted: datetime | None, *, now: datetime) -> datetime:
    if wanted is None:
        return now + timedelta(days=settings.TOKEN_DEFAULT_DAYS)
    if wanted > now + timedelta(days=settings.TOKEN_MAX_DAYS):
        text = f"A token ends {settings.TOKEN_MAX_DAYS} days from now at the latest."
        raise ValidationError.at("/expires_at", "max_value", text)
    if wanted <= now:
        raise ValidationError.at("/expires_at", "min_value", "The end of a token must be in the future.")
    return wanted


def _require_one(projects: Sequence[int], *, all_projects: bool) -> None:
    if all_projects == bool(projects):
        raise ValidationError.at("", "exactly_one", "Name its projects, or give it `all_projects`.")


def _visible(actor: User, projects: Sequence[int]) -> list[int]:
    """Return the ids, each once; ValidationError at those of projects that the actor does not see."""
    seen = set(Project.objects.visible_to(actor).filter(pk__in=projects).values_list("pk", flat=True))
    faults = [
        FieldError(f"/projects/{position}", "does_not_exist", "There is no such project.")
        for position, pk in enumerate(projects)
        if pk not in seen
    ]
    if faults:
        raise ValidationError(*faults)
    return sorted(seen)


def _said_of(token: ApiToken) -> dict[str, object]:
    """Return what a mail says of a token: nothing that lets anybody in."""
    return {"token": token.pk, "name": token.name, "hint": token.hint}
