"""Every container's command and health check, run outside a container: embedded servers, Debian's nginx."""

from __future__ import annotations

import time

import pytest

from scripts.deploy.tests import machine
from scripts.deploy.tests.house import House

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.stack]

ORDER = ("db", "redis", "migrate", "web", "worker", "beat", "proxy")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    machine.require("nginx", "redis-cli")
    found = House(tmp_path_factory.mktemp("containers"), SCHEDULE_REMIND_SECONDS="5")
    try:
        found.start_mail()
        for name in ORDER:
            began = time.monotonic()
            found.start(name)
            print(f"{name}: {time.monotonic() - began:.1f} s until healthy")
        yield found
    finally:
        found.close()


def curl(house, *words):
    argv = ["curl", "--silent", "--show-error", "--max-time", "20", *words]
    return house.machine.run(argv, env=house.env("proxy")).stdout


def test_every_container_comes_up_and_is_healthy(house):
    healthy = [name for name in ORDER if name != "migrate" and house.is_healthy(name)]

    print(f"healthy: {', '.join(healthy)}")
    assert healthy == [name for name in ORDER if name != "migrate"]


def test_the_site_is_ready_through_the_proxy(house):
    answer = curl(house, "--include", "http://localhost:8080/health/ready/")

    assert answer.startswith("HTTP/1.1 200"), answer


def test_the_numbers_are_for_the_inside_only(house):
    token = f"Authorization: Bearer {house.settings['METRICS_TOKEN']}"

    outside = curl(house, "--include", "--header", token, "http://localhost:8080/metrics")
    web = curl(house, "--header", token, "http://127.0.0.1:8000/metrics")
    worker = curl(house, "--header", token, "http://127.0.0.1:9101/")

    assert outside.startswith("HTTP/1.1 404")
    assert "taskhouse_http_requests_total" in web
    assert "taskhouse_http_requests_in_flight" in worker


@pytest.mark.parametrize("name", ["beat", "worker", "web", "redis"])
def test_the_health_check_notices_that_the_process_is_gone(house, name):
    file = house.folder / f"{name}.alive"
    house.stop(name)
    file.unlink(missing_ok=True)

    noticed = not house.is_healthy(name)
    house.start(name)

    assert noticed
