"""From a checkout to a site that people use."""

import os
import pty
import select
import subprocess
import time
import urllib.request

from scripts.containers import people
from scripts.containers.images import proxies
from scripts.containers.site import ANSWER_SECONDS, HTTP, Site, expect, published

TERMINAL_SECONDS = 120
PASSWORD = "an-Administrator-of-the-hills"
ENTRY = "/srv/app/scripts/entrypoint"
# Debian's own docker command without BuildKit for a plugin; both builders take the file.
BUILDKIT = {"DOCKER_BUILDKIT": "1"}


def the_image_builds(site: Site) -> None:
    """COMPOSE D1, D1b: the shipped Dockerfile builds, without a front end from a registry."""
    began = time.monotonic()
    site.engine.docker("build", "--tag", "taskhouse:latest", *proxies(), ".", cwd=site.folder, env=BUILDKIT)
    size = int(site.engine.docker("image", "inspect", "--format", "{{.Size}}", "taskhouse:latest").stdout)
    site.notes.append(f"image of {size / 1e6:.0f} MB in {time.monotonic() - began:.0f} s")


def production_comes_up(site: Site) -> None:
    """From `./scripts/make-env` and `docker compose up` alone every container is healthy."""
    site.shell("./scripts/make-env")
    site.set(SCHEDULE_REMIND_SECONDS="5")  # the tour waits for a reminder
    site.notes.append(f"healthy after {site.up():.0f} s")
    site.await_ready()


def only_the_proxy_listens(site: Site) -> None:
    """Nothing is published but the proxy, and the mails for this machine."""
    found = site.engine.inside(published)

    expect(found == {"127.0.0.1:80", "127.0.0.1:8025"}, f"only the proxy and the mails, not {sorted(found)}")


def an_administrator_is_made(site: Site) -> None:
    """COMPOSE D8: `create_admin` takes the password from the caller's environment, or asks for all on a terminal."""
    given = {"ADMIN_PASSWORD": PASSWORD}
    said = site.compose("exec", "-T", "-e", "ADMIN_PASSWORD", "web", ENTRY, "create_admin", env=given).stdout
    expect("Created admin" in said, f"an administrator, not {said!r}")
    answers = ["second", "second@example.org", PASSWORD, PASSWORD]
    said = _at_a_terminal(site, ["exec", "web", ENTRY, "create_admin"], answers)
    expect("Created second" in said, f"a second administrator, not {said!r}")
    expect(PASSWORD not in said, "no password on the terminal")
    for name in ("admin", "second"):
        people.log_in(site, name, PASSWORD)


def _at_a_terminal(site: Site, words: list[str], answers: list[str]) -> str:
    """Run a Compose command on a terminal, answer one question after another, and return what was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["docker", "compose", *words],
        cwd=site.folder,
        env=site.engine.environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, seen, rest = "", 0, list(answers)  # `seen` is where the last answered question ended
    deadline = time.monotonic() + TERMINAL_SECONDS
    while time.monotonic() < deadline and select.select([ours], [], [], TERMINAL_SECONDS)[0]:
        try:
            piece = os.read(ours, 4096).decode(errors="replace")
        except OSError:  # the other end is closed
            break
        shown += piece
        if rest and shown[seen:].endswith(": "):
            seen = len(shown)
            os.write(ours, f"{rest.pop(0)}\n".encode())
    process.wait(30)
    os.close(ours)
    return shown


def doctor_is_content(site: Site) -> None:
    """`doctor` has nothing to say against a new site."""
    site.compose("exec", "-T", "web", ENTRY, "doctor")


def people_walk_the_tour(site: Site) -> None:
    """The whole tour through the proxy: accounts, mails, project, task, file up and down, reminder, report."""
    began = time.monotonic()
    steps = people.walk(site)
    site.notes.append(f"tour of {steps} steps in {time.monotonic() - began:.0f} s")


def the_stream_goes_through_the_proxy(site: Site) -> None:
    """SR5: a stream begins at once, through the proxy."""
    token = people.log_in(site, "admin", PASSWORD)["access"]
    said = site.engine.inside(_first_event, token)
    expect("event: hello" in said, f"the first event, not {said!r}")


def _first_event(token: str) -> str:
    request = urllib.request.Request(f"{HTTP}/api/events/stream/", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=ANSWER_SECONDS) as stream:
        return b"".join(stream.readline() for _ in range(5)).decode()


def nginx_sends_static_files_and_keeps_private_ones(site: Site) -> None:
    """Static files come from nginx; files of people, their folder and the metrics do not."""
    for path in ("/static/admin/css/base.css", "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"):
        answer = site.get(path)
        expect(answer.status == 200 and answer.headers["Server"] == "nginx", f"{path} from nginx, not {answer.status}")
    for path in ("/admin/login/", "/api/schema/"):
        expect(site.get(path).status == 200, f"{path} answers 200")
    for path in ("/protected/", "/media/", "/metrics"):
        expect(site.get(path).status == 404, f"{path} answers 404")
    expect(site.get("/", headers={"Host": "elsewhere.example"}).status == 400, "another host is a 400")
