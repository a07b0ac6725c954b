"""The floor's statements: each operation in one, with its membership check, the JSON made by PostgreSQL."""

INSTANT = "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def instant(column: str) -> str:
    return INSTANT.format(column)


def person(alias: str) -> str:
    return (
        f"CASE WHEN {alias}.id IS NOT NULL THEN json_build_object('id', {alias}.id, 'username', {alias}.username, "
        f"'nickname', {alias}.nickname, 'avatar', CASE WHEN {alias}.avatar <> '' "
        f"THEN 'http://127.0.0.1/media/' || {alias}.avatar END) END"
    )


LABELS = """array_to_json(ARRAY(
        SELECT json_build_object('id', l.id, 'name', l.name, 'color', l.color)
        FROM tasks_tasklabel tl JOIN tasks_label l ON l.id = tl.label_id WHERE tl.task_id = t.id
        ORDER BY l.sort_name, l.id))"""

BLOCKED = """coalesce((
        SELECT true FROM tasks_relation r JOIN tasks_task blocker ON blocker.id = r.from_id
        JOIN projects_project from_project ON from_project.id = blocker.project_id
        WHERE r.to_id = t.id AND r.kind = 'blocks' AND blocker.status <> 'done' AND blocker.archived_at IS NULL
            AND blocker.trash_id IS NULL AND from_project.archived_at IS NULL AND from_project.trash_id IS NULL LIMIT 1
    ), false)"""

TASK = f"""json_build_object(
    'id', t.id, 'key', p.key || '-' || t.number, 'number', t.number, 'project', t.project_id, 'title', t.title,
    'description', t.description, 'status', t.status, 'priority', t.priority, 'assigned_to', {person("a")},
    'created_by', {person("c")}, 'due_date', {instant("t.due_date")}, 'due_on', t.due_on, 'duration', t.duration,
    'metadata', t.metadata, 'labels', {LABELS}, 'parent', CASE WHEN t.parent_id IS NOT NULL THEN json_build_object(
        'id', above.id, 'key', p.key || '-' || above.number, 'title', above.title, 'status', above.status) END,
    'subtasks', json_build_object('total', t.subtasks_total, 'done', t.subtasks_done),
    'attachments_count', t.attachments_count, 'comments_count', t.comments_count, 'rank', t.rank,
    'is_blocked', {BLOCKED},
    'is_archived', t.archived_at IS NOT NULL, 'completed_at', {instant("t.completed_at")}, 'version', t.version,
    'created_at', {instant("t.created_at")},
    'updated_at', {instant("t.updated_at")})"""

PEOPLE = """LEFT JOIN users_user a ON a.id = t.assigned_to_id LEFT JOIN users_user c ON c.id = t.created_by_id
    LEFT JOIN tasks_task above ON above.id = t.parent_id"""
MEMBER = "EXISTS (SELECT 1 FROM projects_membership m WHERE m.project_id = %(project)s AND m.user_id = %(user)s)"


def _list(condition: str, order: str) -> str:
    return f"""
        SELECT json_build_object('next', NULL, 'previous', NULL, 'results', coalesce(json_agg(line), '[]'))::text
        FROM (
            SELECT {TASK} AS line
            FROM (SELECT * FROM tasks_task t WHERE {condition} ORDER BY {order} LIMIT 51) t
            JOIN projects_project p ON p.id = t.project_id {PEOPLE}
            ORDER BY {order} LIMIT 50
        ) lines"""


_IN_PROJECT = f"t.project_id = %(project)s AND t.archived_at IS NULL AND t.trash_id IS NULL AND {MEMBER}"
_DUE = "coalesce(t.due_date, 'infinity'::timestamptz)"

NEWEST = _list(_IN_PROJECT, "t.created_at DESC, t.id DESC")
PAGE = _list(
    f"{_IN_PROJECT} AND (t.created_at, t.id) < (%(after)s::timestamptz, %(id)s)", "t.created_at DESC, t.id DESC"
)
FILTERED = _list(f"{_IN_PROJECT} AND t.status = %(status)s", f"{_DUE}, t.id")
BOARD = _list(f"{_IN_PROJECT} AND t.status = %(status)s", "t.rank, t.id")
FIVE_CONDITIONS = _list(
    """t.assigned_to_id = %(user)s AND t.status IN ('todo', 'review') AND t.priority IN ('medium', 'high', 'urgent')
       AND t.due_date IS NOT NULL AND t.archived_at IS NULL AND t.trash_id IS NULL AND EXISTS (
           SELECT 1 FROM tasks_tasklabel tl JOIN tasks_label l ON l.id = tl.label_id
           WHERE tl.task_id = t.id AND l.name = 'label 2')
       AND t.project_id = ANY (ARRAY(SELECT m.project_id FROM projects_membership m JOIN projects_project q
                                     ON q.id = m.project_id WHERE m.user_id = %(user)s AND q.archived_at IS NULL))""",
    "t.created_at DESC, t.id DESC",
)
MY_OPEN = _list(
    """t.assigned_to_id = %(user)s AND t.status IN ('todo', 'in_progress', 'review') AND t.archived_at IS NULL
       AND t.trash_id IS NULL
       AND t.project_id = ANY (ARRAY(SELECT m.project_id FROM projects_membership m JOIN projects_project q
                                     ON q.id = m.project_id WHERE m.user_id = %(user)s AND q.archived_at IS NULL))""",
    f"{_DUE}, t.id",
)
SEARCH = _list(
    f"{_IN_PROJECT} AND words_in_project(t.project_id, t.search) @@ %(words)s::tsquery",
    "t.created_at DESC, t.id DESC",
)

