"""Account mails. They cannot be switched off and hold no secret until they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from apps.common.dates.days import zone_named
from apps.common.language.dates import written
from apps.notifications.kinds import Content, Kind, register
from apps.notifications.models import Notification
from apps.notifications.user_text import user_text
from apps.users.credentials.signed_links import PASSWORD_RESET, VERIFICATION
from apps.users.models import User

VERIFY_PATH = "/verify-email/{token}/"
RESET_PATH = "/password-reset/{token}/"


class AccountMail(Kind):
    """About the recipient's own account: the subject is the recipient."""

    mandatory = True

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, User]:
        return {row.pk: row.recipient for row in rows}

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: User) -> str:
        return ""


@register
class Verification(AccountMail):
    """Asks to confirm an address, to that address: a new account's, or the one to come."""

    name = "verification"
    label = gettext_lazy("Confirm your address")

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: User) -> str:
        same = row.data.get("state") == VERIFICATION.state(subject)
        return "" if same else "The address was verified or changed meanwhile."

    @classmethod
    def address(cls, row: Notification) -> str:
        recipient: User = row.recipient
        return recipient.pending_email or recipient.email

    @classmethod
    def content(cls, row: Notification, subject: User) -> Content:
        return Content(
            title=gettext("Confirm your e-mail address"),
            lines=(
                hello(subject),
                gettext("please confirm that this address is yours. The link works once, for 3 days."),
                gettext("If you did not ask for this, do nothing."),
            ),
            why=gettext("You get this because this address was given for an account."),
            path=VERIFY_PATH.format(token=VERIFICATION.sign(subject)),
            action=gettext("Confirm the address"),
        )


@register
class PasswordReset(AccountMail):
    """Brings the link to set a new password."""

    name = "password_reset"
    label = gettext_lazy("Reset your password")

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: User) -> str:
        same = row.data.get("state") == PASSWORD_RESET.state(subject)
        return "" if same else "The password or the address was changed meanwhile."

    @classmethod
    def content(cls, row: Notification, subject: User) -> Content:
        return Content(
            title=gettext("Set a new password"),
            lines=(
                hello(subject),
                gettext("somebody asked for a new password for your account. The link works once, for one hour."),
                gettext("If it was not you, do nothing: your password stays as it is."),
            ),
            why=gettext("You get this because a new password was asked for with your address."),
            path=RESET_PATH.format(token=PASSWORD_RESET.sign(subject)),
            action=gettext("Set a new password"),
        )


@register
class PasswordChanged(AccountMail):
    """Says that the password was changed."""

    name = "password_changed"
    label = gettext_lazy("Your password was changed")

    @classmethod
    def content(cls, row: Notification, subject: User) -> Content:
        return Content(
            title=gettext("Your password was changed"),
            lines=(
                hello(subject),
                gettext("your password was changed on {time}. Every other session has ended.").format(
                    time=local_time(row.created_at, subject)
                ),
                gettext("If it was not you, ask for a new password at once."),
            ),
            why=gettext("You get this because it is about the safety of your account."),
        )


@register
class SessionRevoked(AccountMail):
    """Says that a session was ended because an old refresh token of it was used."""

    name = "session_revoked"
    label = gettext_lazy("A session was ended")

    @classmethod
    def content(cls, row: Notification, subject: User) -> Content:
        return Content(
            title=gettext("One of your sessions was ended"),
            lines=(
                hello(subject),
                gettext(
                    "on {time} a login of yours was used a second time with an old token. "
                    "Somebody may have copied it, so that session has ended: log in again."
                ).format(time=local_time(row.created_at, subject)),
                gettext("If you do not know why, change your password and look through your sessions."),
            ),
            why=gettext("You get this because it is about the safety of your account."),
        )


@register
class EmailChange(AccountMail):
    """Notifies the old address that another one was asked for, or has taken its place."""

    name = "email_change"
    label = gettext_lazy("Your address is changing")

    @classmethod
    def address(cls, row: Notification) -> str:
        return str(row.data["to"])

    @classmethod
    def content(cls, row: Notification, subject: User) -> Content:
        time = local_time(row.created_at, subject)
        if row.data.get("done"):
            title = gettext("Your e-mail address was changed")
            what = gettext("on {time} this address of your account was replaced by another one.")
            advice = gettext("If it was not you, inform the people who run this server.")
        else:
            title = gettext("Your e-mail address is to change")
            what = gettext("on {time} this address of your account is to be replaced by another one.")
            advice = gettext("If it was not you, change your password and your address.")
        why = gettext("You get this because it is about the safety of your account.")
        return Content(title=title, lines=(hello(subject), what.format(time=time), advice), why=why)


def hello(reader: User) -> str:
    """Return the first line of a mail."""
    return gettext("Hello {name},").format(name=user_text(reader.username))


def local_time(instant: datetime, user: User) -> str:
    """Return an instant in the reader's time zone."""
    local = timezone.localtime(instant, zone_named(user.timezone))
    day, time = written(local, "j F Y"), f"{local:%H:%M}"
    return gettext("{day} at {time} ({zone})").format(day=day, time=time, zone=local.tzinfo)
