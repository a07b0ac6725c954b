"""The table of fields agrees with every place that must know a field; docs/contributing.md lists them."""

from typing import get_type_hints

from apps.tasks.admin import TaskForm
from apps.tasks.fields import FIELDS, TaskFields
from apps.tasks.models import Task
from apps.tasks.queries.table import COLUMNS
from apps.tasks.serializers import TaskSerializer

NAMES = [field.name for field in FIELDS]
# A project is a place, and labels are rows of their own: see `locking.py` and the room `labels`
ELSEWHERE = {"project", "labels"}
WRITABLE = {name for name, field in TaskSerializer().fields.items() if not field.read_only} - ELSEWHERE


def test_the_api_writes_exactly_the_fields_of_the_table():
    assert set(NAMES) == WRITABLE


def test_creation_takes_them_all():
    assert {"title", *get_type_hints(TaskFields)} == set(NAMES)


def test_each_is_an_attribute_of_the_model():
    columns = {column.attname for column in Task._meta.concrete_fields}
    assert {field.attribute for field in FIELDS} <= columns


def test_the_admin_s_form_offers_them_in_this_order():
    assert list(TaskForm.base_fields) == ["project", *NAMES]


def test_a_table_has_a_column_for_each_that_names_one():
    assert {field.report for field in FIELDS if field.report} <= COLUMNS.keys()
