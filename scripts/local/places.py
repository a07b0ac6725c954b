"""Where the stack's things lie, whom they belong to, and the secrets made for them."""

import contextlib
import hashlib
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.local.processes import LINUX, StackError

NAME = "taskhouse"
SOCKET_PATH_LIMIT = 103  # bytes in sun_path, less the final NUL: 107 on Linux, 103 on macOS


@dataclass(frozen=True)
class Identity:
    """The user that the database server runs as: ourselves, or someone harmless when we are root."""

    uid: int
    gid: int

    @property
    def differs(self) -> bool:
        return self.uid != os.geteuid()

    def popen(self) -> Mapping[str, Any]:
        """Return what Popen needs to run a process as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.differs else {}

    def may(self, *tests: str | Path) -> bool:
        """Return whether this user passes `test ARGUMENT…`: really tried, not guessed from modes."""
        command = ["test", *map(str, tests)]
        return subprocess.run(command, cwd="/", check=False, **self.popen()).returncode == 0


@dataclass(frozen=True)
class Places:
    """Folders of one stack: all in `home` but sockets, and data when the server's user cannot reach it."""

    home: Path
    data: Path
    sockets: Path
    identity: Identity

    @property
    def logs(self) -> Path:
        return self.home / "log"

    @property
    def database(self) -> Path:
        return self.data / "postgres"

    @property
    def database_socket(self) -> Path:
        return self.sockets / "pg"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "vk" / "valkey.sock"


def locate(home: Path) -> Places:
    """Return where the things of the stack with this home lie; makes the home itself and its secrets."""
    home = home.absolute()
    _folder(home, mode=_passable())
    identity = _database_identity(home / "postgres")
    tag = hashlib.sha256(os.fsencode(home.resolve()) + secret(home, "STACK_ID").encode()).hexdigest()[:10]
    return Places(home, _data(home, identity, tag), _socket_base() / f"{NAME}-{os.geteuid()}-{tag}", identity)


def make_folders(places: Places) -> None:
    """Make the folders that the servers need. Repeating it changes nothing."""
    _sweep_sockets(places.sockets.parent)
    _folder(places.logs, mode=0o700)
    _folder(places.sockets, mode=_passable())
    _folder(places.database_socket, mode=0o700, owner=places.identity)
    _folder(places.valkey_socket.parent, mode=0o700)
    (places.sockets / "home").write_text(str(places.home))
    if len(os.fsencode(places.valkey_socket)) > SOCKET_PATH_LIMIT:
        raise StackError(f"{places.sockets} is too long a path for a socket: unset XDG_RUNTIME_DIR")


def _sweep_sockets(base: Path) -> None:
    """Remove our folders of sockets whose stack is gone: killed, and its home removed since."""
    for folder, home in _socket_folders(base):
        if not home.exists():
            shutil.rmtree(folder, ignore_errors=True)


def sockets_of_homes_in(parent: Path) -> list[Path]:
    """Return our folders of sockets whose stacks have, or had, their home below `parent`."""
    found = _socket_folders(_socket_base())
    return [folder for folder, home in found if home.is_relative_to(parent.resolve()) or home.is_relative_to(parent)]


def _socket_folders(base: Path) -> Iterator[tuple[Path, Path]]:
    """Yield our folders of sockets, each with the home of its stack."""
    for folder in base.glob(f"{NAME}-{os.geteuid()}-*"):
        with contextlib.suppress(OSError):
            yield folder, Path((folder / "home").read_text())


def _passable() -> int:
    """Return the mode of a folder that the database's user must be able to pass through."""
    return 0o711 if os.geteuid() == 0 else 0o700


def _database_identity(database: Path) -> Identity:
    """Return who runs PostgreSQL, which rejects root: the owner of the data if there is one."""
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid())
    with contextlib.suppress(FileNotFoundError, KeyError):
        if (owner := database.stat().st_uid) != 0:
            return Identity(owner, pwd.getpwuid(owner).pw_gid)
    for name in ("postgres", "nobody"):  # it needs an entry in the user database
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Identity(entry.pw_uid, entry.pw_gid)
    raise StackError("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")


def _data(home: Path, identity: Identity, tag: str) -> Path:
    """Return `home`, or a folder that the database's user can reach: a home directory is often closed."""
    if not identity.differs or identity.may("-x", home):
        return home
    if (home / "postgres").exists():
        raise StackError(
            f"{home / 'postgres'} cannot be reached by {_name(identity.uid)}, who runs PostgreSQL: "
            f"let others pass the folders above it (chmod o+x)"
        )
    elsewhere = Path("/var/lib" if LINUX else "/var/db") / f"{NAME}-{tag}"
    _folder(elsewhere, mode=0o711)
    return elsewhere


def _socket_base() -> Path:
    if os.geteuid() == 0 and LINUX and os.access("/run", os.W_OK):
        return Path("/run")
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent")
    ours = runtime.is_dir() and runtime.stat().st_uid == os.geteuid() and os.access(runtime, os.W_OK | os.X_OK)
    return runtime if ours and len(os.fsencode(runtime)) < SOCKET_PATH_LIMIT - 60 else Path("/tmp")


def _folder(path: Path, *, mode: int, owner: Identity | None = None) -> None:
    """Make `path` or take it over if it is ours; reject what another user may have put there."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700, parents=True)
    found = path.lstat()
    ours = {os.geteuid()} | ({owner.uid} if owner else set())
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        owner_name, we = _name(found.st_uid), _name(os.geteuid())
        raise StackError(f"{path} belongs to {owner_name}, and you are {we}: run as {owner_name}")
    path.chmod(mode)
    if owner and found.st_uid != owner.uid:
        os.chown(path, owner.uid, owner.gid)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def secret(home: Path, name: str) -> str:
    """Return the secret `name` of this stack, made on first use, kept in secrets.json (mode 0600)."""
    path = home / "secrets.json"
    try:
        known: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        known = _new_secrets(path)
    except ValueError:
        raise StackError(f"{path} is damaged: restore it, or remove {home} to start anew") from None
    if name not in known:
        raise StackError(f"{path} has no {name}: remove {home} to start anew")
    return known[name]


def _new_secrets(path: Path) -> dict[str, str]:
    made = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "JWT_SIGNING_KEY", "POSTGRES_PASSWORD")}
    made["STACK_ID"] = secrets.token_hex(8)
    temporary = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        json.dump(made, handle)
        handle.flush()
        os.fsync(handle.fileno())
    with contextlib.suppress(FileExistsError):  # a start beside us was first: its secrets count
        os.link(temporary, path)
    temporary.unlink()
    found: dict[str, str] = json.loads(path.read_text())
    return found


if sys.platform == "win32":
    raise StackError("The embedded stack runs on Linux and macOS; on Windows use WSL or docker compose.")
