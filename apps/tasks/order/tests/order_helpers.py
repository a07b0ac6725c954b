"""What tests of the manual order share."""

from __future__ import annotations

from apps.projects.models import Activity


def order(client, project, **filters):
    """Return the titles as the list shows them in the manual order."""
    query = {"project": project.pk, "ordering": "rank", "page_size": 100} | filters
    return "".join(row["title"] for row in client.get("/api/tasks/", query).json()["results"])


def move(client, task, **body):
    return client.post(f"/api/tasks/{task.pk}/move/", body)


def reorderings(project):
    return list(Activity.objects.filter(project=project, type="task.reordered").order_by("seq"))
