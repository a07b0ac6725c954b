"""The data that is measured: projects of 5,000 tasks, about 20 members each, one user in 20 of them.

Written by PostgreSQL itself, in a few statements, with the counters that the services keep.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self

import psycopg

from apps.tasks.filtering.json_form import as_json
from apps.tasks.filtering.parsing import parse
from apps.tasks.order.keys import MIDDLE, STEP

TASKS_PER_PROJECT = 5_000
LARGE_PROJECT = 100_000
MEMBERS = 20
BUSY_PROJECTS = 20  # projects of the user who is in many
UNREAD = 40  # unread notifications of each user
SEARCH_HITS = 200  # tasks of each project with the word that is searched for
WORD = "zephyr"
REFRESHES = 5_000  # sessions whose refresh token nobody has used
HISTORY_TASKS = 1_000  # tasks of each project with an entry in the history, two comments, and watchers
LABELS_OF_PROJECT = 10  # of which each task has three
VIEWS = (
    "status != done",
    "priority >= high and status = todo",
    "due is not empty and label = 'label 3'",
)  # of a project
WATCHERS = 3  # people with a level of each of these tasks, about


@dataclass(frozen=True)
class Size:
    """How much there is: `projects` of 5,000 tasks, one of 100,000 when `large`."""

    projects: int = 20
    users: int = 100
    large: bool = True

    @classmethod
    def of(cls, tasks: int, *, large: bool) -> Self:
        """Return so many tasks in all: one project of 100,000 if `large`, the others of 5,000; five users a project."""
        projects = (tasks - LARGE_PROJECT * large) // TASKS_PER_PROJECT
        return cls(projects=projects, users=max(100, projects * 5), large=large)

    @property
    def tasks(self) -> int:
        """Return the number of tasks in all."""
        return self.projects * TASKS_PER_PROJECT + (LARGE_PROJECT if self.large else 0)

    @property
    def all_projects(self) -> int:
        """Return the number of projects, the large one among them, without the people's Inboxes."""
        return self.projects + (1 if self.large else 0)


def fill(connection: psycopg.Connection[tuple[object, ...]], size: Size, *, password: str) -> None:
    """Fill an empty, migrated database; `password` is the encoded hash that every user has.

    User 1 owns and is in the first 20 projects; every project has its owner and 19 more members.
    Everybody has an Inbox.
    """
    values = {
        "users": size.users,
        "projects": size.projects,
        "large": size.projects + 1 if size.large else 0,
        "all_projects": size.all_projects,
        "members": MEMBERS,
        "busy": BUSY_PROJECTS,
        "per_project": TASKS_PER_PROJECT,
        "large_tasks": LARGE_PROJECT,
        "middle": MIDDLE,
        "step": STEP,
        "unread": UNREAD,
        "hits": SEARCH_HITS,
        "refreshes": REFRESHES,
        "history": HISTORY_TASKS,
        "watchers": WATCHERS,
        "labels": LABELS_OF_PROJECT,
        "word": WORD,
        "password": password,
        "views": [json.dumps({"filter": text, "ast": as_json(parse(text))}) for text in VIEWS],
    }
    with connection.transaction(), connection.cursor() as cursor:
        for statement in IN_ORDER:
            cursor.execute(statement, values)


# In between too: the checks of foreign keys keep their plans, and a session that has met these tables nearly empty
# would look for each task by reading all of them
ANALYZE = "ANALYZE"

USERS = """
INSERT INTO users_user (id, password, is_superuser, username, email, email_verified_at, pending_email, nickname,
    first_name, last_name, avatar, timezone, notification_preferences, reminder_lead_minutes, is_active, is_staff,
    created_at, updated_at)
SELECT n, %(password)s, false, 'user' || n, 'user' || n || '@example.org', now(), '', 'Nick ' || n, 'First', 'Last',
    CASE WHEN n %% 3 = 0 THEN 'avatars/' || md5(n::text) || '.webp' ELSE '' END, 'UTC', '{}', 1440, true, false,
    now(), now()
FROM generate_series(1, %(users)s) n
"""

PROJECTS = """
INSERT INTO projects_project (id, owner_id, key, name, description, is_inbox, version, last_task_number, tasks_count,
    open_tasks_count, members_count, attachment_bytes, created_at, updated_at)
SELECT n, CASE WHEN n <= %(busy)s THEN 1 ELSE 1 + n %% %(users)s END,
    'P' || translate(n::text, '0123456789', 'ABCDEFGHIJ'), 'Project ' || n, 'About project ' || n, false, 1, 0, 0, 0,
    0, 0, now() - n * interval '1 hour', now()
FROM generate_series(1, %(all_projects)s) n
"""

