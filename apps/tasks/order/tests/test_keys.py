"""The keys of the manual order: wherever one is asked for there is room, and text order is their order (RK1)."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.tasks.order.keys import BASE, DIGITS, LENGTH_MAX, WIDTH, even_key, keys_between

# On a busy machine a single example may take a second
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# All keys there can be: eight digits, and a fraction that does not end in 0
KEYS = st.builds(
    lambda number, fraction: number + fraction.rstrip("0"),
    st.text(DIGITS, min_size=WIDTH, max_size=WIDTH),
    st.text(DIGITS, max_size=12),
).filter(lambda key: key != "0" * WIDTH)  # never given out: nothing is below it


@BUSY
@given(low=st.none() | KEYS, high=st.none() | KEYS, count=st.integers(1, 200))
def test_rk1_there_is_room_for_any_number_of_keys_between_any_two(low, high, count):
    if low is not None and high is not None:
        if low == high:
            return
        low, high = sorted((low, high))

    made = keys_between(low, high, count)

    order = [*([low] if low is not None else []), *made, *([high] if high is not None else [])]
    assert len(made) == count
    assert all(one.encode() < other.encode() for one, other in pairwise(order))
    assert all(set(key) <= set(DIGITS) and len(key) >= WIDTH for key in made)
    assert not any(key[WIDTH:].endswith("0") or key == "0" * WIDTH for key in made)


@BUSY
@given(st.lists(st.integers(0, 1_000_000), min_size=1, max_size=300))
def test_rk1_keys_stay_in_order_whatever_the_sequence_of_insertions(places):
    order: list[str] = []
    for place in places:
        at = place % (len(order) + 1)
        low, high = (order[at - 1] if at else None), (order[at] if at < len(order) else None)
        order[at:at] = keys_between(low, high)

    assert order == sorted(order, key=str.encode)
    assert len(set(order)) == len(order)


@pytest.mark.parametrize("end", ["first", "last"])
def test_a_hundred_thousand_keys_at_an_end_never_grow(end):
    key = even_key(0)
    for _ in range(100_000):
        [key] = keys_between(None, key) if end == "first" else keys_between(key, None)
    assert len(key) == WIDTH


def test_rk8_a_hundred_and_sixty_keys_in_one_gap_fit_the_length_that_is_allowed():
    low, high = even_key(0), even_key(1)
    for _ in range(160):
        [high] = keys_between(low, high)
    assert len(high) <= LENGTH_MAX


def test_both_ends_of_the_number_space_still_have_room():
    last, first = "z" * WIDTH, "0" * (WIDTH - 1) + "1"

    assert keys_between(last, None)[0] > last
    assert "0" * WIDTH < keys_between(None, first)[0] < first


def test_spaced_keys_lie_evenly():
    made = keys_between("A0000000", "B0000000", 61)
    numbers = [sum(DIGITS.index(digit) * BASE**place for place, digit in enumerate(reversed(key))) for key in made]

    gaps = [other - one for one, other in pairwise(numbers)]
    assert max(gaps) - min(gaps) <= 1


def test_a_gap_needs_its_lower_end_below_the_upper_one():
    with pytest.raises(ValueError, match="is not below"):
        keys_between(even_key(1), even_key(0))
