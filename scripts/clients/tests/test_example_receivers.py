"""The example receivers take what we sign, and nothing else (contract WH2)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.projects.tests.factories import ProjectFactory
from apps.webhooks.models import Webhook
from apps.webhooks.services import create_webhook, rotate_secret
from apps.webhooks.signing import plain_headers, secrets_of, signed_headers
from scripts.local import direct
from scripts.local.environment import ROOT
from scripts.local.processes import wait_until
from scripts.local.tools import needs

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

EXAMPLES = ROOT / "docs" / "examples"
BODY = '{"type": "task.updated", "data": {"seq": 345, "title": "Ünïcödé"}}'
EVENT = "01a2233e-413b-727b-89b9-35294f41e4a3"


@pytest.fixture
def start(tmp_path):
    """Start a receiver with a secret; return its URL and what it has written so far."""
    running = []

    def begin(words, secret):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        said = tmp_path / "said"
        environment = {"PATH": os.environ["PATH"], "WEBHOOK_SECRET": secret, "PORT": str(port)}
        with said.open("w") as out:
            process = subprocess.Popen([*words], env=environment, stdout=out, stderr=subprocess.STDOUT)
        running.append(process)
        assert wait_until(lambda: listens(port), seconds=60), said.read_text()
        return f"http://127.0.0.1:{port}/", said.read_text

    yield begin
    for process in running:
        process.kill()
        process.wait()


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def headers_now():
    """Return the headers of an attempt, signed with the secrets that the webhook has now."""
    return signed_headers(secrets_of(Webhook.objects.get(), now=timezone.now()), EVENT, BODY)


def sent(url, headers, body=BODY):
    """Return the status that a POST is answered with."""
    request = urllib.request.Request(url, body.encode(), headers)
    try:
        with direct.open_url(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    "example",
    ["receive_webhook.py", pytest.param("receive_webhook.mjs", marks=pytest.mark.system)],
)
def test_wh2_an_example_receiver_takes_our_signatures_and_no_others(example, start):
    if example.endswith(".mjs"):
        needs("node")
    project = ProjectFactory()
    webhook = create_webhook(
        actor=project.owner, project_id=project.pk, url="https://93.184.216.34/", events=["task.*"]
    )
    program = [sys.executable if example.endswith(".py") else "node", EXAMPLES / example]
    url, said = start(program, webhook.secret)

    genuine = headers_now()
    assert sent(url, genuine) == sent(url, genuine) == 204
    rotate_secret(actor=project.owner, webhook=webhook)
    assert sent(url, headers_now()) == 204  # the old one signs along

    assert sent(url, genuine, BODY.replace("345", "346")) == 401
    assert sent(url, genuine | {"webhook-id": EVENT.replace("0", "1")}) == 401
    old = plain_headers(EVENT, at=timezone.now() - timedelta(minutes=6))
    assert sent(url, genuine | old) == 401
    assert sent(url, plain_headers(EVENT, at=timezone.now())) == 401
    Webhook.objects.update(old_until=timezone.now())
    assert sent(url, headers_now()) == 401  # the new one alone

    assert wait_until(lambda: "task.updated 345" in said(), seconds=60)
    assert said().count("task.updated 345") == 1  # three requests, one id