MEMBERSHIPS = """
WITH owners AS (
    INSERT INTO projects_membership (project_id, user_id, role, joined_at)
    SELECT id, owner_id, 'owner', now() FROM projects_project RETURNING project_id, user_id
)
INSERT INTO projects_membership (project_id, user_id, role, joined_at)
SELECT project_id, person, (ARRAY['admin', 'member', 'member', 'viewer'])[1 + step %% 4], now()
FROM owners, generate_series(1, %(members)s - 1) step, LATERAL (
    SELECT 2 + (project_id * 7 + step * 3) %% (%(users)s - 1) AS person
) chosen
WHERE person <> user_id
ON CONFLICT DO NOTHING
"""

TASKS = """
WITH people AS (
    SELECT project_id, array_agg(user_id ORDER BY user_id) AS ids
    FROM projects_membership GROUP BY project_id
)
INSERT INTO tasks_task (project_id, number, title, description, status, priority, assigned_to_id, created_by_id,
    due_date, duration, metadata, completed_at, archived_at, attachments_count, version, created_at, updated_at, rank)
SELECT p.id, n, 'Task ' || n || ' of ' || p.name,
    'What there is to do about part ' || n || CASE WHEN n <= %(hits)s THEN ' %%s' ELSE '' END,
    status, (ARRAY['low', 'medium', 'high', 'urgent'])[1 + n %% 4],
    CASE WHEN n %% 5 = 0 THEN NULL ELSE people.ids[1 + (n / 5) %% cardinality(people.ids)] END, p.owner_id,
    CASE WHEN n %% 4 = 0 THEN NULL ELSE now() + ((n * 37) %% 1000 - 300) * interval '1 hour' END,
    n %% 500, '{}', CASE WHEN status = 'done' THEN now() - (n %% 30) * interval '1 day' END,
    NULL, 0, 1, now() - (n * 13) * interval '1 second' - p.id * interval '1 ms', now(),
    taskhouse_rank(%(middle)s + n * %(step)s)
FROM projects_project p
JOIN people ON people.project_id = p.id
CROSS JOIN LATERAL generate_series(1, CASE WHEN p.id = %(large)s THEN %(large_tasks)s ELSE %(per_project)s END) n
CROSS JOIN LATERAL (SELECT (ARRAY['todo', 'in_progress', 'review', 'done', 'todo'])[1 + n %% 5] AS status) chosen
""".replace("%%s", WORD)

# Of ten tasks four are sub-tasks of the first one, and a fifth hangs below the last of them.
TREES = """
UPDATE tasks_task child SET parent_id = parent.id
FROM tasks_task parent
WHERE parent.project_id = child.project_id AND child.number > 10 AND child.number %% 10 BETWEEN 1 AND 5
    AND parent.number = child.number - CASE WHEN child.number %% 10 = 5 THEN 1 ELSE child.number %% 10 END
"""

SUBTASKS = """
UPDATE tasks_task parent SET subtasks_total = children.total, subtasks_done = children.done
FROM (SELECT parent_id, count(*) AS total, count(*) FILTER (WHERE status = 'done') AS done
      FROM tasks_task WHERE parent_id IS NOT NULL GROUP BY parent_id) children
WHERE children.parent_id = parent.id
"""

LABELS = """
INSERT INTO tasks_label (project_id, name, color, description, created_at)
SELECT id, 'label ' || n, '#3c78c2', '', now() FROM projects_project, generate_series(0, %(labels)s - 1) n
"""

LABELS_OF_TASKS = """
INSERT INTO tasks_tasklabel (task_id, label_id, project_id)
SELECT t.id, l.id, t.project_id
FROM tasks_task t
CROSS JOIN LATERAL unnest(ARRAY[t.number, t.number + 3, t.number + 7]) step
JOIN tasks_label l ON l.project_id = t.project_id AND l.name = 'label ' || step %% %(labels)s
"""

COMMENTS = """
INSERT INTO tasks_comment (task_id, project_id, author_id, body, version, edits_count, created_at)
SELECT t.id, t.project_id, t.created_by_id, 'What I found out about it, part ' || n, 1, 0,
    t.created_at + n * interval '1 hour'
FROM tasks_task t, generate_series(1, 2) n WHERE t.number <= %(history)s
"""

COMMENT_COUNTS = "UPDATE tasks_task SET comments_count = 2 WHERE number <= %(history)s"

# Every fifth task blocks the one before it
RELATIONS = """
INSERT INTO tasks_relation (kind, from_id, from_project_id, to_id, to_project_id, created_by_id, created_at)
SELECT 'blocks', id, project_id, earlier, project_id, created_by_id, created_at
FROM (SELECT *, lag(id) OVER (PARTITION BY project_id ORDER BY number) AS earlier FROM tasks_task) later
WHERE number %% 5 = 0 AND earlier IS NOT NULL
"""

HISTORY = """
INSERT INTO projects_activity (project_id, task_id, task_key, actor_id, verb, changes, request_id, created_at, seq,
    event_id, type, object_type, object_id, origin, published_at)
SELECT t.project_id, t.id, p.key || '-' || t.number, t.created_by_id, 'created', '{}', '', t.created_at, t.number,
    taskhouse_uuid7(t.created_at), 'task.created', 'task', t.id, 'api', t.created_at
FROM tasks_task t JOIN projects_project p ON p.id = t.project_id
WHERE t.number <= %(history)s
"""

