"""Write the SQL of our own migrations to files, for a linter to read."""

import sys
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader


def main(folder: Path, left_out: set[str]) -> None:
    """Write FOLDER/app.name.sql for each migration of this project that is not in `left_out`.

    Ends with a message when one has no transaction of its own and could not go on after an interruption.
    """
    django.setup()
    from apps.common.sql.migrations import OnlineMigration  # needs the settings

    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}
    for (label, name), migration in sorted((MigrationLoader(connection).disk_migrations or {}).items()):
        if label in ours and not migration.atomic and not isinstance(migration, OnlineMigration):
            sys.exit(f"{label}.{name}: `atomic = False` cannot go on when it is interrupted; inherit OnlineMigration")
        if label in ours and f"{label}.{name}" not in left_out:
            with (folder / f"{label}.{name}.sql").open("w") as output:
                call_command("sqlmigrate", label, name, stdout=output, no_color=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), set(sys.argv[2:]))