# What a detail shows beside the fields of a list.
CHOSEN = "SELECT 1 FROM tasks_watch own WHERE own.task_id = t.id AND own.user_id = "
DETAIL = f"""
    'relations_count', (
        SELECT count(*) FROM tasks_relation r
        JOIN tasks_task other ON other.id = CASE r.from_id WHEN t.id THEN r.to_id ELSE r.from_id END
        JOIN projects_project place ON place.id = other.project_id
        WHERE (r.from_id = t.id OR r.to_id = t.id) AND other.archived_at IS NULL AND other.trash_id IS NULL
            AND place.trash_id IS NULL),
    'is_watching', coalesce(
        (SELECT level = 'all' FROM tasks_watch WHERE task_id = t.id AND user_id = %(user)s),
        %(user)s IN (t.assigned_to_id, t.created_by_id) OR EXISTS (SELECT 1 FROM tasks_watch
            WHERE project_id = t.project_id AND task_id IS NULL AND user_id = %(user)s AND level = 'all')),
    'watchers_count', (SELECT count(*) FROM tasks_watch WHERE task_id = t.id AND level = 'all') + (
        SELECT count(*) FROM projects_membership w WHERE w.project_id = t.project_id
            AND w.user_id IN (t.assigned_to_id, t.created_by_id) AND NOT EXISTS ({CHOSEN} w.user_id)),
    'external', CASE WHEN t.external_id IS NOT NULL THEN json_build_object(
        'source', t.external_source, 'id', t.external_id) END)"""

ONE_TASK = f"""
    SELECT {TASK[:-1]}, {DETAIL}::text FROM tasks_task t
    JOIN projects_project p ON p.id = t.project_id
    JOIN projects_membership m ON m.project_id = t.project_id AND m.user_id = %(user)s {PEOPLE}
    WHERE t.id = %(task)s AND t.trash_id IS NULL AND p.trash_id IS NULL"""

PROJECTS = f"""
    SELECT json_build_object('next', NULL, 'previous', NULL, 'results', coalesce(json_agg(line), '[]'))::text
    FROM (
        SELECT json_build_object('id', p.id, 'key', p.key, 'name', p.name, 'description', p.description,
            'owner', {person("o")}, 'role', m.role, 'is_inbox', p.is_inbox, 'is_archived', p.archived_at IS NOT NULL,
            'on_parent_done', p.on_parent_done, 'blocked_done', p.blocked_done, 'new_tasks', p.new_tasks,
            'members_count', p.members_count, 'tasks_count', p.tasks_count,
            'open_tasks_count', p.open_tasks_count,
            'version', p.version, 'created_at', {instant("p.created_at")},
            'updated_at', {instant("p.updated_at")}) AS line
        FROM projects_membership m JOIN projects_project p ON p.id = m.project_id JOIN users_user o ON o.id = p.owner_id
        WHERE m.user_id = %(user)s AND p.archived_at IS NULL
        ORDER BY p.created_at DESC, p.id DESC LIMIT 50
    ) lines"""

UNREAD = f"""
    SELECT json_build_object('next', NULL, 'previous', NULL, 'results', coalesce(json_agg(line), '[]'))::text
    FROM (
        SELECT json_build_object('id', n.id, 'kind', n.kind,
            'title', p.key || '-' || t.number || ' is assigned to you: ' || t.title,
            'body', coalesce(nullif(a.nickname, ''), a.username) || ' assigned the task “' || t.title || '” to you.'
                || E'\\n\\nProject: ' || p.name || ' · Priority: ' || initcap(t.priority)
                || coalesce(E'\\n\\nDue: '
                    || to_char(t.due_date AT TIME ZONE r.timezone, 'FMDay FMDD FMMonth YYYY, HH24:MI')
                    || ' (' || r.timezone || ', UTC' || regexp_replace(to_char(
                        (t.due_date AT TIME ZONE r.timezone) - (t.due_date AT TIME ZONE 'UTC'), 'HH24:MI'
                    ), '^(?!-)', '+') || ')', ''),
            'project', n.project_id, 'task', n.task_id, 'actor', {person("a")}, 'changes', n.data -> 'changes',
            'created_at', {instant("n.created_at")}, 'read_at', {instant("n.read_at")}) AS line
        FROM notifications_notification n
        JOIN projects_membership m ON m.project_id = n.project_id AND m.user_id = n.recipient_id
        JOIN projects_project p ON p.id = n.project_id
        JOIN users_user r ON r.id = n.recipient_id
        LEFT JOIN tasks_task t ON t.id = n.task_id LEFT JOIN users_user a ON a.id = n.actor_id
        WHERE n.recipient_id = %(user)s AND n.in_app AND n.read_at IS NULL
        ORDER BY n.created_at DESC, n.id DESC LIMIT 50
    ) lines"""

