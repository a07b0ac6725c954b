"""What a real engine found wrong with the shipped Dockerfile and compose files, as far as files alone can show it."""

from __future__ import annotations

import re
import shutil

import pytest
import yaml

from scripts.deploy.tests import compose
from scripts.gate import containers

ROOT = compose.ROOT
PRODUCTION = "docker-compose.yml"
DEVELOPMENT = "docker-compose.override.yml"


@pytest.fixture(scope="module")
def services():
    return compose.load({})["services"]


@pytest.fixture
def checkout(tmp_path):
    """Return a copy of what the image and the containers are made of."""
    for name in ("Dockerfile", "manage.py", "requirements.txt", "requirements-optional.txt", *containers.COMPOSE_FILES):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("config", "apps", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    return tmp_path


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


# COMPOSE D1, D1b, D5, D6, D13
def test_the_gate_has_nothing_to_say_about_the_shipped_files():
    assert containers.problems() == ""


# COMPOSE D1
def test_the_gate_runs_the_collectstatic_of_the_dockerfile_in_an_empty_environment(checkout):
    replace(checkout / "Dockerfile", " SECRET_KEY=build-only", "")

    assert "SECRET_KEY" in containers.problems(checkout)


# COMPOSE D1
def test_the_gate_gives_collectstatic_only_what_the_image_copies(checkout):
    replace(checkout / "Dockerfile", "COPY apps apps\n", "")

    assert "No module named 'apps'" in containers.problems(checkout)


# COMPOSE D1
def test_the_key_of_the_build_is_in_no_layer():
    lines = (ROOT / "Dockerfile").read_text().splitlines()

    assert not [line for line in lines if line.startswith(("ENV", "ARG")) and "KEY" in line]


# COMPOSE D1b
def test_the_gate_finds_a_front_end_that_every_build_would_fetch(checkout):
    dockerfile = checkout / "Dockerfile"
    dockerfile.write_text("# syntax=docker/dockerfile:1\n" + dockerfile.read_text())

    assert "front end" in containers.problems(checkout)


def judged(**service):
    return "\n".join(containers.compose_problems(yaml.safe_dump({"services": {"x": service}})))


# COMPOSE D5
@pytest.mark.parametrize("cpus", ["2", 1.5, "${WEB_CPUS:-2}"])
def test_the_gate_finds_more_cpus_than_a_small_server_has(cpus):
    assert "one CPU" in judged(deploy={"resources": {"limits": {"cpus": cpus}}})
    assert "one CPU" in judged(cpus=cpus)
    assert judged(cpus="0.5", deploy={"resources": {"reservations": {"cpus": "1"}}}) == ""


# COMPOSE D6
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("printf 'requirepass %s' \"$${P:?set it}\" | server -", "pipe"),
        ("umask 077; server --port 1", "exec"),
        ("exec server || true", "exec"),
        ("printf x >/tmp/conf || exit 1; exec server /tmp/conf", ""),
        ("exec server --format 'a|b'", ""),
    ],
)
def test_the_gate_finds_a_shell_between_the_engine_and_the_server(script, said):
    for words in (["sh", "-c", script], ["/bin/sh", "-ec", script]):
        assert said in judged(command=words)
        assert bool(said) == bool(judged(command=words))


# COMPOSE D13
@pytest.mark.parametrize(
    ("mounts", "said"),
    [(["/tmp"], "no size"), (["/tmp:size=1g"], "1024 MiB of 1g"), (["/tmp:mode=1777,size=512m"], "")],
)
def test_the_gate_finds_a_tmpfs_that_ends_in_a_kill(mounts, said):
    limits = {"resources": {"limits": {"memory": "1g"}}}

    assert said in judged(tmpfs=mounts, deploy=limits)
    assert bool(said) == bool(judged(tmpfs=mounts, deploy=limits))
    assert judged(tmpfs=["/tmp:size=300m"], shm_size="300m", deploy=limits)


def upstreams(name):
    text = (ROOT / "scripts/deploy/nginx" / name).read_text()
    return dict(re.findall(r"upstream (\w+) \{(.*?)\n\}", text, re.DOTALL))


# COMPOSE D2
def test_in_containers_every_upstream_is_looked_up_again(services):
    mounts = [mount.split(":") for mount in services["proxy"]["volumes"]]
    mounted = {target: source for source, target, *_ in mounts}
    looked_up = upstreams("upstream-compose.conf")

    assert mounted["/etc/nginx/taskhouse/upstream.conf"] == "./scripts/deploy/nginx/upstream-compose.conf"
    assert looked_up.keys() == upstreams("upstream.conf").keys() != set()
    for body in looked_up.values():
        servers = re.findall(r"server [^;]+", body)
        assert servers
        assert all(" resolve" in server for server in servers)
        assert re.search(r"zone \w+ \d+k;", body)
        assert "resolver 127.0.0.11 valid=2s" in body


