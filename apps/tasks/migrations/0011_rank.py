"""The place of a task in its project's manual order, and triggers that fill it for the former version (contract M2, M3).

The numbers are those of apps/tasks/order/keys.py: eight digits in base 62, the middle, and a step of 62².
"""

from django.db import migrations, models

MIDDLE = 62**8 // 2
STEP = 62**2
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
POWERS = ", ".join(str(62**exponent) for exponent in range(7, -1, -1))

KEY = f"""
CREATE FUNCTION taskhouse_rank(number bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT string_agg(substr('{DIGITS}', (number / power % 62)::integer + 1, 1), '' ORDER BY power DESC)
    FROM unnest(ARRAY[{POWERS}]::bigint[]) AS power
$$
"""
NUMBER = f"""
CREATE FUNCTION taskhouse_rank_number(rank text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT sum((strpos('{DIGITS}', substr(rank, place::integer, 1)) - 1) * power)::bigint
    FROM unnest(ARRAY[{POWERS}]::bigint[]) WITH ORDINALITY AS digit (power, place)
$$
"""
FILL = f"""
CREATE FUNCTION tasks_fill_rank() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_first boolean := (SELECT new_tasks = 'first' FROM projects_project WHERE id = NEW.project_id);
    edge text;
BEGIN
    -- A moved task keeps a rank that is free there: the present version may have chosen it
    IF TG_OP = 'UPDATE' AND NOT EXISTS (
        SELECT 1 FROM tasks_task WHERE project_id = NEW.project_id AND rank = NEW.rank
    ) THEN
        RETURN NEW;
    END IF;
    IF is_first THEN
        SELECT min(rank) INTO edge FROM tasks_task WHERE project_id = NEW.project_id;
    ELSE
        SELECT max(rank) INTO edge FROM tasks_task WHERE project_id = NEW.project_id;
    END IF;
    NEW.rank := taskhouse_rank(CASE
        WHEN edge IS NULL THEN {MIDDLE}
        WHEN is_first THEN taskhouse_rank_number(edge) - {STEP}
        ELSE taskhouse_rank_number(edge) + {STEP}
    END);
    RETURN NEW;
END
$$
"""
CREATED = """
CREATE TRIGGER tasks_fill_rank BEFORE INSERT ON tasks_task
FOR EACH ROW WHEN (NEW.rank IS NULL) EXECUTE FUNCTION tasks_fill_rank()
"""
# The former version moves a task and leaves its rank.
MOVED = """
CREATE TRIGGER tasks_fill_rank_moved BEFORE UPDATE OF project_id ON tasks_task
FOR EACH ROW WHEN (NEW.project_id <> OLD.project_id AND NEW.rank = OLD.rank) EXECUTE FUNCTION tasks_fill_rank()
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0010_labels"), ("projects", "0012_new_tasks")]

    operations = [
        migrations.AddField(
            "task", "rank", models.TextField(db_collation="C", default=None, editable=False, null=True)
        ),
        migrations.RunSQL(KEY, "DROP FUNCTION taskhouse_rank(bigint)"),
        migrations.RunSQL(NUMBER, "DROP FUNCTION taskhouse_rank_number(text)"),
        migrations.RunSQL(FILL, "DROP FUNCTION tasks_fill_rank()"),
        migrations.RunSQL(CREATED, "DROP TRIGGER tasks_fill_rank ON tasks_task"),
        migrations.RunSQL(MOVED, "DROP TRIGGER tasks_fill_rank_moved ON tasks_task"),
    ]
