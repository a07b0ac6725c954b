"""TLS, development on the same machine, and a small machine."""

import socket
import ssl
import time

from scripts.containers import people
from scripts.containers.images import PYTHON
from scripts.containers.site import Site, expect

HOST = "tasks.example.com"
HTTPS = "https://127.0.0.1"
DEVELOPMENT = ("-f", "docker-compose.yml", "-f", "docker-compose.override.yml")
# Production has its mail catcher too.
APART = {"MAILBOX_BIND": "127.0.0.1:8026", "COMPOSE_PROFILES": ""}
DEMO = ("alice", "demo-password-1")


def tls_works_as_documented(site: Site) -> None:
    """COMPOSE D4: with the certificate put where the page says, nginx speaks TLS and HTTP/2 and http leads to it."""
    make = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={HOST} -keyout key.pem -out cert.pem"
    words = ["run", "--rm", "--volume", f"{site.folder}:/here", "--workdir", "/here", PYTHON]
    site.engine.docker(*words, *make.split())
    (site.folder / "key.pem").chmod(0o600)
    site.shell(site.documented("docs/deployment.md", "install -o root -g 10001"))
    names = "docker-compose.yml:docker-compose.tls.yml"
    public = f"https://{HOST}"
    site.set(COMPOSE_FILE=names, ALLOWED_HOSTS=HOST, PUBLIC_URL=public, HTTPS="true", HTTP_BIND="0.0.0.0:80")
    site.up()
    site.await_ready(base=HTTPS, headers={"Host": HOST})
    page = site.get("/admin/login/", base=HTTPS, headers={"Host": HOST})
    expect("__Host-csrftoken" in str(page.headers["Set-Cookie"]), "a cookie for this host over https alone")
    expect("max-age" in str(page.headers["Strict-Transport-Security"]), "browsers learn to stay with https")
    expect(site.engine.inside(_protocol) == "h2", "HTTP/2")
    plain = site.get("/admin/login/", headers={"Host": HOST})
    expect(plain.headers["Location"] == f"https://{HOST}/admin/login/", f"http leads to https: {plain.status}")
    said = site.compose("logs", "--no-log-prefix", "proxy").stdout
    expect("deprecated" not in said and "emerg" not in said, f"nginx has nothing to say:\n{said[-1000:]}")


def _protocol() -> str | None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    plain = socket.create_connection(("127.0.0.1", 443), timeout=5)
    with context.wrap_socket(plain, server_hostname=HOST) as secure:
        return secure.selected_alpn_protocol()


def development_runs_beside_production(site: Site) -> None:
    """COMPOSE D7, D10: development starts beside production, with volumes and a demo of its own, and goes alone."""
    began = time.monotonic()
    site.compose(*DEVELOPMENT, "up", "-d", "--wait", "web", "mailbox", env=APART)
    seconds = time.monotonic() - began
    site.notes.append(f"development beside it healthy after {seconds:.0f} s")
    people.log_in(site, *DEMO, base="http://127.0.0.1:8000")
    site.await_ready(base=HTTPS, headers={"Host": HOST})  # production goes on
    before = set(site.engine.docker("volume", "ls", "--format", "{{.Name}}").stdout.split())
    site.compose(*DEVELOPMENT, "down", "--volumes", env=APART)
    after = set(site.engine.docker("volume", "ls", "--format", "{{.Name}}").stdout.split())
    expect(before > after and all(name.startswith(f"{site.project}_") for name in after), f"production's, not {after}")
    site.await_ready(base=HTTPS, headers={"Host": HOST})  # production goes on


def one_cpu_is_enough(site: Site) -> None:
    """COMPOSE D5: an engine with one CPU takes every container, those of backup and restore too."""
    site.engine.restart(cpus="0")
    cpus = site.engine.docker("info", "--format", "{{.NCPU}}").stdout.strip()
    expect(cpus == "1", f"an engine with one CPU, not {cpus}")
    site.compose("--profile", "*", "create")
    expect(site.containers("backup") and site.containers("web"), "containers for all")
