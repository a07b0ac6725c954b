"""The floor's statements of reads beside lists of tasks; see `floor_sql`."""

from scripts.bench.floor_sql import instant, person

MINE = "JOIN projects_membership m ON m.project_id = t.project_id AND m.user_id = %(user)s"

COMMENT = f"""json_build_object('id', c.id, 'task', c.task_id, 'body', c.body, 'author', {person("author")},
    'mentions', array_to_json(ARRAY(
        SELECT {person("named")} FROM tasks_mention n JOIN users_user named ON named.id = n.user_id
        JOIN projects_membership still ON still.user_id = named.id AND still.project_id = c.project_id
        WHERE n.comment_id = c.id AND n.is_current ORDER BY n.position)),
    'version', c.version, 'edits_count', c.edits_count, 'created_at', {instant("c.created_at")},
    'edited_at', {instant("c.edited_at")}, 'is_deleted', c.deleted_at IS NOT NULL)"""

COMMENTS = f"""
    SELECT json_build_object('next', NULL, 'previous', NULL, 'results', coalesce(json_agg(line), '[]'))::text
    FROM (
        SELECT {COMMENT} AS line
        FROM tasks_comment c JOIN tasks_task t ON t.id = c.task_id {MINE}
        LEFT JOIN users_user author ON author.id = c.author_id
        WHERE c.task_id = %(task)s AND t.trash_id IS NULL
        ORDER BY c.created_at, c.id LIMIT 50
    ) lines"""

# What the views of `fill.VIEWS` find, each a thousand at most
CONDITIONS = """CASE right(v.name, 1)
            WHEN '1' THEN t.status <> 'done'
            WHEN '2' THEN t.status = 'todo' AND t.priority IN ('high', 'urgent')
            ELSE t.due_date IS NOT NULL AND EXISTS (SELECT 1 FROM tasks_tasklabel tl JOIN tasks_label l
                ON l.id = tl.label_id WHERE tl.task_id = t.id AND l.name = 'label 3') END"""
VIEW_COUNTS = f"""
    SELECT json_build_object('counts', json_object_agg(v.id, (SELECT count(*) FROM (
        SELECT 1 FROM tasks_task t WHERE t.project_id = v.project_id AND t.archived_at IS NULL AND t.trash_id IS NULL
            AND {CONDITIONS} LIMIT 1000) found)))::text
    FROM tasks_savedview v
    JOIN projects_membership m ON m.project_id = v.project_id AND m.user_id = %(user)s
    WHERE v.id = ANY(%(ids)s)"""

# The first page of a copy of one project: the project, its members and labels, and tasks up to 200 rows
SYNC = f"""
    SELECT json_build_object('changes', json_agg(line), 'people', (
        SELECT json_agg({person("p")}) FROM projects_membership w JOIN users_user p ON p.id = w.user_id
        WHERE w.project_id = %(project)s), 'next', 'x', 'has_more', true, 'me_changed', false)::text
    FROM (
        SELECT json_build_object('type', 'project', 'id', p.id, 'op', 'upsert', 'object', json_build_object(
            'id', p.id, 'key', p.key, 'name', p.name, 'description', p.description, 'owner', p.owner_id,
            'is_inbox', p.is_inbox, 'version', p.version, 'created_at', {instant("p.created_at")},
            'updated_at', {instant("p.updated_at")})) AS line
        FROM projects_project p WHERE p.id = %(project)s
        UNION ALL
        SELECT json_build_object('type', 'member', 'id', w.user_id, 'op', 'upsert', 'object', json_build_object(
            'user', w.user_id, 'role', w.role, 'joined_at', {instant("w.joined_at")}))
        FROM projects_membership w WHERE w.project_id = %(project)s
        UNION ALL
        SELECT json_build_object('type', 'label', 'id', l.id, 'op', 'upsert', 'object', json_build_object(
            'id', l.id, 'project', l.project_id, 'name', l.name, 'color', l.color, 'description', l.description))
        FROM tasks_label l WHERE l.project_id = %(project)s
        UNION ALL
        (SELECT json_build_object('type', 'task', 'id', t.id, 'op', 'upsert', 'object', json_build_object(
            'id', t.id, 'number', t.number, 'project', t.project_id, 'title', t.title, 'description', t.description,
            'status', t.status, 'priority', t.priority, 'assigned_to', t.assigned_to_id,
            'created_by', t.created_by_id, 'due_date', {instant("t.due_date")}, 'due_on', t.due_on,
            'duration', t.duration, 'metadata', t.metadata, 'labels', ARRAY(
                SELECT tl.label_id FROM tasks_tasklabel tl WHERE tl.task_id = t.id ORDER BY 1),
            'parent', t.parent_id, 'rank', t.rank, 'is_archived', t.archived_at IS NOT NULL,
            'completed_at', {instant("t.completed_at")}, 'version', t.version,
            'created_at', {instant("t.created_at")}, 'updated_at', {instant("t.updated_at")}))
        FROM tasks_task t WHERE t.project_id = %(project)s AND t.trash_id IS NULL ORDER BY t.id LIMIT 169)
    ) lines
    WHERE EXISTS (SELECT 1 FROM projects_membership WHERE project_id = %(project)s AND user_id = %(user)s)"""