# COMPOSE D3
@pytest.mark.parametrize("volume", ["media", "static"])
def test_a_volume_is_first_mounted_by_the_image_that_knows_whose_it_is(services, volume):
    """The first container that mounts a new volume gives it the owner that its image has there."""
    ours = services["web"]["image"]
    mounting = {
        name for name, one in services.items() if any(m.startswith(f"{volume}:") for m in one.get("volumes", []))
    }
    makers = {name for name in mounting if services[name]["image"] == ours and not services[name].get("depends_on")}
    makers |= {name for name in mounting if name == "migrate"}

    def after_a_maker(name):
        waits = services[name].get("depends_on", {})
        return name in makers or any(after_a_maker(other) for other in waits)

    assert makers
    assert [name for name in sorted(mounting) if not after_a_maker(name)] == []
    # A container of a profile would outlive `down`, and keep the volume from being removed.
    assert not [name for name in makers if "profiles" in services[name]]


# COMPOSE D6
def test_the_cache_is_not_root_and_has_no_rights(services):
    redis = services["redis"]

    assert redis["user"] == "999:1000"
    assert redis["cap_drop"] == ["ALL"]
    assert "init" not in redis


# COMPOSE D7
def test_development_and_production_are_two_projects():
    names = {name: yaml.safe_load((ROOT / name).read_text())["name"] for name in (PRODUCTION, DEVELOPMENT)}

    assert len(set(names.values())) == 2


# COMPOSE D7
def test_the_ports_of_development_can_be_moved_away_from_those_of_production(services):
    taken = {port.rsplit(":", 1)[0] for one in services.values() for port in one.get("ports", [])}
    moved = compose.load({"MAILBOX_BIND": "127.0.0.1:8026"}, DEVELOPMENT)["services"]

    assert not taken & {port.rsplit(":", 1)[0] for one in moved.values() for port in one.get("ports", [])}


# COMPOSE D9
def test_the_compose_that_restarts_after_a_change_is_named():
    text = (ROOT / DEVELOPMENT).read_text()

    assert "action: restart" in text
    assert "2.32" in text


# COMPOSE D10
def test_development_fills_the_demo_before_it_serves():
    services = compose.load({}, DEVELOPMENT)["services"]

    assert services["demo"]["command"] == ["seed_demo", "--if-empty"]
    assert services["web"]["depends_on"]["demo"] == {"condition": "service_completed_successfully"}
    assert "demo" not in compose.load({})["services"]


# COMPOSE D11
def test_two_web_containers_fit_into_memory_and_connections(services):
    sample = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", (ROOT / ".env.sample").read_text(), re.MULTILINE))
    workers = int(services["web"]["environment"]["WEB_WORKERS"])
    most = next(word for word in services["db"]["command"] if word.startswith("max_connections="))

    # Measured: 110 MiB for each gunicorn worker during 60 logins at once.
    assert workers * 110 < 0.75 * 1024
    assert services["web"]["deploy"]["resources"]["limits"]["memory"] == "1g"
    assert 2 * workers * int(sample["DB_POOL_SIZE"]) + 50 <= int(most.partition("=")[2])


# COMPOSE D12
def test_the_application_is_not_the_superuser_of_the_database(services):
    database, web = services["db"], services["web"]

    assert database["environment"]["POSTGRES_USER"] != web["environment"]["POSTGRES_USER"]
    assert database["environment"]["OWNER"] == web["environment"]["POSTGRES_USER"]
    assert "./scripts/deploy/postgres:/docker-entrypoint-initdb.d:ro" in database["volumes"]


# COMPOSE D4
def test_the_documented_key_can_be_read_by_the_user_that_nginx_runs_as(services):
    page = (ROOT / "docs/deployment.md").read_text()
    _, group = services["proxy"]["user"].split(":")
    owner, mode = re.search(r"install -o root -g (\d+) -m (\d+) key.pem certs/privkey.pem", page).groups()

    assert owner == group
    assert int(mode, 8) & 0o040
    assert not int(mode, 8) & 0o007
    assert re.search(rf"install -d -o root -g {group} -m 0750 certs", page)


# COMPOSE D4
def test_tls_in_containers_does_not_use_what_their_nginx_warns_about():
    mounts = dict(
        mount.split(":")[1::-1] for mount in compose.load({}, "docker-compose.tls.yml")["services"]["proxy"]["volumes"]
    )
    listen = (ROOT / mounts["/etc/nginx/taskhouse/tls-listen.conf"]).read_text()

    assert "http2 on;" in listen
    assert "ssl http2" not in listen
    assert mounts["/etc/nginx/enabled/tls.conf"] == "./scripts/deploy/nginx/tls.conf"


# COMPOSE D15, D16
@pytest.mark.parametrize(
    ("page", "words"),
    [
        (".env.sample", "#COMPOSE_PROFILES="),
        ("docs/deployment.md", "COMPOSE_PROFILES=mail"),
        ("docs/operations.md", "through the proxy"),
        ("docs/operations.md", "docker compose run --rm migrate\nold=$(docker compose ps --quiet web)\n"),
    ],
)
def test_what_only_a_page_can_prevent_is_on_it(page, words):
    assert words in (ROOT / page).read_text()
