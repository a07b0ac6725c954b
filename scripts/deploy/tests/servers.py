"""What the images of PostgreSQL and nginx do before their command runs."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.deploy.tests import compose

if TYPE_CHECKING:
    from scripts.deploy.tests.house import House

# Where these lie in every machine of a house: a service may have a /tmp of its own, which hides the house's folder.
POSTGRES_DATA, REDIS_DATA, PROGRAMS = "/srv/postgres", "/srv/redis", "/srv/bin"


def initialise_postgres(house: House) -> None:
    """Make the data directory with the flags of the compose file, unless it is there."""
    if (house.database / "PG_VERSION").exists():
        return
    known = house.services["db"]["environment"]
    identity = house.places.identity
    with tempfile.NamedTemporaryFile("w") as password:
        password.write(known["POSTGRES_PASSWORD"])
        password.flush()
        Path(password.name).chmod(0o644)
        initdb = ["initdb", "-D", POSTGRES_DATA, "-U", known["POSTGRES_USER"], "--no-sync"]
        initdb += [
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--pwfile",
            password.name,
            *known["POSTGRES_INITDB_ARGS"].split(),
        ]
        user = ["setpriv", "--reuid", str(identity.uid), "--regid", str(identity.gid), "--clear-groups"]
        house.machine.run([*user, *initdb], env=house.env("db"))
    with (house.database / "postgresql.conf").open("a") as conf:
        # As the image's own file says; and for a test nothing need survive a power cut.
        conf.write(f"listen_addresses = '*'\nunix_socket_directories = '{POSTGRES_DATA}'\nfsync = off\n")
    with (house.database / "pg_hba.conf").open("a") as rules:
        rules.write("host all all all scram-sha-256\n")


def create_database(house: House) -> None:
    """Create the database of the compose file and run what it mounts for that; it may be there."""
    known = house.services["db"]["environment"]
    env = house.env("db") | {"PGHOST": POSTGRES_DATA}
    made = house.machine.run(["createdb", "-U", known["POSTGRES_USER"], known["POSTGRES_DB"]], env=env, check=False)
    if made.returncode:
        return
    mounts = (mount.split(":") for mount in house.services["db"]["volumes"])
    folder = next(source for source, target, *_ in mounts if target == "/docker-entrypoint-initdb.d")
    for script in sorted((compose.ROOT / folder).iterdir()):
        house.machine.run([script], env=env)


def nginx_files(house: House) -> dict[str, Path]:
    """Return what the compose file mounts into the proxy."""
    etc = house.folder / "etc-nginx"
    if not etc.exists():
        shipped = compose.ROOT / "scripts" / "deploy" / "nginx"
        shutil.copytree(shipped, etc / "taskhouse")
        shutil.copy(shipped / "nginx.conf", etc / "nginx.conf")
        shutil.copy("/etc/nginx/mime.types", etc)
        subprocess.run(["chmod", "-R", "a+rX", etc], check=True)
    return {"/etc/nginx": etc, **scratch(house, "proxy")}


def scratch(house: House, name: str) -> dict[str, Path]:
    """Return the mount of a /tmp of its own, as a container has it."""
    folder = house.folder / f"{name}-tmp"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o1777)
    return {"/tmp": folder}
