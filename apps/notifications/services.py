"""The outbox's writes: notifying people, read marks, unsubscribing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any, Protocol

from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from apps.common.background.nudge import nudge
from apps.common.faults import declare, fault_point
from apps.common.monitoring.request_id import current_request_id
from apps.common.sql.statements import bound, prepared
from apps.common.transactions import write
from apps.notifications.delivery import outbox
from apps.notifications.kinds import Kind
from apps.notifications.models import OPEN_STATES, Hold, MailState, Notification, NotificationQuerySet
from apps.notifications.preferences import merge
from apps.notifications.unsubscribe import Subscription

declare("web.notified")

DELIVER = "notifications.deliver"
BATCH = 1_000

# One statement for a whole batch: who is active, and wants it where, is decided in the database.
# A suppressed row may be entered again; any other row of the same key stays as it is.
NOTIFY = """
INSERT INTO notifications_notification AS entered (
    recipient_id, kind, dedupe_key, actor_id, project_id, task_id, data, request_id, created_at,
    in_app, mail_state, reason, queued_at, attempts, next_attempt_at, uncertain_count
)
SELECT id, kind, dedupe_key, actor_id, project_id, task_id, data, %(request_id)s::text, now(),
    in_app, CASE WHEN email THEN 'pending' ELSE 'none' END, '', now(), 0, now(), 0
FROM (
    SELECT person.id, entry.*,
        %(in_app)s::boolean AND NOT mandatory
            AND CASE person.notification_preferences #> ARRAY[kind, 'in_app']
            WHEN 'false' THEN false ELSE true END AS in_app,
        %(mail)s::boolean AND (mandatory
            OR CASE person.notification_preferences #> ARRAY[kind, 'email']
            WHEN 'true' THEN true WHEN 'false' THEN false ELSE email_default END) AS email
    FROM ({source}) AS entry (
        kind, mandatory, email_default, recipient_id, dedupe_key, actor_id, project_id, task_id, data
    )
    JOIN {users} AS person ON person.id = entry.recipient_id AND person.is_active
) AS wanted
WHERE in_app OR email OR NOT (%(in_app)s::boolean OR %(mail)s::boolean)
ORDER BY dedupe_key
ON CONFLICT (dedupe_key) DO UPDATE SET
    data = excluded.data, request_id = excluded.request_id, in_app = excluded.in_app,
    mail_state = excluded.mail_state, reason = '', queued_at = excluded.queued_at, attempts = 0,
    next_attempt_at = excluded.next_attempt_at
WHERE entered.mail_state = 'suppressed'
"""
KNOWN_KINDS = "unnest(%(kinds)s::text[], %(mandatory)s::boolean[], %(email_defaults)s::boolean[])"
GIVEN = """
SELECT * FROM unnest(
    %(kinds)s::text[], %(mandatory)s::boolean[], %(email_defaults)s::boolean[],
    %(recipient_ids)s::bigint[], %(dedupe_keys)s::text[], %(actor_ids)s::bigint[],
    %(project_ids)s::bigint[], %(task_ids)s::bigint[], %(data)s::jsonb[]
)
"""
FOUND = """
SELECT known.kind, known.mandatory, known.email_default, found.recipient_id, found.dedupe_key, found.actor_id,
    found.project_id, found.task_id, found.data
FROM ({query}) AS found (kind, recipient_id, dedupe_key, actor_id, project_id, task_id, data)
JOIN {kinds} AS known (kind, mandatory, email_default) ON known.kind = found.kind
"""


@dataclass(frozen=True)
class NotificationRequest:
    """One notification of one person. `dedupe` names the happening: a person is notified of it once."""

    kind: type[Kind]
    recipient_id: int
    dedupe: str
    actor_id: int | None = None
    project_id: int | None = None
    task_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


def notify(
    kind: type[Kind],
    *,
    recipient_ids: Iterable[int],
    dedupe: str,
    actor_id: int | None = None,
    project_id: int | None = None,
    task_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Enter one row per recipient, in the transaction of the change; the mail goes out after it commits.

    `dedupe` names the happening, such as `remind:{task}:{due}`: a person is notified of it once.
    The actor is left out unless the kind says otherwise, and so is who is inactive or wants to be notified
    neither in the app nor by mail. `data` holds what the words need and cannot be looked up later; its
    `changes` ({field: {"from", "to"}}) is shown by the API.
    """
    entries = (
        NotificationRequest(
            kind,
            recipient_id=recipient_id,
            dedupe=dedupe,
            actor_id=actor_id,
            project_id=project_id,
            task_id=task_id,
            data=data or {},
        )
        for recipient_id in sorted(set(recipient_ids))
    )
    notify_many(entries)


