"""Texts of a task as HTML, in a constant number of statements whatever their number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, QuerySet

from apps.tasks.comments.markdown.document import Document
from apps.tasks.comments.markdown.names import normal_name
from apps.tasks.models import Attachment, Mention

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def current_mentions() -> QuerySet[Mention]:
    """Return who is named in texts and still a member, in order of appearance."""
    return (
        Mention.objects.filter(is_current=True, user__memberships__project_id=F("task__project_id"))
        .select_related("user")
        .order_by("position")
    )


@dataclass(frozen=True)
class Text:
    """A text and who is named in it."""

    source: str
    mentions: Iterable[Mention] = ()

    @property
    def people(self) -> dict[str, int]:
        """Return {normal form of a name: id}."""
        return {normal_name(mention.name_as_written): mention.user_id for mention in self.mentions}


def render(texts: Mapping[int, Text], *, task_id: int, site: str) -> dict[int, str]:
    """Return the HTML of each text of one task; `site` is the origin that the caller used.

    One statement for the pictures of all, none where there are none.
    """
    sites = {site.rstrip("/"), settings.PUBLIC_URL}
    documents = {
        key: Document(text.source, task_id=task_id, people=text.people, sites=sites) for key, text in texts.items()
    }
    pictures = _pictures(task_id, {pk for document in documents.values() for pk in document.images})
    return {key: document.html(pictures=pictures) for key, document in documents.items()}


def render_description(task_id: int, source: str, *, site: str) -> str:
    """Return the HTML of a task's description."""
    mentions = current_mentions().filter(task_id=task_id, comment=None)
    return render({0: Text(source, mentions if "@" in source else ())}, task_id=task_id, site=site)[0]


def _pictures(task_id: int, ids: Collection[int]) -> set[int]:
    if not ids:
        return set()
    files = Attachment.objects.ready().filter(pk__in=ids, task_id=task_id, content_type__in=PICTURES)
    return set(files.values_list("pk", flat=True))
