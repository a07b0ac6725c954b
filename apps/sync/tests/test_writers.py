"""Copies that are read while eight people write are whole in the end. Prints its figures."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from django.db import OperationalError

from apps.common.tests.races import in_lanes
from apps.sync.tests.actors import DirectCopy, SyncActor, make_people, whole

WRITERS, ACTS, READS = 8, 30, 40


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("media")
def test_sy10_copies_read_under_eight_writers_equal_new_ones_in_the_end():
    people = make_people(1)
    actors = [*people, *(SyncActor(actor.user, actor.places, 100 + n) for n, actor in enumerate(people))]
    copies = [DirectCopy(actor.user, Random(number)) for number, actor in enumerate(people[:2])]
    busy: Counter[str] = Counter()

    def act(actor: SyncActor) -> None:
        try:
            actor.act()
        except OperationalError:  # two deadlocks in a row: the API answers 503
            busy["busy"] += 1

    in_lanes(*([lambda actor=actor: act(actor)] * ACTS for actor in actors), *([copy.page] * READS for copy in copies))

    done = sum((actor.done for actor in actors), Counter()) + busy
    for copy in copies:
        copy.read()
        assert copy.objects == whole(copy.user)
    print(f"sync: {WRITERS} writers, {done.total()} acts, {sum(copy.pages for copy in copies)} pages, 0 differ")
    assert done.total() == WRITERS * ACTS