class Requested(Protocol):
    """A row that a person asked for, such as a report."""

    pk: int
    created_by_id: int

    @property
    def project_id(self) -> int | None:
        """Return the project that it is about, if it is about one."""


def notify_requester(kind: type[Kind], row: Requested, *, name: str) -> None:
    """Notify the person who asked for the row that it is ready; `data` has its id under `name`."""
    notify(
        kind,
        recipient_ids=[row.created_by_id],
        dedupe=f"{kind.name}:{row.pk}",
        actor_id=row.created_by_id,
        project_id=row.project_id,
        data={name: row.pk},
    )


@write
def notify_address(
    kind: type[Kind], *, address: str, dedupe: str, actor_id: int, project_id: int, data: dict[str, Any]
) -> int:
    """Enter a mail to an address that may have no account, and return the row's id; `kind` is mandatory.

    It goes out after the transaction commits. `dedupe` names the happening, and no other row.
    """
    row = Notification.objects.create(
        recipient=None,
        address=address,
        kind=kind.name,
        dedupe_key=dedupe,
        actor_id=actor_id,
        project_id=project_id,
        data=data,
        request_id=current_request_id() or "",
        in_app=False,
        mail_state=MailState.PENDING,
    )
    nudge(DELIVER)
    return row.pk


@write
def delete_addressed(ids: Iterable[int]) -> None:
    """Delete mails to addresses, which are personal, sent or not."""
    Notification.objects.filter(pk__in=list(ids), recipient=None).delete()


def notify_many(entries: Iterable[NotificationRequest], *, in_app: bool = True, mail: bool = True) -> int:
    """Enter many rows, 1,000 per statement; return how many were new or entered again.

    Each statement commits on its own unless the caller holds a transaction. The iterable is read
    as it goes, so its size is no matter of memory. Without `in_app` or `mail` they are not notified that
    way, whatever they prefer; without both the rows only remember that it need not be notified any more.
    """
    count = 0
    remaining = iter(entries)
    while batch := list(islice(remaining, BATCH)):
        batch = [entry for entry in batch if entry.kind.notifies_actor or entry.recipient_id != entry.actor_id]
        count += _enter(batch, in_app=in_app, mail=mail)
        fault_point("web.notified")
    if count:
        nudge(DELIVER)
    return count


def notify_found(query: str, parameters: Mapping[str, Any], *, kinds: tuple[type[Kind], ...]) -> int:
    """Enter a row for each that `query` finds, in one statement; return how many.

    The SQL `query` yields the kind's name, recipient, whole dedupe key, actor, project, task and data (jsonb), each
    key once and nobody of their own act; `parameters` are its values, `kinds` those that it may yield.
    """
    values = {name: bound(value) for name, value in parameters.items()}
    count = _insert(_found(query), {**_bound_kinds(kinds), **values})
    fault_point("web.notified")
    if count:
        nudge(DELIVER)
    return count


def _enter(entries: list[NotificationRequest], *, in_app: bool, mail: bool) -> int:
    return _insert(GIVEN, dict(_columns(entries)), in_app=in_app, mail=mail) if entries else 0


def _insert(source: str, parameters: Mapping[str, Any], *, in_app: bool = True, mail: bool = True) -> int:
    channels = {"in_app": in_app, "mail": mail, "request_id": current_request_id()}
    return prepared(_notify(source), {**parameters, **channels})[1]


