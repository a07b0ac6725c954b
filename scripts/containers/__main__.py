"""Run the shipped containers on an engine of its own and say what is wrong: the inside of scripts/containers/run."""

import argparse
import signal
import sys
import time

from scripts.containers import images
from scripts.containers.engine import Engine, can_run
from scripts.containers.questions import ESSENTIAL, LONG, QUESTIONS, Question
from scripts.containers.site import Site
from scripts.local.processes import StackError

NO_ENGINE = 3  # the exit code that .ci/run lets pass: many machines of CI are containers, which may start no engine
LEFT_OUT = "The shipped containers were not run"


def main(arguments: list[str]) -> int:
    """Return 0 when every answer is right, 1 when one is wrong, NO_ENGINE when no engine can be started or filled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what takes longest")
    parser.add_argument("--keep", action="store_true", help="leave it up after the essential questions, until Ctrl-C")
    options = parser.parse_args(arguments)
    if not can_run():
        print(f"{LEFT_OUT}: an engine needs root on Debian or Ubuntu (x86_64) and control groups that can be written.")
        return NO_ENGINE
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    began = time.monotonic()
    try:
        with Engine() as engine:
            _say(began, f"engine {engine.docker('version', '--format', '{{.Server.Version}}').stdout.strip()}")
            images.ensure(engine)
            _say(began, "base images")
            site = Site(engine)
            failed = _ask(site, _chosen(keep=options.keep, quick=options.quick), began)
            if options.keep:
                _wait(engine)
    except StackError as error:
        print(f"{LEFT_OUT}: {error}", file=sys.stderr)
        return NO_ENGINE
    except KeyboardInterrupt:
        return 130
    print(*site.notes, f"{len(failed)} wrong", sep="\n")
    return 1 if failed else 0


def _chosen(*, keep: bool, quick: bool) -> tuple[Question, ...]:
    if keep:
        return ESSENTIAL
    return tuple(question for question in QUESTIONS if not quick or question not in LONG)


def _ask(site: Site, questions: tuple[Question, ...], began: float) -> list[str]:
    failed: list[str] = []
    for question in questions:
        try:
            question(site)
        except Exception as wrong:  # noqa: BLE001 - whatever it is, it is what was found
            failed.append(question.__name__)
            _say(began, f"WRONG  {question.__doc__}\n{wrong}")
            if question in ESSENTIAL:
                break
        else:
            _say(began, f"ok     {question.__doc__}")
    return failed


def _say(began: float, text: str) -> None:
    print(f"[{time.monotonic() - began:4.0f} s] {text}", flush=True)


def _wait(engine: Engine) -> None:
    words = " ".join(f"{name}={value}" for name, value in engine.environment().items() if name != "LD_LIBRARY_PATH")
    print(f"Up until Ctrl-C. Docker: env {words} docker ps\nIts network: nsenter --target {engine.pid} --net curl ...")
    signal.pause()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
