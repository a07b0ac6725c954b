"""FIRST-HOUR D10: a variable that cannot be used is named with what to write instead, before anything starts."""

import errno
import socket
import subprocess

import pytest

from scripts.local import run, variables
from scripts.local.environment import ROOT
from scripts.local.processes import StackError

BARE = {"PATH": "/usr/bin:/bin", "HOME": "/"}


@pytest.mark.parametrize("command", ["run", "manage", "tour"])
@pytest.mark.parametrize(
    "value", ["99999", "-1", "abc", "8000.0", "8_000", "٨٠٠٠", "1e3", " 8000", "65536", "9" * 5000]
)
def test_a_port_that_is_none_is_rejected_at_once(command: str, value: str):
    arguments = ["check"] if command == "manage" else []

    done = subprocess.run(
        [ROOT / "scripts" / command, *arguments],
        env={**BARE, "PORT": value, "LOCAL_DIR": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=600,
    )

    assert done.returncode == 2, done.stderr
    assert f"PORT={value[:100]}" in done.stderr
    assert "give a number from 1 to 65535, for example PORT=8001" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("DEMO", "yes", "neither 1 (on) nor 0 (off)"),
        ("RELOAD", "true", "neither 1 (on) nor 0 (off)"),
        ("WEB_WORKERS", "0", "WEB_WORKERS=2"),
        ("WEB_THREADS", "four", "WEB_THREADS=2"),
        ("WORKER_CONCURRENCY", "-2", "WORKER_CONCURRENCY=2"),
        ("PUBLIC_URL", "tasks.example", "PUBLIC_URL=http://"),
        ("PUBLIC_URL", "http://tasks.example:port", "PUBLIC_URL=http://"),
    ],
)
def test_other_variables_say_what_they_take(name: str, value: str, hint: str):
    with pytest.raises(variables.Unusable) as raised:
        variables.require_usable({name: value})

    assert str(raised.value).startswith(f"{name}={value} is ")
    assert hint in str(raised.value)


def test_what_is_empty_or_right_is_taken():
    variables.require_usable({"PORT": "", "DEMO": "", "WEB_WORKERS": "", "PUBLIC_URL": ""})
    variables.require_usable({"PORT": "0", "DEMO": "1", "RELOAD": "0", "WEB_WORKERS": "4"})
    variables.require_usable({"PUBLIC_URL": "https://tasks.example/sub"})
    assert variables.port({}) == 8000
    assert variables.url({"PORT": "18300"}) == "http://127.0.0.1:18300"
    assert variables.url({"HOST": "0.0.0.0", "PORT": "80"}) == "http://127.0.0.1:80"
    assert variables.url({"HOST": "::1"}) == "http://[::1]:8000"


@pytest.mark.parametrize(("port", "another"), [(80, 8080), (443, 8443)])
def test_a_port_for_root_alone_is_said_with_one_that_will_do(monkeypatch: pytest.MonkeyPatch, port: int, another: int):
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied (while attempting to bind on address ('127.0.0.1', 80))")

    monkeypatch.setattr(socket, "create_server", forbidden)

    with pytest.raises(StackError) as raised:
        run.listen("127.0.0.1", port)

    assert f"Port {port} on 127.0.0.1 cannot be used: ports below 1024 are for root alone" in str(raised.value)
    assert f"PORT={another} ./scripts/run" in str(raised.value)


@pytest.mark.parametrize("host", ["nonsense.invalid", "a b", "192.0.2.1"])
def test_a_host_that_is_not_ours_is_said_without_blaming_the_port(host: str):
    with pytest.raises(StackError, match=f"HOST={host} is no address of this machine"):
        run.listen(host, 0)


@pytest.mark.parametrize(("port", "another"), [(8000, 8001), (65535, 8001)])
def test_a_busy_port_is_followed_by_one_that_exists(port: int, another: int):
    said = run._why_not("127.0.0.1", port, OSError(errno.EADDRINUSE, "Address already in use"))

    assert f"PORT={another} ./scripts/run" in said
