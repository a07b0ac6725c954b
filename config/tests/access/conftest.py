"""The world, made once per test."""

import pytest

from apps.common.api.throttling import seconds_to_wait
from config.tests.access.world import make_world


@pytest.fixture
def world(db, settings, tmp_path):
    """A filled world, with limits that a matrix does not reach."""
    settings.MEDIA_ROOT = tmp_path
    settings.DISK_RESERVE_BYTES = 0
    settings.LOGIN_FAILURES = 1_000_000
    settings.THROTTLE_RATES = dict.fromkeys(settings.THROTTLE_RATES, "1000000/60")
    assert seconds_to_wait("write", "nobody") == 0
    return make_world()
