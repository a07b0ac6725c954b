"""docs/examples/sync/client.py keeps a copy."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from apps.common.models import Installation
from apps.sync.tests.actors import whole
from apps.sync.tests.replay import PATH

SOURCE = Path(settings.BASE_DIR) / "docs/examples/sync/client.py"


def test_the_client_of_the_documentation_keeps_a_copy(api, owner, member, project, task):
    spec = importlib.util.spec_from_file_location("sync_client", SOURCE)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    client = api(member)

    def ask(body):
        answer = client.post(PATH, body)
        return answer.status_code, answer.json()

    mirror = example.Mirror(ask)
    mirror.update()
    place = f"/api/projects/{project.pk}/labels/"
    one, two = (api(owner).post(place, {"name": name}).json()["id"] for name in ("one", "two"))
    api(owner).post("/api/tasks/", {"project": project.pk, "title": "New", "labels": [one]})
    api(owner).post(f"/api/tasks/{task.pk}/comments/", {"body": "Look"})
    mirror.update()
    api(owner).delete(f"/api/tasks/{task.pk}/")
    api(owner).post(f"{place}{one}/merge/", {"into": two})
    mirror = example.Mirror(ask, json.loads(json.dumps(mirror.kept())))
    mirror.update()

    rows = {key: row["data"] for key, row in mirror.rows.items() if key[0] != "person"}
    assert rows == whole(member)
    assert len(SOURCE.read_text().splitlines()) < 100

    Installation.objects.update(epoch=uuid4())
    mirror.update()
    assert {key: row["data"] for key, row in mirror.rows.items() if key[0] != "person"} == rows
