"""Who is named in a text: found when it is written, among the members of that moment (contract C8 to C12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from apps.common.errors import ValidationError
from apps.common.sql.statements import prepared
from apps.tasks.comments.markdown.names import NAME_LENGTH, candidates, normal_name
from apps.tasks.comments.markdown.parsing import parse
from apps.tasks.models import Comment, Mention, Task

MAX_PEOPLE = 50  # different people in one text

# PostgreSQL lowers the names, as in the index of usernames
MEMBERS = """
SELECT DISTINCT name.position, person.id
FROM unnest(%s::text[]) WITH ORDINALITY AS name (text, position)
JOIN users_user person ON lower(person.username) = lower(name.text)
JOIN projects_membership member ON member.user_id = person.id AND member.project_id = %s
"""


class Named(NamedTuple):
    """A member named in a text, with the name as it was written first."""

    user_id: int
    name: str


def people_named(source: str, *, project_id: int, pointer: str) -> list[Named]:
    """Return the members of the project named in a text, in order of appearance, each once.

    Raises ValidationError `too_many_mentions` at `pointer`. Without an `@` in the text it reads nothing.
    """
    if "@" not in source:
        return []
    runs: list[str] = []
    parse(source, {"runs": runs})
    found = _members(runs, project_id=project_id)
    people: dict[int, str] = {}
    for run in runs:
        for name in candidates(run):
            if (user_id := found.get(normal_name(name))) is not None:
                people.setdefault(user_id, name)
                break
    if len(people) > MAX_PEOPLE:
        raise ValidationError.at(pointer, "too_many_mentions", f"Name at most {MAX_PEOPLE} different people.")
    return [Named(user_id, name) for user_id, name in people.items()]


def _members(runs: Iterable[str], *, project_id: int) -> dict[str, int]:
    """Return {normal form of a name: id} of the members whom any of `runs` may name."""
    wanted = {normal_name(name) for run in dict.fromkeys(runs) for name in candidates(run)}
    names = sorted(name for name in wanted if len(name) <= NAME_LENGTH)
    if not names:
        return {}
    rows, _ = prepared(MEMBERS, [names, project_id])
    return {names[position - 1]: user_id for position, user_id in rows}


def store_mentions(task: Task, people: Sequence[Named], *, comment: Comment | None = None, is_new: bool) -> set[int]:
    """Keep who is named in a comment, or in the task's description; return who never was before.

    The task is locked. `is_new` says that the text had no mentions yet, so that none have to be looked up.
    """
    if is_new and not people:
        return set()
    rows = {} if is_new else {row.user_id: row for row in Mention.objects.filter(task=task, comment=comment)}
    for row in rows.values():
        row.is_current, row.name_as_written = False, ""
    new = []
    for position, (user_id, name) in enumerate(people):
        if user_id in rows:
            row = rows[user_id]
            row.is_current, row.name_as_written, row.position = True, name, position
        else:
            new.append(Mention(task=task, comment=comment, user_id=user_id, name_as_written=name, position=position))
    Mention.objects.bulk_update(rows.values(), ["is_current", "name_as_written", "position"])
    Mention.objects.bulk_create(new)
    return {row.user_id for row in new}
