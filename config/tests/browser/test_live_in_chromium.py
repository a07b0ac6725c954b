"""PG9 in a real browser: two people on one board, and what somebody is typing while the page hears of changes."""

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.conf import settings as known
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.http import StreamingHttpResponse
from psycopg.conninfo import make_conninfo

from apps.events.stream_views import PageStreamView
from apps.projects.services import remove_member
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.services import update_task
from apps.tasks.tests.factories import TaskFactory
from apps.users.tests.factories import PASSWORD, UserFactory
from config.tests.browser.chromium import IN_CHROMIUM, Chromium, wait

pytestmark = IN_CHROMIUM


@contextmanager
def stream_process():
    """Run the process of the live stream as it is shipped, on the test database; yield its port."""
    database = make_conninfo(os.environ["TEST_DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings_test", "TEST_DATABASE_URL": database}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn_stream.py", "config.asgi_stream"]
        command += ["--bind", f"fd://{listener.fileno()}"]
        process = subprocess.Popen(command, cwd=known.BASE_DIR, env=env, pass_fds=[listener.fileno()])
        try:
            yield listener.getsockname()[1]
        finally:
            process.terminate()
            process.wait(120)


@pytest.fixture
def _stream(settings, monkeypatch):
    """Let the pages listen; their requests for the stream go to its process, as a proxy leads them there."""
    settings.PAGES_LIVE = "stream"
    settings.NUDGE = True
    with stream_process() as port:

        def forwarded(view, request, *_, **__):
            upstream = http.client.HTTPConnection("127.0.0.1", port)
            headers = {name: request.headers[name] for name in ("Host", "Cookie", "Accept")}
            upstream.request("GET", request.get_full_path(), headers=headers)
            answer = upstream.getresponse()
            parts = iter(lambda: answer.read1(4096), b"")
            return StreamingHttpResponse(parts, status=answer.status, content_type=answer.headers["Content-Type"])

        monkeypatch.setattr(PageStreamView, "dispatch", forwarded)
        yield


@pytest.fixture
def people(transactional_db):
    return [UserFactory(username=name, password=make_password(PASSWORD)) for name in ("mara", "ben")]


@pytest.fixture
def tabs(live_server, people, _stream):
    """A tab for each person: two names of one machine keep their cookies apart."""
    browser = Chromium()
    found = []
    for person, url in zip(people, (live_server.url, live_server.url.replace("localhost", "127.0.0.1")), strict=True):
        tab = browser.tab()
        tab.url = url
        tab.open(f"{url}/login/")
        tab.fill("#id_username", person.username)
        tab.fill("#id_password", PASSWORD)
        tab.click("button.primary")
        tab.wait_for("#side")
        found.append(tab)
    yield found
    for tab in found:
        tab.close()
    browser.close()


def column_of(tab, task):
    return tab.run(f"document.querySelector('#t-{task.pk}')?.closest('ol').dataset.value")


def title_of(tab, task):
    return tab.run(f"document.querySelector('#t-{task.pk} .t')?.innerText")


def test_pg9_two_people_see_each_others_acts_and_nothing_is_taken_from_under_their_hands(tabs, people, settings):
    (mara, ben), (owner, member) = tabs, people
    project = ProjectFactory(owner=owner, name="Website", key="WEB")
    MembershipFactory(project=project, user=member, role="member")
    task = TaskFactory(project=project, title="Paint")
    for tab in tabs:
        tab.open(f"{tab.url}/projects/{project.pk}/board/")
        wait(lambda tab=tab: column_of(tab, task) == "todo")

    mara.run(f"document.querySelector('#t-{task.pk} [name=status][value=review]').click()")
    wait(lambda: Task.objects.get(pk=task.pk).status == "review")
    began = time.monotonic()
    wait(lambda: column_of(ben, task) == "review")
    print(f"a card that was moved was seen by somebody else {time.monotonic() - began:.2f} s after the commit")

    ben.open(f"{ben.url}/projects/{project.pk}/")
    ben.run("document.querySelector('form[data-quick] [name=text]').focus()")
    for each in "half":
        ben.key(each)
    update_task(actor=owner, task=task, changes={"title": "Paint the door"})
    mara.open(f"{mara.url}/projects/{project.pk}/")
    wait(lambda: title_of(mara, task) == "Paint the door")
    update_task(actor=owner, task=Task.objects.get(pk=task.pk), changes={"title": "Paint the gate"})
    wait(lambda: title_of(mara, task) == "Paint the gate")
    ben.run("new Promise((done) => setTimeout(done, 2_000))")  # he has heard of it; his hands are on the page
    assert ben.run("document.activeElement.value") == "half"
    assert title_of(ben, task) != "Paint the gate"
    ben.run("document.activeElement.value = ''; document.activeElement.blur()")
    wait(lambda: title_of(ben, task) == "Paint the gate")

    remove_member(actor=owner, project_id=project.pk, user_id=member.pk)
    wait(lambda: "Paint" not in (ben.run("document.body?.innerText") or "Paint"))
    settings.PAGES_LIVE = "poll"
    mara.requests.clear()
    mara.open(f"{mara.url}/projects/{project.pk}/board/")
    wait(lambda: mara.run("document.readyState") and any("/events/state/" in url for url in mara.requests))
    assert not [url for url in mara.requests if "/events/stream/" in url]
    assert [each for each in mara.complaints + ben.complaints if "404" not in each] == []


def test_pg9_many_changes_are_fetched_together_and_a_hidden_page_asks_only_when_it_is_seen(tabs, people):
    (mara, ben), (owner, member) = tabs, people
    project = ProjectFactory(owner=owner)
    MembershipFactory(project=project, user=member, role="member")
    task = TaskFactory(project=project, title="Change 0")
    path = f"/projects/{project.pk}/board/"
    for tab in tabs:
        tab.open(f"{tab.url}{path}")
        wait(lambda tab=tab: column_of(tab, task) == "todo")
    mara.hide()
    update_task(actor=owner, task=task, changes={"title": "Both listen"})
    wait(lambda: title_of(ben, task) == "Both listen")
    for tab in tabs:
        tab.requests.clear()

    for number in range(1, 41):
        update_task(actor=owner, task=Task.objects.get(pk=task.pk), changes={"title": f"Change {number}"})
    wait(lambda: title_of(ben, task) == "Change 40")
    hidden_title = title_of(mara, task)
    fetched = [[url for url in tab.requests if url.endswith(path)] for tab in tabs]
    print(f"40 changes: {len(fetched[1])} requests of the page that is seen, {len(fetched[0])} of the hidden one")
    mara.show()
    wait(lambda: title_of(mara, task) == "Change 40")

    assert hidden_title != "Change 40"
    assert fetched[0] == []
    assert 1 <= len(fetched[1]) <= 20
