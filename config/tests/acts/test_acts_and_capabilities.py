"""Overview section 8 as one test: each act, and what becomes of everything that hangs on a task."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.tests.acts import acts, on_projects_and_people, on_tasks  # noqa: F401 - their checks register themselves
from config.tests.acts.acts import Act
from config.tests.acts.scene import make_scene
from config.tests.acts.table import CAPABILITIES, CELLS

# The cells in which the contract has nothing but a dash, and those of purge whose capability goes with the task's row.
NOTHING = {
    acts.purge: {"views"},
    acts.member_leaves: {"labels", "sub-tasks", "rank"},
    acts.delete_account: {"labels", "sub-tasks", "rank"},
    acts.bulk: {"comments", "relations", "watches", "rank", "files"},
    acts.undo_bulk: {"comments", "relations", "watches", "rank", "files"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("act", CELLS, ids=lambda act: act.__name__)
def test_section_8_what_an_act_does_to_each_capability(act: Act, tmp_path: Path, settings):
    settings.MEDIA_ROOT = tmp_path
    scene = make_scene(tmp_path)

    act(scene)

    # The events first: some of the other checks write.
    line = CELLS[act]
    for check in dict.fromkeys([line["events"], *line.values()]):
        check(scene)


def test_section_8_no_cell_is_left_out():
    missing = {
        act.__name__: sorted(set(CAPABILITIES) - line.keys() - NOTHING.get(act, set())) for act, line in CELLS.items()
    }

    assert len(CELLS) == 12
    assert {name: cells for name, cells in missing.items() if cells} == {}
