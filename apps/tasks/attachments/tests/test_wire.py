"""Uploads that lie, dawdle and break off, against a real server."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import struct
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.attachment_helpers import days_pass, lost_or_miscounted
from apps.tasks.models import Attachment
from apps.tasks.tests.web_process import PATIENCE, answer, receive, web_process
from apps.users.tests.tokens import access_token_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

CONTENT = b"A line of text that nobody will ever read twice.\n" * 20_000
LIMIT = 10_000_000  # bytes
FRAME = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n', b"\r\n--b--\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, folder):
    """One server for all of these tests."""
    with django_db_blocker.unblock(), web_process(MEDIA_ROOT=str(folder), ATTACHMENT_MAX_BYTES=str(LIMIT)) as running:
        yield running


@pytest.fixture
def media(folder, settings) -> Path:
    """Let this process look at the server's files."""
    settings.MEDIA_ROOT = folder
    return folder


@pytest.fixture
def web(server, media, transactional_db):
    yield server
    for name in files.stored(media):  # their rows go with the test's tables
        (media / name).unlink()


@pytest.fixture
def head(task, member):
    """Return a function that makes the head of an upload request."""
    token = access_token_for(member)

    def make(length: int | None, *more: str) -> bytes:
        lines = [
            f"POST /api/tasks/{task.pk}/attachments/ HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {token}",
            "Content-Type: multipart/form-data; boundary=b",
            *([f"Content-Length: {length}"] if length is not None else []),
            *more,
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    return make


def eventually(check) -> None:
    """Wait for `check` to hold once: the server notices the end of a connection by itself."""
    end = time.monotonic() + PATIENCE
    while not check():
        assert time.monotonic() < end, (list(Attachment.objects.values()), files.stored(Path(settings.MEDIA_ROOT)))
        time.sleep(0.05)


def nothing(media) -> bool:
    return not Attachment.objects.exists() and files.stored(media) == []


def test_uploads_over_the_wire_end_as_they_should(web, head, media, task, api, member):
    body = FRAME[0] + CONTENT + FRAME[1]

    with web.connect() as client:  # whole and in one piece
        status, answered = answer(client, head(len(body)) + body)
        shown = json.loads(answered)
        assert (status, shown["sha256"]) == (201, hashlib.sha256(CONTENT).hexdigest())

        # the same connection goes on, in many small pieces
        pieces = [body[start : start + 5_000] for start in range(0, len(body), 5_000)]
        status, _ = answer(client, head(len(body)), *pieces)
        assert status == 201
    print("whole: 201, in 200 pieces: 201")
    for attachment in Attachment.objects.all():
        api(member).delete(f"/api/tasks/{task.pk}/attachments/{attachment.pk}/")
    call_command("clean_files")
    assert nothing(media)

    with web.connect() as client:  # says more than it sends, then waits for the answer
        client.sendall(head(len(body) + 1_000) + body)
        client.shutdown(socket.SHUT_WR)
        assert receive(client)[0] == 400
    assert nothing(media)

    with web.connect() as client:  # says less than it sends
        assert answer(client, head(len(body) - 1_000), body[: len(body) - 1_000])[0] == 400
    assert nothing(media)

    with web.connect() as client:  # says nothing about the length
        status, answered = answer(client, head(None, "Transfer-Encoding: chunked"), b"5\r\nhello\r\n0\r\n\r\n")
        assert status == 411
    with web.connect() as client:
        assert answer(client, head(-5))[0] == 400
    assert nothing(media)

    with web.connect() as client:  # says that it is too large: rejected before it is sent
        status, answered = answer(client, head(100_000_000), FRAME[0])
        assert (status, json.loads(answered)["code"]) == (413, "payload_too_large")
    assert nothing(media)

    large = FRAME[0] + b"a" * (LIMIT + 10) + FRAME[1]
    with web.connect() as client:  # a little too large: found while counting, and read to its end
        assert answer(client, head(len(large)) + large)[0] == 413
    assert nothing(media)
    print("longer than sent: 400, shorter: 400, chunked: 411, negative: 400, too large: 413; left behind: 0")


def test_an_upload_that_breaks_off_leaves_nothing(web, head, media):
    body = FRAME[0] + CONTENT + FRAME[1]
    cuts = [10, len(FRAME[0]) + 10, len(body) // 2, len(body) - 20, len(body) - 1]
    for cut in cuts:
        for reset in (False, True):
            client = web.connect()
            client.sendall(head(len(body)) + body[:cut])
            if cut > 300_000:  # it has begun to write
                eventually(lambda: files.stored(media) != [])
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            eventually(lambda: nothing(media))
    print(f"broken off {2 * len(cuts)} times: rows left 0, files left 0")


def test_a_second_request_with_the_key_of_a_running_one_is_told_to_wait(web, head, media):
    body = FRAME[0] + CONTENT + FRAME[1]
    key = "Idempotency-Key: k"
    with web.connect() as first, web.connect() as second:
        first.sendall(head(len(body), key) + body[:400_000])
        eventually(lambda: files.stored(media) != [])
        status, answered = answer(second, head(len(body), key) + body)
        assert (status, json.loads(answered)["code"]) == (409, "idempotency_key_in_use")
        first.sendall(body[400_000:])
        assert receive(first)[0] == 201
    with web.connect() as third:
        assert answer(third, head(len(body), key) + body)[0] == 201
    assert Attachment.objects.count() == len(files.stored(media)) == 1


def test_a_worker_killed_in_the_middle_loses_nothing_and_the_next_one_goes_on(web, head, media):
    body = FRAME[0] + CONTENT + FRAME[1]
    for _ in range(3):
        with web.connect() as client:
            client.sendall(head(len(body), "Idempotency-Key: k") + body[:400_000])
            eventually(lambda: files.stored(media) != [])
            (worker,) = web.workers()
            os.kill(worker, signal.SIGKILL)
            eventually(lambda worker=worker: web.workers() not in ([], [worker]))
        days_pass(media)
        call_command("clean_files")
        assert nothing(media)

    with web.connect() as client:
        assert answer(client, head(len(body), "Idempotency-Key: k") + body)[0] == 201
    assert lost_or_miscounted(media) == []
    print("worker killed 3 times within an upload: lost 0, left behind 0")


def test_a_large_upload_takes_little_memory(web, head):
    body = FRAME[0] + CONTENT * 10 + FRAME[1]
    (worker,) = web.workers()
    for _ in range(4):  # each thread has worked once
        with web.connect() as client:
            assert answer(client, head(len(CONTENT)) + body[: len(CONTENT)])[0] == 400
    before, seen, done = _memory(worker), [], threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            seen.append(_memory(worker))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with web.connect() as client:
        assert answer(client, head(len(body)) + body)[0] == 201
    done.set()
    watcher.join()
    grown = max(seen) - before
    print(f"an upload of {len(body):,} bytes took {grown:,} bytes of memory, seen {len(seen)} times")
    assert grown < len(body) // 2


def _memory(pid: int) -> int:
    """Return the bytes that the process holds, without files that it only looks into."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("RssAnon")]
    return int(line.split()[1]) * 1_024
