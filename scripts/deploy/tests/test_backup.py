"""A backup under writes, restored into an empty installation: complete, consistent, and silent."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import pytest

from scripts.deploy.tests.house import House
from scripts.deploy.tests.machine import eventually
from scripts.deploy.tests.test_proxy import PROXY, background

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.stack]

TASKS = 10_000
FILES = 134  # every fourth is deleted again: 101 stay
WAITING = 5
KEYS = ("SECRET_KEY", "JWT_SIGNING_KEY")


def fill(house):
    """Multiply a task of the load's Inbox."""
    with house.connect() as connection:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'tasks_task'"
            " AND is_generated = 'NEVER' AND column_name NOT IN ('id', 'number', 'title', 'rank')"
        ).fetchall()
        columns = ", ".join(name for (name,) in rows)
        connection.execute(
            f"INSERT INTO tasks_task (number, title, rank, {columns})"
            f" SELECT 1000 + n, 'Filled ' || n, taskhouse_rank(n), {columns} FROM generate_series(1, {TASKS}) n,"
            " (SELECT * FROM tasks_task ORDER BY id LIMIT 1) sample"
        )
        connection.execute(
            "UPDATE projects_project p SET tasks_count = c.tasks, open_tasks_count = c.open, last_task_number = c.last"
            " FROM (SELECT project_id, count(*) tasks, count(*) FILTER (WHERE status <> 'done') AS open,"
            " max(number) AS last FROM tasks_task GROUP BY project_id) c WHERE c.project_id = p.id"
        )


def written(house):
    """Return how many tasks and files there are."""
    with house.connect() as connection:
        query = "SELECT (SELECT count(*) FROM tasks_task), (SELECT count(*) FROM tasks_attachment)"
        return connection.execute(query).fetchone()


def last_run(house, job):
    """Return when a job noted last that it runs, which it does at most once in five seconds."""
    with house.connect() as connection:
        return connection.execute("SELECT max(beat_at) FROM common_heartbeat WHERE name = %s", [job]).fetchone()


def wait_for_runs(house, job):
    """Wait until a periodic job has begun twice more: what it found at first is done by then."""
    for _ in range(2):
        before = last_run(house, job)
        eventually(lambda before=before: last_run(house, job) != before, seconds=20, what=f"another run of {job}")


def run_as_container(house, service, *words):
    """Run the compose file's backup or restore service."""
    known = house.services[service]
    env = house.env_everywhere | {key: str(value) for key, value in known["environment"].items()}
    env["BACKUP_DIR"] = str(house.folder / "backups")
    script = known["entrypoint"][0].replace("/scripts/", "/srv/app/scripts/")
    return house.machine.run([script, *words], env=env, timeout=600)


@pytest.fixture(scope="module")
def backup(house):
    """A backup made while people write, upload and delete, with mails that could not be sent."""
    (house.folder / "backups").mkdir()
    token = house.traffic("login", "--url", PROXY).stdout.strip()
    house.traffic("upload", "--url", PROXY, "--token", token, "--files", FILES, "--delete")
    fill(house)
    house.stop_mail()
    for _ in range(WAITING):
        house.traffic("login", "--url", PROXY)
    over = house.folder / "backup-is-over"
    writer = ("load", "--url", PROXY, "--token", token, "--seconds", 60, "--until-file", over, "--pause", 0.05)
    writing, _ = background(house, "writing", *writer)
    churn = ("upload", "--url", PROXY, "--token", token, "--files", 120, "--delete")
    before = written(house)
    uploading, _ = background(house, "uploading", *churn)
    eventually(lambda: all(map(int.__gt__, written(house), before)), seconds=10, what="writes and uploads")

    began = time.monotonic()
    folder = run_as_container(house, "backup").stdout.strip()
    print(
        f"backup in {time.monotonic() - began:.1f} s, while {(uploading.poll() is None and 'uploading') or 'writing'}"
    )

    over.touch()
    assert writing.wait(300) == 0
    assert uploading.wait(300) == 0
    house.start_mail()
    return folder


@pytest.fixture(scope="module")
def copy(house, backup, tmp_path_factory):
    """Another installation with the same keys, restored by the documented commands."""
    settings = {"SCHEDULE_DELIVER_SECONDS": "1"} | {key: house.settings[key] for key in KEYS}
    found = House(tmp_path_factory.mktemp("copy"), name="b", settings=settings)
    try:
        found.start_mail()
        found.start("db")
        print(run_as_container(found, "restore", backup).stdout)
        for name in ("redis", "migrate", "web", "worker", "beat"):
            found.start(name)
        yield found
    finally:
        found.close()


