"""The mail catcher keeps what it takes, and misbehaves on demand."""

import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from scripts.local.mailcatcher import MailCatcher
from scripts.local.processes import wait_until


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    """A running mail catcher."""
    running = MailCatcher(tmp_path / "mail", log=tmp_path / "mail.log", state=tmp_path)
    running.start()
    yield running
    running.stop()
    assert "Traceback" not in (tmp_path / "mail.log").read_text()


def _mail(number: int = 1, body: str = "Hello\n.\n..dots\nend.\n") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "Über dots", "tasks@localhost"
    mail["Message-ID"] = f"<{number}@taskhouse>"
    mail.set_content(body)
    return mail


def _send(catcher: MailCatcher, *recipients: str, number: int = 1, timeout: float = 10) -> None:
    with smtplib.SMTP("127.0.0.1", catcher.port, timeout=timeout) as client:
        client.send_message(_mail(number), to_addrs=list(recipients) or ["bob@example.com"])


def _files(catcher: MailCatcher) -> list[Path]:
    return sorted(catcher.folder.iterdir())


def test_each_mail_becomes_one_file_named_by_time_and_recipient(catcher: MailCatcher):
    _send(catcher, "bob@example.com", number=1)
    _send(catcher, "../../etc/passwd@example.com", number=2)

    first, second = _files(catcher)
    assert first.name.endswith("-bob@example.com.eml")
    assert second.name.endswith("_etc_passwd@example.com.eml")
    assert b"Message-ID: <1@taskhouse>" in first.read_bytes()


def test_the_content_arrives_as_it_was_sent(catcher: MailCatcher):
    _send(catcher)

    content = _files(catcher)[0].read_bytes()
    assert content.endswith(b"\r\n\r\nHello\r\n.\r\n..dots\r\nend.\r\n")


def test_a_mail_of_a_single_line_is_complete(catcher: MailCatcher):
    with smtplib.SMTP("127.0.0.1", catcher.port, timeout=60) as client:
        client.sendmail("a@localhost", ["b@localhost"], "one line.")

    assert _files(catcher)[0].read_bytes() == b"one line.\r\n"


def test_what_was_accepted_is_recorded_and_survives_a_kill(catcher: MailCatcher):
    _send(catcher, "bob@example.com", "carol@example.com", number=7)
    assert catcher.process is not None
    catcher.process.kill()
    catcher.process.wait()

    [accepted] = catcher.accepted()
    assert (accepted.message_id, accepted.recipients) == ("<7@taskhouse>", ["bob@example.com", "carol@example.com"])
    assert accepted.answered
    assert (catcher.folder / accepted.file).exists()


def test_stopped_it_refuses_connections_and_comes_back_on_the_same_port(catcher: MailCatcher):
    port = catcher.port
    catcher.stop()
    with pytest.raises(ConnectionRefusedError):
        _send(catcher)

    catcher.start()
    _send(catcher)

    assert catcher.port == port
    assert len(catcher.accepted()) == 1


@pytest.mark.parametrize("code", [450, 550])
def test_it_refuses_only_the_recipient_that_was_named(catcher: MailCatcher, code: int):
    catcher.behave(str(code), recipient="bob@")

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        _send(catcher, "bob@example.com")
    _send(catcher, "carol@example.com", number=2)
    catcher.behave()
    _send(catcher, "bob@example.com", number=3)

    assert refused.value.recipients["bob@example.com"][0] == code
    assert [mail.message_id for mail in catcher.accepted()] == ["<2@taskhouse>", "<3@taskhouse>"]


def test_421_turns_every_caller_away(catcher: MailCatcher):
    catcher.behave("421")

    with pytest.raises(smtplib.SMTPConnectError, match="421"):
        _send(catcher)


def test_hanging_it_accepts_the_connection_and_says_nothing(catcher: MailCatcher):
    catcher.behave("hang")

    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        _send(catcher, timeout=0.5)


@pytest.mark.parametrize(("mode", "kept"), [("drop", 0), ("drop-kept", 1)])
def test_it_hangs_up_after_the_data(catcher: MailCatcher, mode: str, kept: int):
    catcher.behave(mode)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        _send(catcher)

    assert [mail.answered for mail in catcher.accepted()] == [False] * kept
    assert len(_files(catcher)) == kept


def test_with_the_port_kept_callers_wait_for_a_restart(tmp_path: Path):
    catcher = MailCatcher(tmp_path / "mail", log=tmp_path / "mail.log", state=tmp_path, keep_port=True)
    catcher.open_port()
    sender = threading.Thread(target=_send, args=[catcher])
    sender.start()
    catcher.start()
    sender.join()

    assert wait_until(lambda: len(catcher.accepted()) == 1, seconds=60)
    catcher.stop()
    catcher.close_port()