STATISTICS = """
    WITH cells AS (
        SELECT assigned_to_id, status, priority, count(*) AS total,
            count(*) FILTER (WHERE status <> 'done' AND due_date < now()) AS overdue,
            count(*) FILTER (WHERE status <> 'done' AND due_date >= now()
                AND due_date < now() + interval '24 hours') AS due_soon,
            count(*) FILTER (WHERE created_at >= now() - interval '7 days') AS created,
            count(*) FILTER (WHERE completed_at >= now() - interval '7 days') AS completed,
            extract(epoch FROM sum(completed_at - created_at)) AS seconds
        FROM tasks_task WHERE project_id = %(project)s AND archived_at IS NULL AND trash_id IS NULL AND EXISTS (
            SELECT 1 FROM projects_membership WHERE project_id = %(project)s AND user_id = %(user)s)
        GROUP BY 1, 2, 3
    ), people AS (
        SELECT assigned_to_id, sum(total) AS total, sum(total) FILTER (WHERE status <> 'done') AS open,
            sum(overdue) AS overdue FROM cells WHERE assigned_to_id IS NOT NULL GROUP BY 1
    )
    SELECT json_build_object('total', sum(total),
        'by_status', json_build_object('todo', coalesce(sum(total) FILTER (WHERE status = 'todo'), 0),
            'in_progress', coalesce(sum(total) FILTER (WHERE status = 'in_progress'), 0),
            'review', coalesce(sum(total) FILTER (WHERE status = 'review'), 0),
            'done', coalesce(sum(total) FILTER (WHERE status = 'done'), 0)),
        'by_priority', json_build_object('low', coalesce(sum(total) FILTER (WHERE priority = 'low'), 0),
            'medium', coalesce(sum(total) FILTER (WHERE priority = 'medium'), 0),
            'high', coalesce(sum(total) FILTER (WHERE priority = 'high'), 0),
            'urgent', coalesce(sum(total) FILTER (WHERE priority = 'urgent'), 0)),
        'by_assignee', (SELECT json_agg(json_build_object('user', json_build_object('id', u.id, 'username', u.username,
            'nickname', u.nickname, 'avatar', u.avatar), 'total', total, 'open', open, 'overdue', overdue))
            FROM people JOIN users_user u ON u.id = assigned_to_id),
        'overdue', sum(overdue), 'due_soon', sum(due_soon),
        'unassigned', sum(total) FILTER (WHERE assigned_to_id IS NULL),
        'created_last_7_days', sum(created), 'completed_last_7_days', sum(completed),
        'completion_rate', sum(total) FILTER (WHERE status = 'done') / nullif(sum(total), 0),
        'average_completion_hours', sum(seconds) / nullif(sum(total) FILTER (WHERE status = 'done'), 0) / 3600)::text
    FROM cells"""

# A statement sees what was there when it began: the end of a project's order is true only once its row is locked
LOCK_PROJECT = "SELECT FROM projects_project WHERE id = %(project)s FOR NO KEY UPDATE"

# Who hears of it, in the words of the contract's WA3, as far as the filled database has such people
GENERAL = """LEFT JOIN tasks_watch general ON general.user_id = m.user_id AND general.project_id = m.project_id
            AND general.task_id IS NULL"""
WATCHING = f"""JOIN projects_membership m ON m.project_id = t.project_id {GENERAL}
        LEFT JOIN tasks_watch own ON own.user_id = m.user_id AND own.task_id = t.id
        WHERE m.user_id <> %(user)s AND coalesce(own.level, general.level, '') <> 'muted'
            AND own.level IS DISTINCT FROM 'none'
            AND (own.level = 'all' OR general.level = 'all' OR m.user_id IN (t.assigned_to_id, t.created_by_id))"""

