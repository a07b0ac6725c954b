"""What people can be notified: one class per kind, registered by the app that knows it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from apps.common.language.texts import gettext
from apps.common.text.gone import is_name_of_deleted
from apps.common.text.shown_name import shown_name
from apps.notifications.models import Notification, People
from apps.notifications.user_text import user_text

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Change:
    """A field that changed, as the reader reads it; empty text for nothing."""

    label: str
    old: str
    new: str


class Summary(NamedTuple):
    """What the app shows of it: the first two of the Words."""

    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """How a notification reads. Plain text throughout: user text becomes no link, image or header.

    Words of people inside a title, heading or line are marked by `user_text`; the values of changes need not be.
    """

    title: str  # one line: mail subject and title in the app
    lines: tuple[str, ...] = ()  # paragraphs
    changes: tuple[Change, ...] = ()
    why: str = ""  # why the reader gets this
    path: str = ""  # the page behind the button, from the site's root
    action: str = ""  # the button's text
    thread: str = ""  # mails with the same thread go under one References header
    heading: str = ""  # what stands above the lines in a mail; the title if empty


class Kind(ABC):
    """One kind of notification.

    `load` fetches in bulk what all rows of a family are about, `content` says it; both at sending time
    and at reading time in the app. `reason_to_withhold` is asked before a mail only: the app may show what was
    true then. The outbox itself asks whether the recipient is active and wants the mail.
    """

    name: ClassVar[str]
    label: ClassVar[str | StrPromise]  # for the preferences page
    email_default: ClassVar[bool] = True
    # Account mails go out whatever the preferences say and do not appear in the app.
    mandatory: ClassVar[bool] = False
    # Nobody is notified of their own act, except of what they asked for and now is ready.
    notifies_actor: ClassVar[bool] = False

    @classmethod
    def people_named(cls, row: Notification) -> Iterable[Any]:
        """Return the ids of people whose names the words need, beside the actor's; `row.people` then has them."""
        return ()

    @classmethod
    @abstractmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, Any]:
        """Return {row id: subject} in a constant number of queries.

        No entry when it is gone or not visible to the recipient: then no mail goes out, and the app
        shows no content. Kinds that share a loader inherit the same method (from a class between them
        and this one), and their rows are loaded together. `row.recipient` and
        `row.people` are already loaded.
        """

    @classmethod
    def load_for_mail(cls, rows: Sequence[Notification]) -> Mapping[int, Any]:
        """Return what `load` does, with what `reason_to_withhold` needs beside it; in a constant number of queries."""
        return cls.load(rows)

    @classmethod
    @abstractmethod
    def reason_to_withhold(cls, row: Notification, subject: Any) -> str:
        """Return why the recipient must not be notified (any more), or an empty string."""

    @classmethod
    @abstractmethod
    def content(cls, row: Notification, subject: Any) -> Content:
        """Return the text for `row.recipient`, with times in the recipient's zone."""

    @classmethod
    def summary(cls, row: Notification, subject: Any) -> Summary:
        """Return the first two of the words, for the app; kinds that are read by the thousand make no more for it.

        The only name that `row.people` has for certain is the actor's.
        """
        content = cls.content(row, subject)
        return Summary(content.title, content.lines)

    @classmethod
    def address(cls, row: Notification) -> str:
        """Return where the mail goes: the row's own address, else the recipient's verified or registered one."""
        address: str = row.address or row.recipient.email
        return address


def name_of(people: People, user_id: int | None) -> str:
    """Return a person's name, an empty string for nobody and for who is not there any more."""
    person = people.get(user_id or 0)
    if person is None or is_name_of_deleted(person["username"]):
        return ""
    return shown_name(nickname=person["nickname"], username=person["username"])


def actor_of(row: Notification) -> str:
    """Return the name of who did it, for a sentence."""
    name = name_of(row.people, row.actor_id)
    return user_text(name) if name else gettext("Somebody")


KINDS: dict[str, type[Kind]] = {}


def register(kind: type[Kind]) -> type[Kind]:
    """Make a kind known; used as a class decorator in an app's `messages`.

    Raises TypeError for a kind whose content names people and whose summary is made of that content.
    """
    names_people = kind.people_named.__func__ is not Kind.people_named.__func__  # type: ignore[attr-defined]
    if names_people and kind.summary.__func__ is Kind.summary.__func__:  # type: ignore[attr-defined]
        raise TypeError(f"{kind.__name__} names people: it needs a `summary` without them.")
    KINDS[kind.name] = kind
    return kind