COUNTS = """
UPDATE projects_project p SET tasks_count = c.tasks, open_tasks_count = c.open, last_task_number = c.tasks,
    members_count = m.members, last_seq = least(c.tasks, %(history)s)
FROM (SELECT project_id, count(*) AS tasks, count(*) FILTER (WHERE status <> 'done') AS open
      FROM tasks_task GROUP BY project_id) c
JOIN (SELECT project_id, count(*) AS members FROM projects_membership GROUP BY project_id) m USING (project_id)
WHERE c.project_id = p.id
"""

SESSIONS = """
INSERT INTO users_session (id, user_id, generation, rotated_at, created_at, expires_at, last_seen_at, revoked_reason,
    device)
SELECT n, 1 + (n - 1) %% %(users)s, 1, now(), now(), now() + interval '90 days', now(), '', 'bench'
FROM generate_series(1, %(users)s + %(refreshes)s) n
"""

NOTIFICATIONS = """
INSERT INTO notifications_notification (recipient_id, kind, dedupe_key, actor_id, project_id, task_id, data,
    request_id, created_at, in_app, mail_state, reason, attempts, next_attempt_at, uncertain_count, queued_at)
SELECT m.user_id, 'task_assigned', 'bench:' || m.user_id || ':' || n, 1, m.project_id, t.id,
    '{}', '', now() - n * interval '1 minute', true, 'sent', '', 1, now(), 0, now()
FROM (SELECT DISTINCT ON (user_id) user_id, project_id FROM projects_membership ORDER BY user_id, project_id) m
CROSS JOIN generate_series(1, %(unread)s) n
JOIN tasks_task t ON t.project_id = m.project_id AND t.number = n
"""

WATCHES = """
INSERT INTO tasks_watch (user_id, project_id, task_id, level, reason, created_at)
SELECT m.user_id, t.project_id, t.id, (ARRAY['all', 'all', 'none', 'muted'])[1 + t.number %% 4], 'commented', now()
FROM tasks_task t
JOIN projects_membership m ON m.project_id = t.project_id AND (t.number + m.user_id) %% %(members)s < %(watchers)s
WHERE t.number <= %(history)s
UNION ALL
SELECT user_id, project_id, NULL, (ARRAY['all', 'participating', 'muted'])[1 + user_id %% 3], 'self', now()
FROM projects_membership WHERE user_id %% 5 = 0
"""

SAVED_VIEWS = """
INSERT INTO tasks_savedview (owner_id, project_id, name, filter, ast, ordering, layout, columns, is_shared, version,
    created_at, updated_at)
SELECT p.owner_id, p.id, 'View ' || n, shown ->> 'filter', shown -> 'ast', '-created_at', 'list', '[]', true, 1, now(),
    now()
FROM projects_project p, unnest(%(views)s::jsonb[]) WITH ORDINALITY view (shown, n) ORDER BY p.id, n
"""

SEQUENCES = tuple(
    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
    for table in ("users_user", "projects_project", "users_session")
)

# A login makes the Inbox that is missing: without these, a run would leave its site with more projects than another of
# the same size. Empty, as a login leaves it.
INBOXES = """
WITH made AS (
    INSERT INTO projects_project (owner_id, key, name, description, is_inbox, version, last_task_number, tasks_count,
        open_tasks_count, members_count, attachment_bytes, created_at, updated_at)
    SELECT id, 'INBOX', 'Inbox', '', true, 1, 0, 0, 0, 1, 0, now(), now() FROM users_user u
    WHERE NOT EXISTS (SELECT FROM projects_project WHERE owner_id = u.id AND is_inbox)
    RETURNING id, owner_id
)
INSERT INTO projects_membership (project_id, user_id, role, joined_at) SELECT id, owner_id, 'owner', now() FROM made
"""

# Words of so many rows cost less where they wait and are sorted in together; the site itself has no such list
WORDS = ("task_kept_words", "task_words_by_project")
BY_LIST = tuple(f"ALTER INDEX {index} SET (fastupdate = on)" for index in WORDS)
AT_ONCE = tuple(f"ALTER INDEX {index} SET (fastupdate = off)" for index in WORDS)

IN_ORDER = (
    *BY_LIST,
    USERS,
    PROJECTS,
    MEMBERSHIPS,
    TASKS,
    ANALYZE,
    TREES,
    SUBTASKS,
    LABELS,
    LABELS_OF_TASKS,
    RELATIONS,
    COMMENTS,
    COMMENT_COUNTS,
    HISTORY,
    COUNTS,
    SESSIONS,
    NOTIFICATIONS,
    WATCHES,
    SAVED_VIEWS,
    *SEQUENCES,
    INBOXES,
    *AT_ONCE,
    ANALYZE,
)
