"""CSV files become tasks: mapping, idempotence, parents, what is kept (contract IM1 to IM9)."""

from __future__ import annotations

import pytest
from django.core import mail

from apps.imports.models import ImportRow
from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects.models import Activity
from apps.tasks.models import Comment, Label, Task

FILE = (
    "Key;Summary;State;Importance;Owner;Tags;Due date;Created;Parent;Comment;Comment;Sprint\n"
    "A-1;Write the text;Doing;High;projectadmin;web, text;2026-12-01;2026-01-02T10:00:00Z;;First; second, with; Nov 1\n"
    'A-2;Read it;Done;;bob;"web; draft";;2026-02-03;A-1;;;\n'
    "A-3;;To do;;;;;;;;;\n"
)
FILE = FILE.replace("First; second, with; Nov 1", 'First;"second; with";Nov 1')


def test_im1_a_file_becomes_tasks_and_again_changes_nothing(project, admin, imported, results):
    job = imported(admin, FILE, project)
    events = Activity.objects.count()
    again = imported(admin, FILE, project)

    assert job["result"] == {"created": 2, "updated": 0, "unchanged": 0, "kept": 0, "skipped": 0, "failed": 1}
    assert again["result"] == {"created": 0, "updated": 0, "unchanged": 2, "kept": 0, "skipped": 0, "failed": 1}
    assert (Activity.objects.count(), Task.objects.count(), Comment.objects.count()) == (events, 2, 2)
    assert [(row["row"], row["result"], [e["code"] for e in row["errors"]]) for row in results(admin, job)] == [
        (1, "created", []),
        (2, "created", []),
        (3, "failed", ["required"]),
    ]
    assert [row["row"] for row in results(admin, job, result="failed")] == [3]


def test_im2_im3_im4_parents_people_instants_and_what_has_no_place_are_kept(project, admin, imported, results):
    job = imported(admin, FILE, project)

    first, second = Task.objects.order_by("number")
    assert (first.title, first.status, first.priority, first.assigned_to) == (
        "Write the text",
        "in_progress",
        "high",
        admin,
    )
    assert (str(first.due_on), first.created_at.isoformat()) == ("2026-12-01", "2026-01-02T10:00:00+00:00")
    assert [c.body for c in Comment.objects.order_by("pk")] == ["First", "second; with"]
    assert first.metadata == {"import": {"Sprint": "Nov 1"}}
    assert (second.parent, second.status, second.completed_at is not None) == (first, "done", True)
    assert (second.external_source, second.external_id) == ("csv", "A-2")
    assert second.metadata == {"import": {"assignee": "bob"}}
    first.refresh_from_db()
    assert (first.subtasks_total, first.subtasks_done, first.comments_count) == (1, 1, 2)
    assert sorted(Label.objects.values_list("name", flat=True)) == ["draft", "text", "web"]
    assert results(admin, job)[1]["warnings"] == ["Assignee `bob` is not a member."]
    project.refresh_from_db()
    assert (project.tasks_count, project.open_tasks_count) == (2, 1)


def test_im9_nobody_is_notified_but_the_importer(project, owner, admin, imported):
    job = imported(admin, FILE, project)

    assert (kinds_sent_to(owner), kinds_sent_to(admin), mail.outbox) == ([], ["import_ready"], [])
    events = Activity.objects.filter(batch_id=job["batch_id"])
    assert set(events.values_list("origin", flat=True)) == {"import"}
    assert events.filter(type="import.finished").count() == 1


def test_im5_a_dry_run_reports_the_same_and_writes_nothing(project, admin, imported, api):
    before = (Activity.objects.count(), Task.objects.count(), Label.objects.count())

    tried = imported(admin, FILE, project, dry_run=True)

    assert (Activity.objects.count(), Task.objects.count(), Label.objects.count()) == before
    assert (tried["state"], tried["dry_run"], tried["batch_id"], kinds_sent_to(admin)) == ("analysed", True, None, [])
    done = imported(admin, FILE, project)
    assert tried["result"] == done["result"]


def test_im1_update_writes_what_still_holds_what_the_import_wrote(project, admin, imported, api):
    imported(admin, FILE, project)
    first, second = Task.objects.order_by("number")
    api(admin).patch(f"/api/tasks/{first.pk}/", {"title": "Changed here"})
    other = FILE.replace("Write the text;Doing", "Renamed;Done").replace("Read it", "Read it again")

    skipped = imported(admin, other, project)
    job = imported(admin, other, project, on_existing="update")

    assert (skipped["result"]["skipped"], job["result"]["kept"], job["result"]["updated"]) == (2, 1, 1)
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.title, first.status, second.title) == ("Changed here", "done", "Read it again")
    assert imported(admin, other, project, on_existing="update")["result"]["updated"] == 0


def test_im1_rows_without_an_id_are_distinguished_by_their_cells(project, admin, imported):
    file = "Title\nOne\nOne\nTwo\n"

    assert imported(admin, file, project)["result"]["created"] == 3
    assert imported(admin, file, project)["result"]["unchanged"] == 3
    assert imported(admin, file + "Three\n", project)["result"]["created"] == 1


