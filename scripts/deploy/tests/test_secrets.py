"""What is found in the logs of all processes: the request id everywhere, secrets nowhere."""

from __future__ import annotations

import email
import email.policy
import json
import re

import pytest

from scripts.deploy.tests.machine import eventually
from scripts.deploy.tests.test_containers import curl
from scripts.deploy.tests.test_proxy import PROXY
from scripts.deploy.tests.traffic import PASSWORD
from scripts.local.tour_client import text_of

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.stack]

REQUEST_ID = "find-me-4711"
TITLE = "Zirkonium flange, confidential"
LINK = re.compile(r"/(?:verify-email|unsubscribe)/([^/\s>]+)")

INVITATION = re.compile(r"/invitations/([^/]+)/$")


def post(house, path, body, *, token=""):
    headers = ["--header", "Content-Type: application/json", "--header", f"X-Request-ID: {REQUEST_ID}"]
    if token:
        headers += ["--header", f"Authorization: Bearer {token}"]
    answer = curl(house, *headers, "--data", json.dumps(body), f"{PROXY}{path}")
    return json.loads(answer) if answer else None


def mails_to(house, address):
    read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in house.mails()]
    return [message for message in read if address in str(message["To"])]


def logs(house):
    return {path.name: path.read_text(errors="replace") for path in house.folder.glob("*.log")}


@pytest.fixture(scope="module")
def secrets(house):
    """Do what passes secrets through every process, and return {what it is: the secret}."""
    team = json.loads(house.traffic("team", "--url", PROXY).stdout.splitlines()[-1])
    post(house, "/api/tasks/", {"title": TITLE, **team["body"]}, token=team["token"])
    eventually(lambda: len(mails_to(house, team["address"])) == 3, seconds=40, what="three mails")
    name = team["address"].partition("@")[0]
    login = post(house, "/api/auth/login/", {"username": name, "password": PASSWORD})
    refreshed = post(house, "/api/auth/refresh/", {"refresh": login["refresh"]})
    post(house, "/api/auth/login/", {"username": name, "password": "a-wrong-password-of-mine"})
    post(house, "/api/auth/refresh/", {"refresh": login["refresh"][:-3]})
    links = {
        token
        for message in mails_to(house, team["address"])
        for token in LINK.findall(f"{message['List-Unsubscribe']} {text_of(message)}")
    }
    for token in links:
        for page in ("verify-email", "unsubscribe", "password-reset"):
            curl(house, f"{PROXY}/{page}/{token}/")
            curl(house, f"{PROXY}/{page}/{token}x/?next={token}")
    invited = {"email": "invited@example.org", "role": "member"}
    made = post(house, f"/api/projects/{team['body']['project']}/invitations/", invited, token=team["token"])
    invitation = INVITATION.search(made["accept_url"])[1]
    for path in ("invitations", "api/invitations"):
        for address in (f"{path}/{invitation}/", f"{path}/{invitation}x/", f"login/?next=/{path}/{invitation}/"):
            curl(house, f"{PROXY}/{address}")
    feed = post(house, "/api/calendar-feeds/", {"name": "Dates"}, token=team["token"])["url"]
    calendar = feed.rpartition("/")[2].removesuffix(".ics")
    for address in (f"ical/{calendar}.ics", f"ical/{calendar}x.ics", f"ical/{calendar}"):
        curl(house, f"{PROXY}/{address}")
    found = {f"link {number}": token for number, token in enumerate(links)}
    found |= {"invitation": invitation, "calendar": calendar}
    found |= {
        f"{kind} {number}": one[kind] for number, one in enumerate((login, refreshed)) for kind in one if kind != "user"
    }
    found |= {name: house.settings[name] for name in house.settings if name.endswith(("_KEY", "_PASSWORD", "_TOKEN"))}
    assert len(links) == 3
    return {what: secret for what, secret in found.items() if secret} | {
        "password": PASSWORD,
        "wrong password": "a-wrong-password-of-mine",
        "mail body": TITLE,
    }


def test_no_log_line_holds_a_secret(house, secrets):
    written = logs(house)
    found = [
        f"{what} in {name}" for name, text in written.items() for what, secret in secrets.items() if secret in text
    ]

    lines = sum(text.count("\n") for text in written.values())
    print(f"{len(secrets)} secrets looked for in {lines} lines of {', '.join(sorted(written))}: {len(found)} found")
    assert {"web.log", "worker.log", "beat.log", "proxy.log", "db.log"} <= set(written)
    assert found == []


def test_the_request_id_is_found_in_every_process_that_worked_for_the_request(house, secrets):
    eventually(lambda: REQUEST_ID in logs(house)["worker.log"], seconds=10, what="the id in the worker's log")
    with_id = {name for name, text in logs(house).items() if REQUEST_ID in text}

    assert {"proxy.log", "web.log", "worker.log"} <= with_id


# COMPOSE D14
def test_every_line_is_json(house, secrets):
    for name in ("web", "worker", "beat"):
        house.stop(name)
        house.start(name)
        lines = (house.folder / f"{name}.log").read_text().splitlines()

        plain = [line for line in lines if not line.startswith("{")]
        assert plain == []
        assert all({"time", "level", "logger", "message", "request_id"} <= set(json.loads(line)) for line in lines)
        assert len(lines) > 2
