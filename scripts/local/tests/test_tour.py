"""FIRST-HOUR D4, D13: the tour finds the backend by itself, names what it tried, and reads each mail once."""

import email
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.local import finding
from scripts.local.environment import ROOT
from scripts.local.ownership import Ownership
from scripts.local.tour_client import Mailbox

URL = "http://127.0.0.1:18300"


@contextmanager
def _run(home: Path, *, state: str = "ready", verb: str = finding.RUN, url: str = URL) -> Iterator[Ownership]:
    """Pretend that a command owns the stack of `home`."""
    home.mkdir(exist_ok=True)
    ownership = Ownership(home)
    assert ownership.take(verb)
    ownership.announce(state, {}, url=url, mail="/mails")
    yield ownership
    ownership.release()


def _tour(home: Path, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "HOME": "/", "LOCAL_DIR": str(home), **env}
    return subprocess.run(
        [ROOT / "scripts/tour", *arguments], env=environment, cwd="/", capture_output=True, text=True, timeout=600
    )


def test_the_running_backend_is_found_with_its_mails(tmp_path: Path):
    with _run(tmp_path):
        found = finding.backend(tmp_path, say=pytest.fail)

    assert (found.url, found.mail) == (URL, Path("/mails"))


def test_a_backend_that_is_starting_is_waited_for(tmp_path: Path):
    said: list[str] = []
    with _run(tmp_path, state="starting", url="") as ownership:
        threading.Timer(0.5, lambda: ownership.announce("ready", {}, url=URL)).start()
        found = finding.backend(tmp_path, say=said.append)

    assert found.url == URL
    assert found.mail == tmp_path / "mail"
    assert said == ["./scripts/run is starting: waiting for it."]


def test_without_one_it_is_expected_on_the_port_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PORT", "18301")
    with _run(tmp_path, verb="./scripts/manage shell", url=""):
        found = finding.backend(tmp_path, say=pytest.fail)

    assert found.url == "http://127.0.0.1:18301"
    assert "only ./scripts/manage shell runs: start it in another terminal" in found.hint


@pytest.mark.parametrize(("arguments", "env"), [([], {"PORT": "9"}), (["--url", "http://127.0.0.1:9/"], {})])
def test_no_answer_is_said_with_the_address_and_the_way_out(tmp_path: Path, arguments: list[str], env: dict[str, str]):
    done = _tour(tmp_path, *arguments, **env)

    assert done.returncode == 1
    assert "SURPRISE: no answer from http://127.0.0.1:9/health/ready/: [Errno " in done.stderr
    assert "Connection refused" in done.stderr
    assert "--url" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_without_a_scheme_is_rejected_with_one(tmp_path: Path):
    done = _tour(tmp_path, "--url", "localhost:18300")

    assert done.returncode == 2
    assert "--url http://localhost:18300" in done.stderr


def _mail(folder: Path, number: int, recipient: str, subject: str) -> None:
    text = f"To: {recipient}\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\nHello\n"
    (folder / f"{number:06d}-{recipient}.eml").write_text(text)


def test_each_mail_is_read_once_and_those_from_before_never(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for number in range(50):
        _mail(tmp_path, number, "ann@example.org", "Old")
    read: list[int] = []
    original = email.message_from_bytes
    monkeypatch.setattr(email, "message_from_bytes", lambda raw, **more: read.append(1) or original(raw, **more))
    mailbox = Mailbox(tmp_path)

    assert mailbox.find("ann@example.org") is None
    _mail(tmp_path, 50, "ann@example.org", "First")
    _mail(tmp_path, 51, "ben@example.org", "Second")
    found = [
        mailbox.find(name, word) for name in ("Ann@example.org", "ben@") for word in ("First", "Second", "nothing")
    ]

    assert [mail["Subject"] if mail else None for mail in found] == ["First", None, None, None, "Second", None]
    assert len(read) == 2
