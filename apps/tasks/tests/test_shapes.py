"""One statement serves whatever means the same: shapes are few, and kept for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from apps.common.lists.criteria import read_criteria
from apps.tasks.filters import TaskFilter


def shape_of(query: str) -> Any:
    return read_criteria(TaskFilter, QueryDict(query)).shape


@pytest.mark.parametrize(
    "same",
    ["status=done&status=todo", "status=todo&status=done&status=todo", "&".join(["status=done", "status=todo"] * 40)],
)
def test_choices_have_one_shape_however_they_are_ordered_and_repeated(same: str) -> None:
    assert shape_of(same) == shape_of("status=todo&status=done")
    assert shape_of(same) != shape_of("status=todo")
