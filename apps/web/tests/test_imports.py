"""IM from the pages: a file comes in, is mapped, tried, run, and taken back."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.imports.messages import ImportReady
from apps.imports.models import ImportJob, ImportSource
from apps.imports.writing import running
from apps.notifications.models import Notification
from apps.projects.models import Membership, Project
from apps.tasks.models import Task
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db
FILE = "Id,Title,Status,Assignee,Tags,Due\n1,Paint <b>,Waiting,Bob,red,2027-01-31\n2,Sand,Done,ann,,\n"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.DISK_RESERVE_BYTES = 0


@pytest.fixture
def mara(owner):
    return Browser(owner)


def uploaded(browser, path, content=FILE, name="plan.csv", **fields):
    browser.open(path)
    data = content if isinstance(content, bytes) else content.encode()
    return browser.send(path, file=SimpleUploadedFile(name, data), **fields)


def field(browser, label):
    """Return the name of the field with this label."""
    [found] = browser.page.xpath("//label[normalize-space(.)=$label]/@for", label=label)
    [name] = browser.page.xpath("//*[@id=$id]/@name", id=found)
    return name


def errors_at(browser, name):
    return browser.page.xpath("//*[@name=$name]/..//*[contains(@class,'error')]/text()", name=name)


def _what_is_missing_is_said_at_its_field(mara, here, *, status):
    """And nothing that was typed is lost."""
    label, person = field(mara, "red"), field(mara, "Bob")
    assert mara.send(here, act="run", **{label: "Colour", person: "nobody"}).status_code == 422
    assert errors_at(mara, person) == ["The project has no member of this name."]
    assert mara.page.xpath("//*[@name=$name]/@value", name=label) == ["Colour"]
    assert mara.send(here, act="run", **{person: "member"}).status_code == 409
    assert errors_at(mara, status) == ["Choose a status."]
    assert mara.page.xpath("//*[@name=$name]/@value", name=label) == ["Colour"]


def test_im_a_file_is_mapped_tried_imported_and_taken_back_without_javascript(mara, project, member):
    settings = f"/projects/{project.pk}/settings/"
    mara.open(settings)
    assert f"{settings}import/" in mara.links()
    assert uploaded(mara, f"{settings}import/").status_code == 303
    mara.follow()
    job = ImportJob.objects.get()
    here = f"/imports/{job.pk}/"
    assert "2 tasks" in mara.text
    assert "Paint <b>" in mara.text

    status = field(mara, "Waiting")
    _what_is_missing_is_said_at_its_field(mara, here, status=status)
    assert Task.objects.count() == 0

    mara.send(here, act="try", **{status: "review"})
    mara.follow()
    assert "0 of 2 rows" in mara.text
    assert "Is being tried" in mara.text
    assert "you are notified" not in mara.text
    assert mara.page.xpath("//noscript/meta[@http-equiv='refresh']")
    assert mara.page.xpath("//*[@id='import'][@hx-trigger]")
    running.run_due()
    mara.open(here)
    assert "What would happen" in mara.text
    assert "Created 2" in mara.text
    assert Task.objects.count() == 0

    mara.send(here, act="run")
    running.run_due()
    mara.follow()
    first = Task.objects.get(external_id="1")
    assert (first.status, first.assigned_to, first.task_labels.get().label.name) == ("review", member, "Colour")
    [link] = mara.page.xpath("//*[@id='rows']//a[contains(., 'Paint <b>')]/@href")
    assert link.endswith(f"/tasks/{first.pk}/")
    assert "Id in the file: 1" in mara.text
    mara.open("/notifications/")
    assert here in mara.links()
    assert ImportReady.content(Notification.objects.get(kind="import_ready"), job).path == here

    mara.open(f"{here}?result=failed")
    assert "There is no such row." in mara.text
    mara.open(here)
    mara.send(here, act="undo")
    job.refresh_from_db()
    assert (job.state, mara.response.status_code) == ("undone", 303)
    mara.follow()
    mara.send(here, act="delete")
    assert mara.response["Location"] == f"{settings}import/"
    assert not ImportJob.objects.exists()


def test_im_a_row_without_an_id_in_its_file_shows_none(mara, project):
    answer = uploaded(mara, f"/projects/{project.pk}/settings/import/", content="Title\nSand\nDust\n")
    mara.follow()
    mara.send(answer["Location"], act="run")
    running.run_due()

    mara.open(answer["Location"])

    assert {"Sand", "Dust"} <= set(mara.page.xpath("//*[@id='rows']//a/text()"))
    assert "Id in the file" not in mara.text


def test_im_a_new_project_comes_out_of_a_file_from_the_list_of_projects(mara, owner):
    mara.open("/projects/")
    assert "/imports/" in mara.links()
    uploaded(mara, "/imports/", "Title\nOne\n", name="Garden.csv")
    mara.follow()
    mara.send(mara.response.wsgi_request.path, act="run")
    running.run_due()
    mara.follow()

    made = Project.objects.get(name="Garden")
    assert (made.owner, made.tasks.get().title) == (owner, "One")
    assert f"/projects/{made.pk}/" in mara.links()
    mara.open("/imports/")
    assert "Garden.csv" in mara.text
    assert "/imports/" in Browser(owner).open("/palette/?q=import").content.decode()


def test_im6_other_columns_make_a_new_proposal_and_keep_what_was_chosen(mara):
    uploaded(mara, "/imports/", "A,State,Words\nOne,Waiting,red\n")
    mara.follow()
    here = mara.response.wsgi_request.path
    assert mara.send(here, act="run").status_code == 409
    assert "Choose which column is the title." in mara.text

    mara.send(here, act="save", columns_0="title", columns_2="labels")
    mara.follow()
    mara.send(here, act="save", **{field(mara, "red"): "Rot"})
    mara.follow()
    mara.send(here, act="save", columns_2="labels", columns_0="external_id")
    mara.follow()
    job = ImportJob.objects.get()
    assert job.mapping["columns"] == {"0": "external_id", "1": "status", "2": "labels"}
    assert (job.mapping["labels"], job.mapping["statuses"]) == ({"red": "Rot"}, {"Waiting": None})

    assert mara.send(here, columns_1="title").status_code == 303
    stale = mara.post(here, words="older", timezone="UTC", on_existing="skip")
    assert stale.status_code == 422
    assert "another window" in mara.text


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\x00\x01\x02" * 50, "no text"), (b"", "no rows"), ("Title\n" * 4, "At most 2 tasks")],
    ids=["bytes", "empty", "too many"],
)
def test_im7_what_cannot_be_read_is_said_at_the_file(mara, settings, content, words):
    settings.IMPORT_MAX_TASKS = 2
    assert uploaded(mara, "/imports/", content).status_code == 422
    assert errors_at(mara, "file"), mara.text
    assert ImportJob.objects.count() == 0


def test_im7_a_file_that_is_too_large_is_not_read(mara, settings):
    settings.IMPORT_MAX_BYTES = 10
    assert uploaded(mara, "/imports/").status_code == 422
    settings.IMPORT_MAX_BYTES = -70_000
    assert uploaded(mara, "/imports/").status_code == 413


def test_im_what_is_noted_of_rows_is_said_in_the_readers_language(mara):
    uploaded(mara, "/imports/", "id,title,assignee\n1,One,nobody\n2,,\n")
    mara.follow()
    here = mara.response.wsgi_request.path
    mara.send(here, act="run")
    running.run_due()

    mara.open(here, **{"accept-language": "de"})

    assert "„nobody“ ist nicht Mitglied und bekam die Aufgabe nicht zugewiesen." in mara.text
    assert "Die Zeile hat keinen Titel." in mara.text
    mara.open(here)
    assert "Assignee `nobody` is not a member." in mara.text


def test_im_every_source_can_be_chosen(mara):
    mara.open("/imports/")
    assert mara.page.xpath("//select[@name='source']/option/@value") == ["auto", *ImportSource.values]


def test_im_imports_are_for_admins_and_each_for_who_began_it(project, admin, member, outsider):
    path = f"/projects/{project.pk}/settings/import/"
    began = Browser(admin)
    uploaded(began, path)
    here = began.response["Location"]
    for person, answer in ((outsider, 404), (member, 403)):
        browser = Browser(person)
        browser.open("/imports/")
        assert (browser.open(path).status_code, browser.post(path).status_code) == (answer, answer)
        assert (browser.open(here).status_code, browser.post(here, act="delete").status_code) == (404, 404)

    assert began.open(here).status_code == 200
    Membership.objects.filter(user=admin, project=project).update(role="member")
    assert began.open(here).status_code == 404
    assert ImportJob.objects.count() == 1


def test_im7_a_guessed_character_set_is_shown_with_what_it_makes_of_the_file_and_can_be_changed(mara, project):
    uploaded(mara, f"/projects/{project.pk}/settings/import/", "Название;Статус\nКупить молоко;Done\n".encode("cp1251"))
    mara.follow()
    here = f"/imports/{ImportJob.objects.get().pk}/"
    [chosen] = mara.page.xpath("//select[@name='encoding']/option[@selected]")
    assert (chosen.get("value"), "Купить молоко" in chosen.text) == ("windows-1251", True)

    mara.send(here, act="read", encoding="koi8-r")
    mara.open(here)

    assert "Название" not in mara.page.xpath("string(//main)").replace(chosen.text, "")
    assert ImportJob.objects.get().encoding == "koi8-r"
    assert mara.send(here, act="read", encoding="rot13").status_code == 422


def test_im7_a_file_that_says_its_character_set_asks_for_none(mara, project):
    uploaded(mara, f"/projects/{project.pk}/settings/import/", "Название;Статус\nКупить молоко;Done\n")

    mara.follow()

    assert not mara.page.xpath("//select[@name='encoding']")
