"""A Docker engine of its own: its own folder, network, mounts and control groups, gone when it is left."""

import contextlib
import ctypes
import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypeVar

from scripts.containers.network import BRIDGE, POOL, Network, mtu, resolver
from scripts.containers.packages import Programs, is_machine_supported
from scripts.local import leftovers, processes
from scripts.local.processes import StackError

FOLDER = Path(os.environ.get("CONTAINERS_DIR") or "/var/lib/taskhouse-containers")
CGROUP = "taskhouse-containers"
CLONE_NEWNET = 0x40000000  # sched.h
START_SECONDS = 60
T = TypeVar("T")
# Waits in its namespaces for the network, then becomes the engine.
START = """
mount --bind "$1" /etc/resolv.conf 2>/dev/null
until [ -e "$2" ]; do sleep 0.05; done
shift 2
exec "$@"
"""


class Engine:
    """`with Engine() as engine:` starts it, or waits for the one that runs; images stay for the next time.

    `cpus` names the CPUs that it may use, as `taskset` does. Raises StackError where it does not start.
    """

    def __init__(self, folder: Path = FOLDER, *, cpus: str = "") -> None:
        self.folder, self._cpus = folder, cpus
        self.programs = Programs(folder)
        self.network = Network(folder, self.programs)
        self._socket, self._log = folder / "run" / "docker.sock", folder / "dockerd.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._inside: ThreadPoolExecutor | None = None

    @property
    def pid(self) -> int:
        """Return the number of dockerd."""
        assert self._process is not None
        return self._process.pid

    def environment(self) -> dict[str, str]:
        """Return the variables that lead docker and Compose to this engine, with nothing of the caller's own."""
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        ours = {"DOCKER_HOST": f"unix://{self._socket}", "COMPOSE_ANSI": "never", "COMPOSE_PROGRESS": "plain"}
        return {**kept, **self.programs.environment(), **ours}

    def docker(
        self,
        *words: object,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = True,
        given: str | None = None,
        timeout: float = 600,
    ) -> subprocess.CompletedProcess[str]:
        """Run a docker command and return it with its output, both streams in one; StackError when it fails."""
        done = subprocess.run(
            ["docker", *map(str, words)],
            env=self.environment() | dict(env or {}),
            cwd=cwd or self.folder,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=timeout,
        )
        if check and done.returncode:
            raise StackError(f"docker {' '.join(map(str, words))}: {done.stdout[-3000:]}")
        return done

    def begin_inside(self, function: Callable[..., T], *arguments: Any, **named: Any) -> Future[T]:
        """Call a function in a thread of the engine's network, where the published ports are."""
        assert self._inside is not None
        return self._inside.submit(function, *arguments, **named)

    def inside(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Call a function in the engine's network and return what it returns."""
        return self.begin_inside(function, *arguments, **named).result()

    def restart(self, *, cpus: str = "") -> None:
        """Stop the engine and all that runs on it, and start it again on these CPUs."""
        self._clear()
        self._stop()
        self._cpus = cpus
        self._start()

    def __enter__(self) -> Self:
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        if self.folder.stat().st_uid != os.geteuid():
            raise StackError(f"{self.folder} belongs to somebody else")
        self._lock = (self.folder / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            self.programs.ensure()
            self._start()
            self._clear()  # volumes of a run that was killed hold other passwords
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._process is not None and self._process.poll() is None:
                self._clear()
            self._stop()
        finally:
            if self._lock is not None:
                self._lock.close()

    def _start(self) -> None:
        leftovers.end(self.folder)
        self.network.close()
        shutil.rmtree(self._socket.parent, ignore_errors=True)
        self._socket.parent.mkdir(mode=0o700)
        self._log.unlink(missing_ok=True)
        ready = self._socket.parent / "network.ready"
        namespaces = ["unshare", "--net", "--mount", "--propagation", "private"]
        pinned = ["taskset", "--cpu-list", self._cpus] if self._cpus else []
        command = [*namespaces, "sh", "-c", START, "sh", resolver(), ready, *pinned, *self._command()]
        self._process = processes.spawn(command, log=self._log, env={**os.environ, **self.environment()})
        leftovers.record(self.folder, {"dockerd": self._process.pid})
        pid = self.pid
        if not processes.wait_until(lambda: _is_apart(pid), seconds=10):
            raise StackError("no network namespace can be made here")
        self.network.open(pid)
        ready.touch()
        self._await()
        self._inside = ThreadPoolExecutor(4, initializer=_enter, initargs=(pid,))

    def _command(self) -> list[str | Path]:
        run = self._socket.parent
        return [
            *("dockerd", "--host", f"unix://{self._socket}", "--data-root", self.folder / "data"),
            *("--exec-root", run / "exec", "--pidfile", run / "dockerd.pid"),
            *("--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", CGROUP),
            *("--bip", BRIDGE, "--default-address-pool", POOL, "--mtu", str(mtu())),
            *("--userland-proxy-path", self.programs.bin / "docker-proxy"),
        ]

    def _await(self) -> None:
        assert self._process is not None
        process = self._process

        def answers() -> bool:
            return process.poll() is not None or self.docker("version", check=False).returncode == 0

        if not processes.wait_until(answers, seconds=START_SECONDS, pause=0.2) or process.poll() is not None:
            raise StackError(f"dockerd did not start:\n{self._log.read_text()[-2000:]}")

    def _clear(self) -> None:
        """Remove everything that ran here, but for the images: all of it is ours."""
        for listing, removal in (
            (("ps", "--all", "--quiet"), ("rm", "--force", "--volumes")),
            (("volume", "ls", "--quiet"), ("volume", "rm", "--force")),
            (("network", "ls", "--quiet", "--filter", "type=custom"), ("network", "rm")),
        ):
            if found := self.docker(*listing, check=False).stdout.split():
                self.docker(*removal, *found, check=False)

    def _stop(self) -> None:
        if self._inside is not None:
            self._inside.shutdown()
        if self._process is not None:
            processes.end(self._process, seconds=60)
            leftovers.forget(self.folder)
        self.network.close()
        for root in (Path("/sys/fs/cgroup"), *Path("/sys/fs/cgroup").glob("*/")):
            _remove_cgroups(root / CGROUP)


def can_run() -> bool:
    """Return whether an engine may be tried here: root, packages for this machine, control groups to write to."""
    if os.geteuid() != 0 or not is_machine_supported():
        return False
    hierarchy = Path("/sys/fs/cgroup/memory")
    place = (hierarchy if hierarchy.is_dir() else Path("/sys/fs/cgroup")) / f"{CGROUP}-probe"
    try:
        place.mkdir(exist_ok=True)
        place.rmdir()
    except OSError:
        return False
    return True


def _is_apart(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    return False


def _enter(pid: int) -> None:
    """Move the calling thread, and no other, into the network of a process."""
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(descriptor)


def _remove_cgroups(place: Path) -> None:
    if not place.is_dir():
        return
    for folder in sorted(place.rglob("*/"), reverse=True):
        with contextlib.suppress(OSError):
            folder.rmdir()
    with contextlib.suppress(OSError):
        place.rmdir()
