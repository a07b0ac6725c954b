"""The columns of the event log, and a trigger that fills them for rows of the former version (contract M2).

`last_seq` of a project is null until its events are numbered; `last_seq + 1` is null as well, so the trigger leaves
the events of such a project to the next migration.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

UUID7 = """
CREATE FUNCTION taskhouse_uuid7(made_at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                PLACING substring(int8send(floor(extract(epoch FROM made_at) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
            52, 1), 53, 1),
        'hex')::uuid
$$
"""
EVENT_TYPE = """
CREATE FUNCTION taskhouse_event_type(verb text, of_task boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN verb = 'attachment_added' THEN 'attachment.created'
        WHEN verb IN ('attachment_deleted', 'attachments_expired') THEN 'attachment.deleted'
        WHEN verb = 'tasks_unassigned' THEN 'task.unassigned'
        WHEN verb = 'member_added' THEN 'member.added'
        WHEN verb = 'role_changed' THEN 'member.role_changed'
        WHEN verb = 'member_removed' THEN 'member.removed'
        WHEN verb IN ('assigned', 'status_changed') THEN 'task.updated'
        WHEN of_task THEN 'task.' || verb
        ELSE 'project.' || verb
    END
$$
"""
FILL = """
CREATE FUNCTION projects_fill_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.event_id := taskhouse_uuid7(NEW.created_at);
    NEW.type := taskhouse_event_type(NEW.verb, NEW.task_id IS NOT NULL);
    NEW.object_type := split_part(NEW.type, '.', 1);
    NEW.object_id := CASE NEW.object_type
        WHEN 'task' THEN NEW.task_id
        WHEN 'project' THEN NEW.project_id
        WHEN 'member' THEN
            COALESCE(NEW.changes #>> '{member,to}', NEW.changes #>> '{member,from}')::bigint
    END;
    NEW.origin := CASE WHEN NEW.actor_id IS NULL THEN 'job' ELSE 'api' END;
    NEW.published_at := NEW.created_at;
    UPDATE projects_project SET last_seq = last_seq + 1 WHERE id = NEW.project_id RETURNING last_seq INTO NEW.seq;
    RETURN NEW;
END
$$
"""
TRIGGER = """
CREATE TRIGGER projects_fill_event BEFORE INSERT ON projects_activity
FOR EACH ROW WHEN (NEW.seq IS NULL) EXECUTE FUNCTION projects_fill_event()
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_exactly_one_owner")]

    operations = [
        migrations.AddField("project", "last_seq", models.PositiveBigIntegerField(editable=False, null=True)),
        migrations.AlterField(
            "project",
            "last_seq",
            models.PositiveBigIntegerField(default=0, db_default=0, editable=False, null=True),
        ),
        migrations.AddField("activity", "seq", models.PositiveBigIntegerField(null=True)),
        migrations.AddField("activity", "event_id", models.UUIDField(null=True)),
        migrations.AddField("activity", "type", models.CharField(db_default="", max_length=40)),
        migrations.AddField("activity", "object_type", models.CharField(db_default="", max_length=20)),
        migrations.AddField("activity", "object_id", models.BigIntegerField(null=True)),
        migrations.AddField(
            "activity",
            "object_ids",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), null=True, size=None
            ),
        ),
        migrations.AddField("activity", "version", models.PositiveBigIntegerField(null=True)),
        migrations.AddField("activity", "origin", models.CharField(db_default="job", max_length=10)),
        migrations.AddField("activity", "token_id", models.BigIntegerField(null=True)),
        migrations.AddField("activity", "batch_id", models.UUIDField(null=True)),
        migrations.AddField(
            "activity",
            "published_at",
            models.DateTimeField(help_text="When the sink received it.", null=True),
        ),
        migrations.RunSQL(UUID7, "DROP FUNCTION taskhouse_uuid7(timestamptz)"),
        migrations.RunSQL(EVENT_TYPE, "DROP FUNCTION taskhouse_event_type(text, boolean)"),
        migrations.RunSQL(FILL, "DROP FUNCTION projects_fill_event()"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER projects_fill_event ON projects_activity"),
    ]