def test_im1_what_is_in_the_trash_is_skipped(project, admin, imported, results, api):
    imported(admin, "Title\nOne\n", project)
    api(admin).delete(f"/api/tasks/{Task.objects.get().pk}/")

    job = imported(admin, "Title\nOne\n", project)

    assert job["result"]["skipped"] == 1
    assert [error["code"] for error in results(admin, job)[0]["errors"]] == ["in_trash"]


def test_im2_a_circle_is_cut_and_what_stands_too_deep_is_lifted(project, admin, imported, results):
    chain = "".join(f"{n},T{n},{n - 1 if n else ''}\n" for n in reversed(range(8)))
    job = imported(admin, f"id,title,parent\n{chain}x,X,y\ny,Y,z\nz,Z,x\n", project)

    assert job["result"]["created"] == 11
    found = {task.external_id: task for task in Task.objects.select_related("parent")}
    above = {name: task.parent.external_id if task.parent else None for name, task in found.items()}
    assert [above[str(n)] for n in range(8)] == [None, "0", "1", "2", "3", "4", "4", "4"]
    assert (above["x"], above["y"], above["z"]) == (None, "z", "x")
    assert sum(len(row["warnings"]) for row in results(admin, job)) == 3


def test_im6_a_run_needs_its_mapping(project, admin, upload, api):
    job = upload(admin, "Headline,State,Due\nOne,Waiting for Bob,03/04/2026\n", project).json()
    url = f"/api/imports/{job['id']}/"

    response = api(admin).post(f"{url}run/", {})

    assert (response.status_code, response.json()["code"]) == (409, "mapping_incomplete")
    assert response.json()["missing"] == ["/columns/title", "/statuses/Waiting for Bob", "/dates/order"]
    mapping = {
        "columns": {"0": "title"},
        "statuses": {"Waiting for Bob": "review"},
        "dates": {"order": "day_first"},
    }
    assert api(admin).patch(url, {"mapping": mapping}).status_code == 200
    assert api(admin).post(f"{url}run/", {}).status_code == 202
    assert api(admin).patch(url, {"notify": True}).json()["code"] == "import_state"
    assert api(admin).post(f"{url}run/", {}).json()["code"] == "import_state"


def test_im8_what_is_too_long_is_cut_with_a_warning(project, admin, imported, results):
    file = f"id,title,tags,extra\n1,{'t' * 300},{'l' * 99},{'e' * 9000}\n{'9' * 256},Long id,,\n"

    job = imported(admin, file, project)

    assert (job["result"]["created"], job["result"]["failed"]) == (1, 1)
    task = Task.objects.get()
    assert (len(task.title), len(task.metadata["import"]["extra"]) < 8192) == (200, True)
    assert len(results(admin, job)[0]["warnings"]) == 3
    assert ImportRow.objects.get(result="failed").errors[0]["code"] == "too_long"


def test_im8_labels_beyond_the_limit_are_left_out(project, admin, imported, results, settings):
    settings.LABELS_MAX_PER_PROJECT = 1

    job = imported(admin, "title,labels\nOne,a\nTwo,b\n", project)

    assert job["result"]["created"] == 2
    assert [row["warnings"] for row in results(admin, job)] == [
        [],
        ["The project has no room for the label “b”."],
    ]


def test_im_without_a_project_a_new_one_is_made_by_the_run(admin, imported, api):
    tried = imported(admin, "Title\nOne\n", dry_run=True, name="Spring plan.csv")
    assert tried["project"] is None
    assert api(admin).post(f"/api/imports/{tried['id']}/run/", {}).status_code == 202


@pytest.mark.parametrize(
    "text", ["31/12/2026", "31.12.2026 14:30", "2026-12-31 14:30", "31 Dec 2026", "31/Dec/26 3:54 PM"]
)
def test_dates_of_other_tools_are_read(project, admin, imported, text):
    imported(admin, f"Title,Due\nOne,{text}\n", project)

    task = Task.objects.get()
    assert str(task.due_on or task.due_date.date()) == "2026-12-31"


def test_a_wrong_date_is_kept_and_named(project, admin, imported, results):
    job = imported(admin, "Title,Due\nOne,next Tuesday\nTwo,2026-02-31\nThree,99999-01-01\n", project)

    assert job["result"]["created"] == 3
    assert [len(row["warnings"]) for row in results(admin, job)] == [1, 1, 1]
    assert Task.objects.get(title="Two").metadata == {"import": {"due": "2026-02-31"}}


def test_im4_a_label_loses_the_characters_that_no_name_holds(project, admin, imported):
    job = imported(admin, "title,labels\nOne,gpj.\u202eexe\nTwo,\u200fאב\n", project)

    assert job["result"]["created"] == 2
    assert sorted(Label.objects.values_list("name", flat=True)) == ["gpj.exe", "אב"]


def test_m_the_results_of_an_import_are_walked_forth_and_back(project, admin, imported, api):
    job = imported(admin, "id,title\n1,One\n2,Two\n3,Three\n", project)
    pages = [api(admin).get(f"/api/imports/{job['id']}/results/?page_size=1").json()]
    while pages[-1]["next"]:
        pages.append(api(admin).get(pages[-1]["next"]).json())

    assert [[row["row"] for row in page["results"]] for page in pages] == [[1], [2], [3]]
    assert api(admin).get(pages[-1]["previous"]).json()["results"] == pages[1]["results"]
