"""PG5, PG12, PG14: the product's pages in a real browser, under their policy, narrow and wide, light and dark."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from apps.calendars.services import create_feed
from apps.imports.models import ImportRow
from apps.imports.services import begin
from apps.invitations.services import invite
from apps.projects.models import Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.comments.services import create_comment
from apps.tasks.labels.services import create_label
from apps.tasks.models import Task, TaskLabel
from apps.tasks.saved_views.services import create_view
from apps.tasks.services import delete_task
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.webhooks.services import create_webhook, send_test
from config.tests.browser.chromium import IN_CHROMIUM, Chromium, wait

pytestmark = IN_CHROMIUM
SIZES = ((1280, 900), (390, 844), (320, 640))
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenverzeichnis aus der alten Datenbank übernehmen"
# What hangs out of the page to the side; popovers that are closed have no box
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HANGING = """[...document.querySelectorAll('main *')].filter(
    (each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1
).map((each) => each.outerHTML.slice(0, 90)).slice(0, 4)"""
UNNAMED = """[...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea")].filter(
    each => !(each.innerText || each.ariaLabel || each.labels?.length || each.title || each.textContent)
).map(each => each.outerHTML.slice(0, 120))"""


AXE = Path(__file__).with_name("axe.min.js")
# All rules of axe-core, target-size with them; the colours alone once more in the other scheme
ALL_RULES = "{rules: {'target-size': {enabled: true}}, resultTypes: ['violations']}"
COLOURS = "{runOnly: ['color-contrast'], resultTypes: ['violations']}"
VIOLATIONS = """axe.run(document, %s).then((found) => found.violations.map(
    (each) => each.id + ' ' + each.nodes.map((node) => node.html.slice(0, 90)).slice(0, 2).join(' | ')))"""
SHIFTS = """new PerformanceObserver((list) => {
    for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted = (window.shifted ?? 0) + each.value;
}).observe({type: 'layout-shift', buffered: true});"""
FRAGMENTS = """[...document.querySelectorAll('[id]')].map((each) => each.id)
    .filter((id, at, all) => all.indexOf(id) !== at)"""


def judged(tab, path):
    """Return what axe-core has against the page as it is open, in both colour schemes, and what moved while loading."""
    found = []
    tab.resize(1280, 900)
    for scheme, rules in (("light", ALL_RULES), ("dark", COLOURS)):
        tab.emulate(scheme=scheme, less_motion=True)  # no colour half on its way
        found += [(path, scheme, each) for each in tab.run(VIOLATIONS % rules)]
    shifted = tab.run("window.shifted ?? 0")
    found += [(path, "layout shift", shifted)] if shifted > 0.1 else []
    return found + [(path, "id twice", each) for each in tab.run(FRAGMENTS)]


@pytest.fixture(scope="module")
def chromium():
    browser = Chromium()
    yield browser
    browser.close()


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.DISK_RESERVE_BYTES = 0


@pytest.fixture
def tab(chromium):
    page = chromium.tab()
    yield page
    page.close()


@pytest.fixture
def task(transactional_db):
    owner = UserFactory(username="mara", password=make_password(PASSWORD), nickname="Mara")
    project = ProjectFactory(owner=owner, name="Website relaunch", key="WEB")
    for name in ("ilse", "kofi"):
        MembershipFactory(project=project, user__username=name)
    TaskFactory(project=project, title=LONG, priority="urgent", assigned_to=owner)
    TaskFactory(project=project, title="نقل صفحة المساعدة العربية", status="review")
    TaskFactory(project=project, title="料金ページの見出しと脚注を更新する", status="done")
    return TaskFactory(project=project, title="<img src=x onerror=alert(1)>", description="<script>alert(2)</script>")


def sign_in(tab, live_server, name="mara"):
    tab.open(f"{live_server.url}/login/")
    tab.fill("#id_username", name)
    tab.fill("#id_password", PASSWORD)
    tab.click("button.primary")
    tab.wait_for("#side")


def assert_quiet(tab, live_server):
    assert tab.complaints == []
    assert tab.foreign(live_server.url) == []


def test_pg5_every_page_is_quiet_named_and_no_wider_than_its_window(tab, live_server, task):
    found = []
    for path in ("/", "/login/", "/register/", "/password-reset/"):
        tab.open(f"{live_server.url}{path}")
        found += [(path, width) for width in wider(tab)]
    sign_in(tab, live_server)
    project = f"/projects/{task.project_id}/"
    paths = ["/", "/projects/", "/projects/new/", project, f"{project}board/", f"{project}calendar/", "/trash/"]
    paths += [f"{project}activity/", f"{project}settings/export/", "/settings/exports/", "/views/new/"]
    paths += [f"{project}settings/webhooks/", f"{project}settings/invitations/", "/settings/calendars/"]
    paths += [f"{project}settings/", f"{project}settings/members/", f"{project}settings/end/", "/notifications/"]
    paths += [f"/tasks/{task.pk}/", f"/tasks/{task.pk}/?edit=1", "/tasks/new/", "/search/?search=e", "/search/"]
    paths += pages_of_imports(task.project)
    paths += [f"/settings/{part}" for part in ("", "password/", "notifications/", "sessions/", "tokens/", "account/")]
    for path in paths:
        tab.open(f"{live_server.url}{path}")
        assert tab.run("document.querySelectorAll('h1').length") == 1, path
        assert tab.run(UNNAMED) == [], path
        found += [(path, width) for width in wider(tab)]

    User.objects.update(language="de")  # its words are longer
    tab.resize(390, 844)
    for path in paths:
        tab.open(f"{live_server.url}{path}")
        assert tab.run("document.documentElement.lang") == "de", path
        found += [(path, "de")] if tab.run(SIDEWAYS) > 0 else []
    tab.open(f"{live_server.url}{project}")
    tab.run(AXE.read_text())
    found += judged(tab, f"{project} in German")

    print(f"pages in Chromium: {len(paths) + 4} at {SIZES}, complaints {tab.complaints}, too wide {found}")
    assert found == []
    assert_quiet(tab, live_server)


def pages_of_the_owner(task):
    """Return the paths of pages that are the owner's alone, once there is something on each of them."""
    label = create_label(actor=task.project.owner, project_id=task.project_id, name="bug")
    TaskLabel.objects.create(task=task, label=label, project_id=task.project_id)
    view = create_view(
        actor=task.project.owner, name="All of it", filter="", project_id=task.project_id, layout="board"
    )
    boards = [
        create_view(
            actor=task.project.owner, name=by, filter="", project_id=task.project_id, layout="board", group_by=by
        )
        for by in ("priority", "assignee")
    ]
    create_comment(actor=task.project.owner, task=task, body="Some **words** for @ilse")
    project = f"/projects/{task.project_id}/"
    own = ["/", "/projects/", "/projects/new/", f"{project}calendar/", f"{project}activity/", f"{project}settings/"]
    own += [
        f"{project}settings/export/",
        "/settings/exports/",
        f"{project}settings/labels/",
        f"{project}settings/end/",
        "/notifications/",
        "/tasks/new/",
        "/trash/",
    ]
    own += pages_of_a_webhook(task.project) + pages_of_imports(task.project)
    create_feed(actor=task.project.owner, name="Dates")
    made = invite(actor=task.project.owner, project_id=task.project_id, email="ann@example.org", role="member")
    own += [f"{project}settings/invitations/", "/settings/calendars/", f"/invitations/{made.link_secret}/"]
    own += [f"/tasks/{task.pk}/?edit=1", f"/tasks/{task.pk}/choose/?field=labels", "/search/?search=e", "/search/"]
    own += ["/palette/?q=a", "/views/", f"/views/{view.pk}/", f"/views/{view.pk}/edit/", "/settings/", "/tasks/999999/"]
    own += [f"/settings/{part}/" for part in ("password", "notifications", "sessions", "account")]
    return own + [f"/views/{board.pk}/" for board in boards]


def test_pg12_axe_has_nothing_against_any_page_in_both_schemes_for_owner_viewer_and_stranger(tab, live_server, task):
    tab.prepare(f"{AXE.read_text()};{SHIFTS}")
    found, count = [], 0
    viewer = UserFactory(username="vera", password=make_password(PASSWORD))
    MembershipFactory(project=task.project, user=viewer, role="viewer")
    project = f"/projects/{task.project_id}/"
    shared = [project, f"{project}board/", f"{project}settings/members/", f"/tasks/{task.pk}/"]
    own = pages_of_the_owner(task)
    for name, paths in (
        (None, ["/", "/login/", "/register/", "/password-reset/"]),
        ("mara", shared + own),
        ("vera", shared),
    ):
        if name:
            sign_in(tab, live_server, name)
        for path in paths:
            tab.open(f"{live_server.url}{path}")
            found += judged(tab, path)
            count += 1
        if name:
            tab.open(f"{live_server.url}/settings/")
            tab.run("document.querySelector('#side form button').click()")
            wait(lambda: tab.run("location.pathname") == "/login/")

    print(f"axe-core: {count} pages, {found}")
    assert found == []
    tab.complaints = [each for each in tab.complaints if "404" not in each]
    assert_quiet(tab, live_server)


def pages_of_a_webhook(project):
    """Return the list, a webhook and a delivery."""
    made = {"url": "https://93.184.216.34/hook", "events": ["task.*", "label.created"]}
    hook = create_webhook(actor=project.owner, project_id=project.pk, **made)
    delivery = send_test(actor=project.owner, webhook=hook)
    every = f"/projects/{project.pk}/settings/webhooks/"
    return [every, f"{every}{hook.pk}/", f"{every}{hook.pk}/deliveries/{delivery.pk}/"]


def pages_of_imports(project):
    """Return the form for a file, and an import that is to be mapped, one that runs and one that is done."""
    file = f"Title,State,Who,Label\n{LONG},{LONG},{LONG},{LONG}\n".encode()
    jobs = []
    for name in ("new", "running", "done"):
        job = begin(actor=project.owner, data=file, file_name=f"{LONG}.csv", source="csv", project_id=project.pk)
        job.mapping["statuses"] = dict.fromkeys(job.mapping["statuses"], "todo")
        job.state, job.result = ("analysed" if name == "new" else name), ({} if name == "new" else {"failed": 1})
        job.next_attempt_at = timezone.now() + timedelta(days=1)  # no worker takes it
        job.save()
        row = {"row": 1, "external_id": LONG, "result": "failed", "errors": [{"code": "blank", "detail": LONG}]}
        ImportRow.objects.create(job=job, **row)
        jobs.append(job)
    return ["/imports/", f"/projects/{project.pk}/settings/import/", *(f"/imports/{job.pk}/" for job in jobs)]


def wider(tab):
    """Return the windows in which the page can be scrolled to the side."""
    too_wide = []
    for width, height in SIZES:
        tab.resize(width, height)
        if tab.run(SIDEWAYS) > 0:
            too_wide.append(width)
    return too_wide


def test_pg12_no_name_of_80_characters_makes_any_page_wider_than_320_pixels(tab, live_server, task):
    word, project = "W" * 80, task.project
    owner = project.owner
    for each in User.objects.all():
        User.objects.filter(pk=each.pk).update(nickname=word)
    label = create_label(actor=owner, project_id=project.pk, name=word[:50])
    TaskLabel.objects.create(task=task, label=label, project_id=project.pk)
    create_comment(actor=owner, task=task, body=word)
    attach(task, by=owner, name=f"{word}.txt")
    views = [
        create_view(actor=owner, name=f"{word[:78]}{at}", filter="", project_id=project.pk, **shape)
        for at, shape in enumerate(
            ({}, {"group_by": "label"}, {"layout": "calendar"}, {"layout": "board", "group_by": "assignee"})
        )
    ]
    create_feed(actor=owner, name=word)
    invite(actor=owner, project_id=project.pk, email=f"{word[:60]}@example.org", role="member")
    paths = [*pages_of_imports(project), *pages_of_a_webhook(project)]
    Project.objects.update(name=word, description=word)
    Task.objects.update(title=word, description=word)
    delete_task(actor=owner, task=TaskFactory(project=project, title=word))
    of_project = ("", "?ordering=title", "?label_any=" + word[:50], "board/", "calendar/", "activity/")
    of_settings = ("", "members/", "labels/", f"labels/{label.pk}/", "invitations/", "export/", "import/", "end/")
    paths += [f"/projects/{project.pk}/{part}" for part in of_project]
    paths += [f"/projects/{project.pk}/settings/{part}" for part in of_settings]
    paths += [f"/tasks/{task.pk}/{part}" for part in ("", "?edit=1", "?show=history", "choose/?field=labels")]
    paths += [f"/tasks/{task.pk}/choose/?field=assigned_to", f"/tasks/{task.pk}/choose/?field=project", "/tasks/new/"]
    paths += [f"/views/{view.pk}/" for view in views] + [f"/views/{views[0].pk}/edit/", "/views/", "/views/new/"]
    own = ("", "password/", "notifications/", "sessions/", "tokens/", "calendars/", "exports/", "account/")
    paths += [f"/settings/{part}" for part in own]
    paths += ["/", "/projects/", "/projects/new/", "/notifications/", "/trash/", "/search/?search=W", "/palette/?q=W"]
    sign_in(tab, live_server)
    tab.resize(320, 640)

    found = []
    for path in paths:
        tab.open(f"{live_server.url}{path}")
        assert tab.run("document.querySelectorAll('h1').length") == 1, path
        found += [(path, tab.run(HANGING))] if tab.run(SIDEWAYS) > 0 else []

    print(f"pages with names of 80 characters at 320 pixels: {len(paths)}, too wide {found}")
    assert found == []


def test_pg15_the_page_of_a_task_shows_what_people_wrote_as_text(tab, live_server, task):
    sign_in(tab, live_server)
    tab.open(f"{live_server.url}/tasks/{task.pk}/")

    assert "onerror" in tab.run("document.querySelector('h1').innerText")
    assert tab.run("document.querySelectorAll('main img, main .md script').length") == 0
    assert_quiet(tab, live_server)


def test_a_menu_of_a_card_moves_it_to_another_column(tab, live_server, task):
    sign_in(tab, live_server)
    tab.open(f"{live_server.url}/projects/{task.project_id}/board/")
    tab.click(f"[popovertarget=move-{task.pk}]")
    wait(lambda: tab.run(f"document.getElementById('move-{task.pk}').matches(':popover-open')"))
    tab.click(f"#move-{task.pk} [value=in_progress]")

    wait(lambda: Task.objects.get(pk=task.pk).status == "in_progress")
    wait(lambda: tab.run("location.pathname") == f"/projects/{task.project_id}/board/")
    assert_quiet(tab, live_server)


def test_pg5_colours_follow_the_system_and_glyphs_are_drawn(tab, live_server, task):
    sign_in(tab, live_server)
    tab.resize(1280, 900)
    grounds = {}
    for scheme in ("light", "dark"):
        tab.emulate(scheme=scheme)
        grounds[scheme] = tab.run("getComputedStyle(document.documentElement).backgroundColor")

    assert grounds["light"] != grounds["dark"]
    wait(lambda: tab.run("document.querySelector('.brand svg use').getBoundingClientRect().width") > 10)
    assert_quiet(tab, live_server)


def test_pg11_single_keys_press_what_stands_on_the_page_unless_they_are_switched_off(tab, live_server, task):
    sign_in(tab, live_server)
    tab.resize(1280, 900)
    tab.open(f"{live_server.url}/projects/{task.project_id}/")
    for key in "jx":
        tab.key(key)
    wait(lambda: tab.run("document.querySelectorAll('.row[aria-current] .pick:checked').length") == 1)
    assert tab.run("getComputedStyle(document.querySelector('.bulk')).display") == "flex"
    tab.run("document.querySelector('input[name=text]').focus()")
    tab.key("c")
    tab.run("document.activeElement.blur()")
    for key in "gp":
        tab.key(key)
    wait(lambda: tab.run("location.pathname === '/projects/' && document.readyState === 'complete'"))
    tab.key("c")
    wait(lambda: tab.run("location.pathname") == "/tasks/new/")
    assert_quiet(tab, live_server)

    type(task.project.owner).objects.update(single_keys=False)
    tab.open(f"{live_server.url}/projects/")
    tab.key("c")
    assert tab.run("document.getElementById('side').dataset.keys") == "off"
    assert tab.run("location.pathname") == "/projects/"
