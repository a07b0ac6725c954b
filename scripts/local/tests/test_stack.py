"""PostgreSQL and Valkey start, keep their data, and survive what happens to them."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from scripts.local import leftovers, places, processes
from scripts.local.processes import StackError
from scripts.local.stack import Stack
from scripts.local.tests.conftest import OtherProcess, gone

HOLD = """
from scripts.local.stack import Stack
stack = Stack(Path({home!r}))
stack.start("the other")
print("up", flush=True)
time.sleep(600)
"""


def _write_row(stack: Stack) -> None:
    with stack.postgres.connect() as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('Äpfel')")


def _rows(stack: Stack) -> list[str]:
    with stack.postgres.connect() as connection:
        return [row[0] for row in connection.execute("select word from kept")]


def _pids(stack: Stack) -> list[int]:
    return [server.process.pid for server in (stack.postgres, stack.valkey) if server.process]


def test_a_second_start_is_quick_and_finds_the_data(folder: Path):
    began, later = time.monotonic(), []
    with Stack(folder) as first:
        whole = time.monotonic() - began
        _write_row(first)
        first.valkey.command("SET", "key", "value")

    for _ in range(3):  # the best counts: others on the machine can only make a start slower
        began = time.monotonic()
        with Stack(folder) as again:
            later.append(time.monotonic() - began)

            assert _rows(again) == ["Äpfel"]
            assert again.valkey.command("EXISTS", "key") == ":1"
    assert min(later) < whole  # the first one makes the database as well


def test_search_knows_letters_beyond_ascii(stack: Stack):
    with stack.postgres.connect() as connection:
        connection.execute("create extension pg_trgm")
        found = connection.execute(
            "select lower('ÄÖÜ'), to_tsvector('simple', 'Ärger') @@ to_tsquery('simple', 'ärger'),"
            " show_trgm('Ä') <> '{}', current_setting('server_encoding')"
        ).fetchone()

    assert found == ("äöü", True, True, "UTF8")


def test_the_application_is_no_superuser_but_may_create_databases(stack: Stack):
    with stack.postgres.connect() as connection:
        rights = connection.execute(
            "select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user"
        ).fetchone()
        connection.execute("create database test_of_rights")

    assert rights == (False, True, False)


def test_a_throw_away_one_lets_tests_make_roles_and_act_as_them(folder: Path):
    with Stack(folder, durable=False) as stack, stack.postgres.connect() as connection:
        connection.execute("create role reader nologin")
        connection.execute("set role reader")

        assert connection.execute("select current_user").fetchone() == ("reader",)


def test_servers_listen_on_private_sockets_only_and_ask_for_the_password(stack: Stack):
    socket_folder = stack.places.database_socket

    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(stack.places.valkey_socket.stat().st_mode) == 0o700
    with stack.postgres.connect() as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=str(socket_folder), user="taskhouse", dbname="taskhouse", password="wrong")


def test_secrets_are_made_once_and_readable_by_nobody_else(folder: Path):
    names = ("SECRET_KEY", "JWT_SIGNING_KEY", "POSTGRES_PASSWORD")
    places.locate(folder)
    first = [places.secret(folder, name) for name in names]

    assert [places.secret(folder, name) for name in names] == first
    assert len(set(first)) == 3
    assert all(len(secret) >= 50 for secret in first)
    assert stat.S_IMODE((folder / "secrets.json").stat().st_mode) == 0o600


def test_stopping_ends_the_servers_and_removes_the_sockets(folder: Path):
    stack = Stack(folder)
    stack.start()
    pids = _pids(stack)

    stack.stop()

    assert gone(*pids, seconds=0)
    assert not stack.places.sockets.exists()
    assert not (folder / leftovers.FILE).exists()


def test_a_second_owner_is_refused_and_harms_nothing(stack: Stack):
    with pytest.raises(StackError, match="in use"):
        Stack(stack.home).start()

    assert stack.postgres.is_up()
    assert stack.valkey.is_up()


def test_of_two_starts_at_once_exactly_one_wins(folder: Path):
    program = (
        "import sys\nfrom pathlib import Path\nfrom scripts.local.stack import Stack\n"
        "from scripts.local.processes import StackError\nstack = Stack(Path(sys.argv[1]))\n"
        "try:\n    stack.start()\nexcept StackError:\n    print('refused', flush=True)\n    sys.exit()\n"
        "print('won', stack.postgres.is_up(), flush=True)\nsys.stdin.read()\nstack.stop()\n"
    )
    command = [sys.executable, "-c", program, str(folder)]
    racers = [subprocess.Popen(command, stdin=-1, stdout=-1, text=True) for _ in range(2)]
    said = [racer.stdout.readline().strip() for racer in racers if racer.stdout]
    for racer in racers:
        racer.communicate(timeout=300)

    assert sorted(said) == ["refused", "won True"]


def test_kill_9_of_the_owner_ends_its_servers_and_the_next_start_works(folder: Path, other_process: OtherProcess):
    owner = other_process(HOLD.format(home=str(folder)))
    probe = Stack(folder)
    _write_row(probe)
    pids = [pid for pid in (probe.postgres.pid(), probe.valkey.pid()) if pid]

    owner.kill()
    owner.wait()

    with Stack(folder) as again:  # at once: they may still be shutting down
        assert _rows(again) == ["Äpfel"]
        assert len(pids) == 2
        assert gone(*pids, seconds=0)


def test_kill_9_while_the_servers_are_frozen_does_not_block_the_next_start(folder: Path, other_process: OtherProcess):
    owner = other_process(HOLD.format(home=str(folder)))
    probe = Stack(folder)
    pids = [pid for pid in (probe.postgres.pid(), probe.valkey.pid()) if pid]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    owner.kill()
    owner.wait()

    with Stack(folder) as again:
        assert again.postgres.is_up()
        assert gone(*pids, seconds=0)


def test_postgresql_killed_outright_comes_back_with_every_committed_row(stack: Stack):
    _write_row(stack)

    stack.postgres.kill()
    assert not stack.postgres.is_up()
    stack.postgres.start()

    assert _rows(stack) == ["Äpfel"]


def test_valkey_killed_outright_comes_back_with_what_it_had_synced(stack: Stack):
    stack.valkey.command("SET", "key", "value")
    stack.valkey.command("WAITAOF", "1", "0", "2000")

    stack.valkey.kill()
    assert not stack.valkey.is_up()
    stack.valkey.start()

    assert stack.valkey.command("EXISTS", "key") == ":1"


def test_a_frozen_valkey_accepts_but_does_not_answer_until_it_is_thawed(stack: Stack):
    stack.valkey.freeze()
    with pytest.raises(TimeoutError):
        stack.valkey.command("PING", seconds=0.3)

    stack.valkey.thaw()

    assert stack.valkey.command("PING") == "+PONG"


def test_a_frozen_postgresql_goes_on_where_it_stood(stack: Stack):
    with stack.postgres.connect() as connection:
        stack.postgres.freeze()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(
                host=str(stack.places.database_socket), user="taskhouse", dbname="taskhouse", connect_timeout=2
            )
        stack.postgres.thaw()

        assert connection.execute("select 1").fetchone() == (1,)


def test_initdb_killed_half_way_does_not_block_the_next_start(folder: Path, other_process: OtherProcess):
    first = other_process(
        f"""
        from scripts.local.stack import Stack
        stack = Stack(Path({str(folder)!r}))
        print("up", flush=True)
        stack.start()
        """
    )
    assert processes.wait_until(lambda: bool(list(folder.glob("postgres.new-*/base"))), seconds=120, pause=0.01)
    first.kill()
    first.wait()
    assert not (folder / "postgres").exists()

    with Stack(folder) as stack:
        assert stack.postgres.is_up()
        assert not list(folder.glob("postgres.new-*"))


@pytest.mark.parametrize("whose", ["a stranger's", "a zombie's"])
def test_a_lock_file_with_another_process_number_is_stale(folder: Path, whose: str):
    with Stack(folder) as stack:
        lock = stack.places.database / "postmaster.pid"
        lines = lock.read_text().split("\n")
    zombie = subprocess.Popen(["true"])  # not waited for until the end
    number = zombie.pid if whose == "a zombie's" else os.getppid()
    assert processes.wait_until(lambda: whose != "a zombie's" or not processes.is_alive(zombie.pid), seconds=60)
    lock.write_text("\n".join([str(number), *lines[1:]]))

    with Stack(folder) as again:
        assert again.postgres.is_up()
    zombie.wait()


def test_data_of_another_major_version_is_refused_with_what_to_do(folder: Path):
    with Stack(folder) as stack:
        version = stack.places.database / "PG_VERSION"
    version.write_text("17\n")

    with pytest.raises(StackError, match=r"PostgreSQL 17 and this is 18: dump it .* or remove"):
        Stack(folder).start()


def test_variables_that_steer_libpq_do_no_harm(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("LC_ALL", "xx_YY.nonsense")

    with Stack(folder) as stack:
        assert stack.postgres.is_up()


def test_a_thread_may_not_start_servers_since_they_would_die_with_it(folder: Path):
    code = (
        "import sys, threading\nfrom pathlib import Path\nfrom scripts.local import processes\n"
        "def spawn():\n    try:\n        processes.spawn(['true'], log=Path('/dev/null'))\n"
        "    except RuntimeError as error:\n        print(error)\n"
        "thread = threading.Thread(target=spawn)\nthread.start()\nthread.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "main thread" in done.stdout


def test_sockets_of_a_killed_stack_whose_home_is_gone_are_swept(folder: Path, other_process: OtherProcess):
    lost = folder.parent / "lost"
    owner = other_process(HOLD.format(home=str(lost)))
    killed = Stack(lost)
    pids = [pid for pid in (killed.postgres.pid(), killed.valkey.pid()) if pid]
    owner.kill()
    owner.wait()
    assert gone(*pids)
    shutil.rmtree(lost)
    assert killed.places.sockets.exists()

    with Stack(folder) as stack:
        assert not killed.places.sockets.exists()
        assert stack.places.sockets.exists()


def test_recorded_processes_of_a_killed_start_are_ended(folder: Path):
    folder.mkdir()
    ours = subprocess.Popen(["sleep", "600"], start_new_session=True)
    leftovers.record(folder, {"web": ours.pid})

    leftovers.end(folder, seconds=60)

    assert ours.wait(60) == -signal.SIGTERM


def test_a_later_process_with_a_recorded_number_is_left_alone(folder: Path):
    folder.mkdir()
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    (folder / leftovers.FILE).write_text(f'{{"web": [{stranger.pid}, "an earlier start"]}}')

    leftovers.end(folder, seconds=1)

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()
