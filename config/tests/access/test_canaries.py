"""The texts of a project reach nobody outside it, by whatever way they are looked for."""

from urllib.parse import quote

import pytest
from rest_framework.test import APIClient

from apps.notifications.models import Notification
from apps.notifications.services import notify
from apps.projects.models import Membership
from apps.tasks.messages import TaskAssigned
from config.tests.access.matrix import ask, cells, content_of, operations, undone
from config.tests.access.world import OUTSIDE, ROLES

ORDERS = ["created_at", "updated_at", "due_date", "priority", "status", "title", "-title"]


def probes(world):
    """Yield every way to look for the things of the projects from outside."""
    for place in world.places.values():
        ids = place.ids()
        for search in (place.canary, f"Title {place.canary}", f"{place.project.key}-1"):
            yield f"/api/tasks/?count=true&search={search}"
            yield f"/api/tasks/statistics/?search={search}"
            yield f"/api/tasks/export/?search={search}"
            yield f"/api/projects/?count=true&search={search}"
            for text in (f"text ~ '{search}'", f"title = '{search}'", "not (archived and overdue)"):
                yield f"/api/tasks/?count=true&filter={quote(text)}"
                yield f"/api/tasks/statistics/?filter={quote(text)}"
        yield f"/api/tasks/?count=true&view={ids['view']}"
        yield f"/api/views/counts/?ids={ids['view']}"
        yield f"/api/views/?count=true&project={ids['project']}"
        for name in ("assigned_to", "created_by"):
            for person in (ids["user"], place.project.owner_id):
                yield f"/api/tasks/?count=true&{name}={person}"
                yield f"/api/tasks/statistics/?{name}={person}"
        for flag in ("", "&archived=true", "&overdue=true", "&has_attachments=true"):
            yield f"/api/tasks/?count=true&project={ids['project']}{flag}"
            yield f"/api/tasks/statistics/?project={ids['project']}{flag}"
    for order in ORDERS:
        yield f"/api/tasks/?count=true&archived=true&ordering={order}"
    for role in ROLES:
        yield f"/api/projects/?count=true&archived=true&role={role}"
    yield from ("/api/notifications/?count=true", "/api/notifications/unread-count/", "/api/projects/", "/api/")
    yield from ("/api/auth/users/?search=canary", "/api/auth/sessions/", "/api/auth/profile/")


@pytest.mark.parametrize("actor", OUTSIDE)
def test_no_search_filter_order_or_statistic_tells_an_outsider(world, actor):
    client, asked, found = APIClient(), 0, []
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {world.tokens[actor]}")
    for path in probes(world):
        response = client.get(path)
        asked += 1
        text = content_of(response).decode(errors="replace").replace(path.partition("search=")[2] or "\x00", "")
        if any(place.canary in text for place in world.places.values()):
            found.append(path)
        body = {"count": text.count("\n") - 1} if path.startswith("/api/tasks/export/") else response.json()
        mine = path.startswith(("/api/auth", "/api/notifications", "/api/projects/?count=true&archived")) or path in {
            "/api/projects/",
            "/api/",
        }
        if response.status_code == 200 and not mine and (body.get("count") or body.get("total")):
            found.append(f"{path}: counts {body.get('count') or body.get('total')}")

    print(f"canaries: {asked} probes as {actor}, found {len(found)}")
    assert found == []


def test_whoever_is_told_of_an_act_may_see_it(world):
    """Every act of the matrix that succeeds notifies members only, but for who is invited or has just been removed."""
    client, notified, wrong = APIClient(raise_request_exception=False), 0, []
    for cell in cells(operations()):
        if cell.expected >= 300 or cell.operation.method == "get" or cell.relation not in {"own", "archived"}:
            continue
        with undone():
            known = set(Notification.objects.values_list("pk", flat=True))
            assert ask(client, world, cell).status_code == cell.expected
            for row in Notification.objects.exclude(pk__in=known).filter(project_id__isnull=False):
                notified += 1
                is_member = Membership.objects.filter(project_id=row.project_id, user_id=row.recipient_id).exists()
                if not is_member and row.kind not in {"project_member_removed", "invitation"}:
                    wrong.append(f"{cell}: {row.kind} to {row.recipient}")
                if row.actor_id == row.recipient_id and row.kind not in {
                    "report_ready",
                    "export_ready",
                    "import_ready",
                }:
                    wrong.append(f"{cell}: {row.kind} notifies the actor")

    print(f"notified by the acts of the matrix: {notified} rows, wrong {len(wrong)}")
    assert notified > 20
    assert wrong == []


def test_the_removed_person_is_not_told_the_content(world):
    """Mails are made at sending time: what an ex-member has not been sent yet stays unsaid."""
    place, gone = world.places["own"], world.people["ex_member"]
    notify(TaskAssigned, recipient_ids=[gone.pk], dedupe="late", project_id=place.project.pk, task_id=place.task.pk)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {world.tokens['ex_member']}")

    assert place.canary not in client.get("/api/notifications/").content.decode()
