"""FIRST-HOUR, part 4: the stack of scripts/run is backed up and restored by one command each."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.deploy.tests.test_backup_settings import TABLES
from scripts.local.environment import ROOT
from scripts.local.stack import Stack
from scripts.local.tests.conftest import home_folder

pytestmark = pytest.mark.stack

EPOCHS = """
SELECT count(*), count(*) FILTER (WHERE epoch = '00000000-0000-4000-8000-000000000001') FROM common_installation
"""
COUNT = "SELECT count(*) FROM notifications_hold"


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """Another home."""
    with home_folder() as home:
        yield home


@pytest.fixture
def filled(folder: Path) -> Path:
    """The home of a stack with the tables that backup and restore know by name, and a file."""
    with Stack(folder, valkey=False) as stack, stack.postgres.connect() as connection:
        connection.execute(TABLES)
    (folder / "media").mkdir()
    (folder / "media" / "a file").write_text("content")
    return folder


def run(command: str, *words: object, home: Path) -> "subprocess.CompletedProcess[str]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env = kept | {"LOCAL_DIR": str(home), "REDIS_URL": "redis://127.0.0.1:1", "EMAIL_HOST": "127.0.0.1"}
    argv = [ROOT / "scripts" / command, *map(str, words)]
    return subprocess.run(argv, env=env, cwd="/", capture_output=True, text=True, timeout=120)


def test_a_backup_of_the_local_stack_is_restored_into_another_one(filled: Path, elsewhere: Path):
    made = run("local-backup", home=filled)
    restored = run("local-restore", made.stdout.strip(), home=elsewhere)
    again = run("local-restore", made.stdout.strip(), home=elsewhere)

    assert made.returncode == 0, made.stderr
    assert Path(made.stdout.strip()).parent == filled / "backups"
    assert Path(made.stdout.strip()).stat().st_mode & 0o077 == 0
    assert (restored.returncode, restored.stderr) == (0, ""), restored.stderr
    assert "Mail is held" in restored.stdout
    assert (elsewhere / "media" / "a file").read_text() == "content"
    # Neither the demo beside what was restored, nor a second restore over it.
    assert (elsewhere / "demo.filled").exists()
    assert again.returncode == 1
    assert "restore only into an empty one" in again.stderr
    with Stack(elsewhere, valkey=False) as stack, stack.postgres.connect() as connection:
        assert connection.execute(COUNT).fetchone() == (1,)
        assert connection.execute(EPOCHS).fetchone() == (1, 0)  # contract E9: one row, and another epoch


def test_a_backup_needs_no_stop_and_a_restore_does(filled: Path, tmp_path: Path):
    with Stack(filled, valkey=False) as stack:
        stack.ownership.announce("ready", stack.env())
        made = run("local-backup", tmp_path / "mine", home=filled)
        rejected = run("local-restore", made.stdout.strip(), home=filled)

    assert made.returncode == 0, made.stderr
    assert Path(made.stdout.strip()).parent == tmp_path / "mine"
    assert rejected.returncode == 1
    assert "stop it first" in rejected.stderr


@pytest.mark.parametrize(
    ("command", "words"), [("local-restore", ()), ("local-restore", (1, 2)), ("local-backup", (1, 2))]
)
def test_what_cannot_be_meant_is_rejected_before_anything_starts(folder: Path, command: str, words: tuple[int, ...]):
    done = run(command, *words, home=folder)

    assert done.returncode == 2
    assert "--help" in done.stderr
    assert not (folder / "postgres").exists()


def test_a_folder_that_is_no_backup_restores_nothing(folder: Path, tmp_path: Path):
    done = run("local-restore", tmp_path, home=folder)

    assert done.returncode == 1
    assert "nothing was restored" in done.stderr
    assert not (folder / "demo.filled").exists()
