"""What holds for every source: recognised by content, tried out truthfully, and the same twice (contract IM1, IM5)."""

from __future__ import annotations

import pytest

from apps.imports.sources.formats import source_of
from apps.imports.tests import samples
from apps.projects.models import Activity
from apps.tasks.models import Comment, Label, Relation, Task

SAMPLES = {"todoist": samples.TODOIST, "github": samples.GITHUB, "trello": samples.TRELLO}
KINDS = (Task, Comment, Relation, Label, Activity)


@pytest.mark.parametrize(("source", "file"), SAMPLES.items(), ids=SAMPLES)
def test_im1_im5_a_dry_run_is_true_and_a_second_run_changes_nothing(
    project, admin, api, upload, imported, results, source, file
):
    before = [kind.objects.count() for kind in KINDS]
    tried = imported(admin, file, project, dry_run=True)
    assert (tried["source"], [kind.objects.count() for kind in KINDS]) == (source, before)

    done = imported(admin, file, project)
    assert done["result"] == tried["result"]
    assert [(row["row"], row["result"]) for row in results(admin, done)] == [
        (row["row"], row["result"]) for row in results(admin, tried)
    ]
    after = [kind.objects.count() for kind in KINDS]
    assert (after > before, Task.objects.count()) == (True, done["result"]["created"])

    for options in ({}, {"on_existing": "update"}):
        again = imported(admin, file, project, **options)
        assert again["result"] == done["result"] | {"created": 0, "unchanged": done["result"]["created"]}
        assert [kind.objects.count() for kind in KINDS] == after


@pytest.mark.parametrize(("source", "file"), SAMPLES.items(), ids=SAMPLES)
def test_im_auto_knows_a_source_by_its_content(source, file):
    assert source_of(file.encode()) == source
    assert source_of(b"\xff\xfe" + file.lstrip("\ufeff").encode("utf-16-le")) == source
