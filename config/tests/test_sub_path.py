"""Contract 8, proxies: the site works below a path, or the start says which variable does not fit."""

from __future__ import annotations

import http.client
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import pytest
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured
from PIL import Image

from apps.common.web.request_validation import remove_sub_path
from apps.notifications import unsubscribe
from apps.notifications.delivery.mail import site_url
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.messages import TaskAssigned
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.tests.web_process import web_process
from apps.users.tests.factories import PASSWORD, UserFactory
from config.sub_path import sub_path
from config.tests.test_production import ROOT, SAFE

PREFIX = "/company/tasks"
SITE = f"http://localhost{PREFIX}"


@pytest.mark.parametrize(
    ("public_url", "forced", "server", "path"),
    [
        ("https://tasks.example", "", "", ""),
        ("https://tasks.example/", "", "", ""),
        ("https://tasks.example/", "/", "/", ""),
        ("https://company.example/tasks", "", "", "/tasks"),
        ("https://company.example/tasks/", "/tasks", "", "/tasks"),
        ("https://company.example/a/b-c.d_e~f", "/a/b-c.d_e~f/", "/a/b-c.d_e~f", "/a/b-c.d_e~f"),
        ("", "", "", ""),
    ],
)
def test_variables_that_fit_say_the_path(public_url, forced, server, path):
    assert sub_path(public_url=public_url, forced=forced, server=server) == path


@pytest.mark.parametrize(
    ("public_url", "forced", "server", "named"),
    [
        ("https://tasks.example", "/tasks", "", "FORCE_SCRIPT_NAME"),
        ("https://company.example/tasks", "/other", "", "FORCE_SCRIPT_NAME"),
        ("https://company.example/tasks", "/tasks", "/other", "SCRIPT_NAME"),
        ("https://tasks.example", "", "/tasks", "SCRIPT_NAME"),
        ("", "/tasks", "", "FORCE_SCRIPT_NAME"),
        ("https://company.example/a//b", "", "", "PUBLIC_URL"),
        ("https://company.example/tä", "", "", "PUBLIC_URL"),
        ("https://company.example/a b", "", "", "PUBLIC_URL"),
        ("https://company.example/..", "", "", "PUBLIC_URL"),
        ("https://company.example/api", "", "", "PUBLIC_URL"),
        ("https://company.example/?x=1", "", "", "PUBLIC_URL"),
    ],
)
def test_contract_8_a_combination_that_does_not_fit_is_rejected_by_name(public_url, forced, server, named):
    with pytest.raises(ImproperlyConfigured, match=rf"^{named} "):
        sub_path(public_url=public_url, forced=forced, server=server)


def started(**changes):
    code = (
        "import json, config.settings as s; print(json.dumps([s.FORCE_SCRIPT_NAME, s.STATIC_URL, s.SESSION_COOKIE_NAME,"
        " s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_PATH, s.SECURE_REDIRECT_EXEMPT]))"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=SAFE | changes, capture_output=True, text=True)


def test_contract_8_cookies_and_static_files_are_below_the_path():
    root, below = (json.loads(started(PUBLIC_URL=f"https://tasks.company.com{path}").stdout) for path in ("", "/tasks"))

    assert root[:6] == [None, "/static/", "__Host-sessionid", "__Host-csrftoken", "/", "/"]
    assert below[:6] == ["/tasks", "/tasks/static/", "__Secure-sessionid", "__Secure-csrftoken", "/tasks", "/tasks"]
    for exempt, path in ((root, "health/ready/"), (below, "tasks/health/"), (below, "health/")):
        assert any(re.match(pattern, path) for pattern in exempt[6])


def test_contract_8_a_start_that_does_not_fit_ends_with_the_name():
    done = started(FORCE_SCRIPT_NAME="/elsewhere")

    assert done.returncode != 0
    assert "FORCE_SCRIPT_NAME is `/elsewhere`" in done.stderr


