"""What the containers may do, and what they show."""

import subprocess

from scripts.containers.site import Site, expect, lines_of_json

SECRETS = ("SECRET_KEY", "JWT_SIGNING_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "METRICS_TOKEN")
RIGHTS = "grep CapEff /proc/1/status; (touch /probe && echo writable) 2>/dev/null; exit 0"
REJECTED = "REDIS_PASSWORD: "


def processes_have_no_rights(site: Site) -> None:
    """COMPOSE D6: nobody is root or has a capability, and every root file system is read-only."""
    for service in ("web", "stream", "worker", "beat", "proxy", "redis"):
        [container] = site.containers(service)
        users = _users(site, container)
        expect(users and "0" not in users, f"{service}: no process of root, not {users}")
        said = site.engine.docker("exec", container, "sh", "-c", RIGHTS).stdout
        expect("0000000000000000" in said, f"{service} has no capabilities: {said}")
        expect("writable" not in said, f"{service} has a read-only root")
    [database] = site.containers("db")
    users = _users(site, database)
    expect(users == {"999"}, f"PostgreSQL runs as 999, not {users}")


def _users(site: Site, container: str) -> set[str]:
    """Return the numbers of the users that a container's processes run as."""
    shown = site.engine.docker("top", container, "-eo", "pid,uid").stdout.splitlines()[1:]
    return {line.split()[1] for line in shown}


def the_role_of_the_application_is_no_superuser(site: Site) -> None:
    """COMPOSE D12: the application's role owns its database and is nothing more."""
    query = "SELECT concat_ws(' ', rolname, rolsuper, rolcreaterole, rolcreatedb) FROM pg_roles WHERE rolcanlogin"
    said = site.compose("exec", "-T", "db", "psql", "-XAtU", "postgres", "-c", query).stdout.splitlines()
    expect("taskhouse f f f" in said, f"a plain role, not {said}")
    expect(len(said) == 2, f"the superuser and the application's role, not {said}")


def no_secret_is_shown(site: Site) -> None:
    """No secret stands in the process list, the logs or the image."""
    shown = {
        "the process list": subprocess.run(["ps", "axww", "-o", "args="], capture_output=True, text=True).stdout,
        "the logs": site.compose("logs", "--no-color").stdout,
        "the image": site.engine.docker("history", "--no-trunc", "taskhouse:latest").stdout,
    }
    settings = site.settings()
    for place, text in shown.items():
        found = [name for name in SECRETS if settings[name] in text]
        expect(not found, f"no secret in {place}, but {found}")
        expect(text, f"{place} shows something")


def a_full_disk_of_the_proxy_is_no_kill(site: Site) -> None:
    """COMPOSE D13: a full /tmp of the proxy is an error for those who upload, and no end of the proxy."""
    [proxy] = site.containers("proxy")
    began = site.inspect(proxy, "{{.State.StartedAt}}")
    fill = "dd if=/dev/zero of=/tmp/full bs=1M count=2048 2>&1; ls -l /tmp/full"
    said = site.engine.docker("exec", proxy, "sh", "-c", fill, check=False).stdout
    expect("No space left" in said, f"a full disk, not {said!r}")
    expect(site.get("/health/").status == 200, "the proxy goes on")
    site.engine.docker("exec", proxy, "rm", "/tmp/full")
    state = site.inspect(proxy, "{{.State.StartedAt}} {{.State.OOMKilled}}")
    expect(state == f"{began} false", f"the same proxy, not killed: {state}")


def the_cache_stops_by_itself_and_never_runs_open(site: Site) -> None:
    """COMPOSE D6: Valkey shuts down when it is stopped, and does not start without a password."""
    [redis] = site.containers("redis")
    site.compose("stop", "redis")
    code = site.inspect(redis, "{{.State.ExitCode}}")
    expect(code == "0", f"exit code 0 after a stop, not {code}")
    expect("ready to exit" in site.engine.docker("logs", "--tail", "5", redis).stdout, "a shutdown in its log")
    for password in ("", "with space"):
        done = site.compose("run", "--rm", "--no-deps", "-T", "-e", f"REDIS_PASSWORD={password}", "redis", check=False)
        expect(done.returncode and REJECTED in done.stdout, f"{password!r} is rejected: {done.stdout}")
    site.compose("start", "redis")


def every_line_of_the_log_is_json(site: Site) -> None:
    """COMPOSE D14: web, stream, worker and beat write JSON and nothing else, also when they start and stop."""
    for service in ("web", "stream", "worker", "beat"):
        said = site.compose("logs", "--no-color", "--no-log-prefix", service).stdout
        plain = lines_of_json(said)
        expect(not plain, f"{service}: JSON alone, but {plain[:5]}")
        expect(said, f"{service} writes a log")
