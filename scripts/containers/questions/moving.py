"""What happens to people's requests while containers come and go."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from scripts.containers.images import BASE
from scripts.containers.questions.first_start import BUILDKIT
from scripts.containers.site import HTTP, Answer, Site, expect, get
from scripts.local.tour_client import until

SQUATTERS = 6
ADDRESS = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"


def the_proxy_follows_web_to_another_address(site: Site) -> None:
    """COMPOSE D2: when web comes back under another address, the proxy finds it without being touched."""
    [web], [proxy] = site.containers("web"), site.containers("proxy")
    before, began = site.inspect(web, ADDRESS), site.inspect(proxy, "{{.State.StartedAt}}")
    site.compose("stop", "web")
    squatters = [
        site.engine.docker(
            "run", "-d", "--rm", "--network", f"{site.project}_default", BASE, "sleep", "600"
        ).stdout.strip()
        for _ in range(SQUATTERS)
    ]
    site.compose("start", "web")
    try:
        site.await_ready()
        after = site.inspect(web, ADDRESS)
        expect(after != before, f"another address than {before}")
    finally:
        site.engine.docker("rm", "--force", *squatters)
    expect(site.inspect(proxy, "{{.State.StartedAt}}") == began, "the proxy was not restarted")


def two_web_containers_share_the_requests(site: Site) -> None:
    """COMPOSE D2: `--scale web=2` gives the second its share at once, and hardly anybody sees one of two stop."""
    site.compose("up", "-d", "--no-recreate", "--scale", "web=2", "--wait", "web")
    until(lambda: len(_answering(site)) == 2, seconds=30, what="requests for both web containers")
    shares = _answering(site, requests=40)
    expect(min(shares.values()) >= 10, f"both get their share: {dict(shares)}")
    site.notes.append("two web containers get " + " and ".join(map(str, sorted(shares.values()))) + " of 40 requests")
    first, second = site.containers("web")
    try:
        with _watching(site, "/health/") as seen:
            site.engine.docker("stop", second)
            time.sleep(4)
    finally:
        site.engine.docker("rm", "--force", second)
    _expect_at_most_one_failure(seen)
    site.notes.append(
        f"one of two web containers stopped: {sum(one.status != 200 for one in seen)} of {len(seen)} failed"
    )
    site.await_ready()
    expect(site.containers("web") == [first], "the first is left")


def an_upgrade_is_hardly_noticed(site: Site) -> None:
    """COMPOSE D2: the documented upgrade fails no request, but perhaps the one under way while a container goes."""
    site.engine.docker("build", "--label", "upgrade=1", "-t", "taskhouse:latest", ".", cwd=site.folder, env=BUILDKIT)
    before = {service: site.containers(service) for service in ("web", "stream", "worker", "beat", "proxy")}
    steps = site.documented("docs/operations.md", "docker compose run --rm migrate")
    # The backup has a question of its own, and there is nothing to pull.
    steps = "".join(line for line in steps.splitlines(keepends=True) if "git pull" not in line and "backup" not in line)
    with _watching(site, "/health/") as seen:
        site.shell(steps)
        site.await_ready()
    for service in ("web", "stream", "worker", "beat"):
        now = site.containers(service)
        expect(len(now) == 1 and now != before[service], f"{service} is another container: {before[service]}, {now}")
    expect(site.containers("proxy") == before["proxy"], "the proxy is the same")
    _expect_at_most_one_failure(seen)
    site.notes.append(f"upgrade: {len(seen)} requests, the slowest waited {max(one.seconds for one in seen):.0f} s")


def _expect_at_most_one_failure(seen: list[Answer]) -> None:
    """Allow one 503: nginx tries no other server for a request during which the list of servers changes."""
    bad = [answer for answer in seen if answer.status != 200]
    says_when = all(answer.status == 503 and answer.headers["Retry-After"] for answer in bad)
    expect(seen and len(bad) <= 1 and says_when, f"at most one 503 with Retry-After, not {bad} of {len(seen)}")


def _answering(site: Site, requests: int = 10) -> Counter[str]:
    """Return how many of some requests each address behind the proxy got, from the proxy's log."""
    [proxy] = site.containers("proxy")
    for _ in range(requests):
        expect(site.get("/health/").status == 200, "200 for /health/")
    said = site.engine.docker("logs", "--tail", requests, proxy).stdout
    entries = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return Counter(entry["upstream"].rpartition(", ")[2] for entry in entries if entry["path"] == "/health/")


@contextmanager
def _watching(site: Site, path: str) -> Iterator[list[Answer]]:
    """Ask through the proxy meanwhile, one after another, five times a second at most; the list fills with answers."""
    seen: list[Answer] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            seen.append(get(HTTP + path))

    watching = site.engine.begin_inside(watch)
    try:
        yield seen
    finally:
        over.set()
        watching.result()
