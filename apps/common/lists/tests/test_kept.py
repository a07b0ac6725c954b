"""Statements that are kept for the process."""

import gc
import weakref

import pytest

from apps.common.lists import kept
from apps.common.sql.statements import Parameter
from apps.users.models import User

pytestmark = pytest.mark.django_db


class Held:
    """Stands for the view and the request that a builder knows."""


@pytest.mark.parametrize("keep", [kept.statement, kept.composed_statement])
def test_a_kept_statement_holds_nothing_of_the_request_that_built_it(keep):
    kept.forget()
    held = Held()
    gone = weakref.ref(held)
    keep(("a test",), lambda held=held: User.objects.filter(pk=Parameter("pk")).values_list("id"))
    del held
    gc.collect()

    assert gone() is None
