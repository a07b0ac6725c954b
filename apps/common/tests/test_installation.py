"""The epoch of the database (contract E9)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from apps.common.installation import current_epoch
from apps.common.models import Installation
from apps.common.tests.races import at_once


@pytest.mark.django_db
def test_e9_there_is_one_epoch_and_it_stays():
    assert current_epoch() == current_epoch()
    assert Installation.objects.count() == 1


@pytest.mark.django_db
def test_e9_a_second_row_is_rejected_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        Installation.objects.create(id=2, epoch=current_epoch())


@pytest.mark.django_db(transaction=True)
def test_e9_all_that_ask_an_emptied_database_at_once_learn_the_same_epoch():
    Installation.objects.all().delete()

    assert len(set(at_once(*[current_epoch] * 6))) == 1