class Visitor:
    """Asks as a browser behind a proxy does that shortens paths (or not)."""

    def __init__(self, place, *, shortened):
        self.place, self.shortened = place, shortened
        self.token = ""

    def ask(self, method, url, body=None, **headers):
        """Return (status, headers, text) for an address as clients outside see it."""
        parts = urlsplit(url)
        assert parts.path.startswith(PREFIX), url
        path = parts.path.removeprefix(PREFIX) if self.shortened else parts.path
        connection = http.client.HTTPConnection("localhost", timeout=60)
        connection.sock = self.place.connect()
        if isinstance(body, dict):
            body, headers = json.dumps(body), {"Content-Type": "application/json"} | headers
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection.request(method, path + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return found

    def json(self, method, url, body=None, **headers):
        status, _, content = self.ask(method, url, body, **headers)
        assert status < 300, (method, url, status, content)
        return json.loads(content)


class Links(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):
        self.found += [
            value for name, value in attrs if name in {"href", "src", "action", "data-api", "spec-url"} and value
        ]


MODES = {
    "the proxy shortens the path": {"shortened": True},
    "the proxy leaves the path": {"shortened": False},
    "gunicorn shortens the path": {"shortened": False, "SCRIPT_NAME": PREFIX},
}


@pytest.fixture(params=MODES.values(), ids=MODES)
def visitor(request, transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    mode = dict(request.param)
    shortened = mode.pop("shortened")
    with web_process(PUBLIC_URL=SITE, FORCE_SCRIPT_NAME=PREFIX, **mode) as web:
        yield Visitor(web, shortened=shortened)


def test_contract_8_the_whole_site_works_below_a_path(visitor):
    owner = UserFactory(password=make_password(PASSWORD))
    project = ProjectFactory(owner=owner)
    login = visitor.json("POST", f"{SITE}/api/auth/login/", {"username": owner.username, "password": PASSWORD})
    visitor.token = login["access"]

    links = visitor.json("GET", f"{SITE}/api/")
    assert all(url.startswith(f"{SITE}/api/") for url in links.values()), links
    made = [
        visitor.json("POST", links["tasks"], {"title": "x", "project": project.pk}, **{"Idempotency-Key": f"k{number}"})
        for number in (1, 2, 2)
    ]
    assert made[1] == made[2]

    page = visitor.json("GET", f"{links['tasks']}?page_size=1")
    assert page["next"].startswith(f"{SITE}/api/tasks/?")
    following = visitor.json("GET", page["next"])
    assert following["previous"].startswith(f"{SITE}/api/tasks/?")
    assert {page["results"][0]["id"], following["results"][0]["id"]} == {made[0]["id"], made[1]["id"]}

    status, headers, _ = visitor.ask("GET", f"{SITE}/api/tasks")
    assert (status, headers["Location"]) == (301, f"{PREFIX}/api/tasks/")
    status, _, content = visitor.ask("POST", f"{SITE}/api/tasks", {"title": "lost"})
    assert status == 404
    assert json.loads(content)["detail"].endswith(f"The right path is {PREFIX}/api/tasks/")
    assert json.loads(content)["instance"] == f"{PREFIX}/api/tasks"

    schema = visitor.json("GET", links["schema"], Accept="application/vnd.oai.openapi+json")
    assert schema["servers"][0]["url"] == SITE
    assert "/api/tasks/" in schema["paths"]

    assert_a_picture_can_be_seen(visitor, links["profile"])
    assert_a_file_can_be_fetched(visitor, f"{links['tasks']}{made[0]['id']}/attachments/")


def multipart(name, file, content):
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n'
    return head.encode() + content + b"\r\n--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b"}


def assert_a_picture_can_be_seen(visitor, profile):
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    body, headers = multipart("avatar", "a.png", picture.getvalue())
    avatar = visitor.json("PATCH", profile, body, **headers)["avatar"]

    assert urlsplit(avatar).path.startswith(f"{PREFIX}/media/avatars/")
    assert visitor.ask("GET", avatar)[0] == 200


def assert_a_file_can_be_fetched(visitor, files):
    body, headers = multipart("file", "a.txt", b"hello")
    attachment = visitor.json("POST", files, body, **headers)

    assert attachment["url"].startswith(f"{files}{attachment['id']}/")
    assert visitor.ask("GET", attachment["url"])[2] == b"hello"


def test_contract_8_pages_forms_and_cookies_work_below_a_path(visitor):
    task = TaskFactory()
    root = UserFactory(is_staff=True, is_superuser=True, password=make_password(PASSWORD))

    for page in ("/", "/api/docs/", "/api/schema/redoc/", f"/tasks/{task.pk}/", "/nothing/", "/admin/login/"):
        _, _, content = visitor.ask("GET", f"{SITE}{page}")
        for link in Links(content).found:
            if link.startswith(("#", "data:", "?")):
                continue
            assert link.startswith(f"{PREFIX}/"), (page, link)
            assert visitor.ask("GET", f"http://localhost{link}")[0] in {200, 302}, (page, link)

    status, headers, _ = visitor.ask("GET", f"{SITE}/admin/")
    assert (status, headers["Location"]) == (302, f"{PREFIX}/admin/login/?next={PREFIX}/admin/")
    _, headers, content = visitor.ask("GET", f"{SITE}/admin/login/")
    assert f"Path={PREFIX}" in headers["Set-Cookie"]
    csrf = headers["Set-Cookie"].split(";")[0]
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', content)[1].decode()
    fields = {"username": root.username, "password": PASSWORD, "csrfmiddlewaretoken": token, "next": f"{PREFIX}/admin/"}
    form = urlencode(fields)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": csrf}
    status, headers, _ = visitor.ask("POST", f"{SITE}/admin/login/", form, **headers)
    assert (status, headers["Location"]) == (302, f"{PREFIX}/admin/")
    assert f"Path={PREFIX}" in headers["Set-Cookie"]

    token = unsubscribe.make_token(user_id=root.pk, address=root.email, kind=TaskAssigned)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert visitor.ask("POST", f"{SITE}{unsubscribe.path(token)}", "List-Unsubscribe=One-Click", **form)[0] == 200
    assert visitor.ask("GET", f"{SITE}/health/ready/")[0] == 200


def test_contract_8_mails_lead_below_the_path(settings):
    settings.PUBLIC_URL, settings.FRONTEND_URL = SITE, ""

    assert site_url("/tasks/1/") == f"{SITE}/tasks/1/"
    assert unsubscribe.one_click_url("x") == f"{SITE}/unsubscribe/x/"


def test_contract_8_a_front_end_gets_our_paths_without_the_prefix(client, settings):
    settings.FORCE_SCRIPT_NAME, settings.FRONTEND_URL, settings.PAGES = PREFIX, "https://app.example.org", False

    for path in ("/tasks/5/", "/verify-email/x/", "/password-reset/x/"):
        assert client.get(path)["Location"] == f"https://app.example.org{path}"


def test_without_a_path_nothing_is_taken_from_any(settings):
    for environ in ({"PATH_INFO": "/company/tasks/api/"}, {"PATH_INFO": "/api/"}, {}):
        before = dict(environ)
        remove_sub_path(environ)
        assert environ == before


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{PREFIX}/api/", "/api/"),
        (PREFIX, "/"),
        (f"{PREFIX}/", "/"),
        ("/api/", "/api/"),
        ("/company/tasksheet/", "/company/tasksheet/"),
        (f"{PREFIX}/nothing", "/nothing"),
        ("/", "/"),
    ],
)
def test_the_path_is_taken_away_once_and_only_where_it_is(settings, path, expected):
    settings.FORCE_SCRIPT_NAME = PREFIX
    environ = {"PATH_INFO": path, "SCRIPT_NAME": ""}

    remove_sub_path(environ)

    assert environ["PATH_INFO"] == expected