CREATE = f"""
    WITH project AS (
        UPDATE projects_project SET last_task_number = last_task_number + 1, tasks_count = tasks_count + 1,
            open_tasks_count = open_tasks_count + 1, last_seq = last_seq + 1
        WHERE id = %(project)s AND archived_at IS NULL AND EXISTS (SELECT 1 FROM projects_membership
            WHERE project_id = %(project)s AND user_id = %(user)s AND role <> 'viewer')
        RETURNING id, key, last_task_number, last_seq
    ), t AS (
        INSERT INTO tasks_task (project_id, number, title, description, status, priority, assigned_to_id,
            created_by_id, metadata, attachments_count, version, created_at, updated_at, rank)
        SELECT id, last_task_number, %(title)s, '', 'todo', 'medium', %(assigned_to)s, %(user)s, '{{}}', 0, 1, now(),
            now(), (SELECT taskhouse_rank(taskhouse_rank_number(max(rank)) + 3844) FROM tasks_task
                WHERE project_id = %(project)s) FROM project RETURNING *
    ), history AS (
        INSERT INTO projects_activity (project_id, task_id, task_key, actor_id, verb, changes, request_id, created_at,
            seq, event_id, type, object_type, object_id, version, origin, published_at)
        SELECT t.project_id, t.id, project.key || '-' || t.number, %(user)s, 'created', '{{}}', '', now(),
            project.last_seq, taskhouse_uuid7(now()), 'task.created', 'task', t.id, 1, 'api', now()
        FROM t, project
    ), notified AS (
        INSERT INTO notifications_notification (recipient_id, kind, dedupe_key, actor_id, project_id, task_id, data,
            request_id, created_at, in_app, mail_state, reason, attempts, next_attempt_at, uncertain_count,
            queued_at)
        SELECT m.user_id, CASE m.user_id WHEN t.assigned_to_id THEN 'task_assigned' ELSE 'task_created' END,
            'create:' || t.id || ':' || m.user_id, %(user)s, t.project_id, t.id, '{{}}', '', now(), true, 'pending', '',
            0, now(), 0, now()
        FROM t JOIN projects_membership m ON m.project_id = t.project_id {GENERAL}
        WHERE m.user_id <> %(user)s AND (m.user_id = t.assigned_to_id OR general.level IS DISTINCT FROM 'muted'
            AND (general.level = 'all' OR m.role IN ('owner', 'admin')))
    )
    SELECT {TASK}::text FROM t JOIN project p ON true {PEOPLE}"""

CHANGE_STATUS = f"""
    WITH old AS (
        SELECT t.id, t.status, p.id AS project_id FROM tasks_task t JOIN projects_project p ON p.id = t.project_id
        JOIN projects_membership m ON m.project_id = p.id AND m.user_id = %(user)s AND m.role <> 'viewer'
        WHERE t.id = %(task)s AND p.archived_at IS NULL FOR NO KEY UPDATE OF p, t
    ), t AS (
        UPDATE tasks_task t SET status = %(status)s::varchar, version = version + 1, updated_at = now(),
            completed_at = CASE WHEN %(status)s::varchar = 'done' THEN now() END
        FROM old WHERE t.id = old.id AND old.status <> %(status)s::varchar RETURNING t.*
    ), counted AS (
        UPDATE projects_project p SET open_tasks_count = open_tasks_count
            + (old.status = 'done')::int - (t.status = 'done')::int, last_seq = last_seq + 1
        FROM old, t WHERE p.id = old.project_id RETURNING p.id, p.key, p.last_seq
    ), history AS (
        INSERT INTO projects_activity (project_id, task_id, task_key, actor_id, verb, changes, request_id, created_at,
            seq, event_id, type, object_type, object_id, version, origin, published_at)
        SELECT t.project_id, t.id, p.key || '-' || t.number, %(user)s, 'status_changed',
            json_build_object('status', json_build_object('from', old.status, 'to', t.status)), '', now(),
            p.last_seq, taskhouse_uuid7(now()), 'task.updated', 'task', t.id, t.version, 'api', now()
        FROM t, old, counted p
    ), notified AS (
        INSERT INTO notifications_notification (recipient_id, kind, dedupe_key, actor_id, project_id, task_id, data,
            request_id, created_at, in_app, mail_state, reason, attempts, next_attempt_at, uncertain_count,
            queued_at)
        SELECT m.user_id, 'task_status_changed', 'status:' || t.id || ':' || t.version || ':' || m.user_id, %(user)s,
            t.project_id, t.id, '{{}}', '', now(), true, 'pending', '', 0, now(), 0, now()
        FROM t {WATCHING}
    ), shown AS (
        SELECT * FROM t UNION ALL
        SELECT same.* FROM tasks_task same JOIN old ON old.id = same.id WHERE old.status = %(status)s::varchar
    )
    SELECT {TASK}::text FROM shown t JOIN projects_project p ON p.id = t.project_id {PEOPLE}"""
