"""Whatever people do, a copy that hears of it page by page equals one that is made anew. Prints its figures."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from django.db import transaction

from apps.sync.tests.actors import DirectCopy, make_people, whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
ACTS = 25


@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(100), marks=pytest.mark.slow)])
def test_sy2_a_copy_that_replays_pages_at_random_moments_equals_a_new_one(seeds):
    done: Counter[str] = Counter()
    pages = objects = 0
    for seed in seeds:
        with transaction.atomic():
            copies, acts = play(seed)
            done += acts
            pages += sum(copy.pages for copy in copies)
            objects += sum(len(copy.objects) for copy in copies)
            transaction.set_rollback(True)

    print(
        f"sync: {len(seeds)} seeds, {done.total()} acts, {pages} pages, {objects} objects compared, 0 differ; "
        f"{dict(done.most_common())}"
    )


def play(seed: int) -> tuple[list[DirectCopy], Counter[str]]:
    """Let people act, each reading pages in between; compare their copies in the end."""
    actors, chance = make_people(seed), Random(seed)
    copies = [DirectCopy(actor.user, Random(seed + number)) for number, actor in enumerate(actors)]
    for _ in range(ACTS):
        with transaction.atomic():
            chance.choice(actors).act()
        if chance.random() < 0.3:
            chance.choice(copies).page()
    for actor, copy in zip(actors, copies, strict=True):
        copy.read()
        expected = whole(actor.user)
        assert {key: row for key, row in copy.objects.items() if expected.get(key) != row} == {}, (seed, actor.user.pk)
        assert expected.keys() - copy.objects.keys() == set(), (seed, actor.user.pk)
    return copies, sum((actor.done for actor in actors), Counter())
