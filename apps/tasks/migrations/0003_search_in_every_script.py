"""Let a trigger keep the words of a task, in the column that was generated from PostgreSQL's own words.

The table is neither rewritten nor locked for longer than it takes to say so. The former version goes on reading and
searching the column; the next migration fills it for the rows that are there.
"""

from django.db import migrations

TRIGGER = """
    CREATE FUNCTION keep_task_words() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $function$
    BEGIN
        NEW.search := search_words(NEW.title || ' ' || NEW.description);
        RETURN NEW;
    END
    $function$;
    CREATE TRIGGER keep_words BEFORE INSERT OR UPDATE OF title, description ON tasks_task
    FOR EACH ROW EXECUTE FUNCTION keep_task_words();
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0002_text_functions"), ("tasks", "0002_composite_foreign_keys")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="task", name="task_search"),
                migrations.RemoveField(model_name="task", name="search"),
            ],
        ),
        migrations.RunSQL(
            # The trigger takes over in the same transaction
            sql=[
                (
                    "-- squawk-ignore ban-drop-generated-expression\n"
                    "ALTER TABLE tasks_task ALTER COLUMN search DROP EXPRESSION IF EXISTS",
                    None,
                )
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            sql=[(TRIGGER, None)],
            reverse_sql="DROP TRIGGER keep_words ON tasks_task; DROP FUNCTION keep_task_words()",
        ),
    ]
