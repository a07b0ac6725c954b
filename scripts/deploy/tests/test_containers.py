"""Every container's command and health check, run outside a container: embedded servers, Debian's nginx."""

from __future__ import annotations

import json

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


# COMPOSE D12
def test_the_role_of_the_application_owns_its_database_and_is_no_superuser(house):
    with house.connect() as connection:
        roles = connection.execute("SELECT rolname, rolsuper, rolcreaterole FROM pg_roles WHERE rolcanlogin")
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()

        assert set(roles) == {("postgres", True, True), ("taskhouse", False, False)}
    assert owner == ("taskhouse",)


# COMPOSE D12
@pytest.mark.parametrize("password", ["", "guessed"])
def test_nobody_logs_in_as_superuser_from_outside_the_container(house, password):
    env = house.env_everywhere | {"PGPASSWORD": password or house.settings["POSTGRES_PASSWORD"]}

    done = house.machine.run(["psql", "-h", "db", "-U", "postgres", "-c", "SELECT 1"], env=env, check=False)

    assert "password authentication failed" in done.stderr


# COMPOSE D6
@pytest.mark.parametrize("password", ["", "with space", "a#b", "a/b", "a'b"])
def test_the_cache_rejects_a_password_that_would_leave_it_open_or_be_read_otherwise(house, password):
    env = house.env("redis") | {"REDIS_PASSWORD": password}

    done = house.machine.run(house.command("redis"), env=env, check=False, timeout=10)

    assert done.returncode == 1
    assert "REDIS_PASSWORD: " in done.stderr
    assert not password or password not in done.stderr


# COMPOSE D6
def test_the_cache_shuts_down_by_itself_when_it_is_stopped(house):
    process = house.running["redis"].process
    house.stop("redis")
    said = house.log("redis")
    house.start("redis")

    assert process.returncode == 0
    assert "ready to exit" in said


# SR4, SR5
def test_the_stream_goes_through_the_proxy_at_once_and_web_answers_while_its_process_is_away(house):
    token = house.traffic("login", "--url", "http://localhost:8080").stdout.strip()
    header = f"Authorization: Bearer {token}"
    url, log = "http://localhost:8080/api/events/stream/", house.folder / "stream-client.log"

    without = json.loads(curl(house, "--header", header, url))["code"], json.loads(curl(house, url))["code"]
    house.start("stream")
    curl(house, f"{url}?ticket=a-ticket-of-mine")
    words = ["curl", "--silent", "--no-buffer", "--header", header, url]
    client = house.machine.spawn(words, log=log, env=house.client_env())
    eventually(lambda: "event: hello" in log.read_text(), seconds=60, what="the first event, long before the end")
    house.stop("stream")
    code = client.wait(60)

    assert without == ("stream_unavailable", "not_authenticated")
    assert code == 0
    assert log.read_text().endswith('event: bye\ndata: {"reason":"shutdown"}\n\n')
    assert json.loads(curl(house, "--header", header, url))["code"] == "stream_unavailable"
    assert "a-ticket-of-mine" not in "".join(path.read_text() for path in house.folder.glob("*.log"))
    assert [line for line in house.log("stream").splitlines() if not line.startswith("{")] == []