def recorded(backup):
    lines = (line.split("|") for line in (Path(backup) / "rows.txt").read_text().splitlines())
    return {table: int(count) for table, count in lines}


def test_the_copy_has_every_row_and_every_file_of_the_snapshot(house, backup, copy):
    # What the copy's own worker and beat have changed since does not count here.
    expected = recorded(backup)
    with copy.connect() as connection, house.connect() as source:
        keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated"
        foreign_keys, wanted_keys = (one.execute(keys).fetchone()[0] for one in (connection, source))
        tasks = connection.execute("SELECT count(*) FROM tasks_task").fetchone()[0]
        files = connection.execute("SELECT storage_name, sha256 FROM tasks_attachment WHERE state = 'ready'").fetchall()
    wrong = [name for name, sha256 in files if hashlib.sha256((copy.media / name).read_bytes()).hexdigest() != sha256]

    print(
        f"{len(expected)} tables, {sum(expected.values())} rows, {tasks} tasks, {foreign_keys} foreign keys valid, "
        f"{len(files)} files, {len(wrong)} with another sha256"
    )
    assert tasks == expected["tasks_task"] > TASKS
    assert foreign_keys == wanted_keys > 10
    assert len(files) >= 100
    assert wrong == []


def test_e9_the_copy_has_an_epoch_of_its_own(house, copy):
    with copy.connect() as connection, house.connect() as source:
        epochs = [one.execute("SELECT epoch FROM common_installation").fetchall() for one in (connection, source)]

    print(f"epochs: {[str(epoch) for [(epoch,)] in epochs]}")
    assert len(epochs[0]) == len(epochs[1]) == 1
    assert epochs[0] != epochs[1]


def test_the_copy_sends_no_mail_until_it_is_released(copy):
    def held():
        with copy.connect() as connection:
            return connection.execute(
                "SELECT count(*) FROM notifications_notification WHERE mail_state IN ('pending', 'sending')"
            ).fetchone()[0]

    waiting = held()
    url = "http://web:8000"
    copy.traffic("login", "--url", url)  # registers somebody: one more mail to hold
    wait_for_runs(copy, "notifications.deliver")
    silent, waits = len(copy.mails()), held()
    copy.manage("release_mail")
    eventually(lambda: len(copy.mails()) >= waiting + 1, seconds=40, what="the released mails")

    print(
        f"{waiting} mails came waiting; {silent} sent while held ({waits} waiting), {len(copy.mails())} after release"
    )
    assert waiting >= WAITING
    assert (silent, waits) == (0, waiting + 1)


def test_a_damaged_backup_is_rejected_and_changes_nothing(backup, copy, tmp_path):
    (tmp_path / "database.dump").write_bytes(b"not a dump")
    (tmp_path / "SHA256SUMS").write_text("0" * 64 + "  database.dump\n")

    with pytest.raises(AssertionError, match="is damaged: nothing was restored"):
        run_as_container(copy, "restore", tmp_path)


def test_restore_rejects_a_database_that_is_not_empty(backup, copy):
    with pytest.raises(AssertionError, match="restore only into an empty one"):
        run_as_container(copy, "restore", backup)


def test_the_clean_up_leaves_files_alone_while_a_backup_runs(house):
    token = house.traffic("login", "--url", PROXY).stdout.strip()
    with house.connect() as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('taskhouse.files'))")
        made = json.loads(
            house.traffic("upload", "--url", PROXY, "--token", token, "--files", 4, "--delete").stdout.splitlines()[-1]
        )
        house.manage("clean_files")
        waiting = connection.execute("SELECT storage_name FROM tasks_attachment WHERE state = 'deleting'").fetchall()
        still_there = [name for (name,) in waiting if (house.media / name).exists()]
    house.manage("clean_files")

    print(f"{len(waiting)} deleted during the backup, {len(still_there)} of their files kept for it")
    assert len(made["uploaded"]) == 3
    assert len(waiting) == len(still_there) >= 1
    assert not any((house.media / name).exists() for (name,) in waiting)


def test_connection_strings_are_read_like_the_settings_read_them(house):
    known = house.services["web"]["environment"]
    url = f"postgresql://{known['POSTGRES_USER']}:{known['POSTGRES_PASSWORD']}@db:5432/{known['POSTGRES_DB']}"
    env = house.env_everywhere | {"DATABASE_URL": url, "MEDIA_ROOT": "/srv/media"}
    env["BACKUP_DIR"] = str(house.folder / "backups")
    folder = house.machine.run(["/srv/app/scripts/backup"], env=env, timeout=600).stdout.strip()

    assert recorded(folder)["tasks_task"] > 0
