"""Every container's command and health check, run outside a container: embedded servers, Debian's nginx."""

from __future__ import annotations

import pytest

from scripts.deploy.tests.conftest import ORDER
from scripts.deploy.tests.machine import eventually

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.stack]


def curl(house, *words):
    argv = ["curl", "--silent", "--show-error", "--max-time", "20", *words]
    return house.machine.run(argv, env=house.client_env()).stdout


def test_every_container_comes_up_and_is_healthy(house):
    healthy = [name for name in ORDER if name != "migrate" and house.is_healthy(name)]

    print(f"healthy: {', '.join(healthy)}")
    assert healthy == [name for name in ORDER if name != "migrate"]


def test_the_site_is_ready_through_the_proxy(house):
    answer = curl(house, "--include", "http://localhost:8080/health/ready/")

    assert answer.startswith("HTTP/1.1 200"), answer


def test_the_numbers_are_for_the_inside_only(house):
    token = f"Authorization: Bearer {house.settings['METRICS_TOKEN']}"
    worker = []

    def has_run_a_job():
        worker.append(curl(house, "--header", token, "http://127.0.0.1:9101/"))
        return "taskhouse_job_seconds_bucket" in worker[-1]

    outside = curl(house, "--include", "--header", token, "http://localhost:8080/metrics")
    web = curl(house, "--header", token, "http://127.0.0.1:8000/metrics")
    eventually(has_run_a_job, seconds=20, what="a job in the worker's numbers")

    assert outside.startswith("HTTP/1.1 404")
    assert "taskhouse_http_requests_total" in web
    assert "taskhouse_unreadable_gauges 0.0" in web
    assert "taskhouse_http" not in curl(house, "--include", "http://127.0.0.1:9101/")


@pytest.mark.parametrize("name", ["beat", "worker", "web", "redis"])
def test_the_health_check_notices_that_the_process_is_gone(house, name):
    house.stop(name)
    (house.folder / f"{name}.alive").unlink(missing_ok=True)

    noticed = not house.is_healthy(name)
    house.start(name)

    assert noticed