@cache
def _found(query: str) -> str:
    return FOUND.format(query=query, kinds=KNOWN_KINDS)


@cache
def _notify(source: str) -> str:
    return NOTIFY.format(source=source, users=get_user_model()._meta.db_table)


def _kind_columns(kinds: Iterable[type[Kind]]) -> dict[str, list[Any]]:
    known = list(kinds)
    return {
        "kinds": [kind.name for kind in known],
        "mandatory": [kind.mandatory for kind in known],
        "email_defaults": [kind.email_default for kind in known],
    }


@cache
def _bound_kinds(kinds: tuple[type[Kind], ...]) -> dict[str, Any]:
    return {name: bound(value) for name, value in _kind_columns(kinds).items()}


def _columns(batch: list[NotificationRequest]) -> Iterator[tuple[str, list[Any]]]:
    by_key = {f"{entry.dedupe}:{entry.recipient_id}": entry for entry in batch}  # a statement meets a key once
    entries = list(by_key.values())
    yield from _kind_columns(entry.kind for entry in entries).items()
    yield "recipient_ids", [entry.recipient_id for entry in entries]
    yield "dedupe_keys", list(by_key)
    yield "actor_ids", [entry.actor_id for entry in entries]
    yield "project_ids", [entry.project_id for entry in entries]
    yield "task_ids", [entry.task_id for entry in entries]
    yield "data", [json.dumps(entry.data, cls=DjangoJSONEncoder) for entry in entries]


@write
def mark_read(row: Notification) -> Notification:
    """Note that the recipient has read the row, and return it; a second time changes nothing."""
    Notification.objects.filter(pk=row.pk).unread().update(read_at=timezone.now())
    return row


@write
def mark_unread(row: Notification) -> Notification:
    """Make the row unread again, and return it."""
    Notification.objects.filter(pk=row.pk).update(read_at=None)
    return row


def mark_all_read(rows: NotificationQuerySet) -> int:
    """Note that all `rows` have been read; return how many were not."""
    return rows.unread().update(read_at=timezone.now())


@write
def unsubscribe(subscription: Subscription) -> None:
    """Switch off the mails of one kind for one person; again changes nothing."""
    users: Any = get_user_model()._default_manager
    user = users.select_for_update(no_key=True).get(pk=subscription.user_id)
    user.notification_preferences = merge(user.notification_preferences, {subscription.kind.name: {"email": False}})
    user.save(update_fields=["notification_preferences"])


def forget(recipient_id: int) -> int:
    """Delete what a person was notified, in the caller's transaction: their account ends. Return how many rows."""
    return Notification.objects.filter(recipient_id=recipient_id).delete()[0]


def resend(rows: NotificationQuerySet) -> int:
    """Queue failed and suppressed rows again; return how many. They are asked about anew before they go out."""
    queued = outbox.resend(rows.values_list("pk", flat=True))
    nudge(DELIVER)
    return queued


@write
def release_hold(*, only: str) -> None:
    """End the hold after a restore for one of HELD; the others stay held."""
    for hold in Hold.objects.select_for_update().order_by("pk"):
        hold.covers = [name for name in hold.covers if name != only]
        if hold.covers:
            hold.save(update_fields=["covers"])
        else:
            Hold.objects.filter(pk=hold.pk).delete()


@write
def release_mail(*, drop: bool, only: bool = False) -> int:
    """End the hold after a restore, with `only` that of mail alone; return how many mails were waiting.

    With `drop`, those that waited are suppressed instead: the copy may be so old that they went out.
    """
    waiting = Notification.objects.filter(mail_state__in=OPEN_STATES)
    if drop:
        count = waiting.update(mail_state=MailState.SUPPRESSED, reason="dropped after a restore", lease=None)
    else:
        count = waiting.update(queued_at=timezone.now())
    if only:
        release_hold(only="mail")
    else:
        Hold.objects.all().delete()
    nudge(DELIVER)
    return count
