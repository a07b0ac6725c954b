"""One running installation for the tests that look at it from outside."""

from __future__ import annotations

import time

import pytest

from scripts.deploy.tests import machine
from scripts.deploy.tests.house import House

ORDER = ("db", "redis", "migrate", "web", "worker", "beat", "proxy")


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    machine.require("nginx", "redis-cli")
    settings = {"SCHEDULE_REMIND_SECONDS": "5", "SCHEDULE_DELIVER_SECONDS": "2"}
    found = House(tmp_path_factory.mktemp("house"), name="a", settings=settings)
    try:
        found.start_mail()
        for name in ORDER:
            began = time.monotonic()
            found.start(name)
            print(f"{name}: healthy after {time.monotonic() - began:.1f} s")
        yield found
    finally:
        found.close()
