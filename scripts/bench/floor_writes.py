"""The floor's statements of writes beside creations and changes of status; see `floor_sql`."""

from scripts.bench.floor_reads import COMMENT as SHOWN
from scripts.bench.floor_sql import PEOPLE, TASK, WATCHING

LOCKED = """
    WITH old AS (
        SELECT t.id, t.number, t.assigned_to_id, t.created_by_id, t.version, p.id AS project_id, p.key
        FROM tasks_task t JOIN projects_project p ON p.id = t.project_id
        JOIN projects_membership m ON m.project_id = p.id AND m.user_id = %(user)s AND m.role <> 'viewer'
        WHERE t.id = %(task)s AND p.archived_at IS NULL FOR NO KEY UPDATE OF p, t
    ), numbered AS (
        UPDATE projects_project p SET last_seq = last_seq + 1 FROM old WHERE p.id = old.project_id
        RETURNING p.id, p.key, p.last_seq
    )"""
ACTIVITY = """INSERT INTO projects_activity (project_id, task_id, task_key, actor_id, verb, changes, request_id,
            created_at, seq, event_id, type, object_type, object_id, object_ids, version, origin, published_at)"""

# Behind the anchor, in front of whatever stands there: the text of a rank is compared bytewise
MOVE = f"""{LOCKED}, t AS (
        UPDATE tasks_task t SET rank = left(anchor.rank, 8) || left(md5(random()::text), 8) || 'V'
        FROM old JOIN tasks_task anchor ON anchor.id = %(after)s AND anchor.project_id = old.project_id
        WHERE t.id = old.id AND EXISTS (
            SELECT min(rank) FROM tasks_task high WHERE high.project_id = old.project_id AND high.rank > anchor.rank)
        RETURNING t.*
    ), history AS (
        {ACTIVITY}
        SELECT p.id, NULL, '', %(user)s, 'reordered', '{{}}', '', now(), p.last_seq, taskhouse_uuid7(now()),
            'task.reordered', 'task', NULL, ARRAY[t.id], NULL, 'api', now() FROM t, numbered p
    )
    SELECT {TASK}::text FROM t JOIN numbered p ON true {PEOPLE}"""

COMMENT = f"""{LOCKED}, c AS (
        INSERT INTO tasks_comment (task_id, project_id, author_id, body, created_at, version, edits_count)
        SELECT id, project_id, %(user)s, %(body)s, now(), 1, 0 FROM old RETURNING *
    ), counted AS (
        UPDATE tasks_task t SET comments_count = comments_count + 1 FROM old WHERE t.id = old.id
    ), watching AS (
        INSERT INTO tasks_watch (user_id, project_id, task_id, level, reason, created_at)
        SELECT %(user)s, project_id, id, 'all', 'commented', now() FROM old WHERE NOT EXISTS (
            SELECT FROM tasks_watch general WHERE general.user_id = %(user)s AND general.project_id = old.project_id
                AND general.task_id IS NULL AND general.level = 'muted')
        ON CONFLICT (user_id, task_id) WHERE task_id IS NOT NULL DO NOTHING
    ), history AS (
        {ACTIVITY}
        SELECT p.id, old.id, old.key || '-' || old.number, %(user)s, 'commented', '{{}}', '', now(), p.last_seq,
            taskhouse_uuid7(now()), 'comment.created', 'comment', c.id, NULL, 1, 'api', now() FROM old, numbered p, c
    ), notified AS (
        INSERT INTO notifications_notification (recipient_id, kind, dedupe_key, actor_id, project_id, task_id, data,
            request_id, created_at, in_app, mail_state, reason, attempts, next_attempt_at, uncertain_count,
            queued_at)
        SELECT m.user_id, 'comment_added', 'comment:' || c.id || ':' || m.user_id, %(user)s, c.project_id, c.task_id,
            json_build_object('comment', c.id), '', now(), true, 'pending', '', 0, now(), 0, now()
        FROM c, old t {WATCHING}
    )
    SELECT {SHOWN}::text FROM c JOIN users_user author ON author.id = c.author_id"""
