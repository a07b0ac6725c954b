"""Mails about API tokens: one was made, one is about to end. None holds anything that lets somebody in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from apps.notifications.kinds import Content, Kind, register
from apps.notifications.models import Notification
from apps.notifications.user_text import user_text
from apps.tokens.models import ApiToken
from apps.users.messages import AccountMail, hello, local_time
from apps.users.models import User

PATH = "/settings/tokens/"


@register
class TokenCreated(AccountMail):
    """Says that an API token was made or got a new text; `data` has its id, name and hint."""

    name = "token_created"
    label = gettext_lazy("An API token was created")

    @classmethod
    def content(cls, row: Notification, subject: User) -> Content:
        name, is_rotated = user_text(str(row.data["name"])), bool(row.data.get("is_rotated"))
        what = gettext("was rotated") if is_rotated else gettext("was created")
        return Content(
            title=gettext("One of your API tokens was rotated") if is_rotated else gettext("An API token was created"),
            lines=(
                hello(subject),
                gettext("on {time} the API token “{name}” (…{hint}) {what} with your password.").format(
                    time=local_time(row.created_at, subject), name=name, hint=row.data["hint"], what=what
                ),
                gettext("If it was not you, revoke it and change your password."),
            ),
            why=gettext("You get this because it is about the safety of your account."),
            path=PATH,
            action=gettext("Look at the tokens"),
        )


@register
class TokenExpiring(Kind):
    """Says that an API token ends soon; `data` has its id, name, hint and end."""

    name = "token_expiring"
    label = gettext_lazy("An API token of mine is about to expire")

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, ApiToken]:
        """Return the token of each row; no entry when it is gone."""
        tokens = ApiToken.objects.in_bulk([row.data["token"] for row in rows])
        found = ((row.pk, tokens.get(row.data["token"]), row.recipient_id) for row in rows)
        return {pk: token for pk, token, recipient in found if token is not None and token.user_id == recipient}

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: ApiToken) -> str:
        is_live = subject.revoked_at is None and subject.expires_at > timezone.now()
        return "" if is_live else "the token has ended"

    @classmethod
    def content(cls, row: Notification, subject: ApiToken) -> Content:
        reader: User = row.recipient
        ends_at = local_time(datetime.fromisoformat(row.data["expires_at"]), reader)
        name = user_text(subject.name)
        return Content(
            title=gettext("The API token “{name}” is about to expire").format(name=name),
            lines=(
                gettext("The token “{name}” (…{hint}) works until {ends_at}. What uses it stops working then.").format(
                    name=name, hint=subject.hint, ends_at=ends_at
                ),
                gettext("Make a new one in time, and give it to what uses the old one."),
            ),
            why=gettext("You get this because the token is yours."),
            path=PATH,
            action=gettext("Look at the tokens"),
        )
